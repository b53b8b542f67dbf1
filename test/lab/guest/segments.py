"""Resets that need crafted segments: what a peer would have to send is sent by hand, with numbers read from the wire."""
import contextlib
import ctypes
import os
import socket
import time

from lab import LOOPBACK, address, receive, run
from wire import ACK, PSH, RST, SYN, send_segment

IPPROTO_MPTCP = 262
CLONE_NEWNET = 0x40000000
SETTLE = 0.15


def forged(lab):
    """A free endpoint without a socket to send crafted segments from: (source, destination)."""
    return (LOOPBACK, lab.port + 20000), (LOOPBACK, lab.port)


def ack_to_listener(lab):
    lab.listener()
    source, server = forged(lab)
    send_segment(source, server, 1000, 2000, ACK)
    return lab.sent(server, source)


def ack_without_socket(lab):
    source, server = forged(lab)
    send_segment(source, server, 1000, 2000, ACK)
    return lab.sent(server, source)


def syn_in_time_wait(lab):
    """In substate FIN-WAIT-2 a SYN that is not older than what was received is answered with a reset."""
    client, accepted = lab.pair()
    server = (LOOPBACK, lab.port)
    accepted.close()
    time.sleep(SETTLE)
    send_segment(address(client), server, lab.wire.last(address(client), server)["next"], 0, SYN)
    return lab.sent(server, address(client))


def bad_ack_in_syn_sent(lab):
    lab.drop("--dport", str(lab.port))
    client, server = lab.start_connect(), (LOOPBACK, lab.port)
    time.sleep(SETTLE)
    wrong = lab.wire.last(address(client), server)["next"] + 1000
    send_segment(server, address(client), 5000, wrong, SYN | ACK)
    return lab.sent(address(client), server)


def bad_ack_in_handshake(lab):
    """A simultaneous open makes the client a full socket in SYN-RECV; then it gets an ACK of what it never sent."""
    lab.drop("--dport", str(lab.port))
    client, server = lab.start_connect(), (LOOPBACK, lab.port)
    time.sleep(SETTLE)
    next_seq = lab.wire.last(address(client), server)["next"]
    send_segment(server, address(client), 5000, 0, SYN)
    time.sleep(SETTLE)
    send_segment(server, address(client), 5001, next_seq + 1000, ACK)
    return lab.sent(address(client), server)


def half_open(lab):
    """A request in the SYN queue whose SYN-ACK nobody answers: (source, server, sequence number of its SYN)."""
    lab.listener()
    source, server = forged(lab)
    lab.drop("--dport", str(source[1]))
    send_segment(source, server, 1000, 0, SYN)
    time.sleep(SETTLE)
    return source, server, 1000


def syn_in_handshake(lab):
    source, server, seq = half_open(lab)
    send_segment(source, server, seq + 10, 0, SYN)
    return lab.sent(server, source)


def bad_ack_to_request(lab):
    """Falls through the request to its listener."""
    source, server, seq = half_open(lab)
    send_segment(source, server, seq + 1, lab.wire.last(server, source)["next"] + 1000, ACK)
    return lab.sent(server, source)


def abort_on_overflow(lab):
    """The last ACK of a handshake finds the queue full, and the client is reset."""
    lab.set("net.ipv4.tcp_abort_on_overflow", 1)
    late = lab.late_handshakes()
    for client in late:
        # A repeated SYN-ACK may have brought the last ACK out, and the reset in, before this.
        with contextlib.suppress(ConnectionResetError):
            client.send(b"go")
        time.sleep(SETTLE)
    victim = next((client for client in late if is_closed(client)), late[1])
    return lab.sent((LOOPBACK, lab.port), address(victim), client=receive(victim), **lab.grown("ListenOverflows", "ListenDrops"))


def is_closed(client):
    """Whether the socket's state is TCP_CLOSE (7), the first byte of struct tcp_info."""
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 7


def mptcp_join_bad_token(lab):
    """MP_JOIN (RFC 8684, section 3.2) with a token of no connection."""
    lab.listener(protocol=IPPROTO_MPTCP)
    source, server = forged(lab)
    send_segment(source, server, 1000, 0, SYN, options=bytes([30, 12, 0x10, 1]) + b"\xde\xad\xbe\xef" + b"\1\2\3\4")
    return lab.sent(server, source)


def mptcp_fastclose(lab):
    """Closing with data unread ends the whole connection: MP_FASTCLOSE, and a reset of the subflow."""
    listener = lab.listener(protocol=IPPROTO_MPTCP)
    client = lab.keep(socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP))
    client.settimeout(5)
    client.connect((LOOPBACK, lab.port))
    accepted, peer = listener.accept()
    client.send(b"unread")
    time.sleep(SETTLE)
    accepted.close()
    return lab.sent((LOOPBACK, lab.port), peer)


def raw_reset(lab):
    """A program that builds a reset by itself, as tcpkill and intrusion prevention do."""
    send_segment((LOOPBACK, lab.port), (LOOPBACK, lab.port + 20000), 1000, 0, RST)
    time.sleep(SETTLE)
    return {"observed": {"sent": len([s for s in lab.wire.resets() if s["source"][1] == lab.port])}}


