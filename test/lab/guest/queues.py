"""Full queues of a listener. Connections stay as long as the scenario is held."""
import itertools
import socket
import time

from lab import LOOPBACK, receive, run
from segments import enter, routed
from sockdump import queue_of
from wire import SYN, send_segment

ACCEPT_COUNTERS = ("ListenOverflows", "ListenDrops", "OutRsts", "EmbryonicRsts")
SYN_COUNTERS = ("TCPReqQFullDrop", "TCPReqQFullDoCookies", "SyncookiesSent", "ListenDrops", "ListenOverflows")


def observe(lab, counters, **more):
    queues = queue_of(lab.port)
    return {"listener": (LOOPBACK, lab.port), "observed": {**queues, "counters": lab.grown(*counters), **more}}


def accept_queue_overflow(lab, abort=0):
    """Backlog 2 admits 3; the SYNs of the other clients are dropped, whatever tcp_abort_on_overflow says: they never became requests."""
    lab.set("net.ipv4.tcp_abort_on_overflow", abort)
    lab.listener(backlog=2)
    for _ in range(8):
        lab.start_connect()
        time.sleep(0.02)
    time.sleep(1.2)
    return observe(lab, ACCEPT_COUNTERS, resets=len([s for s in lab.wire.resets() if lab.port in (s["source"][1], s["destination"][1])]))


def accept_queue_overflow_abort(lab):
    return accept_queue_overflow(lab, abort=1)


def accept_queue_overflow_last_ack(lab):
    """The last ACK of a handshake finds the queue full: the client believes it is connected, the request stays in SYN-RECV."""
    lab.set("net.ipv4.tcp_abort_on_overflow", 0)
    for client in lab.late_handshakes():
        client.send(b"go")
        time.sleep(0.1)
    return observe(lab, ACCEPT_COUNTERS)


def syn_queue_full(lab, cookies=0):
    """Nobody answers the SYN-ACKs, so requests pile up."""
    lab.set("net.ipv4.tcp_syncookies", cookies)
    lab.drop("--sport", str(lab.port), "--tcp-flags", "SYN,ACK", "SYN,ACK")
    lab.listener(backlog=4)
    for _ in range(20):
        lab.start_connect()
    time.sleep(0.5)
    return observe(lab, SYN_COUNTERS)


def syn_queue_full_cookies(lab):
    return syn_queue_full(lab, cookies=1)


def flood(server):
    """SYNs from addresses that are nobody's, behind this machine as their router."""
    enter("knet-flood")
    for number in itertools.count():
        send_segment(("198.51.100.%d" % (number % 200 + 1), 1024 + number % 60000), server, number, 0, SYN)
        time.sleep(0.02)


def flood_beside_slow_accept(lab):
    """Two listeners of one namespace at the same time: one that never accepts, and on the next port one that is flooded with SYNs."""
    lab.set("net.ipv4.tcp_syncookies", 0)
    routed(lab, "knet-flood", "knet6", "10.9.3")
    run("ip", "route", "add", "198.51.100.0/24", "via", "10.9.3.2")
    lab.listener(backlog=2)
    flooded = ("10.9.3.1", lab.port + 1)
    lab.keep(socket.create_server(flooded, backlog=8))
    lab.child(lambda: flood(flooded))
    for _ in range(8):
        lab.start_connect()
    time.sleep(1.5)
    return observe(lab, ACCEPT_COUNTERS + SYN_COUNTERS, flooded=queue_of(lab.port + 1))


SCENARIOS = (accept_queue_overflow, accept_queue_overflow_abort, accept_queue_overflow_last_ack, syn_queue_full, syn_queue_full_cookies, flood_beside_slow_accept)
