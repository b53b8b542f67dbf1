/** The pump in python3 with nothing but its standard library; python3-minimal of Debian is enough. Same input and same frames as the one in perl. */
import type { ResidentPump } from "./pump";

const script = String.raw`
import os, re, select, signal, socket, struct, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(60)
given, lease, squeeze, held = b'', 0, False, b''
buffer = bytearray(131072)
view = memoryview(buffer)
def more():
    global given
    signal.alarm(lease)
    data = os.read(0, 65536)
    if not data: os._exit(0)
    given += data
def line():
    global given
    while b'\n' not in given: more()
    text, x, given = given.partition(b'\n')
    return text
def heed():
    global squeeze
    while select.select([0], [], [], 0)[0]:
        more()
        while given.startswith((b'renew\n', b'squeeze\n')): squeeze = line() == b'squeeze' or squeeze
def put(*parts):
    signal.alarm(lease)
    n, all = os.writev(1, parts), sum(map(len, parts))
    if n == all: return
    rest = memoryview(b''.join(parts))[n:]
    while rest: signal.alarm(lease); rest = rest[os.write(1, rest):]
def frame(kind, a, b, data=b''):
    global held
    heed()
    head = b'@%s %d %d %d\n' % (kind, a, b, len(data))
    if not squeeze: return put(head, data)
    held += head + data
    if len(held) > 1000000 or kind == b'end':
        import zlib
        pack = zlib.compressobj(1, zlib.DEFLATED, 31)
        data, held = pack.compress(held) + pack.flush(), b''
        put(b'@gzip 0 0 %d\n' % len(data), data)
def slurp(path):
    with open(path, 'rb') as f: return f.read()
def comm(pid):
    try: return slurp('/proc/%s/comm' % pid).rstrip(b'\n').replace(b'\n', b' ').replace(b'\0', b' ')
    except OSError: return b''
def inode(path):
    try: return os.stat(path).st_ino
    except OSError: return 0
def setns(fd):
    if hasattr(os, 'setns'): return os.setns(fd, 0x40000000)
    try: import ctypes
    except ImportError: raise OSError(38, 'setns')
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(fd, 0x40000000): raise OSError(ctypes.get_errno(), 'setns')
def look_around(every, owners, cgroups, files, requests, wanted):
    own, first, denied, pid_of, mounts, moved = inode('/proc/self/ns/net'), inode('/proc/1/net/dev'), 0, {}, {}, False
    only = every if every > 1 else 0
    pids = sorted((p for p in os.listdir('/proc') if p.isdigit()), key=int)
    if every:
        for p in pids:
            try: pid_of.setdefault(os.stat('/proc/%s/ns/net' % p).st_ino, p)
            except PermissionError: denied += 1
            except OSError: pass
        for line in slurp('/proc/self/mountinfo').split(b'\n'):
            m = re.search(rb' net:\[(\d+)\] (\S+) ', line)
            if m: mounts.setdefault(int(m.group(1)), re.sub(rb'\\([0-7]{3})', lambda o: bytes([int(o.group(1), 8)]), m.group(2)))
        frame(b'mounts', 0, 0, b''.join(b'%d %s\n' % entry for entry in mounts.items()))
        if denied: frame(b'denied', denied, 0)
    if cgroups:
        root = next((r for r in ('/sys/fs/cgroup/unified', '/sys/fs/cgroup') if os.path.exists(r + '/cgroup.procs')), None)
        found = [(os.stat(p).st_ino, p[len(root):] or '/') for p, x, y in os.walk(root)] if root else []
        frame(b'cgroups', 0, 0, ''.join('%d %s\n' % entry for entry in found).encode())
    refused, seen = set(), 0
    def note(data):
        at = 0
        while len(data) - at >= 32:
            length, kind = struct.unpack_from('=IH', data, at)
            if length < 16 or length > len(data) - at: break
            if kind > 15:
                where = {2: 68, 10: 68, 16: 16, 40: 20}.get(data[at + 16], 4)
                if length >= 20 + where: wanted.add(struct.unpack_from('=I', data, at + 16 + where)[0])
            at += length + 3 & ~3
    def ask(index, protocol, sequence, message):
        nonlocal seen
        call = b'socket'
        if index in refused: return frame(b'fail', index, 2, b'skipped')
        try:
            with socket.socket(16, 3, protocol) as s:
                call = b'send'; s.send(message); call = b'recv'
                while True:
                    n = s.recv_into(buffer); frame(b'reply', index, 0, view[:n])
                    if owners and protocol == 4:
                        seen += n
                        if seen < 65536: note(view[:n])
                    if n < 16 or struct.unpack_from('=H', buffer, 4)[0] in (2, 3):
                        if n >= 20 and struct.unpack_from('=i', buffer, 16)[0] == -2: refused.add(index)
                        return
                    length, last, x, of = struct.unpack_from('=IHHI', buffer, n - 20)
                    if length == 20 and last == 3 and of == sequence: return
        except OSError as e: frame(b'fail', index, e.errno or 0, call)
    def look(ino, path, pid):
        frame(b'netns', ino, 1 if first and inode('/proc/self/net/dev') == first else 0, path + b'\n' + (comm(pid) if pid else b''))
        for name in files:
            try: text, why = slurp(name), 0
            except OSError as e: text, why = b'', e.errno
            frame(b'file', 0, why, name.encode() + b'\n' + text)
        for i, request in enumerate(requests): ask(i, *request)
    def proc_path(pid): return b'/proc/%s/ns/net' % str(pid).encode()
    if only in (0, own): look(own, proc_path(pid_of.get(own, 'self')), pid_of.get(own, os.getpid()))
    for ino in sorted(set(pid_of) | set(mounts)):
        if ino == own or only not in (0, ino): continue
        pid, call, fd = pid_of.get(ino), b'open', -1
        path = proc_path(pid) if pid else mounts[ino]
        try:
            try: fd = os.open(path, os.O_RDONLY)
            except OSError:
                if ino not in mounts: raise
                path = mounts[ino]; fd = os.open(path, os.O_RDONLY)
            call = b'setns'; setns(fd); moved = True
        except OSError as e:
            frame(b'netns', ino, 0, path + b'\n' + (comm(pid) if pid else b'')); frame(b'fail', -1, e.errno or 0, call); continue
        finally:
            if fd >= 0: os.close(fd)
        look(ino, path, pid)
    if owners:
        text, hidden, few = b'', 0, owners < 2 and seen < 65536
        wanted.discard(0)
        for p in () if few and not wanted else pids:
            heed()
            folder, lines = -1, []
            try:
                folder = os.open('/proc/%s/fd' % p, os.O_RDONLY)
                for fd in os.listdir(folder):
                    try: to = os.readlink(fd, dir_fd=folder)
                    except OSError: continue
                    if to.startswith('socket:[') and (not few or int(to[8:-1]) in wanted): lines.append('%s %s\n' % (fd, to[8:-1]))
            except PermissionError: hidden += 1
            except OSError: pass
            finally:
                if folder >= 0: os.close(folder)
            if lines: text += b'.%s %s\n%s' % (p.encode(), comm(p), ''.join(lines).encode())
            if len(text) > 500000: frame(b'owners', 0, 0, text); text = b''
        frame(b'owners', hidden, 0, text)
    frame(b'end', 0, 0)
    return moved
home = os.open('/proc/self/ns/net', os.O_RDONLY)
while not lease:
    begin = re.fullmatch(rb'knetscope-begin (\d+)', line())
    if begin: lease = int(begin.group(1))
while True:
    words = line().split()
    if words == [b'squeeze']: squeeze = True
    if words[:1] != [b'pass']: continue
    every, owners, cgroups, paths, length, inodes = map(int, words[1:])
    end = paths + length
    while len(given) < end + inodes: more()
    files, asked, wanted, given = given[:paths].decode().split('\n'), given[paths:end], set(map(int, given[end:end + inodes].split())), given[end + inodes:]
    requests = []
    while len(asked) >= 20:
        protocol, size, x, sequence = struct.unpack_from('=IIII', asked)
        requests.append((protocol, sequence, asked[4:4 + size])); asked = asked[4 + (size + 3 & ~3):]
    if look_around(every, owners, cgroups, [name for name in files if name], requests, wanted): setns(home)
`;

export const pumpPython = (python = "python3"): ResidentPump => ({ argv: ["env", "LC_ALL=C", python, "-IS", "-c", script], where: "python3" });
