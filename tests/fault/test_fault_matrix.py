#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: each fault on a small real session, and what must hold after it.

Arguments choose cases by a part of their name."""
import errno
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib

from harness import (FRAMES, Run, Skipped, Workshop, check_frames, check_report, check_rerun,
                     is_sanitized, need, play, skip_unless_built)

skip_unless_built()
SHOP = Workshop()
CASES = []


def case(quick=False):
    def add(function):
        CASES.append((function.__name__.replace("_", " "), function, quick))
        return function
    return add


def disturbed(exit_status, statuses, message=None, arguments=(), rerun=True, corrupt=None,
              **options):
    """Runs a fresh session under a fault and checks everything that must hold."""
    session, output = SHOP.fresh()
    if corrupt:
        corrupt(session)
    run = Run(session, output, list(arguments), **options).finish()
    report = check_report(run, exit_status, statuses, message)
    check_frames(SHOP, run, report)
    if rerun:
        check_rerun(SHOP, session, output)
    return "exit %d, %s" % (exit_status, ", ".join("%d %s" % (v, k) for k, v in statuses.items()))


# ---- crashes --------------------------------------------------------------------------
def crash_case(action, stage, name, quick):
    def run():
        return disturbed(3, {"done": FRAMES - 1, "crashed": 1}, name,
                         ["--workers", "2"], fault="%s:frame=2,stage=%s" % (action, stage))
    run.__name__ = "crash_%s_in_%s" % (action, stage)
    case(quick)(run)


crash_case("segv", "match", "SIGSEGV", True)
crash_case("bus", "load", "SIGBUS", False)
crash_case("abort", "refine", "SIGABRT", False)
crash_case("fpe", "cloud", "SIGFPE", False)
crash_case("kill", "write", "SIGKILL", False)
crash_case("exit", "commit", "left in stage", False)


@case(True)
def crash_once_is_forgiven():
    return disturbed(0, {"done": FRAMES}, arguments=["--workers", "2"],
                     fault="segv:frame=1,stage=match,attempt=1")


@case()
def crash_of_two_frames_and_a_hang():
    return disturbed(3, {"done": FRAMES - 3, "crashed": 2, "timed_out": 1}, None,
                     ["--workers", "3", "--frame-timeout", "1"],
                     fault="segv:frame=1,stage=match;abort:frame=4,stage=load;"
                           "hang:frame=3,stage=write")


@case()
def crash_of_every_frame():
    return disturbed(4, {"crashed": FRAMES}, "SIGSEGV", fault="segv:stage=match")


@case()
def crash_without_parallel():
    return disturbed(3, {"done": FRAMES - 1, "crashed": 1}, "SIGSEGV", ["--no-parallel"],
                     fault="segv:frame=2,stage=match")


@case()
def crash_without_restarts():
    return disturbed(3, {"done": FRAMES - 1, "crashed": 1}, "SIGSEGV",
                     ["--pool-restarts", "0", "--workers", "1"],
                     fault="segv:frame=0,stage=load")


@case()
def crash_and_max_failures():
    return disturbed(3, {"crashed": 1}, "SIGSEGV",
                     ["--max-failures", "1", "--no-parallel"],
                     fault="segv:frame=1,stage=match")


@case(True)
def max_failures_and_one_worker():
    """The frame after the last allowed failure is not begun, though the worker is quick."""
    return disturbed(1, {"failed": 2}, "disk is full",
                     ["--max-failures", "2", "--workers", "1", "--batch-size", "4"],
                     preload="call=write,match=/cloud.ply,do=errno:%d" % errno.ENOSPC)


# ---- a frame waits for the disk while its worker has the next -------------------------
SLOW_DISK = "call=fsync,match=000002/cloud,do=slow:700"


def publishing_case(name, statuses, message, fault=None, preload=None):
    """One worker: frame 2 is on its way to the disk while frame 3 runs."""
    def run():
        return disturbed(3 if statuses["done"] < FRAMES else 0, statuses, message,
                         ["--workers", "1"], fault=fault, preload=preload)
    run.__name__ = name
    case(True)(run)


publishing_case("sync fails beside the next frame", {"done": FRAMES - 1, "failed": 1},
                "000002/view.html: cannot write",
                preload=SLOW_DISK + ";call=fsync,match=000002/view,do=errno:%d" % errno.EIO)
publishing_case("rename fails beside the next frame", {"done": FRAMES - 1, "failed": 1},
                "000002: cannot rename to its place",
                preload=SLOW_DISK + ";call=rename,match=frames/000002,do=errno:%d" % errno.EIO)
publishing_case("next frame crashes while one is published", {"done": FRAMES - 1, "crashed": 1},
                "SIGSEGV", "segv:frame=3,stage=match", SLOW_DISK)
publishing_case("process dies while one is published", {"done": FRAMES}, None,
                "kill:frame=3,stage=match,attempt=1", SLOW_DISK)


# ---- stalls ---------------------------------------------------------------------------
def hang_case(stage, quick):
    def run():
        return disturbed(3, {"done": FRAMES - 1, "timed_out": 1}, "in stage " + stage,
                         ["--workers", "2", "--frame-timeout", "0.7"],
                         fault="hang:frame=3,stage=" + stage)
    run.__name__ = "hang_in_" + stage
    case(quick)(run)


hang_case("load", False)
hang_case("match", True)
hang_case("write", False)
hang_case("commit", False)


@case(True)
def hang_in_reading_one_file():
    return disturbed(3, {"done": FRAMES - 1, "timed_out": 1}, "timed out",
                     ["--workers", "2", "--frame-timeout", "0.7"],
                     preload="call=read,match=left/000003,do=hang")


@case()
def hang_in_writing_one_file():
    return disturbed(3, {"done": FRAMES - 1, "timed_out": 1}, "timed out",
                     ["--workers", "2", "--frame-timeout", "0.7"],
                     preload="call=write,match=000003/cloud,do=hang")


@case()
def hang_once_is_forgiven():
    return disturbed(0, {"done": FRAMES}, None, ["--workers", "2", "--frame-timeout", "0.7"],
                     fault="hang:frame=0,stage=match,attempt=1")


@case()
def hang_without_parallel():
    return disturbed(3, {"done": FRAMES - 1, "timed_out": 1}, "timed out",
                     ["--no-parallel", "--frame-timeout", "0.7"],
                     fault="hang:frame=5,stage=match")


@case()
def pool_is_stopped():
    return disturbed(0, {"done": FRAMES}, None, ["--workers", "2", "--frame-timeout", "0.7"],
                     fault="stop:frame=2,stage=match,attempt=1")


@case()
def pool_timeout_goes_on_one_by_one():
    return disturbed(0, {"done": FRAMES}, None, ["--workers", "1", "--pool-timeout", "0.7"],
                     fault="slow:stage=match")


@case()
def session_deadline():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "1", "--session-timeout", "0.8"],
              fault="slow:stage=match").finish()
    report = check_report(run, 7)
    need(report["totals"]["not_run"] > 0, "every frame ran")
    check_frames(SHOP, run, report)
    check_rerun(SHOP, session, output)


# ---- one image that hangs, whichever it is -------------------------------------------
@case(True)
def hang_of_the_first_image():
    """A child makes the session's rectifications before its first frame, and reads none of
    its images for it: the others are done. What hangs here is read(); the supervisor's peek
    at the first image's size is a pread(), which nothing ends."""
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2", "--frame-timeout", "1.5", "--pool-restarts",
                                "3"], preload="call=read,match=left/000000.png,do=hang").finish()
    report = check_report(run, 3, {"done": FRAMES - 1, "timed_out": 1}, "timed out")
    check_frames(SHOP, run, report)
    check_rerun(SHOP, session, output)


