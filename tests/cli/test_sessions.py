#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several sessions in one call: each its own output, one summary, one exit status."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_shards import TOOL, Place, refused, tree  # noqa: E402


def call(output, sessions, *options, listed=None):
    """A run of the place's program on other sessions."""
    words = [word for session in sessions for word in ("--input", session)]
    if listed is not None:
        words += ["--input-list", listed]
    where = ["--output", output] if output else []
    return subprocess.run([TOOL, *words, *where, "--progress", "never", *options],
                          capture_output=True, text=True, timeout=120, check=False)


def main():
    with tempfile.TemporaryDirectory() as root:
        place = Place(root)
        sessions = [place.root / name for name in ("A", "B")]
        for session in sessions:
            shutil.copytree(place.session, session)
        kinds = ["--outputs", "cloud,depth"]
        output = place.root / "together"
        done = call(output, sessions, *kinds)
        assert done.returncode == 0, done.stderr
        assert "all: 10 of 10 frames done" in done.stdout, done.stdout
        for name in ("A", "B"):
            assert tree(output / name) == place.whole, name
            report = json.loads((output / name / "report.json").read_text())
            assert report["totals"]["done"] == 5
        # Without --output each is in its own place.
        done = call(None, sessions, *kinds)
        assert done.returncode == 0, done.stderr
        assert tree(sessions[0] / "reconstruction") == place.whole
        # One that cannot be processed is to all what a frame is to a session.
        (place.root / "empty").mkdir()
        listed = place.root / "list.txt"
        listed.write_text(f"# mine\n{sessions[0]}\n\n{place.root}/empty\n  {sessions[1]}\r\n")
        done = call(output, [], *kinds, listed=listed)
        assert done.returncode == 3, (done.returncode, done.stderr)
        assert "error: " + str(place.root / "empty") in done.stderr, done.stderr
        assert "3 sessions:" in done.stdout and "status 4" in done.stdout, done.stdout
        assert "all: 10 of 10 frames done" in done.stdout, done.stdout
        # Alone it has its own status; one that is not there is a wrong call.
        listed.write_text(f"{place.root}/empty\n")
        assert call(output, [], listed=listed).returncode == 4
        done = call(output, [sessions[0], place.root / "absent"], *kinds)
        assert done.returncode == 2 and "absent" in done.stderr, done.stderr
        # Parts of several sessions.
        parts = place.root / "parts"
        for step in (["--plan", *kinds], ["--shard", "1/2"], ["--shard", "2/2"], ["--merge"]):
            done = call(parts, sessions, *step)
            assert done.returncode == 0, (step, done.stderr)
        assert tree(parts / "A") == tree(parts / "B") == place.whole
        # What has no sense with several is refused.
        listed.write_text("# nothing\n")
        refused(call(output, [], listed=listed), "names no session")
        refused(call(output, [], listed=place.root / "none.txt"), "no such file")
        refused(call(output, [sessions[0], sessions[0]]), "one output directory")
        refused(call(output, sessions, "--check"), "give one --input")
        refused(call(output, sessions, "--junit", "x.xml"), "of one session")
    print("several sessions: passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
