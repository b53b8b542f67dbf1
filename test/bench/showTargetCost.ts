/**
 * What a trace costs its target: a flood of SYNs to a closed port, each answered by a reset, in a lab target. The kernel itself counts how long our programs run
 * (kernel.bpf_stats_enabled, proc(5): fdinfo), and how much processor time bpftrace takes. The lab is emulated by software: what takes a microsecond on a
 * machine takes tens here, so what stands beside is the kernel's whole work for one reset in the same emulation.
 */
import { downLab } from "../lab/downLab";
import { inGuest } from "../lab/guestControl";
import type { FullKernel } from "../lab/labKernel";
import { tracedHost } from "../lab/tracedHost";

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

interface Run {
  readonly resets: number;
  /** Processor seconds of the machine. */
  readonly busy: number;
  /** Processor seconds of bpftrace. */
  readonly tracer: number;
  readonly programs: readonly { readonly runs: number; readonly nanoseconds: number }[];
}

function parseRun(text: string): Run {
  const [head = [], ...rest] = text.trim().split("\n").map((line) => line.split(" ").map(Number));
  const [resets = 0, , busy = 0, tracer = 0] = head;
  return { resets, busy, tracer, programs: rest.map(([runs = 0, nanoseconds = 0]) => ({ runs, nanoseconds })) };
}

/** The two CPUs of the target share one reset's work. */
const microseconds = (seconds: number, count: number): number => (seconds * 1e6) / Math.max(1, count);
const rate = 10_000;

export async function showTargetCost(kernel: FullKernel = "6.12", seconds = 8): Promise<void> {
  const name = `cost-${kernel}`;
  const { host, state } = await tracedHost(kernel, name);
  const flood = async (): Promise<Run> => parseRun(await inGuest(state, `python3 - ${seconds} <<'EOF'\n${program}\nEOF`));
  try {
    await inGuest(state, "sysctl -q -w kernel.bpf_stats_enabled=1");
    console.log(`\nResets in a target of the lab (${kernel}, emulated), ${seconds} s of SYNs to a closed port`);
    const bare = await flood();
    console.log(`  without a trace   ${(bare.resets / seconds).toFixed(0)} resets/s   ${microseconds(bare.busy, bare.resets).toFixed(0)} µs of the machine each`);
    const trace = await host.trace({ kind: "resets" });
    const traced = await flood();
    const { events, lost } = await trace.stop();
    const runs = traced.programs.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0) / 1e9;
    const [probe, tracer] = [microseconds(runs, traced.resets), microseconds(traced.tracer, traced.resets)];
    console.log(`  with the trace    ${(traced.resets / seconds).toFixed(0)} resets/s   ${microseconds(traced.busy, traced.resets).toFixed(0)} µs of the machine each`);
    console.log(`  the trace's part  ${probe.toFixed(1)} µs of BPF a reset (${((probe / microseconds(bare.busy, bare.resets)) * 100).toFixed(0)} % of what a reset costs without), bpftrace ${(traced.tracer / (seconds + 1.5) * 100).toFixed(1)} % of one CPU (${tracer.toFixed(1)} µs a reset)`);
    console.log(`  at ${rate} resets/s in this emulation: ${((probe * rate) / 1e4 / 2).toFixed(0)} % of its two CPUs in BPF; ${events} events counted of ${traced.resets} resets, ${lost} lost`);
  } finally {
    await host.dispose();
    await downLab(name);
  }
}