# ---- processes that SIGKILL does not end ----------------------------------------------
@case()
def process_that_survives_sigkill():
    """A tracer holds it at the door of its exit, as the kernel holds one in a dead mount."""
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2", "--frame-timeout", "0.7", "--no-sandbox"],
              fault="survive:frame=3,stage=match").finish(leaves_processes=True)
    need(run.wall < 45, "it took %.1f s" % run.wall)
    report = check_report(run, 3, {"done": FRAMES - 1, "timed_out": 1},
                          "did not die within 10 s of SIGKILL")
    events = " | ".join(event["text"] for event in report["events"])
    need("is left behind" in events, "no event says so: %s" % events)
    check_rerun(SHOP, session, output)
    return "exit 3 after %.0f s, %d done, 1 timed_out" % (run.wall, FRAMES - 1)


def frozen_file_system(place):
    """A small ext4 of its own at `place`, which can be frozen: writers then sleep where
    nothing can wake them."""
    image = place + ".image"
    os.makedirs(place)
    with open(image, "wb") as handle:
        handle.truncate(24 << 20)
    try:
        subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "loop", image, place], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as refusal:
        raise Skipped("needs root, mkfs.ext4 and loop mounts (%s)" % refusal) from refusal
    # Whatever becomes of this test, nothing stays frozen.
    return subprocess.Popen(["sh", "-c", 'sleep 90; fsfreeze -u "$1"', "sh", place],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@case()
def process_stuck_in_the_kernel():
    """Uninterruptible sleep, for real: the frames' file system is frozen during a write."""
    session, output = SHOP.fresh()
    frames = os.path.join(output, "frames")
    guard = frozen_file_system(frames)
    try:
        run = Run(session, output, ["--workers", "1", "--frame-timeout", "1"],
                  fault="slow:frame=2,stage=write")
        deadline = time.monotonic() + 30
        while not os.path.isdir(os.path.join(frames, "000001")):
            need(time.monotonic() < deadline, "no frame came")
            time.sleep(0.005)
        subprocess.run(["fsfreeze", "-f", frames], check=True)
        run.wait_until_it_says("is left behind")
        subprocess.run(["fsfreeze", "-u", frames], check=True)
        run.finish()
        shutil.rmtree(os.path.join(frames, "lost+found"))
        report = check_report(run, 0, {"done": FRAMES})
        check_frames(SHOP, run, report)
        stuck = report["frames"][2]
        need(stuck["attempts"] == 2, "frame 2 had %d attempts" % stuck["attempts"])
        return "exit 0 after the thaw, the frozen frame in its second attempt"
    finally:
        guard.kill()
        guard.wait()
        subprocess.run(["fsfreeze", "-u", frames], check=False, capture_output=True)
        subprocess.run(["umount", frames], check=False, capture_output=True)


# ---- the machine stops and goes on ----------------------------------------------------
@case(True)
def stop_and_continue_loses_no_frame():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2", "--frame-timeout", "1"],
              fault="slow:stage=match")
    run.wait_until_frames_run()
    run.signal_all(signal.SIGSTOP)
    time.sleep(2.5)
    run.signal_all(signal.SIGCONT)
    run.finish()
    report = check_report(run, 0, {"done": FRAMES})
    check_frames(SHOP, run, report)
    need(all(frame["attempts"] == 1 for frame in report["frames"]), "a frame ran twice")


