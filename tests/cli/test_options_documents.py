#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is made from the table of settings is current and well formed: schema, man page,
completion; the commands of the tool this one replaces run; start-up is quick."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build"))
PROGRAM = str(BUILD / "process_offline")


def run(*words, **options):
    return subprocess.run(words, capture_output=True, timeout=120, check=False, **options)


def said(*words):
    done = run(PROGRAM, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_schema_is_current():
    stored = (ROOT / "configs" / "config.schema.json").read_bytes()
    assert said("--print-config-schema") == stored, (
        "settings have changed: process_offline --print-config-schema "
        "> configs/config.schema.json")


def check_man_page():
    page = said("--print-man")
    if shutil.which("groff"):
        done = run("groff", "-man", "-ww", "-z", "-Tutf8", input=page)
        assert done.stderr == b"", done.stderr
    if shutil.which("man"):
        done = run("man", "--warnings", "-l", "-", input=page)
        assert done.stderr == b"", done.stderr
        assert b"--num-disparities" in done.stdout


def complete(*words):
    script = said("--print-completion").decode()
    quoted = " ".join(f"'{word}'" for word in words)
    script += (f"\nCOMP_WORDS=({quoted})\nCOMP_CWORD={len(words) - 1}\n"
               "_process_offline\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    done = run("bash", "--norc", "-c", script)
    assert done.stderr == b"", done.stderr
    return done.stdout.decode().split()


def check_completion():
    assert complete("process_offline", "--num") == ["--num-disparities"]
    assert complete("process_offline", "--profile", "") == [
        "fast", "balanced", "quality", "classic"]
    assert complete("process_offline", "--memory-limit", "") == ["auto"]
    assert "--print-man" in complete("process_offline", "--")


def check_configs_by_schema():
    try:
        import jsonschema
    except ImportError:
        print("jsonschema is not installed: schemas are not tried")
        return
    configs = ROOT / "configs"
    schema = json.loads((configs / "config.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in configs.glob("*.json"):
        if not path.name.endswith(".schema.json"):
            jsonschema.validate(json.loads(path.read_text()), schema)
    wrong = {"workers": 0}
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)


def check_report_by_schema(output):
    configs = ROOT / "configs"
    schemas = {name: json.loads((configs / f"{name}.schema.json").read_text())
               for name in ("report", "frame")}
    for name, schema in schemas.items():
        assert schema["$id"] == f"{name}.schema.json"
    for name, definition in schemas["frame"]["$defs"].items():  # each file stands alone
        assert definition == schemas["report"]["$defs"][name], name
    records = list(output.glob("frames/*/frame.json"))
    assert records
    report = json.loads((output / "report.json").read_text())
    try:
        import jsonschema
    except ImportError:
        return report
    jsonschema.Draft202012Validator.check_schema(schemas["report"])
    jsonschema.Draft202012Validator.check_schema(schemas["frame"])
    jsonschema.validate(report, schemas["report"])
    for path in records:
        jsonschema.validate(json.loads(path.read_text()), schemas["frame"])
    for extent in ({}, {"min_mm": [0, 0, 0]}):
        record = {**json.loads(records[0].read_text()), "extent": extent}
        assert not jsonschema.Draft202012Validator(schemas["frame"]).is_valid(record)
    return report


def check_squares(directory):
    """Lengths in chessboard squares, where a calibration does not say how large one is."""
    session = directory / "squares"
    done = run(str(BUILD / "tests" / "make_scene"), str(session), "--frames", "2",
               "--size", "160x120", "--kind", "plane")
    assert done.returncode == 0, done.stderr
    calibration = session / "calibration.yml"
    text = calibration.read_text()
    assert "[ -80, 0, 0 ]" in text
    calibration.write_text(text.replace("[ -80, 0, 0 ]", "[ -3.2, 0, 0 ]"))
    said("--input", str(session), "--num-disparities", "32")
    report = check_report_by_schema(session / "reconstruction")
    assert report["calibration"][0]["unit"] == "squares", report["calibration"]
    for frame in report["frames"]:
        assert frame["points"] > 0 and "min_squares" in frame["extent"], frame["extent"]


def check_old_commands(directory):
    """The three commands of the tool this one replaces, on a small session."""
    session = directory / "session"
    done = run(str(BUILD / "tests" / "make_scene"), str(session), "--frames", "3",
               "--size", "160x120", "--kind", "plane")
    assert done.returncode == 0, done.stderr
    output = session / "reconstruction"
    for words in (["--surface-reconstruction", "--workers", "2", "--batch-size", "1",
                   "--single-frame"],
                  ["--no-parallel"],
                  ["--workers", "4", "--batch-size", "2"]):
        done = run(PROGRAM, "--input", str(session), *words)
        assert done.returncode == 0, done.stderr
        check_report_by_schema(output)
        if words[0] == "--surface-reconstruction":
            assert len(list(output.glob("frames/*/surface.ply"))) == 1
    totals = json.loads((output / "report.json").read_text())["totals"]
    assert totals["found"] == 3
    assert totals["done"] + totals["reused"] == 3
    assert b"<html" in (output / "report.html").read_bytes()
    return session


def check_dry_run_writes_nothing(session):
    shutil.rmtree(session / "reconstruction")
    text = said("--input", str(session), "--dry-run").decode()
    assert "frames: 3" in text
    assert "num-disparities" not in text and "at their defaults" in text, text
    assert text.count("\n") < 25, text
    text = said("--input", str(session), "--dry-run", "--verbose").decode()
    assert "num-disparities = auto (default)" in text
    assert not (session / "reconstruction").exists()


def check_baseline(session, directory):
    output = session / "reconstruction"
    command = [PROGRAM, "--input", str(session), "--force"]
    assert run(*command).returncode == 0
    baseline = directory / "baseline.json"
    shutil.copy(output / "report.json", baseline)
    loose = ["--tolerance", "time=0,memory=0"]
    done = run(*command, *loose, "--baseline", str(baseline))
    assert done.returncode == 0, done.stdout
    assert b"no worse than the baseline" in done.stdout
    # A baseline is an input: the report that the run would replace is none.
    done = run(*command, "--baseline", str(output / "report.json"))
    assert done.returncode == 2 and b"would replace" in done.stderr, done.stderr
    done = run(*command, *loose, "--baseline", str(baseline), "--decimate", "9")
    assert done.returncode == 8, done.stderr
    assert b"worse: 000000: " in done.stdout and b" % fewer than" in done.stdout
    # An empty cloud was not delivered: that status comes before.
    done = run(*command, *loose, "--baseline", str(baseline), "--roi", "0,1,0,1,0,1")
    assert done.returncode == 3, done.stderr
    assert b"worse: 000000: 0 points, 100.0 % fewer than" in done.stdout


def check_output_errors():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE,
                              timeout=60, check=False)
    assert done.returncode == 1
    assert b"standard output: No space left on device" in done.stderr


def check_start_up():
    """Processor time, not wall clock: the machine has other work."""
    times = []
    for _ in range(20):
        pid = os.posix_spawn(PROGRAM, [PROGRAM, "--version"], os.environ,
                             file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull,
                                            os.O_WRONLY, 0)])
        _, status, usage = os.wait4(pid, 0)
        assert status == 0
        times.append(usage.ru_utime + usage.ru_stime)
    print(f"--version: {min(times) * 1e3:.1f} ms at best, "
          f"{sorted(times)[10] * 1e3:.1f} ms median")


def main():
    if not (BUILD / "process_offline").exists():
        print("process_offline is not built")
        return 77
    check_schema_is_current()
    check_man_page()
    check_completion()
    check_configs_by_schema()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        session = check_old_commands(directory)
        check_dry_run_writes_nothing(session)
        check_baseline(session, directory)
        check_squares(directory)
    check_output_errors()
    check_start_up()
    return 0


if __name__ == "__main__":
    sys.exit(main())
