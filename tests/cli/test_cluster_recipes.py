#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The recipes of scripts/cluster for other people's schedulers. Each recipe's own command
lines, taken from its file, are run here in its order on a small session and give one run's
bytes; what a shard's end means is asked with a program that ends as it is told. The
Kubernetes jobs keep to a schema of the API's fields. Snakemake runs its file where it is
installed; Nextflow is not asked."""
import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from suite import in_turn, skipped_without, SKIPPED  # noqa: E402
from test_shards import ARRAY, MAKE_SCENE, ROOT, TOOL, tree  # noqa: E402

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing.name} of Python is missing; install_packages.sh tests has it")
    sys.exit(SKIPPED)

RECIPES = ROOT / "scripts" / "cluster"
SCHEMA = ROOT / "tests" / "cli" / "kubernetes_job.schema.json"
FRAMES, SHARDS = 5, 8


class Place:
    """A session, what one run makes of it, and a folder of programs to put first in PATH."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.session = self.root / "session"
        subprocess.run([MAKE_SCENE, self.session, "--frames", str(FRAMES), "--size", "120x96",
                        "--kind", "sphere", "--layout", "folders"], check=True)
        whole = self.root / "whole"
        subprocess.run([TOOL, "--input", self.session, "--output", whole, "--quiet"],
                       check=True)
        self.whole = tree(whole)
        self.programs = self.root / "programs"
        self.programs.mkdir()

    def program(self, text):
        path = self.programs / "process_offline"
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, command, status=None, **variables):
        """`command`: words, or a line of a shell; the program ends with `status`."""
        self.program(f'#!/bin/sh\nexec {TOOL} "$@"\n' if status is None
                     else f"#!/bin/sh\nexit {status}\n")
        clean = {name: value for name, value in os.environ.items() if name not in ARRAY}
        path = f"{self.programs}:{os.environ['PATH']}"
        words = ["bash", "-c", command] if isinstance(command, str) else command
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=300,
                              cwd=self.root, env={**clean, **variables, "PATH": path})

    def ends(self, command, **variables):
        """Which statuses of the program are no failure of the shard."""
        return [status for status in range(10)
                if self.run(command, status, **variables).returncode == 0]

    def check(self, output, plan, shards, merge):
        """`shards`: (command, variables) each."""
        for command, variables in [(plan, {}), *shards, (merge, {})]:
            done = self.run(command, **variables)
            assert done.returncode == 0, (command, done)
        assert tree(output) == self.whole, output
        report = json.loads((output / "report.json").read_text())
        ended = [shard["shard"] for shard in report["shards"] if shard["end"] == "ended"]
        assert ended == list(range(1, SHARDS + 1)), report["shards"]
        assert self.ends(*shards[0][:1], **shards[0][1]) == [0, 3, 4, 5]
        assert self.ends(plan) == [0] and self.ends(merge) == [0]


def jobs():
    documents = list(yaml.safe_load_all((RECIPES / "kubernetes.yaml").read_text()))
    return {job["metadata"]["labels"]["step"]: job for job in documents}


def container(job):
    return job["spec"]["template"]["spec"]["containers"][0]


def test_kubernetes_commands(place):
    output = place.root / "kubernetes"
    steps = jobs()
    assert list(steps) == ["plan", "shards", "merge"]

    def command(step):
        words = container(steps[step])["command"]
        return [word.replace("/data/session", str(place.session))
                .replace("/data/out", str(output)) for word in words]

    spec = steps["shards"]["spec"]
    assert spec["completions"] == SHARDS, "the index and --shard auto/N count alike"
    shards = [(command("shards"), {"JOB_COMPLETION_INDEX": str(index)})
              for index in range(spec["completions"])]
    place.check(output, command("plan"), shards, command("merge"))