# ---- signals --------------------------------------------------------------------------
def signal_case(number, expected, quick):
    def run():
        session, output = SHOP.fresh()
        started = Run(session, output, ["--workers", "2"], fault="slow:stage=match")
        started.wait_until_frames_run()
        started.signal_all(number)  # as Ctrl-C and batch systems do: children get it too
        started.finish()
        report = check_report(started, expected)
        need(report["totals"]["not_run"] > 0, "every frame ran")
        need(report["totals"]["done"] == 2, "the started frames did not finish")
        check_frames(SHOP, started, report)
        check_rerun(SHOP, session, output)
    run.__name__ = "signal_%s" % signal.Signals(number).name
    case(quick)(run)


signal_case(signal.SIGINT, 130, True)
signal_case(signal.SIGTERM, 143, False)
signal_case(signal.SIGHUP, 143, False)


@case()
def second_signal_stops_at_once():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2"], fault="hang:stage=match")
    run.wait_until_frames_run()
    run.signal(signal.SIGINT)
    time.sleep(0.2)
    run.signal(signal.SIGINT)
    run.finish()
    need(run.wall < 3, "it took %.1f s" % run.wall)
    report = check_report(run, 130, {"not_run": FRAMES})
    check_frames(SHOP, run, report)
    check_rerun(SHOP, session, output)


