# SPDX-License-Identifier: Apache-2.0
"""A FUSE file system that shows a folder and, from the first look at one of its files on,
answers no more: as sshfs does when its process is stopped. Speaks the kernel's protocol by
itself (struct layouts of linux/fuse.h, minor 31). Needs /dev/fuse and the right to mount."""
import ctypes
import errno
import os
import stat
import struct
import threading

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH = 1, 2, 3, 14, 15, 17, 18, 25
INIT, OPENDIR, READDIR, RELEASEDIR, BATCH_FORGET = 26, 27, 28, 29, 42
IN_HEADER, OUT_HEADER = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
ATTR, READ_IN = struct.Struct("<QQQQQQIIIIIIIIII"), struct.Struct("<QQI")
ROOT = 1
MNT_DETACH = 2


class HangingMount:
    """`with HangingMount(source, mountpoint, name)`: `source` is one folder with files."""

    def __init__(self, source, mountpoint, hangs_at):
        self.source, self.mountpoint, self.hangs_at = source, mountpoint, hangs_at
        self.paths = {ROOT: source}
        self.libc = ctypes.CDLL(None, use_errno=True)

    def __enter__(self):
        os.makedirs(self.mountpoint, exist_ok=True)
        self.device = os.open("/dev/fuse", os.O_RDWR)
        options = "fd=%d,rootmode=40000,user_id=0,group_id=0" % self.device
        if self.libc.mount(b"hanging", os.fsencode(self.mountpoint), b"fuse", 0,
                           options.encode()) != 0:
            os.close(self.device)
            raise OSError(ctypes.get_errno(), "mount")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.device)  # ends the connection: what still waits gets ENOTCONN
        self.libc.umount2(os.fsencode(self.mountpoint), MNT_DETACH)

    def attributes(self, node):
        facts = os.stat(self.paths[node])
        return ATTR.pack(node, facts.st_size, (facts.st_size + 511) // 512,
                         int(facts.st_atime), int(facts.st_mtime), int(facts.st_ctime), 0, 0, 0,
                         facts.st_mode, facts.st_nlink, facts.st_uid, facts.st_gid, 0, 4096, 0)

    def look_up(self, node, name):
        path = os.path.join(self.paths[node], os.fsdecode(name))
        if not os.path.exists(path):
            return -errno.ENOENT, b""
        child = os.stat(path).st_ino + 16
        self.paths[child] = path
        return 0, struct.pack("<QQQQII", child, 0, 0, 0, 0, 0) + self.attributes(child)

    def entries(self, node, offset):
        found = b""
        for number, name in enumerate(sorted(os.listdir(self.paths[node]))[offset:], offset + 1):
            path, raw = os.path.join(self.paths[node], name), os.fsencode(name)
            kind = stat.S_IFMT(os.stat(path).st_mode) >> 12
            found += struct.pack("<QQII", os.stat(path).st_ino + 16, number, len(raw), kind)
            found += raw + b"\0" * (-len(raw) % 8)
        return found

    def answer(self, code, node, body):
        if code == INIT:
            return 0, struct.pack("<IIIIHHIIHHI7I", 7, 31, 65536, 0, 8, 8, 65536, 1, 16, 0, 0,
                                  *[0] * 7)
        if code == LOOKUP:
            return self.look_up(node, body[:-1])
        if code == GETATTR:
            return 0, struct.pack("<QII", 0, 0, 0) + self.attributes(node)
        if code in (OPEN, OPENDIR):
            return 0, struct.pack("<QII", 0, 0, 0)
        if code == READ:
            _, offset, size = READ_IN.unpack_from(body)
            with open(self.paths[node], "rb") as handle:
                handle.seek(offset)
                return 0, handle.read(size)
        if code == READDIR:
            return 0, self.entries(node, READ_IN.unpack_from(body)[1])
        return (0, b"") if code in (RELEASE, RELEASEDIR, FLUSH) else (-errno.ENOSYS, b"")

    def serve(self):
        """Leaves the request after the look-up unread, so that a signal can end who waits."""
        while True:
            try:
                request = os.read(self.device, 1 << 17)
            except OSError:
                return
            size, code, unique, node = IN_HEADER.unpack_from(request)[:4]
            body = request[IN_HEADER.size:size]
            if code in (FORGET, BATCH_FORGET):
                continue
            status, data = self.answer(code, node, body)
            os.write(self.device, OUT_HEADER.pack(OUT_HEADER.size + len(data), status,
                                                  unique) + data)
            if code == LOOKUP and body[:-1] == os.fsencode(self.hangs_at):
                return
