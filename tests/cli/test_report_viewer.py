#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The point viewer of report.html draws a cloud, in a browser if there is one."""
import functools
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))

# Presses the first button, waits for the points, and reads how many pixels they cover.
PROBE = """<script>
const keep=HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext=function(kind){
 return keep.call(this,kind,{preserveDrawingBuffer:true})};
document.querySelector('button[data-cloud]').click();
const wait=setInterval(()=>{if(!cloud)return;clearInterval(wait);
 const w=gl.drawingBufferWidth,h=gl.drawingBufferHeight,b=new Uint8Array(4*w*h);
 gl.readPixels(0,0,w,h,gl.RGBA,gl.UNSIGNED_BYTE,b);let n=0;
 for(let i=0;i<b.length;i+=4)n+=b[i]!==b[0]||b[i+1]!==b[1];
 document.title='kept '+cloud.kept+' lit '+n},100);
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def dump(browser, address, profile):
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--use-angle=swiftshader",
         "--enable-unsafe-swiftshader", f"--user-data-dir={profile}",
         "--window-size=900,900", "--virtual-time-budget=20000", "--dump-dom", address],
        capture_output=True, timeout=180, check=False)
    return done.stdout.decode(errors="replace")


def main():
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None or not (BUILD / "process_offline").exists():
        print("no browser, or process_offline is not built")
        return 77
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        session = pathlib.Path(name) / "session"
        subprocess.run([BUILD / "tests" / "make_scene", session, "--frames", "1",
                        "--size", "320x240", "--kind", "plane"], check=True,
                       capture_output=True)
        subprocess.run([BUILD / "process_offline", "--input", session, "--quiet"],
                       check=True)
        output = session / "reconstruction"
        page = (output / "report.html").read_text()
        (output / "probe.html").write_text(page.replace("</body>", PROBE + "</body>"))
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=str(output)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        said = dump(browser, f"http://127.0.0.1:{port}/probe.html", name + "/profile")
        points = json.loads((output / "report.json").read_text())["totals"]["points"]
        title = re.search(r"<title>kept (\d+) lit (\d+)</title>", said)
        assert title, re.findall(r"<title>.*?</title>", said)
        print(title.group(0))
        assert int(title.group(1)) == points
        assert int(title.group(2)) > 10000
    return 0


if __name__ == "__main__":
    sys.exit(main())
