#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions in parts for real, with PO_LONG=1: Slurm with two nodes on this host, GNU parallel
over ssh to an own sshd, and shards killed at random moments. What is not installed is
skipped, and said. PO_KILLS sets how many moments (100).

All of it lives in a process namespace of its own, whose end, however it comes, is the end of
every daemon and job in it; where there is none (no root), daemons die with their parent."""
import contextlib
import ctypes
import getpass
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_shards import BUILD, MAKE_SCENE, ROOT, TOOL, tree  # noqa: E402

SCRIPTS = ROOT / "scripts" / "cluster"
SBIN = "/usr/sbin"
FRAMES = 40


APART = ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]


def die_with_parent():
    """In a child, before its program: PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def in_namespace():
    """Goes on as the first process of a namespace; returns where that cannot be."""
    if os.environ.get("PO_APART") == "1":
        return
    if subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0:
        sys.stdout.flush()
        # unshare itself ignores SIGTERM; this process does not, and takes it along.
        inside = subprocess.Popen([*APART, sys.executable, os.path.abspath(__file__),
                                   *sys.argv[1:]], env={**os.environ, "PO_APART": "1"},
                                  preexec_fn=die_with_parent)
        sys.exit(inside.wait())
    print("no process namespace here: daemons die with this process, what they start may not")


def keep(root, place):
    """A copy of all that can be copied: daemons leave sockets and pipes, some of them with
    rights of their own."""
    def others(folder, names):
        return [name for name in names if not any(test(os.path.join(folder, name)) for test in (
            os.path.islink, os.path.isdir, os.path.isfile))]
    with contextlib.suppress(shutil.Error):  # what could be copied was
        shutil.copytree(root, place, dirs_exist_ok=True, symlinks=True, ignore=others)


def marked(word):
    """Processes with `word` in their command line or environment, by what they are."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            if word.encode() in line + (folder / "environ").read_bytes():
                found[int(folder.name)] = line.replace(b"\0", b" ").decode(errors="replace")
    return found


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":" + SBIN)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, check, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = check()
        if result:
            return result
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


class Session:
    """A session, and what one run makes of it."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.folder = self.root / "session"
        subprocess.run([MAKE_SCENE, self.folder, "--frames", str(FRAMES), "--size", "320x240",
                        "--kind", "sphere", "--layout", "folders"], check=True)
        self.whole = self.root / "whole"
        subprocess.run([TOOL, "--input", self.folder, "--output", self.whole, "--quiet"],
                       check=True)
        self.bytes = tree(self.whole)

    def same(self, output):
        assert tree(output) == self.bytes, f"{output}: not the bytes of one run"
        report = json.loads((output / "report.json").read_text())
        assert report["exit_status"] == 0, report["exit_status"]
        assert not [path for path in output.rglob("*")
                    if path.name.startswith((".tmp-", ".old-"))]
        return report


