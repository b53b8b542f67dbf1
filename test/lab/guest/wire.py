"""Packets on the wire of this namespace: a sniffer that names what was sent, and crafted TCP segments over IPv4 (RFC 9293)."""
import socket
import struct
import time

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
NAMES = ((SYN, "SYN"), (ACK, "ACK"), (PSH, "PSH"), (FIN, "FIN"), (RST, "RST"))
ETH_P_ALL = 3
PACKET_OUTGOING = 4


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return ~total & 0xFFFF


def send_segment(source, destination, seq, ack, flags, data=b"", options=b""):
    """Sends one IPv4 segment as it is given; `source` and `destination` are (address, port)."""
    offset = (5 + len(options) // 4) << 4
    tcp = struct.pack("!HHIIBBHHH", source[1], destination[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, flags, 65535, 0, 0) + options + data
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(destination[0])
    pseudo = addresses + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, 64, socket.IPPROTO_TCP, 0) + addresses
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(ip + tcp, (destination[0], 0))


def parse(frame):
    """A segment from an Ethernet frame, or None when it is not TCP over IPv4 or plain IPv6."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == 0x0800 and frame[23] == socket.IPPROTO_TCP:
        start = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from("!H", frame, 16)[0]
        source, destination = (socket.inet_ntop(socket.AF_INET, frame[at : at + 4]) for at in (26, 30))
    elif kind == 0x86DD and frame[20] == socket.IPPROTO_TCP:
        start = 54
        end = 54 + struct.unpack_from("!H", frame, 18)[0]
        source, destination = (socket.inet_ntop(socket.AF_INET6, frame[at : at + 16]) for at in (22, 38))
    else:
        return None
    sport, dport, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", frame, start)
    length = end - start - (offset >> 4) * 4
    return {
        "family": "ipv4" if kind == 0x0800 else "ipv6",
        "source": (source, sport), "destination": (destination, dport),
        "seq": seq, "ack": ack, "flags": flags, "length": length,
        "next": (seq + length + (1 if flags & (SYN | FIN) else 0)) & 0xFFFFFFFF,
    }


class Wire:
    """Everything this namespace sends from now on, but the SSH connection of the lab."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE
        self.socket.setblocking(False)
        self.segments = []

    def read(self):
        while True:
            try:
                frame, (_, _, direction, _, _) = self.socket.recvfrom(65535)
            except BlockingIOError:
                return self.segments
            segment = parse(frame) if direction == PACKET_OUTGOING and len(frame) >= 54 else None
            if segment and 22 not in (segment["source"][1], segment["destination"][1]):
                self.segments.append(segment)

    def last(self, source, destination):
        """The newest segment of one direction, for its `next` (the next sequence number) and `ack`."""
        found = [s for s in self.read() if s["source"] == source and s["destination"] == destination]
        if not found:
            raise RuntimeError("no segment from %s:%d to %s:%d was seen" % (*source, *destination))
        return found[-1]

    def resets(self):
        return [s for s in self.read() if s["flags"] & RST]

    def wait_for_reset(self, source, destination, limit):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if any(s["source"] == source and s["destination"] == destination for s in self.resets()):
                return True
            time.sleep(0.02)
        return False


def shown(segment):
    """A segment as it goes into the result."""
    return {
        "family": segment["family"],
        "source": {"address": segment["source"][0], "port": segment["source"][1]},
        "destination": {"address": segment["destination"][0], "port": segment["destination"][1]},
        "flags": [name for bit, name in NAMES if segment["flags"] & bit],
        "seq": segment["seq"], "ack": segment["ack"],
    }
