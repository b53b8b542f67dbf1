#!/usr/bin/env python3
"""A zoo of sockets: one of every family, state and option that this kernel makes, all in the network namespace it is started in.

usage: unshare -n zoo.py    (as root); prints one JSON line when all are open and stay as they are, then holds them until its standard input ends.
The line: pid, and what could not be made with the kernel's reason.
"""
import json, os, socket, struct, subprocess, sys, time

held, missing = [], {}


def make(what):
    """Decorator: runs a maker at once and keeps what it gives; a kernel without it is named, not hidden."""
    def run(maker):
        try:
            held.append(maker())
        except OSError as error:
            missing[what] = str(error)
    return run


def prepare():
    for line in ('ip link set lo up', 'ip -6 addr add 2001:db8::1/64 dev lo nodad', 'ip route add 192.0.2.0/24 dev lo', 'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lo.rp_filter=0 net.ipv4.tcp_syncookies=0'):
        subprocess.run(line.split(), check=True)


def listener(family, address, backlog=4, *options):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for option in options: s.setsockopt(*option)
    s.bind((address, 0)); s.listen(backlog)
    return s


def pair(family=socket.AF_INET, address='127.0.0.1', *options):
    server = listener(family, address)
    client = socket.socket(family)
    for option in options: client.setsockopt(*option)
    client.connect(server.getsockname()[:2])
    accepted, _ = server.accept()
    server.close()
    return client, accepted


def fill(s):
    s.setblocking(False)
    try:
        while True: s.send(b'x' * 65536)
    except BlockingIOError: pass


def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def syn(destination, port, source='192.0.2.55'):
    """A SYN whose answer goes nowhere."""
    head = struct.pack('!HHIIBBHHH', 40000, port, 1000, 0, 5 << 4, 2, 8192, 0, 0)
    pseudo = socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack('!BBH', 0, 6, len(head))
    head = head[:16] + struct.pack('!H', checksum(pseudo + head)) + head[18:]
    packet = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(head), 1, 0, 64, 6, 0, socket.inet_aton(source), socket.inet_aton(destination)) + head
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw: raw.sendto(packet, (destination, 0))


prepare()


@make('tcp listeners')
def _():
    waiting = listener(socket.AF_INET, '127.0.0.1', 2)
    clients = [socket.create_connection(waiting.getsockname()) for _ in range(3)]
    return waiting, clients, listener(socket.AF_INET, '0.0.0.0', 5), listener(socket.AF_INET6, '::', 6), listener(socket.AF_INET6, '2001:db8::1', 7, (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1))


@make('tcp connections')
def _():
    v4, v6 = pair(), pair(socket.AF_INET6, '::1')
    mapped = listener(socket.AF_INET6, '::')
    client = socket.create_connection(('127.0.0.1', mapped.getsockname()[1]))
    accepted, _ = mapped.accept()
    v4[0].send(b'unread' * 100)
    v6[1].send(b'unread')
    return v4, v6, mapped, client, accepted


@make('tcp options')
def _():
    marked = pair(socket.AF_INET, '127.0.0.1', (socket.SOL_SOCKET, socket.SO_MARK, 0x1234))
    bound = pair(socket.AF_INET, '127.0.0.1', (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo\0'))
    tos = pair(socket.AF_INET, '127.0.0.1', (socket.IPPROTO_IP, socket.IP_TOS, 0x28), (socket.IPPROTO_IP, 15, 1))
    keep = pair(socket.AF_INET, '127.0.0.1', (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5000))
    return marked, bound, tos, keep


for algorithm in ('reno', 'cubic', 'bbr', 'dctcp', 'vegas'):
    @make('congestion control ' + algorithm)
    def _():
        two = pair(socket.AF_INET, '127.0.0.1', (socket.IPPROTO_TCP, socket.TCP_CONGESTION, algorithm.encode()))
        two[0].send(b'x' * 20000); two[1].recv(20000, socket.MSG_WAITALL)
        return two


@make('kernel TLS')
def _():
    client, server = pair()
    client.setsockopt(socket.IPPROTO_TCP, 31, b'tls\0')
    client.setsockopt(282, 1, struct.pack('=HH', 0x304, 51) + bytes(8) + bytes(range(16)) + bytes(4) + bytes(8))
    return client, server


@make('TCP-MD5')
def _():
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, 14, struct.pack('=H6s120s', socket.AF_INET, bytes(2) + socket.inet_aton('192.0.2.9'), b'')[:128] + struct.pack('=BBHi80s', 0, 0, 6, 0, b'secret'))
    s.bind(('127.0.0.1', 0)); s.listen(1)
    return s


@make('half-closed connections')
def _():
    client, server = pair()
    client.shutdown(socket.SHUT_WR)
    return client, server


@make('time-wait')
def _():
    client, server = pair()
    client.close(); time.sleep(0.05); server.close()


@make('persist timer, fin-wait-1, last-ack')
def _():
    zero, full = pair(), pair()
    fill(zero[0])
    fill(full[0]); full[0].close()
    last = pair()
    last[1].shutdown(socket.SHUT_WR); fill(last[0]); last[0].close()
    return zero, full[1], last[1]


@make('syn-sent')
def _():
    s = socket.socket(); s.setblocking(False)
    s.connect_ex(('192.0.2.77', 9))
    return s


@make('syn-recv')
def _():
    server = listener(socket.AF_INET, '127.0.0.1')
    syn('127.0.0.1', server.getsockname()[1])
    return server


@make('mptcp')
def _():
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262); server.bind(('127.0.0.1', 0)); server.listen(3)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262); client.connect(server.getsockname())
    return server, client, server.accept()


@make('udp')
def _():
    four, six = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    four.bind(('127.0.0.1', 0)); six.bind(('::1', 0))
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); client.connect(four.getsockname()); client.send(b'waits')
    return four, six, client


@make('udplite')
def _():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136); s.bind(('127.0.0.1', 0)); return s


@make('raw')
def _():
    four = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    return four, six


@make('sctp')
def _():
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132); server.bind(('127.0.0.1', 0)); server.listen(3)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132); client.connect(server.getsockname())
    return server, client, server.accept()


@make('unix')
def _():
    path = '/tmp/knetscope-zoo-%d' % os.getpid()
    server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen(3)
    clients = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    for client in clients: client.connect(path)
    os.unlink(path)  # the socket keeps the name, and nothing is left when we are killed
    abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); abstract.bind('\0zoo\0dgram')
    packets = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stream = socket.socketpair(); stream[0].send(b'waiting')
    return server, clients, abstract, packets, stream


@make('netlink')
def _():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); s.bind((0, 0x11)); return s, socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 4)


@make('packet')
def _():
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5)); raw.bind(('lo', 0x88b5))
    return raw, socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x88b6))


@make('vsock')
def _():
    s = socket.socket(40, socket.SOCK_STREAM); s.bind((0xffffffff, 4242)); s.listen(2); return s


@make('xdp')
def _():
    return socket.socket(44, socket.SOCK_RAW)


time.sleep(0.3)
print(json.dumps({'pid': os.getpid(), 'missing': missing}), flush=True)
sys.stdin.read()