def in_process(signals, fault, expected, statuses):
    session, output = SHOP.fresh()
    run = Run(session, output, ["--in-process", "--grace", "10"], fault=fault)
    run.wait_until_frames_run()
    for _ in range(signals):
        run.signal(signal.SIGINT)
        time.sleep(0.3)
    run.finish()
    # Half a second a change of stage and there are 17; a second signal waits for none.
    need(run.wall < (8 if signals > 1 else 20), "it took %.1f s" % run.wall)
    if statuses is None:
        need(run.status == expected, "exit status %d" % run.status)
    else:
        report = check_report(run, expected, statuses)
        check_frames(SHOP, run, report)
    check_rerun(SHOP, session, output)
    return "exit %d after %.1f s" % (expected, run.wall)


@case()
def signal_in_process_lets_the_frame_finish():
    return in_process(1, "slow:frame=0", 130, {"done": 1, "not_run": FRAMES - 1})


@case()
def second_signal_in_process_cancels_the_frame():
    """Half a second at each stage: the cancel is seen at the next one."""
    return in_process(2, "slow:frame=0", 130, {"not_run": FRAMES})


@case(True)
def second_signal_in_process_leaves_a_frame_that_hangs():
    return in_process(2, "hang:frame=0,stage=match", 130, None)


@case()
def grace_has_an_end():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2", "--grace", "0.3"], fault="hang:stage=match")
    run.wait_until_frames_run()
    run.signal(signal.SIGTERM)
    run.finish()
    need(run.wall < 3, "it took %.1f s" % run.wall)
    check_report(run, 143, {"not_run": FRAMES})


@case(True)
def supervisor_is_killed():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2"], fault="hang:frame=4,stage=match")
    run.wait_until_frames_run()
    run.signal(signal.SIGKILL)
    run.finish()  # nobody_is_left: no orphan stays
    need(run.status == -signal.SIGKILL, "it was not killed")
    check_rerun(SHOP, session, output)


@case()
def nobody_reads_stdout():
    session, output = SHOP.fresh()
    reader, writer = os.pipe()
    os.close(reader)
    run = Run(session, output, stdout=writer).finish()
    os.close(writer)
    need(run.status == 1 and "standard output" in run.error, run.error)
    need(run.report()["totals"]["done"] == FRAMES, "frames are missing")


# ---- disk -----------------------------------------------------------------------------
def disk_case(name, call, code, match, said, quick=False):
    def run():
        return disturbed(3, {"done": FRAMES - 1, "failed": 1}, said, ["--workers", "2"],
                         preload="call=%s,match=%s,do=errno:%d" % (call, match, code))
    run.__name__ = name
    case(quick)(run)


disk_case("disk_full_at_a_cloud", "write", errno.ENOSPC, "000002/cloud.ply", "disk is full", True)
disk_case("disk_quota_at_a_map", "write", errno.EDQUOT, "000002/disparity.pfm", "quota")
disk_case("disk_error_at_an_image", "write", errno.EIO, "000002/depth.png",
          "Input/output error")
disk_case("disk_read_only_at_open", "open", errno.EROFS, "000002/class.png", "read-only")
disk_case("disk_too_many_files", "open", errno.EMFILE, "000002/preview.png",
          "too many open files")
