#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session in parts: --plan, --shard, --merge. Any division, order and repetition gives
the bytes of one run; what is wrong between plan, session, shards and machines is refused
with its name."""
import contextlib
import errno
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from sealed_file import reseal  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build")).resolve()
TOOL = BUILD / "process_offline"
FAULTY_TOOL = BUILD / "tests" / "process_offline_faults"
MAKE_SCENE = BUILD / "tests" / "make_scene"
MACHINE = BUILD / "tests" / "preload_machine.so"
FAULT = BUILD / "tests" / "preload_fault.so"
FRAMES = 5
ARRAY = ("SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "JOB_COMPLETION_INDEX")


def tree(output):
    """Hashes of all artefacts."""
    frames = output / "frames"
    return {str(path.relative_to(frames)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(frames.rglob("*")) if path.is_file()}


class Place:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.session = self.root / "session"
        subprocess.run([MAKE_SCENE, self.session, "--frames", str(FRAMES), "--size",
                        "120x96", "--kind", "sphere", "--layout", "folders"], check=True)
        self.count = 0
        done, report = self.run(self.fresh())
        assert done.returncode == 0, done.stderr
        self.whole_report = report
        self.whole = tree(self.last)

    def fresh(self):
        self.count += 1
        self.last = self.root / f"out{self.count}"
        return self.last

    def command(self, output, *options, session=None):
        kinds = [] if "--merge" in options else ["--outputs", "cloud,depth"]
        return [TOOL, "--input", session or self.session, "--output", output, "--progress",
                "never", *kinds, *options]

    def run(self, output, *options, environment=None, session=None):
        """(done, report.json)"""
        clean = {name: value for name, value in os.environ.items() if name not in ARRAY}
        done = subprocess.run(self.command(output, *options, session=session),
                              capture_output=True, text=True, timeout=120, check=False,
                              env={**clean, **(environment or {})})
        report = output / "report.json"
        return done, json.loads(report.read_text()) if report.exists() else None

    def start(self, output, *options, environment=None):
        return subprocess.Popen(self.command(output, *options), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, **(environment or {})})

    def planned(self, *options, environment=None):
        output = self.fresh()
        done, _ = self.run(output, "--plan", *options, environment=environment)
        assert done.returncode == 0, done.stderr
        return output

    def shards(self, output, count, order=None, **more):
        for number in order or range(1, count + 1):
            done, _ = self.run(output, "--shard", f"{number}/{count}", **more)
            assert done.returncode == 0, done.stderr

    def merged(self, output, *options, status=0, **more):
        done, report = self.run(output, "--merge", *options, **more)
        assert done.returncode == status, (done.returncode, done.stderr)
        return report


def refused(done, *words, status=2):
    assert done.returncode == status, done
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0], (word, lines[0])


def test_any_division(place):
    for count, order in ((3, [3, 1, 2]), (7, None)):
        output = place.planned()
        assert not (output / "frames").exists() or not any((output / "frames").iterdir())
        place.shards(output, count, order)
        report = place.merged(output)
        assert tree(output) == place.whole, count
        totals = report["totals"]
        assert (totals["done"], totals["not_run"]) == (FRAMES, 0), totals
        assert totals["points"] == place.whole_report["totals"]["points"]
        assert [shard["end"] for shard in report["shards"]] == ["ended"] * count
        assert all(frame["stages_ms"] for frame in report["frames"])
        assert not list(output.rglob(".tmp-*")), list(output.rglob(".tmp-*"))


def test_all_at_once(place):
    """Divisions that overlap, every part twice, into one output."""
    output = place.planned()
    parts = [f"{k}/{n}" for n in (2, 3) for k in range(1, n + 1)] * 2
    random.Random(7).shuffle(parts)
    running = [place.start(output, "--shard", part, "--workers", "2") for part in parts]
    ends = {}
    for part, process in zip(parts, running):
        _, errors = process.communicate(timeout=120)
        ends.setdefault(part, []).append(process.returncode)
        assert process.returncode in (0, 2), errors
        if process.returncode == 2:
            assert f"shard {part.replace('/', ' of ')} is being worked on" in errors, errors
    assert all(0 in codes for codes in ends.values()), ends
    place.merged(output)
    assert tree(output) == place.whole
    assert not [path for path in output.rglob("*") if path.name.startswith((".tmp-", ".old-"))]


def test_merge_is_idempotent(place):
    output = place.planned()
    place.shards(output, 2)
    place.merged(output)
    first = {name: (output / name).read_bytes() for name in ("report.json", "report.html")}
    place.merged(output)
    for name, content in first.items():
        assert (output / name).read_bytes() == content, name


def test_mixed_divisions(place):
    """Which shard is missing cannot be said, so that is said; a whole division mends it."""
    output = place.planned()
    place.shards(output, 3, [1])
    place.shards(output, 4, [2])
    report = place.merged(output, status=3)
    said = [text for text in report["warnings"] if "different divisions" in text]
    assert len(said) == 1 and "(of 3, of 4)" in said[0], report["warnings"]
    assert f"{report['totals']['not_run']} frames" in said[0], said
    place.shards(output, 3, [2, 3])
    assert not [text for text in place.merged(output)["warnings"] if "divisions" in text]
    assert tree(output) == place.whole


def test_plan_is_needed(place):
    output = place.fresh()
    done, _ = place.run(output, "--shard", "1/2")
    refused(done, "--plan --input", str(output))
    done, _ = place.run(output, "--merge")
    refused(done, "--plan --input", str(output))
    assert not (output / "frames").exists()


def test_parts(place):
    output = place.planned()
    for part in ("0/2", "3/2"):
        done, _ = place.run(output, "--shard", part)
        refused(done, f"--shard {part}", "1/2 to 2/2")
    for part in ("1", "1/0", "-1/2", "a/2", "1/2/3"):
        done, _ = place.run(output, f"--shard={part}")
        refused(done, "--shard")
    done, _ = place.run(output, "--shard", "auto/2")
    refused(done, *ARRAY)
    done, _ = place.run(output, "--shard", "auto/2", environment={ARRAY[0]: "3"})
    refused(done, ARRAY[0], "'3'")
    done, _ = place.run(output, "--shard", "auto/2",
                        environment={ARRAY[0]: "1", ARRAY[2]: "0"})
    refused(done, ARRAY[0], ARRAY[2], "different parts")
    for variable, index in zip(ARRAY, ("1", "2", "0")):
        done, _ = place.run(output, "--shard", "auto/3", environment={variable: index})
        assert done.returncode == 0, done.stderr
    place.merged(output)
    assert tree(output) == place.whole
    done, _ = place.run(output, "--plan", "--shard", "1/2")
    refused(done, "--plan", "--shard")
    for command in ("--plan", "--merge"):
        done, _ = place.run(output, command, environment={"PROCESS_OFFLINE_SHARD": "1/2"})
        refused(done, command, "leave out --shard")


def test_dry_run_of_a_part(place):
    output = place.planned()
    done, _ = place.run(output, "--shard", "2/3", "--dry-run")
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"^  (\d{6}): ", done.stdout, re.MULTILINE)
    assert shown == ["000001", "000004"], done.stdout
    assert not any((output / "frames").iterdir())


def test_settings_of_the_plan(place):
    """Nobody needs to give them again, and nobody may give others."""
    whole = place.fresh()
    options = ["--profile", "fast", "--num-disparities", "32", "--refine", "none"]
    done, _ = place.run(whole, *options)
    assert done.returncode == 0, done.stderr
    expected = tree(whole)
    output = place.planned(*options)
    done, _ = place.run(output, "--shard", "1/2", "--num-disparities", "64")
    refused(done, "--num-disparities is '64' here and '32' in the plan")
    done, _ = place.run(output, "--shard", "1/2", "--profile", "quality")
    refused(done, "--profile is 'quality' here and 'fast' in the plan")
    done, _ = place.run(output, "--shard", "1/2", "--num-disparities", "32", "--workers", "1")
    assert done.returncode == 0, done.stderr
    done, _ = place.run(output, "--shard", "2/2", "--workers", "2", "--frame-timeout", "77")
    assert done.returncode == 0, done.stderr
    report = place.merged(output)
    assert tree(output) == expected
    assert report["settings"]["num-disparities"]["value"] == 32
    said = " ".join(event["text"] for event in report["events"])
    assert "settings differ between shards: --workers is 1 in 1 of 2 and 2 in 2 of 2" in said
    assert "--frame-timeout" in said, said


def test_another_plan(place):
    """Shards of an older plan do not count, and the setting is named."""
    output = place.planned("--num-disparities", "32")
    place.shards(output, 2, [1])
    done, _ = place.run(output, "--plan", "--num-disparities", "48")
    assert done.returncode == 0, done.stderr
    place.shards(output, 2, [2])
    report = place.merged(output, status=3)
    assert [shard["end"] for shard in report["shards"]] == ["other_plan", "ended"]
    assert any("--num-disparities was 32 and is 48" in text for text in report["warnings"])
    place.shards(output, 2, [1])
    place.merged(output)
    # The same plan made again keeps its shards.
    done, _ = place.run(output, "--plan", "--num-disparities", "48")
    assert done.returncode == 0, done.stderr
    assert place.merged(output)["totals"]["done"] == FRAMES


def test_plan_of_others(place):
    output = place.planned()
    plan = output / ".state" / "plan.json"
    kept = plan.read_text()
    plan.write_text(kept.replace('"min_px":\t', '"min_px":\t1', 1))
    done, _ = place.run(output, "--shard", "1/2")
    refused(done, "is not as it was written", "--plan again")
    plan.write_text(kept)
    version = re.search(r'"version":\s*"([^"]+)"', kept).group(1)
    reseal(plan, lambda text: text)
    assert plan.read_text() == kept
    reseal(plan, lambda text: text.replace(f'"{version}"', '"0.0.1"'))
    done, _ = place.run(output, "--shard", "1/2")
    refused(done, "version 0.0.1", version)
    plan.write_text(kept)
    other = place.root / "other"
    if not other.exists():
        shutil.copytree(place.session, other)
        for side in ("left", "right"):
            shutil.copy(other / side / "000000.png", other / side / "000099.png")
    for command in (["--shard", "1/2"], ["--merge"]):
        done, _ = place.run(output, *command, session=other)
        refused(done, f"a session of {FRAMES} frames", f"has {FRAMES + 1}")
    for side in ("left", "right"):
        (other / side / "000099.png").unlink()
        (other / side / "000003.png").rename(other / side / "000033.png")
    done, _ = place.run(output, "--shard", "1/2", session=other)
    refused(done, "of another session")
    for side in ("left", "right"):
        (other / side / "000033.png").rename(other / side / "000003.png")
    # A session that only lies elsewhere is the same one.
    place.shards(output, 2, session=other)
    place.merged(output, session=other)
    assert tree(output) == place.whole


def identity(host=None):
    """As a lock names its holder: this process, on this machine or another."""
    start = pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    space = os.readlink("/proc/self/ns/pid")
    return (f"process {os.getpid()} started {start} on {host or socket.gethostname()} "
            f"machine {boot}/{space}\n")


@contextlib.contextmanager
def lock_of(output, name, host=None, age_s=0, pulse=False):
    path = output / ".state" / "shards" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(identity(host))
    if age_s:
        os.utime(path, (time.time() - age_s, time.time() - age_s))
    stop = threading.Event()

    def beat():
        while not stop.wait(0.3):
            with contextlib.suppress(FileNotFoundError):
                os.utime(path)
    thread = threading.Thread(target=beat)
    if pulse:
        thread.start()
    try:
        yield path
    finally:
        stop.set()
        if pulse:
            thread.join()
        path.unlink(missing_ok=True)


def test_one_at_a_time(place):
    output = place.planned()
    with lock_of(output, "1-of-2.lock"):
        done, _ = place.run(output, "--shard", "1/2")
        refused(done, "shard 1 of 2", f"process {os.getpid()}")
        for command in (["--merge"], ["--plan"], []):
            done, _ = place.run(output, *command)
            refused(done, "shard 1 of 2 is at work", f"process {os.getpid()}")
        place.shards(output, 2, [2])
    with lock_of(output, "plan.lock"):
        for command in (["--plan"], ["--merge"]):
            done, _ = place.run(output, *command)
            refused(done, "planned or merged already", f"process {os.getpid()}")
        done, _ = place.run(output, "--shard", "1/2")
        refused(done, "being planned or merged")
    place.shards(output, 2, [1])
    place.merged(output)
    assert tree(output) == place.whole


def test_two_plans_at_once(place):
    output = place.fresh()
    running = [place.start(output, "--plan") for _ in range(4)]
    ends = []
    for process in running:
        _, errors = process.communicate(timeout=120)
        ends.append(process.returncode)
        assert process.returncode in (0, 2), errors
        assert process.returncode == 0 or "planned or merged" in errors, errors
    assert 0 in ends, ends
    place.shards(output, 1)
    place.merged(output)
    assert tree(output) == place.whole


def test_machines_whose_clocks_differ(place):
    """A lock of another machine is judged by the disk's clock, not by this machine's."""
    output = place.planned()
    for offset in (-86400, 86400):
        elsewhere = {"LD_PRELOAD": str(MACHINE), "PO_MACHINE": "elsewhere",
                     "PO_CLOCK_OFFSET_S": str(offset)}
        with lock_of(output, "1-of-1.lock", pulse=True):
            done, _ = place.run(output, "--shard", "1/1", environment=elsewhere)
            refused(done, "shard 1 of 1", f"process {os.getpid()}")
            done, _ = place.run(output, "--merge", environment=elsewhere)
            refused(done, "shard 1 of 1 is at work")
        with lock_of(output, "1-of-1.lock", age_s=90) as path:
            done, _ = place.run(output, "--shard", "1/1", environment=elsewhere)
            assert done.returncode == 0, done.stderr
            assert "taken over from process" in done.stderr, done.stderr
            assert not path.exists()
        place.merged(output, environment=elsewhere)
    assert tree(output) == place.whole


def test_dead_holder(place):
    """A process that is gone holds nothing, and one with its number is another."""
    output = place.planned()
    dead = subprocess.Popen(["true"])
    dead.wait()
    for text in (re.sub(r"process \d+", f"process {dead.pid}", identity()),
                 re.sub(r"started \d+", "started 1", identity())):
        path = output / ".state" / "shards" / "1-of-1.lock"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        place.shards(output, 1)
    place.merged(output)


def kill_after(place, output, part, frames):
    """SIGKILL once so many of the part's frames are there; the next one hangs, or the part
    might have ended."""
    command = place.command(output, "--shard", part, "--workers", "1")
    running = subprocess.Popen(
        [FAULTY_TOOL, *command[1:]], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PO_FAULT": f"hang:frame={frames},stage=write"})
    deadline = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < deadline:
        if len([path for path in (output / "frames").glob("0*")]) >= frames:
            break
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    return running.returncode == -signal.SIGKILL


def test_killed_and_lost(place):
    output = place.planned()
    assert kill_after(place, output, "1/2", 2)
    report = place.merged(output, status=3)
    ends = {(shard["shard"], shard["end"]) for shard in report["shards"]}
    assert ends == {(1, "died"), (2, "never_began")}, ends
    text = " ".join(report["warnings"])
    assert "shard 1 of 2 died on" in text and "shard 2 of 2 never began" in text, text
    assert report["totals"]["not_run"] >= FRAMES // 2
    assert report["totals"]["reused"] >= 2, report["totals"]
    states = {frame["id"]: frame for frame in report["frames"]}
    assert states["000001"]["status"] == "not_run"
    assert states["000001"]["message"] == "shard 2 of 2 never began"
    place.shards(output, 2)
    report = place.merged(output)
    assert report["totals"]["not_run"] == 0
    assert tree(output) == place.whole
    # A result that is gone is not done, whatever a record says.
    shutil.rmtree(output / "frames" / "000002")
    report = place.merged(output, status=3)
    gone = [frame for frame in report["frames"] if frame["status"] == "not_run"]
    assert [frame["id"] for frame in gone] == ["000002"], gone
    assert "is gone" in gone[0]["message"]
    place.shards(output, 2)
    place.merged(output)
    assert tree(output) == place.whole


def test_frames_that_fail(place):
    session = place.root / "broken"
    shutil.copytree(place.session, session)
    image = session / "left" / "000004.png"
    image.write_bytes(image.read_bytes()[:200])
    whole = place.fresh()
    done, expected = place.run(whole, session=session)
    assert done.returncode == 3, done.stderr
    output = place.fresh()
    done, _ = place.run(output, "--plan", session=session)
    assert done.returncode == 0, done.stderr
    for number, status in ((1, 0), (2, 3), (3, 0)):
        done, _ = place.run(output, "--shard", f"{number}/3", session=session)
        assert done.returncode == status, (number, done.stderr)
    junit = place.root / "frames.xml"
    report = place.merged(output, "--junit", junit, status=3, session=session)
    assert 'failures="1"' in junit.read_text()
    for mine, theirs in zip(report["frames"], expected["frames"]):
        for key in ("id", "status", "stage", "message", "points", "counts"):
            assert mine[key] == theirs[key], (key, mine, theirs)
    assert tree(output) == tree(whole)
    # And against a baseline, from the merged report.
    report = place.merged(output, "--baseline", str(whole / "report.json"), status=3,
                          session=session)
    assert report["exit_status"] == 3


def write_pair(folder, shift, rows, baseline, seed):
    """A wall of blocks, `shift` px away and `rows` rows apart, and its calibration."""
    width, height, block = 240, 180, 4
    noise = random.Random(seed)
    wall = [[noise.randrange(256) for _ in range(width // block + 20)]
            for _ in range(height // block + 20)]
    folder.mkdir(parents=True)
    for name, dx, dy in (("im0.pgm", 0, 0), ("im1.pgm", shift, rows)):
        pixels = bytes(wall[(y + dy) // block + 4][(x + dx) // block]
                       for y in range(height) for x in range(width))
        (folder / name).write_bytes(b"P5 %d %d 255\n" % (width, height) + pixels)
    camera = "[200 0 119.5; 0 200 89.5; 0 0 1]"
    (folder / "calib.txt").write_text(
        f"cam0={camera}\ncam1={camera}\ndoffs=0\nbaseline={baseline}\nwidth={width}\n"
        f"height={height}\nndisp=32\n")


def test_verdicts_of_the_plan(place):
    """Frames that the look at a session ends are ended in every shard, which looks at
    none."""
    session = place.root / "rows"
    for index in range(3):
        write_pair(session / f"a{index}", 9, 0, 80, index)
        write_pair(session / f"b{index}", 9, 4, 90, index)
    whole = place.fresh()
    done, expected = place.run(whole, session=session)
    assert done.returncode == 3, (done.stdout, done.stderr)
    assert [frame["status"] for frame in expected["frames"]] == ["done"] * 3 + ["failed"] * 3
    output = place.fresh()
    done, _ = place.run(output, "--plan", session=session)
    assert done.returncode == 0 and "cannot be processed: 3" in done.stdout, done
    for number in (1, 2):
        done, _ = place.run(output, "--shard", f"{number}/2", session=session)
        assert done.returncode == 3, done.stderr
    report = place.merged(output, status=3, session=session)
    for mine, theirs in zip(report["frames"], expected["frames"]):
        for key in ("id", "status", "stage", "message", "points"):
            assert mine[key] == theirs[key], (key, mine, theirs)
    assert tree(output) == tree(whole)


def test_a_disk_without_flock(place):
    unlocked = {"LD_PRELOAD": str(MACHINE), "PO_NO_FLOCK": "1"}
    done, _ = place.run(place.fresh(), environment=unlocked)
    assert "cannot lock files" in done.stderr, done.stderr  # the shim works
    output = place.planned(environment=unlocked)
    running = [place.start(output, "--shard", f"{k}/3", environment=unlocked)
               for k in (1, 2, 3)]
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    with lock_of(output, "2-of-3.lock"):
        done, _ = place.run(output, "--shard", "2/3", environment=unlocked)
        refused(done, "shard 2 of 3")
    place.merged(output, environment=unlocked)
    assert tree(output) == place.whole


def test_a_look_that_fails_in_passing(place):
    """What a disk did not give is no value of all machines."""
    output = place.fresh()
    done, _ = place.run(output, "--plan", environment={
        "LD_PRELOAD": str(FAULT), "PO_PRELOAD": "call=read,match=left/000000.png,do=errno:5"})
    refused(done, "no plan is made", "000000", status=1)
    assert not (output / ".state" / "plan.json").exists()


def test_killed_and_not_waited_for(place):
    """A shard that was killed under a parent that does not wait for it, as in a container."""
    output = place.planned()
    process = place.start(output, "--shard", "1/2", environment={
        "LD_PRELOAD": str(FAULT), "PO_PRELOAD": "call=rename,match=/frames/,do=hang"})
    lock = output / ".state" / "shards" / "1-of-2.lock"
    deadline = time.monotonic() + 60
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    place.shards(output, 2)
    place.merged(output)
    assert tree(output) == place.whole
    process.communicate()


def test_disks_that_take_nothing(place):
    """A lock that cannot be made is the disk's fault, and says what to do."""
    output = place.planned()
    place.shards(output, 2)
    for call, number, text in (("open", "EROFS", "not writable"),
                               ("write", "ENOSPC", "the disk is full")):
        rule = f"call={call},match=.lock.,do=errno:{getattr(errno, number)}"
        shim = {"LD_PRELOAD": str(FAULT), "PO_PRELOAD": rule}
        for part in (["--shard", "1/2"], ["--merge"], ["--plan"]):
            done, _ = place.run(output, *part, environment=shim)
            refused(done, text, "choose --output", status=1)
    assert tree(output) == place.whole
    shutil.rmtree(output / ".state" / "shards")
    (output / ".state" / "shards").write_text("a file")
    done, _ = place.run(output, "--shard", "1/2")
    refused(done, "shards: cannot make the directory", "move it away", status=1)


def main():
    wanted = sys.argv[1:]
    tests = [(name, test) for name, test in sorted(globals().items())
             if name.startswith("test_") and (not wanted or name in wanted)]
    failed = 0
    with tempfile.TemporaryDirectory() as root:
        place = Place(root)
        for name, test in tests:
            began = time.monotonic()
            try:
                test(place)
            except AssertionError as error:
                failed += 1
                line = error.__traceback__.tb_next.tb_lineno if error.__traceback__.tb_next \
                    else 0
                print(f"FAILED {name} (line {line}): {str(error)[:3000]}")
            print(f"{name}: {time.monotonic() - began:.1f} s")
    print(f"{failed} of {len(tests)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
