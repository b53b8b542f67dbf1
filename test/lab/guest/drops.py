"""Packets dropped for known reasons, counted by the kernel's own tracepoint skb:kfree_skb (names as its format prints them)."""
import collections
import re
import socket
import time

from lab import LOOPBACK
from tracer import Tracer

REASON = re.compile(r"reason: (\w+)")
EACH = 3


def send_udp(port, size=1, count=EACH):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(count):
            sender.sendto(b"x" * size, (LOOPBACK, port))


def drops(lab):
    """A DROP rule, closed TCP and UDP ports, and a receive buffer that overflows."""
    rule_port, closed, small = lab.port, lab.port + 1, lab.port + 2
    lab.rule("INPUT", "-i", "lo", "-p", "udp", "--dport", str(rule_port), "-j", "DROP")
    receiver = lab.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1000)
    receiver.bind((LOOPBACK, small))
    with Tracer(drops=True) as tracer:
        send_udp(rule_port)
        send_udp(closed)
        for _ in range(EACH):
            with socket.socket() as client:
                client.connect_ex((LOOPBACK, closed))
        send_udp(small, size=500, count=20)
        time.sleep(0.2)
        counted = collections.Counter(found[1] for event in tracer.events() if (found := REASON.search(event["text"])))
    return {"observed": {"each": EACH, "reasons": counted}}


SCENARIOS = (drops,)