disk_case("disk_file_too_large", "write", errno.EFBIG, "000002/cloud.ply", "size limit")
disk_case("disk_error_at_sync", "fsync", errno.EIO, "000002/disparity.pfm",
          "Input/output error")
disk_case("disk_error_at_the_record", "write", errno.ENOSPC, "000002/frame.json",
          "disk is full")
disk_case("disk_error_at_publication", "rename", errno.EIO, "frames/000002",
          "Input/output error")
disk_case("disk_full_at_a_folder", "mkdir", errno.ENOSPC, ".tmp-000002", "disk is full")


@case(True)
def disk_full_for_every_frame():
    """Status 1 where the disk left no room for a single result."""
    return disturbed(1, {"failed": FRAMES}, "disk is full", ["--workers", "2"],
                     preload="call=write,match=/cloud.ply,do=errno:%d" % errno.ENOSPC)


@case()
def disk_error_at_input_state_costs_nothing():
    return disturbed(0, {"done": FRAMES}, None,
                     preload="call=write,match=.state/inputs,do=errno:%d" % errno.EIO)


def no_report(exit_status, said, arguments=(), rerun=True, corrupt=None, **options):
    session, output = SHOP.fresh()
    if corrupt:
        corrupt(session, output)
    run = Run(session, output, list(arguments), **options).finish()
    need(run.status == exit_status, "exit status %s: %s" % (run.status, run.error))
    need(said in run.error, "it does not say %r: %s" % (said, run.error))
    if rerun:
        check_rerun(SHOP, session, output)
    return "exit %d" % exit_status


@case(True)
def disk_full_at_the_report():
    return no_report(1, "disk is full",
                     preload="call=write,match=report.json,do=errno:%d" % errno.ENOSPC)


@case()
def disk_full_before_the_first_frame():
    return no_report(1, "disk is full",
                     preload="call=write,match=session.json,do=errno:%d" % errno.ENOSPC)


@case()
def disk_that_is_really_full():
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "skipped: needs root and unshare"
    session, output = SHOP.fresh()
    os.makedirs(output)
    mount = ("mount -t tmpfs -o size=1500k none '%s' && \"$@\"; s=$?; "
             "cp -a '%s' '%s.kept'; exit $s" % (output, output, output))
    run = Run(session, output, ["--workers", "1"],
              wrapper=["unshare", "-m", "sh", "-c", mount, "sh"]).finish()
    need(run.status in (1, 3), "exit status %s: %s" % (run.status, run.error))
    need("disk is full" in run.error or "are free" in run.error, run.error)
    kept = output + ".kept"
    frames = os.listdir(os.path.join(kept, "frames"))
    need(0 < len(frames) < FRAMES, "%d frames were finished" % len(frames))
    shutil.move(kept, output + ".disk")
    return check_rerun(SHOP, session, output + ".disk") and "exit %d" % run.status


@case()
def file_size_limit():
    limit = 40000

    def before():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return disturbed(1, {"failed": FRAMES}, "size limit", before=before)


@case()
def output_is_a_file():
    def corrupt(session, output):
        with open(output, "w") as handle:
            handle.write("x")
    return no_report(2, "Not a directory", rerun=False, corrupt=corrupt)


@case()
def output_cannot_be_made():
    session, _ = SHOP.fresh()
    for place in ("/proc/nowhere/out", "/proc/x", "/sys/x", "/dev/null/x"):
        run = Run(session, place).finish()
        said = [line for line in run.error.splitlines() if line.startswith("error: ")]
        need(run.status == 2, "%s: exit status %d: %s" % (place, run.status, run.error))
        need(len(said) == 1 and place[:5] in said[0], run.error)
        need("--output" in said[0] or "Not a directory" in said[0], run.error)
    return "exit 2"


