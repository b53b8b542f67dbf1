#!/usr/bin/env python3
"""COUNT TCP sockets on loopback, in the network namespace this is started in: connected pairs, held by as many children as the limit of open files wants.

Each child has a port of its own (5001, 5002, ...) and a source address of its own (127.1.x.y), so that ports do not run out. Prints READY and
holds them until its standard input ends; they end with the namespace.
"""
import os, resource, socket, sys

IP_BIND_ADDRESS_NO_PORT = 24
pairs = int(sys.argv[1]) // 2
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
each = min((limit - 50) // 2, 20000)
ready, tell = os.pipe()
children = 0
while pairs > 0:
    mine, pairs = min(each, pairs), pairs - min(each, pairs)
    children += 1
    if os.fork() == 0:
        server = socket.socket()
        server.bind(('0.0.0.0', 5000 + children))
        server.listen(4096)
        source, kept = ('127.1.%d.%d' % (children // 250, children % 250 + 1), 0), []
        for _ in range(mine):
            client = socket.socket()
            client.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            client.bind(source)
            client.connect(('127.0.0.1', 5000 + children))
            kept.append((client, server.accept()[0]))
        os.write(tell, b'.')
        sys.stdin.read()
        os._exit(0)
    if children % 2 == 0: os.read(ready, 1), os.read(ready, 1)
if children % 2: os.read(ready, 1)
print('READY', flush=True)
sys.stdin.read()
