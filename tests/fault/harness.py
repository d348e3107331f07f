# SPDX-License-Identifier: Apache-2.0
"""What the fault tests share: small sessions, runs under faults, and what must hold after
each: every frame accounted for, finished frames whole and equal to an undisturbed run's,
nothing half-written, nobody left running."""
import filecmp
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tree_snapshot import difference, snapshot  # noqa: E402

BINARY_DIR = os.environ.get("PO_BINARY_DIR", "build")
PROGRAM = os.environ.get("PO_PROGRAM", os.path.join(BINARY_DIR, "process_offline"))
FAULTY_PROGRAM = os.environ.get(
    "PO_FAULTY_PROGRAM", os.path.join(BINARY_DIR, "tests", "process_offline_faults"))
SHIM = os.path.join(BINARY_DIR, "tests", "preload_fault.so")
MAKE_SCENE = os.path.join(BINARY_DIR, "tests", "make_scene")
LONG = os.environ.get("PO_LONG") == "1"
FRAMES = 6
SIZE = "160x120"
SETTINGS = ["--matcher", "opencv", "--num-disparities", "32", "--progress", "never"]
STATUSES = ["done", "reused", "failed", "timed_out", "crashed", "out_of_memory", "not_run"]


class Broken(Exception):
    """A promise that was not kept."""


class Skipped(Exception):
    """What this build or machine cannot show."""


def is_sanitized():
    """Sanitizers want to be loaded first and map terabytes."""
    with open(PROGRAM, "rb") as handle:
        content = handle.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def need(condition, text):
    if not condition:
        raise Broken(text)


def skip_unless_built():
    for path in (PROGRAM, FAULTY_PROGRAM, SHIM, MAKE_SCENE):
        if not os.path.exists(path):
            print("skipped: %s is not built" % path)
            sys.exit(77)


class Workshop:
    """A directory with a session, its undisturbed result, and room for disturbed runs."""

    def __init__(self, frames=FRAMES, size=SIZE, kind="plane", arguments=()):
        memory = "/dev/shm"  # thousands of syncs, and a disk has better things to do
        usable = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
        self.root = tempfile.mkdtemp(prefix="po_fault_", dir=memory if usable else None)
        self.pristine = os.path.join(self.root, "pristine")
        self.frame_count = frames
        self.arguments = list(arguments)  # of every run through here
        subprocess.run([MAKE_SCENE, self.pristine, "--frames", str(frames), "--size", size,
                        "--kind", kind], check=True, stdout=subprocess.DEVNULL)
        self.reference = os.path.join(self.root, "reference")
        result = self.run(self.pristine, self.reference)
        need(result.status == 0, "the undisturbed run failed: %s" % result.error)
        self.ids = sorted(os.listdir(os.path.join(self.reference, "frames")))
        need(len(self.ids) == frames, "the undisturbed run has %d frames" % len(self.ids))

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def fresh(self):
        """A copy of the session to corrupt, and an output directory that does not exist."""
        place = tempfile.mkdtemp(prefix="case_", dir=self.root)
        session = os.path.join(place, "session")
        shutil.copytree(self.pristine, session, symlinks=True)
        return session, os.path.join(place, "out")

    def run(self, session, output, arguments=(), **options):
        return Run(session, output, self.arguments + list(arguments), **options).finish()


class Inputs:
    """The session of a run, which must be the same after it: names, sizes, times, contents."""

    def __init__(self, session, output):
        self.session = session
        within = os.path.relpath(output, session)
        self.left_out = [] if within.startswith(os.pardir) else [within]
        self.before = self.now()

    def now(self):
        if not os.path.isdir(self.session):
            return {}
        return snapshot(self.session, self.left_out)

    def check(self):
        changes = difference(self.before, self.now())
        need(not changes, "the inputs: " + changes)


