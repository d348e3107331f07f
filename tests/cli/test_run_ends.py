#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How a run ends is said, and where: with --quiet, in JSON lines, in a dry run that
finds nothing to do; and which place a setting comes from."""
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

import suite

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("PO_BINARY_DIR", ROOT / "build")).resolve()
TOOL = BUILD / "process_offline"
FAULTY_TOOL = BUILD / "tests" / "process_offline_faults"
MAKE_SCENE = BUILD / "tests" / "make_scene"
FRAMES = 8


class Place:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.session = self.root / "session"
        subprocess.run([MAKE_SCENE, self.session, "--frames", str(FRAMES), "--size",
                        "160x120", "--kind", "plane", "--layout", "scenes"], check=True)
        self.runs = 0

    def run(self, *options, tool=TOOL, environment=None, output=None):
        """(done, report.json) of a run into a fresh directory, unless it is given one."""
        self.runs += 1
        output = output or self.root / f"out{self.runs}"
        done = subprocess.run(
            [tool, "--input", self.session, "--output", output, "--num-disparities", "32",
             *options], capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, **(environment or {})})
        report = output / "report.json"
        return done, json.loads(report.read_text()) if report.exists() else None

    def broken(self, count):
        """Cuts images of the first frames short; returns what heals them."""
        whole = {}
        for index in range(count):
            path = self.session / f"scene{index:04}" / "im1.png"
            whole[path] = path.read_bytes()
            path.write_bytes(whole[path][:len(whole[path]) // 3])

        def heal():
            for path, content in whole.items():
                path.write_bytes(content)
        return heal


def test_quiet(place):
    heal = place.broken(3)
    done, _ = place.run("--quiet")
    heal()
    assert done.returncode == 3, done
    assert done.stdout == "", done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"error: 3 of {FRAMES} frames failed; see "), lines
    assert lines[0].endswith("/report.json"), lines
    done, _ = place.run("--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done


def test_json_lines(place):
    for words in (["--log-format", "jsonl", "--bogus"], ["--bogus", "--log-format=jsonl"]):
        done, _ = place.run(*words)
        assert done.returncode == 2, done
        line = json.loads(done.stderr)
        assert line["level"] == "error" and "--bogus" in line["message"], line
    done, _ = place.run("--bogus", environment={"PROCESS_OFFLINE_LOG_FORMAT": "jsonl"})
    assert "--bogus" in json.loads(done.stderr)["message"]
    done, _ = place.run("--bogus")
    assert done.stderr.startswith("error: --bogus"), done.stderr


def schema_errors(line, schema):
    """What of configs/log.schema.json a line does not keep; the schema's few words alone."""
    found = [f"{name} is missing" for name in schema["required"] if name not in line]
    kinds = {"string": str, "integer": int, "number": (int, float)}
    for name, value in line.items():
        rule = schema["properties"].get(name)
        if rule is None:
            found.append(f"{name} is not described")
        elif "enum" in rule and value not in rule["enum"]:
            found.append(f"{name}: {value}")
        elif "type" in rule and not isinstance(value, kinds[rule["type"]]):
            found.append(f"{name}: {value!r} is no {rule['type']}")
        elif "pattern" in rule and not re.match(rule["pattern"], value):
            found.append(f"{name}: {value}")
    return found


def test_json_lines_keep_their_schema(place):
    schema = json.loads((ROOT / "configs" / "log.schema.json").read_text())
    heal = place.broken(3)
    done, report = place.run("--log-format", "jsonl", "--force")
    heal()
    assert done.returncode == 3, done
    lines = [json.loads(text) for text in done.stderr.splitlines()]
    for line in lines:
        assert not schema_errors(line, schema), (schema_errors(line, schema), line)
    ends = {line["frame"]: line for line in lines if line["event"] == "frame"}
    for frame in report["frames"]:
        line = ends[frame["id"]]
        assert line["status"] == frame["status"], line
        if frame["status"] == "done":
            assert line["points"] == frame["points"] and line["ms"] > 0, line
        else:
            assert line["stage"] == frame["stage"], (line, frame)
    assert lines[-1]["event"] == "end" and lines[-1]["status"] == "3", lines[-1]


def test_no_line_is_printed_twice(place):
    heal = place.broken(3)
    done, _ = place.run("--force", "--min-depth", "1m", "--max-depth", "1001")
    heal()
    lines = (done.stdout + done.stderr).splitlines()
    assert len(set(lines)) == len(lines), lines
    empty = [line for line in lines if "the cloud is empty" in line]
    assert len(empty) == 1 and "frames, first " in empty[0], empty


