#!/usr/bin/env python3
"""A real warning of the kernel, reached through its network stack: a multicast filter whose copy in the kernel is just longer than the allocator gives in one piece
(ip_mc_msfilter in net/ipv4/igmp.c; the warning is in mm/page_alloc.c). The kernel says it once in its life.

usage: warning.py    (as root)
"""
import socket, struct

IP_MSFILTER, EXCLUDE, LARGEST = 41, 0, 4 << 20
HEADER = struct.calcsize('4s4sII')
group, here = socket.inet_aton('239.1.2.3'), socket.inet_aton('127.0.0.1')


def setting(name, value):
    with open('/proc/sys/net/' + name, 'w') as file: file.write(str(value))


sources = (LARGEST - HEADER) // 4
setting('core/optmem_max', 4 * LARGEST)
setting('ipv4/igmp_max_msf', sources)
asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asker.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + here)
try:
    asker.setsockopt(socket.IPPROTO_IP, IP_MSFILTER, struct.pack('4s4sII', group, here, EXCLUDE, sources) + bytes(4 * sources))
except OSError:
    pass  # The allocator refuses, with the warning.
