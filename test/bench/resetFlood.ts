/** SYNs to a closed port of loopback, as fast as two processes send them, each answered by a reset: what that costs a machine, and what a tracer on it costs besides. */

/** Prints resets sent a second, and processor seconds of the whole machine and of bpftrace; then runs and nanoseconds of each BPF program. Argument: seconds. */
const program = String.raw`
import os, socket, struct, sys, time
seconds = float(sys.argv[1])
def stat(): return [int(x) for x in open("/proc/stat").readline().split()[1:]]
def resets(): return int([l for l in open("/proc/net/snmp") if l.startswith("Tcp:")][1].split()[14])
def tracer():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if open("/proc/%s/comm" % pid).read().strip() == "bpftrace": return pid
        except OSError: pass
def used(pid):
    fields = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
def programs(pid):
    ran = {}
    for fd in os.listdir("/proc/%s/fdinfo" % pid):
        info = dict(l.split(":", 1) for l in open("/proc/%s/fdinfo/%s" % (pid, fd)) if ":" in l)
        if "run_cnt" in info: ran[fd] = (int(info["run_cnt"]), int(info["run_time_ns"]))
    return ran
def flood(until):
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    def sum16(data):
        total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
        while total >> 16: total = (total & 0xffff) + (total >> 16)
        return ~total & 0xffff
    address = socket.inet_aton("127.0.0.1")
    packets = []
    for port in range(20000, 20064):
        tcp = struct.pack("!HHIIBBHHH", port, 9, 1, 0, 5 << 4, 2, 65535, 0, 0)
        pseudo = address + address + struct.pack("!BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", sum16(pseudo + tcp)) + tcp[18:]
        packets.append(struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + address + address + tcp)
    while time.time() < until:
        for packet in packets: raw.sendto(packet, ("127.0.0.1", 0))
pid = tracer()
before = resets(), stat(), pid and used(pid), pid and programs(pid)
children = []
until = time.time() + seconds
for _ in range(2):
    child = os.fork()
    if child == 0:
        flood(until); os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
time.sleep(1.5)
ticks = os.sysconf("SC_CLK_TCK")
now = stat()
busy = sum(now) - now[3] - now[4] - sum(before[1]) + before[1][3] + before[1][4]
print(resets() - before[0], seconds, busy / ticks, (used(pid) - before[2]) / ticks if pid else 0)
if pid:
    for fd, (count, ns) in programs(pid).items():
        count0, ns0 = before[3].get(fd, (0, 0))
        if count > count0: print(count - count0, ns - ns0)
`;

export interface FloodRun {
  readonly resets: number;
  /** Processor seconds of the machine. */
  readonly busy: number;
  /** Processor seconds of bpftrace. */
  readonly tracer: number;
  readonly programs: readonly { readonly runs: number; readonly nanoseconds: number }[];
}

export function parseFloodRun(text: string): FloodRun {
  const [head = [], ...rest] = text.trim().split("\n").map((line) => line.split(" ").map(Number));
  const [resets = 0, , busy = 0, tracer = 0] = head;
  return { resets, busy, tracer, programs: rest.map(([runs = 0, nanoseconds = 0]) => ({ runs, nanoseconds })) };
}

/** A shell command that floods for so many seconds and prints what `parseFloodRun` reads. */
export const floodCommand = (seconds: number): string => `python3 - ${seconds} <<'EOF'\n${program}\nEOF`;
