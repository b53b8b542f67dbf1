"""What every scenario gets: its port, sockets, settings that are put back at the end, and the wire."""
import contextlib
import os
import signal
import socket
import subprocess
import time

from wire import Wire

LOOPBACK, LOOPBACK6 = "127.0.0.1", "::1"
SO_LINGER_ZERO = b"\1\0\0\0\0\0\0\0"


def run(*argv):
    """Runs a tool; its words on stderr come with the exception when it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(argv), done.stderr.strip() or done.stdout.strip()))
    return done.stdout


def address(sock):
    return sock.getsockname()[:2]


def read_file(path):
    with open(path) as file:
        return file.read()


def write_file(path, text):
    with open(path, "w") as file:
        file.write(text)


def netstat():
    """Counters of /proc/net/netstat and /proc/net/snmp of this namespace by the kernel's names."""
    counters = {}
    for path in ("/proc/net/netstat", "/proc/net/snmp"):
        lines = read_file(path).splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            counters.update(zip(names.split()[1:], map(int, values.split()[1:])))
    return counters


class Lab(contextlib.ExitStack):
    def __init__(self, port):
        super().__init__()
        self.port = port
        self.wire = Wire()
        self.kept = []
        self.before = netstat()

    def grown(self, *names):
        """By how much counters rose since the scenario began."""
        now = netstat()
        return {name: now[name] - self.before.get(name, 0) for name in names if name in now}

    def keep(self, *sockets):
        """Keeps sockets open as long as the scenario is held."""
        self.kept.extend(sockets)
        return sockets[0]

    def listener(self, backlog=5, host=LOOPBACK, protocol=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, self.port))
        listener.listen(backlog)
        return self.keep(listener)

    def client(self, host=LOOPBACK, connect=True):
        client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        client.settimeout(5)
        client.bind((host, 0))
        if connect:
            client.connect((host, self.port))
        return self.keep(client)

    def start_connect(self):
        """A client whose handshake is under way; nobody waits for its end."""
        client = self.client(connect=False)
        client.setblocking(False)
        client.connect_ex((LOOPBACK, self.port))
        return client

    def pair(self, host=LOOPBACK, keep_listener=True):
        """A connection: (client, accepted). The accepted socket's side owns the scenario's port."""
        listener = self.listener(host=host)
        client = self.client(host)
        accepted, _ = listener.accept()
        accepted.settimeout(5)
        if not keep_listener:
            listener.close()
        return client, accepted

    def late_handshakes(self):
        """Two clients whose last ACK is held back until two connections wait already: backlog 2 admits the first, not the second."""
        self.listener(backlog=2)
        self.client(), self.client()
        restore = self.drop("--dport", str(self.port), "--tcp-flags", "SYN,ACK", "ACK")
        late = [self.client(), self.client()]
        restore()
        return late

    def set(self, name, value):
        """Sets a sysctl until the end."""
        path = "/proc/sys/" + name.replace(".", "/")
        old = read_file(path)
        self.callback(write_file, path, old)
        write_file(path, str(value))

    def rule(self, *rule):
        """Puts an iptables rule first in its chain until the end, or until the function it returns is called."""
        table = ["iptables", "-w"]
        run(*table, "-I", *rule)
        put_back = contextlib.ExitStack()
        put_back.callback(run, *table, "-D", *rule)
        self.callback(put_back.close)
        return put_back.close

    def drop(self, *match):
        return self.rule("INPUT", "-i", "lo", "-p", "tcp", *match, "-j", "DROP")

    def child(self, body):
        """Forks; the child runs `body` and then sleeps. Returns its pid; it is killed at the end at the latest."""
        pid = os.fork()
        if pid == 0:
            try:
                body()
                while True:
                    time.sleep(100)
            finally:
                os._exit(1)
        self.callback(self.end_child, pid)
        return pid

    @staticmethod
    def end_child(pid):
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def sent(self, local, remote, limit=3, **observed):
        """The truth of a reset: `local` sent an RST to `remote`, and the wire saw it or did not."""
        return {"local": local, "remote": remote, "seen": self.wire.wait_for_reset(local, remote, limit), "observed": observed}

    def __exit__(self, *details):
        for kept in self.kept:
            kept.close()
        return super().__exit__(*details)


def receive(sock):
    """What the peer of a reset notices: the errno's name, or the bytes."""
    try:
        return repr(sock.recv(100))
    except OSError as error:
        return type(error).__name__