def enter(namespace):
    with open("/run/netns/" + namespace) as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + namespace)


NAT_CLIENT, NAT_SERVER = "10.9.0.2", "10.9.0.1"


def nat_network(lab):
    """A client in a namespace behind veth, and REDIRECT from the scenario's port to the next one, where the server listens."""
    run("ip", "netns", "add", "knet-nat")
    lab.callback(run, "ip", "netns", "del", "knet-nat")
    run("ip", "link", "add", "knet0", "type", "veth", "peer", "name", "knet1", "netns", "knet-nat")
    run("ip", "addr", "add", NAT_SERVER + "/24", "dev", "knet0")
    run("ip", "link", "set", "knet0", "up")
    run("ip", "-n", "knet-nat", "addr", "add", NAT_CLIENT + "/24", "dev", "knet1")
    run("ip", "-n", "knet-nat", "link", "set", "knet1", "up")
    lab.rule("PREROUTING", "-t", "nat", "-i", "knet0", "-p", "tcp", "--dport", str(lab.port), "-j", "REDIRECT", "--to-ports", str(lab.port + 1))


def nat_client(server, orders, answers):
    """In the namespace: connects, says its port, sends the bad segment with the numbers it is told, says what became of it."""
    enter("knet-nat")
    client = socket.create_connection(server, 5)
    client.send(b"hello")
    os.write(answers, b"%d\n" % address(client)[1])
    seq, ack = map(int, os.read(orders, 100).split())
    # Far above the window: SEQ over the upper bound makes it INVALID; below the lower bound would not.
    send_segment(address(client), server, seq + 0x40000000, ack, ACK | PSH, b"beyond")
    client.settimeout(2)
    os.write(answers, receive(client).encode() + b"\n")


def log_invalid(lab):
    """Lets conntrack say in the kernel log what it calls invalid; without a logger module it says nothing."""
    if not os.path.exists("/sys/module/nf_log_syslog"):
        run("modprobe", "nf_log_syslog")
        lab.callback(run, "modprobe", "-r", "nf_log_syslog")
    lab.set("net.netfilter.nf_conntrack_log_invalid", socket.IPPROTO_TCP)


def conntrack_invalid(lab):
    """A segment conntrack calls INVALID is not translated: it reaches a port where nobody listens, and that reset kills the connection."""
    nat_network(lab)
    log_invalid(lab)
    listener = lab.keep(socket.create_server((NAT_SERVER, lab.port + 1)))
    orders, order = os.pipe()
    answer, answers = os.pipe()
    server = (NAT_SERVER, lab.port)
    lab.child(lambda: nat_client(server, orders, answers))
    accepted, _ = listener.accept()
    lab.keep(accepted)
    client = (NAT_CLIENT, int(os.read(answer, 100)))
    time.sleep(SETTLE)
    reply = lab.wire.last(server, client)
    os.write(order, b"%d %d" % (reply["ack"], reply["next"]))
    noticed = os.read(answer, 100).decode().strip()
    log = run("dmesg").splitlines()
    invalid = [line for line in log if "nf_ct_proto_6" in line and "SPT=%d " % client[1] in line]
    return lab.sent(server, client, client=noticed, listening=lab.port + 1, conntrackLog=invalid[-1] if invalid else None)


FAR_HOST = "10.9.2.2"


def routed(lab, namespace, device, network):
    """A namespace behind this one, which is its router."""
    run("ip", "netns", "add", namespace)
    lab.callback(run, "ip", "netns", "del", namespace)
    run("ip", "link", "add", device, "type", "veth", "peer", "name", device + "p", "netns", namespace)
    run("ip", "addr", "add", network + ".1/24", "dev", device)
    run("ip", "link", "set", device, "up")
    run("ip", "-n", namespace, "addr", "add", network + ".2/24", "dev", device + "p")
    run("ip", "-n", namespace, "link", "set", device + "p", "up")
    run("ip", "-n", namespace, "route", "add", "default", "via", network + ".1")


def refused_client(server, answers):
    enter("knet-near")
    with socket.socket() as client:
        client.settimeout(5)
        os.write(answers, b"%d" % client.connect_ex(server))


def forwarded_reset(lab):
    """A host behind this one refuses a connection of another; this one only forwards the reset."""
    routed(lab, "knet-near", "knet2", "10.9.1")
    routed(lab, "knet-far", "knet4", "10.9.2")
    lab.set("net.ipv4.ip_forward", 1)
    answer, answers = os.pipe()
    lab.child(lambda: refused_client((FAR_HOST, lab.port), answers))
    return {"observed": {"errno": int(os.read(answer, 100))}}


SCENARIOS = (
    ack_to_listener, ack_without_socket, syn_in_time_wait, bad_ack_in_syn_sent, bad_ack_in_handshake, syn_in_handshake, bad_ack_to_request,
    abort_on_overflow, mptcp_join_bad_token, mptcp_fastclose, conntrack_invalid, raw_reset, forwarded_reset,
)
