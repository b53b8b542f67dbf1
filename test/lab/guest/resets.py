"""Resets that ordinary socket calls provoke. Each scenario returns what Lab.sent says: who reset whom, and whether it was seen."""
import ctypes
import os
import signal
import socket
import time

from lab import LOOPBACK, LOOPBACK6, SO_LINGER_ZERO, address, read_file, receive, run

TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_LINGER2, TCP_USER_TIMEOUT = 4, 5, 6, 8, 18
SETTLE = 0.15


def closed_port(lab, host=LOOPBACK):
    client = lab.client(host, connect=False)
    local = address(client)
    code = client.connect_ex((host, lab.port))
    return lab.sent((host, lab.port), local, client=os.strerror(code))


def closed_port_v6(lab):
    return closed_port(lab, LOOPBACK6)


def close_unread(lab, host=LOOPBACK):
    client, accepted = lab.pair(host)
    client.send(b"unread")
    time.sleep(SETTLE)
    accepted.close()
    return lab.sent((host, lab.port), address(client), client=receive(client))


def close_unread_v6(lab):
    return close_unread(lab, LOOPBACK6)


def linger_zero(lab):
    client, accepted = lab.pair()
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, SO_LINGER_ZERO)
    accepted.close()
    return lab.sent((LOOPBACK, lab.port), address(client), client=receive(client))


def linger2_negative(lab):
    """Closed in FIN-WAIT-2: tcp_close itself resets."""
    client, accepted = lab.pair()
    accepted.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, -1)
    accepted.shutdown(socket.SHUT_WR)
    time.sleep(SETTLE)
    accepted.close()
    return lab.sent((LOOPBACK, lab.port), address(client))


def linger2_negative_on_ack(lab):
    """Closed in ESTAB: the peer's ACK of our FIN is answered with the reset."""
    client, accepted = lab.pair()
    accepted.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, -1)
    accepted.close()
    return lab.sent((LOOPBACK, lab.port), address(client))


def listener_closed(lab):
    listener = lab.listener()
    client = lab.client()
    time.sleep(SETTLE)
    listener.close()
    return lab.sent((LOOPBACK, lab.port), address(client), client=receive(client))


def disconnect(lab):
    client, accepted = lab.pair()
    ctypes.CDLL(None).connect(accepted.fileno(), b"\0" * 16, 16)  # AF_UNSPEC dissolves the association
    return lab.sent((LOOPBACK, lab.port), address(client), client=receive(client))


def killed_server(lab):
    """A process that accepted one connection and holds its only descriptor."""
    listener = lab.listener()
    accepting, accepted = os.pipe()

    def serve():
        connection, _ = listener.accept()
        lab.keep(connection)
        os.write(accepted, b"1")

    pid = lab.child(serve)
    client = lab.client()
    os.read(accepting, 1)
    return pid, client


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def killed_unread(lab):
    pid, client = killed_server(lab)
    client.send(b"unread")
    time.sleep(SETTLE)
    kill(pid)
    return lab.sent((LOOPBACK, lab.port), address(client), client=receive(client))


def killed_idle(lab):
    """The kernel sends a FIN for the dead process; the peer's next data finds a TIME-WAIT in substate FIN-WAIT-2."""
    pid, client = killed_server(lab)
    kill(pid)
    time.sleep(SETTLE)
    client.send(b"late")
    return lab.sent((LOOPBACK, lab.port), address(client))


def is_time_wait(local_port, remote_port):
    """By the timer's kind in /proc/net/tcp: the state is FIN-WAIT-2 for the full socket and for its small successor."""
    ends = ":%04X" % local_port, ":%04X" % remote_port
    rows = [line.split() for path in ("/proc/net/tcp", "/proc/net/tcp6") for line in read_file(path).splitlines()]
    return any(row[1].endswith(ends[0]) and row[2].endswith(ends[1]) and row[5].startswith("03:") for row in rows)


def data_after_close(lab, host=LOOPBACK):
    """Whether the orphan becomes a TIME-WAIT is up to who holds it when its FIN is acknowledged: most often nobody does."""
    listener = lab.listener(host=host)
    for _ in range(10):
        client = lab.client(host)
        listener.accept()[0].close()
        time.sleep(SETTLE)
        if is_time_wait(lab.port, address(client)[1]):
            break
    client.send(b"late")
    return lab.sent((host, lab.port), address(client))