def test_kubernetes_volumes(_):
    for job in jobs().values():
        pod = job["spec"]["template"]["spec"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        assert {mount["name"] for mount in container(job)["volumeMounts"]} == volumes


def misspell(key):
    return key[:-1] + key[-2:] if len(key) > 2 else key + "x"


def spoilt(node, path=()):
    """(what, copy) for each member of `node`, misspelt or of another type."""
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in members:
        at = f"{'/'.join(map(str, path))}/{key}"
        if isinstance(node, dict) and path[-1:] != ("labels",):
            wrong = copy.copy(node)
            wrong[misspell(key)] = wrong.pop(key)
            yield f"{at} misspelt", wrong
        for other in ({"a": 1}, 7.5, ["x", 1]):
            wrong = copy.copy(node)
            wrong[key] = other
            yield f"{at} = {other}", wrong
        if isinstance(value, (dict, list)):
            for what, inner in spoilt(value, (*path, key)):
                wrong = copy.copy(node)
                wrong[key] = inner
                yield what, wrong


def test_kubernetes_schema(_):
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    tried = 0
    for job in jobs().values():
        assert validator.is_valid(job), list(validator.iter_errors(job))
        for what, wrong in spoilt(job):
            assert not validator.is_valid(wrong), f"{what}: not seen"
            tried += 1
    assert tried > 200, tried
    shards = jobs()["shards"]
    for key in ("completionMode", "completions", "parallelism"):
        wrong = copy.deepcopy(shards)
        del wrong["spec"][key]
        assert not validator.is_valid(wrong), key
    for value in ("indexed", "NonIndexed", None):
        wrong = copy.deepcopy(shards)
        wrong["spec"]["completionMode"] = value
        assert not validator.is_valid(wrong), value


def snakemake_rules(text, config):
    """name: its shell line, by the file's own variables and in Snakemake's format."""
    names = {}
    for line in text.splitlines():
        if re.match(r"[A-Z_]+ = ", line):
            exec(line, names)  # noqa: S102: a file of this repository
    rules = re.findall(r"^rule (\w+):\n((?:    .*\n)+)", text, re.M)
    lines = {name: re.search(r"^    shell: (.*)$", body, re.M)[1] for name, body in rules}
    return {name: lambda line=eval(shell, names), **more: line.format(config=config, **more)
            for name, shell in lines.items()}  # noqa: S307


class Wildcards:
    def __init__(self, k):
        self.k = k


def test_snakemake_commands(place):
    output = place.root / "snakemake"
    rules = snakemake_rules((RECIPES / "Snakefile").read_text(),
                            {"input": place.session, "output": output, "shards": SHARDS})
    assert sorted(rules) == ["merge", "plan", "shard"]
    shards = [(rules["shard"](wildcards=Wildcards(k)), {}) for k in range(1, SHARDS + 1)]
    place.check(output, rules["plan"](), shards, rules["merge"]())


def test_snakemake(place):
    if not shutil.which("snakemake"):
        print("skipped: snakemake is not installed")
        return
    output = place.root / "snake"
    folder = place.root / "snake-run"
    folder.mkdir()
    done = place.run(["snakemake", "-s", RECIPES / "Snakefile", "-d", folder, "--cores", "2",
                      "--config", f"input={place.session}", f"output={output}",
                      f"shards={SHARDS}"], HOME=str(place.root))
    assert done.returncode == 0, done.stderr[-2000:]
    assert tree(output) == place.whole


def nextflow_processes(text):
    """name: (its inputs, its script as bash sees it, with ${...} to be filled in)."""
    found = {}
    for name, body in re.findall(r"^process (\w+) \{\n(.*?)^\}", text, re.M | re.S):
        inputs = re.search(r"^    input:\n((?:    .*\n)+?)(?=    \w+:)", body, re.M)
        script = re.search(r'^    script:[^\n]*\n\s*("""|")(.*?)\1\s*\Z', body, re.M | re.S)
        assert script, f"{name}: no script"
        names = re.findall(r"val\(?\s*(\w+)", inputs[1]) if inputs else []
        found[name] = (names, script[2])
    return found


def nextflow_line(script, values):
    """As Groovy fills in a string: ${name}, and escapes of a backslash."""
    line = script.replace("\\\n", "")  # a continued line
    line = re.sub(r"(?<!\\)\$\{([\w.]+)\}", lambda match: str(values[match[1]]), line)
    assert not re.search(r"(?<!\\)\$", line), f"a variable that nothing fills in: {line}"
    return line.replace("\\$", "$").strip()


def test_nextflow_commands(place):
    output = place.root / "nextflow"
    text = (RECIPES / "nextflow.nf").read_text()
    processes = nextflow_processes(text)
    assert list(processes) == ["plan", "shard", "merge"]
    workflow = re.search(r"^workflow \{\n(.*?)^\}", text, re.M | re.S)[1]
    assert set(processes) <= set(re.findall(r"(\w+)\(", workflow)), workflow
    # Newer versions take nothing but declarations at the top level.
    outside = re.sub(r"^(?:process \w+|workflow) \{\n.*?^\}\n", "", text, flags=re.M | re.S)
    assert all(line.startswith("//") for line in outside.splitlines()), outside
    params = {"params.input": place.session, "params.output": output,
              "params.shards": SHARDS}
    assert processes["shard"][0] == ["k", "planned"]
    lines = {name: nextflow_line(script, {**params, **{key: "{k}" for key in names}})
             for name, (names, script) in processes.items()}
    shards = [(lines["shard"].replace("{k}", str(k)), {}) for k in range(1, SHARDS + 1)]
    place.check(output, lines["plan"], shards, lines["merge"])


def main():
    if skipped_without(TOOL, MAKE_SCENE):
        return SKIPPED
    return in_turn("po_recipes_", [
        test_kubernetes_schema, test_kubernetes_volumes, test_kubernetes_commands,
        test_snakemake_commands, test_snakemake, test_nextflow_commands], Place)


if __name__ == "__main__":
    sys.exit(main())
