"""A sock_diag dump of TCP over IPv4 (linux/sock_diag.h, linux/inet_diag.h): the kernel's own answer, errors included."""
import socket
import struct

SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLM_F_DUMP = 20, 1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
LISTEN, SYN_RECV, ESTABLISHED = 10, 3, 1


def tcp_dump():
    """(sockets, end): sockets as dicts; end is {"type": "done"|"error", "errno": n}."""
    request = struct.pack("=IHHII", 72, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + struct.pack("=BBBBI48s", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF, b"")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as netlink:
        netlink.send(request)
        sockets = []
        while True:
            data, at = netlink.recv(1 << 16), 0
            while at < len(data):
                length, kind = struct.unpack_from("=IH", data, at)
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    errno = struct.unpack_from("=i", data, at + 16)[0]
                    return sockets, {"type": "done" if kind == NLMSG_DONE else "error", "errno": -errno}
                sockets.append(entry(data, at + 16))
                at += (length + 3) & ~3


def entry(data, at):
    _, state = struct.unpack_from("=BB", data, at)
    sport, dport = struct.unpack_from("!HH", data, at + 4)
    receive, send = struct.unpack_from("=II", data, at + 56)
    return {"state": state, "sport": sport, "dport": dport, "rqueue": receive, "wqueue": send}


def queue_of(port):
    """Accept queue and SYN queue of a listener as the kernel reports them."""
    sockets, _ = tcp_dump()
    mine = [s for s in sockets if s["sport"] == port]
    listener = next(s for s in mine if s["state"] == LISTEN)
    return {"acceptQueue": {"length": listener["rqueue"], "limit": listener["wqueue"]}, "synQueue": sum(s["state"] == SYN_RECV for s in mine)}