class Slurm:
    """slurmctld, munged and two slurmd as children of this process."""

    CONF = """
ClusterName=po
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={root}/munge.sock
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=5
KillWait=2
MinJobAge=300
SchedulerParameters=sched_interval=1,sched_min_interval=100000
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool-%n
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd-%n.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd-%n.log
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={port1} CPUs=4 RealMemory=4000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={port2} CPUs=4 RealMemory=4000
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.root.mkdir(mode=0o755)
        for name in ("state", "spool-n1", "spool-n2"):
            (self.root / name).mkdir()
        self.children = {}
        self.environment = {**os.environ, "SLURM_CONF": str(self.root / "slurm.conf"),
                            "PATH": os.environ["PATH"] + ":" + SBIN,
                            "PROCESS_OFFLINE": str(TOOL)}
        (self.root / "slurm.conf").write_text(self.CONF.format(
            host=socket.gethostname().split(".")[0], user=getpass.getuser(), root=self.root,
            port=free_port(), port1=free_port(), port2=free_port()))

    def start(self, name, *command):
        log = open(self.root / f"{name}.out", "wb")
        self.children[name] = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment,
            start_new_session=True, preexec_fn=die_with_parent)

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self):
        key = self.root / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        self.start("munged", find("munged"), "--foreground", "--force", f"--key-file={key}",
                   f"--socket={self.root}/munge.sock", f"--pid-file={self.root}/munged.pid",
                   f"--log-file={self.root}/munged.log",
                   f"--seed-file={self.root}/munged.seed")
        wait_for("munged", (self.root / "munge.sock").exists)
        self.start("slurmctld", find("slurmctld"), "-D")
        for node in ("n1", "n2"):
            self.node(node)
        wait_for("two idle nodes", lambda: self.states() == {"n1": "idle", "n2": "idle"})

    def __exit__(self, *_):
        for name in ("n1", "n2", "slurmctld", "munged"):
            child = self.children.get(name)
            if child is not None and child.poll() is None:
                child.terminate()
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=15)
            if child.poll() is None:
                child.kill()
                child.wait()
        for process in marked(self.environment["SLURM_CONF"]):  # steps of jobs
            if process != os.getpid():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)

    def node(self, name):
        self.start(name, find("slurmd"), "-D", "-N", name)

    def lose(self, name):
        """The node is gone with all that runs on it."""
        steps = self.processes(name)
        keepers = {int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
                       .split()[1]) for pid in steps}
        keepers = [pid for pid in keepers if "slurmstepd" in
                   pathlib.Path(f"/proc/{pid}/cmdline").read_text()]
        self.children[name].kill()
        self.children[name].wait()
        for pid in [*keepers, *steps]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self, name):
        """The process groups of jobs on a node, by the variable that Slurm gives them."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                values = (folder / "environ").read_bytes().split(b"\0")
                if f"SLURMD_NODENAME={name}".encode() in values and \
                        f"SLURM_CONF={self.environment['SLURM_CONF']}".encode() in values:
                    found.append(int(folder.name))
        return found

    def call(self, *command, check=True):
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env=self.environment, timeout=300, cwd=self.root)
        assert not check or done.returncode == 0, (command, done)
        return done

    def states(self):
        done = self.call("sinfo", "-h", "-N", "-o", "%N %t", check=False)
        return dict(line.split() for line in done.stdout.splitlines())

    def elements(self, job):
        """State of each element that the controller knows."""
        done = self.call("scontrol", "show", "job", job, "--oneliner", check=False)
        states = {}
        for line in done.stdout.splitlines():
            words = dict(word.split("=", 1) for word in line.split() if "=" in word)
            states[words.get("ArrayTaskId", "-")] = words["JobState"]
        return states


def job_of(text, name):
    line = next(line for line in text.splitlines() if line.startswith(f"{name}: job "))
    return line.split()[2].rstrip(",")