# ---- locks ----------------------------------------------------------------------------
@case(True)
def two_runs_on_one_output():
    session, output = SHOP.fresh()
    first = Run(session, output, ["--workers", "1"], fault="slow:stage=match")
    first.wait_until_frames_run()
    second = Run(session, output).finish()
    need(second.status == 2, "exit status %d" % second.status)
    need("process %d" % first.process.pid in second.error, second.error)
    first.finish()
    check_frames(SHOP, first, check_report(first, 0, {"done": FRAMES}))


@case()
def no_locks_on_this_file_system():
    return no_report(1, "--no-lock", preload="call=flock,match=lock,do=errno:%d" % errno.ENOLCK)


@case()
def no_locks_and_told_to_go_on():
    return disturbed(0, {"done": FRAMES}, None, ["--no-lock"],
                     preload="call=flock,match=lock,do=errno:%d" % errno.ENOLCK)


# ---- inputs ---------------------------------------------------------------------------
def input_case(name, said, corrupt, quick=False):
    def run():
        def on_session(session):
            corrupt(os.path.join(session, "left", "000002.png"), session)
        return disturbed(3, {"done": FRAMES - 1, "failed": 1}, said, ["--workers", "2"],
                         rerun=False, corrupt=on_session)
    run.__name__ = name
    case(quick)(run)


def replace(path, content):
    os.unlink(path)
    with open(path, "wb") as handle:
        handle.write(content)


def png_header(width, height):
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2,
                                                              0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"\0" * 10)) + chunk(b"IEND", b""))


def truncate(path, _):
    os.truncate(path, os.path.getsize(path) // 2)


def fifo(path, _):
    os.unlink(path)
    os.mkfifo(path)


def directory(path, _):
    os.unlink(path)
    os.mkdir(path)


def link_loop(path, _):
    os.unlink(path)
    os.symlink(path, path)


def device(path, _):
    os.unlink(path)
    os.symlink("/dev/zero", path)


def unix_socket(path, _):
    os.unlink(path)
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # a socket's path is short
    try:
        socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
    finally:
        os.chdir(here)


input_case("image_truncated", "000002.png", truncate, True)
input_case("image_empty", "000002.png", lambda p, _: replace(p, b""))
input_case("image_is_text", "000002.png", lambda p, _: replace(p, b"hello\n" * 20))
input_case("image_of_400_megapixels_in_100_bytes", "000002",
           lambda p, _: replace(p, png_header(20000, 20000)), True)
input_case("image_claims_2_billion_pixels_a_row", "000002.png",
           lambda p, _: replace(p, png_header(2000000000, 3)))
input_case("image_is_a_fifo", "FIFO", fifo, True)
input_case("image_is_a_directory", "directory", directory)
input_case("image_is_a_link_loop", "000002", link_loop)
input_case("image_is_a_device", "device", device)
input_case("image_is_a_socket", "socket", unix_socket)


@case()
def image_cannot_be_read():
    return disturbed(3, {"done": FRAMES - 1, "failed": 1}, "000002",
                     preload="call=open,match=left/000002,do=errno:%d" % errno.EACCES)


@case()
def image_of_a_bad_disk():
    return disturbed(3, {"done": FRAMES - 1, "failed": 1}, "Input/output error",
                     preload="call=read,match=left/000002,do=errno:%d" % errno.EIO)


@case()
def images_that_would_be_sampled_are_all_broken():
    """The range is then estimated on others."""
    session, output = SHOP.fresh()
    broken = ["000000", "000002", "000003", "000004", "000005"]
    for name in broken:
        truncate(os.path.join(session, "left", name + ".png"), None)
    run = Run(session, output, settings=["--progress", "never"]).finish()
    report = check_report(run, 3, {"done": 1, "failed": len(broken)}, "000003")
    need(report["frames"][1]["status"] == "done", "the good frame was not done")


@case(True)
def calibration_of_another_size():
    session, output = SHOP.fresh()
    path = os.path.join(session, "calibration.yml")
    with open(path, encoding="utf-8") as handle:
        text = handle.read()
    with open(path, "w", encoding="utf-8") as handle:
        handle.write(text.replace("160", "168"))
    run = Run(session, output, settings=["--progress", "never"]).finish()
    check_report(run, 5, {"failed": FRAMES}, "calibration.yml")


@case()
def image_vanishes_during_the_run():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "1"], watched=False, fault="slow:stage=match")
    run.wait_until_frames_run()
    os.unlink(os.path.join(session, "right", "000005.png"))
    run.finish()
    report = check_report(run, 3, {"done": FRAMES - 1, "failed": 1}, "000005")
    check_frames(SHOP, run, report)


