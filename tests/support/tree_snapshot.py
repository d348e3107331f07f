# SPDX-License-Identifier: Apache-2.0
"""What a tree of files is: names, kinds, sizes, times and contents, to compare before and
after a run that must not touch it."""
import hashlib
import os
import stat


def entry_of(path):
    """One file or folder as a tuple that differs when anything of it was changed."""
    facts = os.lstat(path)
    kind = stat.S_IFMT(facts.st_mode)
    mode = stat.S_IMODE(facts.st_mode)
    if kind == stat.S_IFLNK:
        return kind, mode, facts.st_mtime_ns, os.readlink(path)
    if kind != stat.S_IFREG:
        return kind, mode
    try:
        with open(path, "rb") as handle:
            content = hashlib.sha256(handle.read()).hexdigest()
    except PermissionError:
        content = "unreadable"
    return kind, mode, facts.st_size, facts.st_mtime_ns, facts.st_ino, content


def snapshot(root, leave_out=()):
    """{path below root: what it is}; paths that begin with one of `leave_out` are left out."""
    found = {}
    for base, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(base, name)
            short = os.path.relpath(path, root)
            if not any(short == out or short.startswith(out + os.sep) for out in leave_out):
                found[short] = entry_of(path)
    return found


def difference(before, after):
    """The first few differences in words; "" when there is none."""
    said = ["gone: " + path for path in before if path not in after]
    said += ["changed: " + path for path in before if path in after and before[path] != after[path]]
    said += ["new: " + path for path in after if path not in before]
    return ", ".join(sorted(said)[:5])