def test_slurm(session):
    """40 frames in 8 shards over two nodes: one element killed and resubmitted, one node
    lost, then merged."""
    missing = [name for name in ("munged", "slurmctld", "slurmd", "sbatch") if not find(name)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    output = session.root / "slurm-out"
    slow = session.root / "slow"  # as if frames took longer: there is a moment to kill in
    slow.write_text(f"#!/bin/sh\ncase \"$*\" in *--shard*) export LD_PRELOAD="
                    f"{BUILD}/tests/preload_fault.so PO_PRELOAD="
                    f"'call=rename,match=/frames/,do=slow:500';; esac\nexec {TOOL} \"$@\"\n")
    slow.chmod(0o755)
    with Slurm(session.root / "slurm") as slurm:
        slurm.environment["PROCESS_OFFLINE"] = str(slow)
        done = slurm.call(SCRIPTS / "slurm.sh", "--shards", "8", "--", "--input",
                          session.folder, "--output", output)
        array = job_of(done.stdout, "shards")
        merge = job_of(done.stdout, "merge")
        print(done.stdout.strip())
        wait_for("frames of both nodes",
                 lambda: len(list((output / "frames").glob("0*"))) >= 4 and
                 slurm.processes("n1") and slurm.processes("n2"))
        running = [task for task, state in slurm.elements(array).items()
                   if state == "RUNNING" and task.isdigit()]
        victim = running[0]
        slurm.call("scancel", "--signal=KILL", "--full", f"{array}_{victim}")
        slurm.lose("n2")
        print(f"killed element {victim}, lost node n2")
        ends = {"COMPLETED", "FAILED", "CANCELLED", "NODE_FAIL"}
        wait_for("the array's end", lambda: all(
            state in ends for task, state in slurm.elements(array).items()), 240)
        states = slurm.elements(array)
        print("elements:", states)
        assert states[victim] in ("FAILED", "CANCELLED"), states
        merged = slurm.elements(merge)
        print("merge before the resubmission:", merged)
        assert merged["-"] in ("PENDING", "CANCELLED"), merged
        done = subprocess.run([TOOL, "--input", session.folder, "--output", output, "--merge"],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 3 and f"shard {victim} of 8 died" in done.stderr, done
        again = [task for task, state in states.items() if state != "COMPLETED"]
        command = (f"{slow} --input {session.folder} --output {output} --progress never "
                   "--shard auto/8")
        slurm.call("sbatch", "--wait", f"--array={','.join(again)}", "--mem=200M", "--wrap",
                   command)
        slurm.call("scancel", merge, check=False)
        done = slurm.call("sbatch", "--wait", "--wrap",
                          f"{TOOL} --input {session.folder} --output {output} --merge")
    report = session.same(output)
    print("shards:", [(shard["shard"], shard["end"]) for shard in report["shards"]])
    return None


class Sshd:
    """An sshd of this test, with keys of its own, on a high port of the loopback."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.root.mkdir(mode=0o700)
        self.port = free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            self.root / name], check=True)
        shutil.copy(self.root / "user.pub", self.root / "authorized_keys")
        (self.root / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.root}/host\n"
            f"AuthorizedKeysFile {self.root}/authorized_keys\nPidFile {self.root}/sshd.pid\n"
            "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
            "MaxStartups 50\n")
        known = (self.root / "host.pub").read_text().split()
        (self.root / "known_hosts").write_text(
            f"[127.0.0.1]:{self.port} {known[0]} {known[1]}\n")
        (self.root / "ssh").write_text(
            f"#!/bin/sh\nexec /usr/bin/ssh -F none -p {self.port} -i {self.root}/user "
            f"-o UserKnownHostsFile={self.root}/known_hosts -o BatchMode=yes \"$@\"\n")
        (self.root / "ssh").chmod(0o755)

    def __enter__(self):
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        log = open(self.root / "sshd.out", "wb")
        self.child = subprocess.Popen(
            [find("sshd"), "-D", "-e", "-f", self.root / "sshd_config"], stdout=log,
            stderr=log, preexec_fn=die_with_parent)
        try:
            wait_for("sshd", lambda: subprocess.run(
                [self.root / "ssh", "127.0.0.1", "true"], capture_output=True,
                check=False).returncode == 0, 20)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()


def test_parallel_over_ssh(session):
    """Shards over ssh; some killed at their first try, resumed by the job log."""
    missing = [name for name in ("parallel", "sshd", "ssh", "ssh-keygen") if not find(name)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    output = session.root / "ssh-out"
    fragile = session.root / "fragile"  # the third shard dies at its first try
    fragile.write_text(
        "#!/bin/sh\ncase \"$*\" in *'--shard 3/8'*) if mkdir "
        f"{session.root}/died 2>/dev/null; then export LD_PRELOAD={BUILD}/tests/"
        "preload_fault.so PO_PRELOAD='call=rename,match=frames,nth=2,do=kill'; fi;; esac\n"
        f"exec {TOOL} \"$@\"\n")
    fragile.chmod(0o755)
    with Sshd(session.root / "sshd") as sshd:
        environment = {**os.environ, "PROCESS_OFFLINE": str(fragile),
                       "PARALLEL_SSH": str(sshd.root / "ssh"), "HOME": str(session.root)}
        command = [SCRIPTS / "parallel.sh", "--hosts", "127.0.0.1", "--shards", "8", "--jobs",
                   "2", "--parallel", "--will-cite", "--", "--input", session.folder,
                   "--output", output]
        for name in ("first", "again"):
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  cwd=session.root, env=environment, timeout=300)
            assert done.returncode == 0, done
            print(f"{name}:", next(line for line in done.stdout.splitlines()
                                   if " frames: " in line))
    report = session.same(output)
    assert (session.root / "died").exists()
    joblog = next(session.root.glob("process_offline-*-8.joblog")).read_text().splitlines()
    print(f"{len(joblog) - 1} lines in the job log")
    assert [shard["end"] for shard in report["shards"]] == ["ended"] * 8
    return None


def test_killed_at_random(session):
    """Eight shards at once into one output; at each of many random moments all are killed
    and started again; at the end nothing is half-written and the bytes are one run's."""
    kills = int(os.environ.get("PO_KILLS", "100"))
    dice = random.Random(int(os.environ.get("PO_SEED", "1")))
    output = session.root / "kill-out"
    call = [TOOL, "--input", session.folder, "--output", output, "--progress", "never",
            "--workers", "1"]
    subprocess.run([*call, "--plan", "--quiet"], check=True)
    done_before = 0
    rounds = 0
    for moment in range(kills):
        running = [subprocess.Popen([*call, "--quiet", "--shard", f"{k}/8"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for k in range(1, 9)]
        time.sleep(dice.uniform(0.02, 1.2))
        for process in running:
            process.kill()
        for process in running:
            process.wait()
        frames = len(list((output / "frames").glob("0*")))
        if frames == FRAMES:  # all is done: begin anew, so that every moment counts
            rounds += 1
            shutil.rmtree(output / "frames")
        done_before = max(done_before, frames)
    running = [subprocess.Popen([*call, "--shard", f"{k}/8"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True) for k in range(1, 9)]
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    subprocess.run([*call, "--merge", "--quiet"], check=True)
    session.same(output)
    print(f"{kills} moments, {rounds} times from the beginning")
    return None


def hold(root, how):
    """Part of test_nothing_stays: daemons, and a process that left its parents behind; then
    this waits to be killed, or fails at its start."""
    environment = {**os.environ, "PO_HELD": root}
    subprocess.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 &"], env=environment,
                   check=True)
    slurm = Slurm(pathlib.Path(root) / "slurm") if find("slurmd") else None
    if slurm is not None and how == "fails":
        slurm.node = lambda name: None  # the nodes never come up
        globals()["wait_for"] = lambda what, check, seconds=60: None if what == "munged" \
            else (_ for _ in ()).throw(AssertionError(what))
    with slurm or contextlib.nullcontext():
        print("up", flush=True)
        time.sleep(600)


def test_nothing_stays(session):
    """Killed, ended or failed: no daemon and no job is there a moment later."""
    for how in ("KILL", "TERM", "fails"):
        root = session.root / f"held-{how}"
        root.mkdir()
        environment = {name: value for name, value in os.environ.items()
                       if name != "PO_APART"}
        held = subprocess.Popen([sys.executable, __file__, "--hold", str(root), how],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                env=environment, text=True)
        line = held.stdout.readline()
        if how != "fails":
            assert line == "up\n", line
            count = len(marked(str(root)))
            assert count >= 2, marked(str(root))
            held.send_signal(getattr(signal, f"SIG{how}"))
        assert held.wait(timeout=60) != 0
        wait_for(f"the end of all ({how}): {marked(str(root))}",
                 lambda: not marked(str(root)), 20)
        print(f"{how}: nothing stays")


def main():
    if sys.argv[1:2] == ["--hold"]:
        in_namespace()
        return hold(*sys.argv[2:])
    if os.environ.get("PO_LONG") != "1":
        print("skipped: a cluster, ssh and 100 kills take minutes; PO_LONG=1 runs them")
        return 77
    in_namespace()
    wanted = sys.argv[1:]
    tests = [test_nothing_stays, test_slurm, test_parallel_over_ssh, test_killed_at_random]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="po_") as root:
        session = Session(root)
        for test in tests:
            if wanted and test.__name__ not in wanted:
                continue
            began = time.monotonic()
            try:
                skipped = test(session)
            except (AssertionError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"FAILED {test.__name__}: {str(error)[:3000]}")
                skipped = None
                if os.environ.get("PO_KEEP"):
                    keep(root, os.environ["PO_KEEP"])
            if skipped:
                print(f"{test.__name__}: skipped: {skipped}")
            print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