@case()
def names_of_every_kind():
    session, output = SHOP.fresh()
    odd = ["two words", "new\nline", "gr\u00fc\u00df", "-dash", "a" * 250, "%41$&;'\""]
    for side in ("left", "right"):
        folder = os.path.join(session, side)
        for old, new in zip(sorted(os.listdir(folder)), odd):
            os.rename(os.path.join(folder, old), os.path.join(folder, new + ".png"))
    run = Run(session, output).finish()
    check_report(run, 0, {"done": FRAMES})
    need(len(os.listdir(os.path.join(output, "frames"))) == FRAMES, "frames are missing")
    need(Run(session, output).finish().report()["totals"]["reused"] == FRAMES, "not reused")


# ---- memory ---------------------------------------------------------------------------
@case(True)
def memory_limit_that_cannot_be():
    session, output = SHOP.fresh()
    run = Run(session, output, ["--memory-limit", "8M"]).finish()
    report = check_report(run, 6, {"out_of_memory": FRAMES}, "--memory-limit")
    check_frames(SHOP, run, report)
    check_rerun(SHOP, session, output)


@case()
def memory_runs_out_in_a_control_group():
    group = "/sys/fs/cgroup/memory/po_fault_%d" % os.getpid()
    try:
        os.mkdir(group)
        with open(group + "/memory.limit_in_bytes", "w") as handle:
            handle.write(str(160 << 20))
    except OSError as refusal:
        return "skipped: no memory control group here (%s)" % refusal

    def before():
        with open(group + "/cgroup.procs", "w") as handle:
            handle.write(str(os.getpid()))
    try:
        return disturbed(3, {"done": FRAMES - 1, "out_of_memory": 1}, "killed by the kernel",
                         ["--workers", "2"], fault="memory:frame=3,stage=match", before=before)
    finally:
        os.rmdir(group)


@case()
def memory_refused_by_the_system():
    if is_sanitized():
        return "skipped: a sanitized build needs terabytes of address space"
    limit = 220 << 20

    def before():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    session, output = SHOP.fresh()
    run = Run(session, output, ["--workers", "2"], before=before).finish()
    check_frames(SHOP, run, check_report(run, 0, {"done": FRAMES}))


# ---- an output that was corrupted --------------------------------------------------------
def corrupted_case(name, corrupt, redone, arguments=(), quick=False):
    def run():
        session, output = SHOP.fresh()
        need(SHOP.run(session, output).status == 0, "the first run failed")
        corrupt(session, output)
        again = Run(session, output, list(arguments)).finish()
        report = check_report(again, 0, {"done": redone, "reused": FRAMES - redone})
        check_frames(SHOP, again, report)
        return "%d made again" % redone
    run.__name__ = name
    case(quick)(run)


def artefact(output, name="cloud.ply"):
    return os.path.join(output, "frames", "000003", name)


def flip(path):
    with open(path, "r+b") as handle:
        handle.seek(-1, os.SEEK_END)
        last = handle.read(1)
        handle.seek(-1, os.SEEK_END)
        handle.write(bytes([last[0] ^ 1]))


def touch_input(session, _):
    os.utime(os.path.join(session, "left", "000001.png"))


def litter(_, output):
    os.makedirs(os.path.join(output, "frames", ".tmp-000003"))
    shutil.copytree(os.path.join(output, "frames", "000001"),
                    os.path.join(output, "frames", ".old-000001"))
    with open(os.path.join(output, ".state", ".tmp-session.json"), "w") as handle:
        handle.write("x")