class Run:
    """One run in a process group of its own. `watched`: nobody else changes its inputs."""

    def __init__(self, session, output, arguments=(), fault=None, preload=None, env=None,
                 program=None, before=None, stdout=subprocess.PIPE, wrapper=(), settings=None,
                 input_arguments=None, watched=True):
        self.output = output
        self.inputs = Inputs(session, output) if watched else None
        environment = dict(os.environ)
        for name in list(environment):
            if name.startswith("PROCESS_OFFLINE_"):
                del environment[name]
        environment.update(env or {})
        self.counts = None
        if fault:
            environment["PO_FAULT"] = fault
        if preload and is_sanitized():
            raise Skipped("a sanitized build takes no preloaded shim")
        if preload:
            handle, self.counts = tempfile.mkstemp(prefix="po_counts_")
            os.write(handle, bytes(64))
            os.close(handle)
            environment.update(LD_PRELOAD=os.path.abspath(SHIM), PO_PRELOAD=preload,
                               PO_PRELOAD_COUNTS=self.counts)
        chosen = program or (FAULTY_PROGRAM if fault else PROGRAM)
        command = list(wrapper) + [os.path.abspath(chosen)]
        command += input_arguments or ["--input", session]
        command += ["--output", output] + (SETTINGS if settings is None else settings)
        command += list(arguments)

        def prepare():
            # Under nohup or in a script's background these come ignored, and stay so.
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            if before:
                before()

        self.started = time.monotonic()
        self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=stdout, stderr=subprocess.PIPE, text=True,
                                        errors="replace", start_new_session=True,
                                        preexec_fn=prepare)

    def wait_until_frames_run(self):
        """The session's values are kept just before the first frame starts."""
        mark = os.path.join(self.output, ".state", "session.json")
        deadline = time.monotonic() + 30
        while not os.path.exists(mark) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.25)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def wait_until_it_says(self, text, timeout=60):
        """Reads the log until `text` comes."""
        deadline = time.monotonic() + timeout
        said = ""
        while text not in said:
            need(time.monotonic() < deadline, "it did not say %r: %s" % (text, said))
            ready, _, _ = select.select([self.process.stderr], [], [], 0.1)
            if ready:
                piece = os.read(self.process.stderr.fileno(), 4096).decode(errors="replace")
                need(piece, "it ended before it said %r: %s" % (text, said))
                said += piece
        return said

    def signal_all(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def finish(self, timeout=120, leaves_processes=False):
        try:
            if leaves_processes:  # they hold the pipes
                self.process.wait(timeout=timeout)
                self.signal_all(signal.SIGKILL)
            self.printed, self.error = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.signal_all(signal.SIGKILL)
            self.process.communicate()
            raise Broken("the run did not end within %d s" % timeout)
        self.wall = time.monotonic() - self.started
        self.status = self.process.returncode
        self.called = 0
        if self.counts:
            with open(self.counts, "rb") as handle:
                self.called = int.from_bytes(handle.read(8), "little")
            os.unlink(self.counts)
        self.nobody_is_left()
        if self.inputs:
            self.inputs.check()
        return self

    def nobody_is_left(self):
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)
        left = subprocess.run(["ps", "-o", "pid,stat,args", "-g", str(self.process.pid)],
                              capture_output=True, text=True).stdout
        self.signal_all(signal.SIGKILL)
        raise Broken("processes are left running:\n%s" % left)

    def report(self):
        path = os.path.join(self.output, "report.json")
        need(os.path.exists(path), "there is no report.json: %s" % self.error)
        with open(path, encoding="utf-8") as handle:
            return json.load(handle)


def temporaries(directory):
    found = []
    for base, folders, files in os.walk(directory):
        for name in folders + files:
            if name.startswith((".tmp-", ".old-")):
                found.append(os.path.join(base, name))
    return found


def same_folder(one, other):
    names = sorted(os.listdir(one))
    if names != sorted(os.listdir(other)):
        return False
    _, mismatch, errors = filecmp.cmpfiles(one, other, names, shallow=False)
    return not mismatch and not errors


def check_report(run, expected_exit, statuses=None, message=None, frame_count=FRAMES):
    """The promises that hold after any run that wrote a report."""
    need(run.status == expected_exit,
         "exit status %s, want %s: %s" % (run.status, expected_exit, run.error[-600:]))
    report = run.report()
    totals = report["totals"]
    need(report["exit_status"] == expected_exit,
         "report.json says exit status %s" % report["exit_status"])
    need(totals["found"] == frame_count, "found %s frames" % totals["found"])
    need(totals["found"] == sum(totals[name] for name in STATUSES), "totals do not add up")
    for name, count in (statuses or {}).items():
        need(totals[name] == count, "%s: %s, want %s; %s" % (
            name, totals[name], count,
            [(f["id"], f["status"], f["message"]) for f in report["frames"]]))
    if message:
        said = " | ".join(f["message"] or "" for f in report["frames"])
        need(message in said, "no message says %r: %s" % (message, said))
    return report


def check_frames(workshop, run, report, reference=None):
    """Finished frames equal the undisturbed run's; others are absent; nothing is half
    done."""
    finished = 0
    for frame in report["frames"]:
        folder = os.path.join(run.output, "frames", frame["id"])
        if frame["status"] in ("done", "reused"):
            finished += 1
            need(same_folder(folder, os.path.join(reference or workshop.reference, "frames",
                                                  frame["id"])),
                 "frame %s differs from an undisturbed run" % frame["id"])
        else:
            need(not os.path.exists(folder), "frame %s left a folder" % frame["id"])
            need(frame["message"] or frame["status"] == "not_run",
                 "frame %s has no cause" % frame["id"])
    need(not temporaries(run.output), "left behind: %s" % temporaries(run.output))
    return finished


def check_rerun(workshop, session, output, frame_count=FRAMES, reference=None):
    """A run after the fault is gone ends like one that was never disturbed."""
    run = workshop.run(session, output)
    report = check_report(run, 0, frame_count=frame_count)
    need(check_frames(workshop, run, report, reference) == frame_count,
         "not every frame finished")
    return report


def play(cases):
    """Runs (name, function, quick) in turn; prints a table; returns the exit status."""
    chosen = [case for case in cases if LONG or case[2]]
    if len(sys.argv) > 1:
        chosen = [case for case in cases if any(word in case[0] for word in sys.argv[1:])]
    broken = 0
    for name, function, _ in chosen:
        started = time.monotonic()
        try:
            outcome = function() or "as promised"
        except Skipped as reason:
            outcome = "skipped: %s" % reason
        except Broken as failure:
            broken += 1
            outcome = "BROKEN: %s" % failure
        print("%-48s %6.2f s  %s" % (name, time.monotonic() - started, outcome), flush=True)
    print("%d faults, %d broken (PO_LONG=1 plays all %d)" % (len(chosen), broken, len(cases)))
    return 1 if broken else 0
