#!/usr/bin/env python3
"""Sockets that are to be closed from outside, in the network namespace it is started in.

usage: unshare -n victims.py ROUNDS    prints one JSON line: pid, and for each round the local ports of a TCP client over IPv4 and over IPv6, a connected UDP
socket and a TCP listener. Then, whenever a client sees that it was closed, one line with its port and the errno. Ends by a signal.
"""
import errno, json, os, select, socket, subprocess, sys

subprocess.run('ip link set lo up'.split(), check=True)
kept, clients, rounds = [], {}, []


def connected(family, kind, address, port):
    server = socket.socket(family, kind)
    server.bind((address, 0))
    if kind == socket.SOCK_STREAM: server.listen(1)
    client = socket.socket(family, kind)
    client.bind((address, port))
    client.connect(server.getsockname()[:2])
    kept.append((server, server.accept() if kind == socket.SOCK_STREAM else None))
    clients[client.fileno()] = client
    return port


def listener(port):
    server = socket.socket()
    server.bind(('127.0.0.1', port)); server.listen(1)
    kept.append(server)
    return port


for base in range(2100, 2100 + 10 * int(sys.argv[1]), 10):
    rounds.append({
        'tcp4': connected(socket.AF_INET, socket.SOCK_STREAM, '127.0.0.1', base), 'tcp6': connected(socket.AF_INET6, socket.SOCK_STREAM, '::1', base + 1),
        'udp4': connected(socket.AF_INET, socket.SOCK_DGRAM, '127.0.0.1', base + 2), 'listener': listener(base + 3),
    })
print(json.dumps({'pid': os.getpid(), 'rounds': rounds}), flush=True)
ports = {number: client.getsockname()[1] for number, client in clients.items()}
poll = select.poll()
for number in clients: poll.register(number, select.POLLIN | select.POLLERR | select.POLLHUP)
while True:
    for number, _ in poll.poll():
        try: seen = 'data' if clients[number].recv(1) else 'end'
        except OSError as error: seen = errno.errorcode[error.errno]
        print(json.dumps({'port': ports[number], 'seen': seen}), flush=True)
        poll.unregister(number)
