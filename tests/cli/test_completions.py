#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completions run in the real shells: options, choices of an option, folders. A shell that is
not installed is named and left out."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

TOOL = os.path.join(os.environ.get("PO_BINARY_DIR", "build"), "process_offline")
# What is typed, and what must then be offered; no offer where nothing must be.
CASES = (
    ("--profile q", ["quality"]),
    ("--quality-ch", ["--quality-check"]),
    ("--cloud-format=l", ["las"]),
    ("--cloud-format ", ["glb", "las", "pcd", "ply", "xyz"]),
    ("--input rig_", ["rig_a", "rig_b"]),
    ("--print-comp", ["--print-completion"]),
    ("--nonsense", []),
)


def written(work, shell):
    path = os.path.join(work, "_process_offline" if shell == "zsh" else shell + ".sh")
    with open(path, "wb") as file:
        subprocess.run([TOOL, "--print-completion", shell], stdout=file, check=True)
    return path


def bash(work, typed):
    """The words as bash would split them: '=' stands alone."""
    words = ["process_offline"] + [word for word in re.split(r"(=)|\s", typed) if word]
    if typed.endswith(" "):
        words.append("")
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              'COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; '
              '$(complete -p process_offline | sed "s/.*-F \\([^ ]*\\) .*/\\1/"); '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", written(work, "bash"), *words],
                          cwd=work, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.stdout


def fish(work, typed):
    script = 'source $argv[1]; complete --do-complete="process_offline $argv[2]"'
    done = subprocess.run(["fish", "--no-config", "-c", script, written(work, "fish"), typed],
                          cwd=work, capture_output=True, text=True, check=False,
                          env=dict(os.environ, HOME=work, TERM="dumb"))
    assert not done.stderr, done.stderr
    return done.stdout


def read_until(handle, pattern, timeout_s=20.0):
    """All that a terminal shows until the pattern is in it, or nothing comes any more."""
    text = ""
    ends = time.monotonic() + timeout_s
    while not re.search(pattern, text) and time.monotonic() < ends:
        if not select.select([handle], [], [], 0.2)[0]:
            continue
        try:
            text += os.read(handle, 65536).decode(errors="replace")
        except OSError:
            break
    return text


def zsh(work, typed):
    """A terminal: only its line editor completes. ^D lists without inserting."""
    written(work, "zsh")
    process, handle = pty.fork()
    if process == 0:
        os.chdir(work)
        os.environ.update(HOME=work, TERM="dumb", PS1="ready> ", LISTMAX="0", COLUMNS="200",
                          ZDOTDIR=work)
        os.execvp("zsh", ["zsh", "-f", "-i"])
    os.write(handle, ("unsetopt zle_bracketed_paste; fpath=(%s $fpath); autoload -Uz compinit; "
                      "compinit -u -d %s/dump; zstyle ':completion:*' list-prompt ''; "
                      "setopt no_list_ambiguous no_beep; "
                      "PS1='set''up> '\n" % (work, work)).encode())
    shown = read_until(handle, r"setup> ")
    assert "setup> " in shown, shown
    os.write(handle, b"process_offline " + typed.encode() + b"\x04")
    shown = read_until(handle, r"(?s)%s.*\n.*%s" % (re.escape(typed), re.escape(typed)), 4.0)
    os.write(handle, b"\x15exit\n")
    read_until(handle, r"\Z.", 1.0)
    os.close(handle)
    os.waitpid(process, 0)
    _, _, offered = shown.partition(typed)
    return offered


def main():
    shells = {"bash": bash, "fish": fish, "zsh": zsh}
    tried = []
    with tempfile.TemporaryDirectory(prefix="po_complete_") as work:
        for name in ("rig_a", "rig_b"):
            os.mkdir(os.path.join(work, name))
        for shell, complete in shells.items():
            if not shutil.which(shell):
                print("%s is not installed: not tried" % shell)
                continue
            for typed, wanted in CASES:
                offered = complete(work, typed)
                words = set(re.findall(r"[\w-]+", offered))
                missing = [word for word in wanted if word not in words]
                assert not missing, (shell, typed, missing, offered)
                if not wanted:
                    assert not words - {"nonsense", "--nonsense", "process_offline", "setup"}, (
                        shell, typed, offered)
            tried.append(shell)
    print("completed in " + ", ".join(tried))
    return 0 if tried else 77


if __name__ == "__main__":
    sys.exit(main())
