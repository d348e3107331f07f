#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of --calibrate in a real browser: pictures load, corners and residuals are drawn,
the verdict can be read. Skipped where there is no Chromium."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))

# Loads both rectified pictures as the page has them, and counts what is drawn.
PROBE = """<script>
const hrefs=[...document.querySelectorAll('#rectified image')].map(i=>i.getAttribute('href'));
Promise.all(hrefs.map(h=>new Promise((ok,no)=>{const i=new Image();i.onload=()=>{
 const c=document.createElement('canvas');c.width=i.width;c.height=i.height;
 const x=c.getContext('2d');x.drawImage(i,0,0);
 const d=x.getImageData(0,0,i.width,i.height).data;const seen=new Set();
 for(let k=0;k<d.length;k+=4)seen.add(d[k]);ok(i.width+'x'+i.height+'/'+(seen.size>20))};
 i.onerror=no;i.src=h}))).then(p=>{
 const box=document.querySelector('#coverage-left').getBoundingClientRect();
 document.title=['pictures',p.join(','),'corners',
 document.querySelectorAll('#coverage-left circle').length,'arrows',
 document.querySelectorAll('#residuals-right path').length,'rows',
 document.querySelectorAll('#pairs tr').length-1,'verdict',
 document.querySelector('#verdict').textContent,'wide',box.width>100].join(' ')});
</script>"""


def main():
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None or not (BUILD / "process_offline").exists():
        print("skipped: no Chromium, or process_offline is not built")
        return 77
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        base = pathlib.Path(name)
        subprocess.run([BUILD / "tests" / "make_boards", base / "boards", "--size", "400x300",
                        "--pairs", "7"], check=True)
        subprocess.run([BUILD / "process_offline", "--calibrate", "--input", base / "boards",
                        "--square", "25", "--output", base / "rig.yml", "--quiet"], check=True,
                       capture_output=True)
        page = (base / "rig.html").read_text()
        (base / "probe.html").write_text(page.replace("</body>", PROBE + "</body>"))
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--use-angle=swiftshader",
             "--enable-unsafe-swiftshader", f"--user-data-dir={base}/profile",
             "--window-size=1200,900", "--virtual-time-budget=20000", "--dump-dom",
             f"file://{base}/probe.html"], capture_output=True, timeout=180, check=False)
        said = done.stdout.decode(errors="replace")
        title = re.search(r"<title>(pictures .*?)</title>", said)
        assert title, re.findall(r"<title>.*?</title>", said)
        print(title.group(1))
        corners = 7 * 54
        assert title.group(1) == ("pictures 400x300/true,400x300/true corners "
                                  f"{corners} arrows {corners} rows 7 verdict usable, with "
                                  "warnings wide true"), title.group(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