corrupted_case("nothing_spoilt", lambda s, o: None, 0, quick=True)
corrupted_case("artefact_truncated", lambda s, o: truncate(artefact(o), None), 1, quick=True)
corrupted_case("artefact_removed", lambda s, o: os.unlink(artefact(o, "depth.png")), 1)
corrupted_case("artefact_changed_and_verified", lambda s, o: flip(artefact(o)), 1, ["--verify"], True)
corrupted_case("record_is_rubbish", lambda s, o: replace(artefact(o, "frame.json"), b"{\"a\":"), 1)
corrupted_case("folder_removed", lambda s, o: shutil.rmtree(os.path.dirname(artefact(o))), 1)
corrupted_case("input_touched", touch_input, 0)
corrupted_case("state_of_values_is_rubbish",
            lambda s, o: replace(os.path.join(o, ".state", "session.json"), b"\0\1\2"), 0)
corrupted_case("state_of_inputs_is_rubbish",
            lambda s, o: replace(os.path.join(o, ".state", "inputs", "000003"), b"rubbish"), 0)
corrupted_case("leftovers_of_a_crash", litter, 0)
corrupted_case("forced", lambda s, o: None, FRAMES, ["--force"])


@case(True)
def input_changed_behind_its_stat_is_found_by_verify():
    session, output = SHOP.fresh()
    path = os.path.join(session, "left", "000001.png")
    with open(path, "ab") as handle:
        handle.write(b"a")
    need(SHOP.run(session, output).status == 0, "the first run failed")
    before = os.stat(path)
    flip(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    # As a file system without times of change would have it.
    note = os.path.join(output, ".state", "inputs", "000001")
    with open(note, encoding="ascii") as handle:
        kept = handle.read()
    with open(note, "w", encoding="ascii") as handle:
        handle.write(kept.replace(
            "%d %d " % (before.st_mtime_ns, before.st_ctime_ns),
            "%d %d " % (before.st_mtime_ns, os.stat(path).st_ctime_ns)))
    check_report(Run(session, output).finish(), 0, {"reused": FRAMES})
    run = Run(session, output, ["--verify"]).finish()
    check_report(run, 0, {"done": 1, "reused": FRAMES - 1})
    need("000001: made again: the content of an input has changed" in run.error, run.error)
    check_report(Run(session, output, ["--verify"]).finish(), 0, {"reused": FRAMES})


@case(True)
def frames_of_an_earlier_run_stay_and_are_told():
    session, output = SHOP.fresh()
    need(SHOP.run(session, output).status == 0, "the first run failed")
    run = Run(session, output, ["--frames", "1-2"]).finish()
    report = check_report(run, 0, {"reused": 2}, frame_count=2)
    need(report["other_frames"] == {"count": 4, "ids": ["000000", "000003", "000004", "000005"]},
         report["other_frames"])
    said = "4 more folders of frames that are not of this run"
    need(said in run.printed and "000000 000003 000004 ..." in run.printed, run.printed)
    report = check_rerun(SHOP, session, output)
    need(report["totals"]["reused"] == FRAMES and report["other_frames"]["count"] == 0,
         "the others were not kept")


@case()
def input_changed():
    session, output = SHOP.fresh()
    need(SHOP.run(session, output).status == 0, "the first run failed")
    shutil.copy(os.path.join(session, "left", "000001.png"),
                os.path.join(session, "left", "000002.png"))
    run = Run(session, output).finish()
    check_report(run, 3, {"done": 1, "reused": FRAMES - 1})  # its pair is none any more


@case()
def settings_changed():
    session, output = SHOP.fresh()
    need(SHOP.run(session, output).status == 0, "the first run failed")
    run = Run(session, output, ["--uniqueness-ratio", "3"]).finish()
    check_report(run, 0, {"done": FRAMES})


if __name__ == "__main__":
    try:
        code = play(CASES)
    finally:
        SHOP.close()
    sys.exit(code)