def data_after_close_v6(lab):
    return data_after_close(lab, LOOPBACK6)


def data_after_close_fin_wait(lab):
    """A FIN timeout above 60 s keeps the orphan a full socket in FIN-WAIT-2."""
    client, accepted = lab.pair()
    accepted.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, 100)
    accepted.close()
    time.sleep(SETTLE)
    client.send(b"late")
    return lab.sent((LOOPBACK, lab.port), address(client))


def fin_wait_timeout(lab):
    """An orphan in FIN-WAIT-2 whose timer finds no time left to wait, because the sysctl was lowered meanwhile."""
    lab.set("net.ipv4.tcp_fin_timeout", 62)
    client, accepted = lab.pair()
    accepted.close()
    time.sleep(SETTLE)
    lab.set("net.ipv4.tcp_fin_timeout", 10)
    return lab.sent((LOOPBACK, lab.port), address(client), limit=6)


def keepalive(lab):
    client, accepted = lab.pair()
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT):
        accepted.setsockopt(socket.IPPROTO_TCP, option, 1)
    lab.drop("--sport", str(lab.port))
    server = receive(accepted)
    return lab.sent((LOOPBACK, lab.port), address(client), server=server)


def user_timeout(lab):
    """The timeout itself is silent; the reset answers what the peer sends to the connection that is gone."""
    client, accepted = lab.pair(keep_listener=False)
    accepted.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 1000)
    restore = lab.drop("--sport", str(lab.port))
    accepted.send(b"lost")
    server = receive(accepted)
    silent = not lab.wire.resets()
    restore()
    client.send(b"late")
    return lab.sent((LOOPBACK, lab.port), address(client), server=server, silentTimeout=silent)


def ss_kill(lab):
    client, accepted = lab.pair()
    run("ss", "--kill", "--numeric", "state", "established", "sport", "=", ":%d" % lab.port)
    return lab.sent((LOOPBACK, lab.port), address(client), server=receive(accepted), client=receive(client))


def reject(lab):
    lab.rule("INPUT", "-i", "lo", "-p", "tcp", "--dport", str(lab.port), "-j", "REJECT", "--reject-with", "tcp-reset")
    lab.listener()
    return closed_port(lab)


def count_orphans():
    """The kernel counts orphans every 100 ms by a timer that does not wake an idle CPU: so keep each CPU busy that long."""
    cpus = os.sched_getaffinity(0)
    for cpu in cpus:
        os.sched_setaffinity(0, {cpu})
        end = time.monotonic() + 0.25
        while time.monotonic() < end:
            pass
    os.sched_setaffinity(0, cpus)


def orphan_limit(lab):
    """tcp_max_orphans 0, and one orphan is there already."""
    lab.set("net.ipv4.tcp_max_orphans", 0)
    listener = lab.listener()
    first, second = lab.client(), lab.client()
    orphan, _ = listener.accept()
    closing, _ = listener.accept()
    orphan.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, 100)
    orphan.close()
    count_orphans()
    closing.close()
    first.close()
    return lab.sent((LOOPBACK, lab.port), address(second))


def shutdown_then_data(lab):
    """SHUT_RD alone sends nothing and refuses nothing: the data is queued, and the close resets."""
    client, accepted = lab.pair()
    accepted.shutdown(socket.SHUT_RD)
    client.send(b"unread")
    time.sleep(SETTLE)
    early = bool(lab.wire.resets())
    accepted.close()
    return lab.sent((LOOPBACK, lab.port), address(client), resetByDataAlone=early)


def unread_and_fin(lab):
    client, accepted = lab.pair()
    client.send(b"unread")
    client.shutdown(socket.SHUT_WR)
    time.sleep(SETTLE)
    accepted.close()
    return lab.sent((LOOPBACK, lab.port), address(client), client=receive(client))


SCENARIOS = (
    closed_port, closed_port_v6, close_unread, close_unread_v6, linger_zero, linger2_negative, linger2_negative_on_ack, listener_closed,
    disconnect, killed_unread, killed_idle, data_after_close, data_after_close_v6, data_after_close_fin_wait, fin_wait_timeout, keepalive,
    user_timeout, ss_kill, reject, orphan_limit, shutdown_then_data, unread_and_fin,
)