def test_time_out_is_said_once(place):
    done, report = place.run("--workers", "2", "--frame-timeout", "0.45", "--grace", "1",
                             tool=FAULTY_TOOL,
                             environment={"PO_FAULT": "hang:frame=1,stage=match"})
    assert done.returncode == 3, done
    assert report["totals"]["timed_out"] == 1, report["totals"]
    reported = [line for line in done.stderr.splitlines() if "timed out" in line]
    assert reported, done.stderr
    for line in reported:
        assert line.count("timed out") == 1, line
    message = report["frames"][1]["message"]
    assert message.startswith("timed out"), message
    assert "450 ms are allowed" in message, message


def test_dry_run_without_hope(place):
    done, _ = place.run("--memory-limit", "1M", "--dry-run")
    assert done.stdout.count("will fail") == FRAMES, done.stdout
    assert done.returncode == 6, done
    done, _ = place.run("--memory-limit", "1M")
    assert done.returncode == 6, done
    done, _ = place.run("--dry-run")
    assert done.returncode == 0, done


def test_profile_of_the_command_line(place):
    """It wins over keys of files and of the environment; keys beside it win over it."""
    config = ["--config", ROOT / "configs" / "quality.json"]
    for words, environment, level, origin in (
            (config, {}, "quality", "file"),
            ([*config, "--profile", "fast"], {}, "fast", "profile"),
            (["--profile", "fast", *config], {}, "fast", "profile"),
            (["--profile", "fast"], {"PROCESS_OFFLINE_SGM_LEVEL": "quality"}, "fast",
             "profile"),
            (config, {"PROCESS_OFFLINE_PROFILE": "fast"}, "fast", "profile"),
            ([*config, "--profile", "fast", "--sgm-level", "balanced"], {}, "balanced",
             "command line")):
        done, _ = place.run("--dry-run", *words, environment=environment)
        assert done.returncode == 0, done
        assert f"  sgm-level = {level} ({origin})\n" in done.stdout, (words, done.stdout)
    done, _ = place.run("--dry-run", *config, "--profile", "fast")
    assert "left-right-max-diff = 1.5 (profile)" in done.stdout, done.stdout


def test_earlier_results(place):
    """A frame that fails now keeps what an earlier run made of it, and that is reported."""
    output = place.root / "earlier"
    done, report = place.run("--frames", "0-4", output=output)
    assert done.returncode == 0 and report["totals"]["earlier_results"] == 0, done
    heal = place.broken(2)
    cloud = output / "frames" / "scene0001" / "cloud.ply"
    before = cloud.read_bytes()
    done, report = place.run(output=output)
    assert done.returncode == 3, done
    reported = {frame["id"]: frame["earlier_result"] for frame in report["frames"]}
    expected = {f"scene{index:04}": index < 2 for index in range(FRAMES)}
    assert reported == expected, reported
    assert report["totals"]["earlier_results"] == 2, report["totals"]
    assert "2 of the frames that did not finish: the folder still holds" in done.stdout
    assert cloud.read_bytes() == before
    heal()
    done, report = place.run(output=output)
    assert done.returncode == 0 and "still holds" not in done.stdout, done
    assert report["totals"]["earlier_results"] == 0, report["totals"]


def test_ground_truth_that_is_not_there(place):
    done, _ = place.run("--ground-truth", place.root / "nowhere")
    assert done.returncode == 2, done
    assert "nowhere: is not a folder" in done.stderr, done.stderr
    empty = place.root / "empty"
    empty.mkdir()
    done, report = place.run("--ground-truth", empty)
    assert done.returncode == 0, done
    text = f"no ground truth for {FRAMES} of {FRAMES} frames"
    assert text in done.stderr, done.stderr
    assert any(text in warning for warning in report["warnings"]), report["warnings"]
    done, report = place.run("--ground-truth", "auto")
    assert "no ground truth" not in done.stderr, done.stderr
    assert report["totals"]["scored_frames"] == FRAMES, report["totals"]


def test_small_stack(place):
    """As the shell's ulimit -s leaves it: raised where it may be, else said at once."""
    small, unlimited = 64 << 10, resource.RLIM_INFINITY
    for hard in (unlimited, small):
        if hard == unlimited and resource.getrlimit(resource.RLIMIT_STACK)[1] != unlimited:
            continue
        done = subprocess.run(
            [TOOL, "--input", place.session, "--output", place.root / f"stack{hard}",
             "--num-disparities", "32"], capture_output=True, text=True, timeout=120,
            check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK,
                                                               (small, hard)))
        said = done.returncode == 2 and "ulimit -s" in done.stderr
        assert done.returncode == 0 or (hard == small and said), (done, hard)


def main():
    if suite.skipped_without(TOOL, FAULTY_TOOL, MAKE_SCENE):
        return suite.SKIPPED
    tests = [test_quiet, test_json_lines, test_json_lines_keep_their_schema,
             test_no_line_is_printed_twice, test_time_out_is_said_once,
             test_dry_run_without_hope, test_profile_of_the_command_line,
             test_earlier_results, test_ground_truth_that_is_not_there, test_small_stack]
    return suite.in_turn("po_ends_", tests, Place)


if __name__ == "__main__":
    sys.exit(main())
