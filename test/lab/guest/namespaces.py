"""Listeners with the same backlog in namespaces with other limits: named ones, and one that only a process holds."""
import ctypes
import os
import socket

from lab import run
from segments import CLONE_NEWNET, enter

BACKLOG = 511
LIMITS = (("knet-small", 7), ("knet-middle", 100), ("knet-default", None))


def serve(lab, prepare):
    """A child that listens where `prepare` leads; returns its pid once it does."""
    ready, done = os.pipe()

    def body():
        prepare()
        lab.keep(socket.create_server(("0.0.0.0", lab.port), backlog=BACKLOG))
        os.write(done, b"1")

    pid = lab.child(body)
    os.read(ready, 1)
    return pid


def unshare():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    run("ip", "link", "set", "lo", "up")


def shown(pid, name):
    path = "/proc/%d/ns/net" % pid
    with open("/proc/%d/net/tcp" % pid) as file:
        listening = any(line.split()[3] == "0A" for line in file.readlines()[1:])
    return {"name": name, "pid": pid, "inode": os.stat(path).st_ino, "listening": listening}


def netns_somaxconn(lab):
    seen = []
    for name, limit in LIMITS:
        run("ip", "netns", "add", name)
        lab.callback(run, "ip", "netns", "del", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        if limit is not None:
            run("ip", "netns", "exec", name, "sh", "-c", "echo %d > /proc/sys/net/core/somaxconn" % limit)
        seen.append({**shown(serve(lab, lambda name=name: enter(name)), name), "limit": min(BACKLOG, limit or 4096)})
    seen.append({**shown(serve(lab, unshare), None), "limit": BACKLOG})
    return {"observed": {"backlog": BACKLOG, "namespaces": seen}}


SCENARIOS = (netns_somaxconn,)
