import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { eventually } from "../support/eventually";
import { silentProxy, type SilentProxy } from "../support/silentProxy";
import { inGuest } from "./guestControl";
import { perfRow, traceRows } from "./traceRows";
import { startRows, type TracedHost, type TracedRows } from "./tracedHost";

/**
 * All that a trace may have on a target, one a line: processes, tracefs, rules, settings, files; perf's copies of the vdso and of what it met among them. Processes
 * by their session: a shell that just forks is there twice.
 */
const remains = `cd /sys/kernel/tracing
ps -ewwo sid=,args= | awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^(bpftrace|perf|nft|xtables-monitor|dmesg)$|knetscope[-]begin|trace[_]pipe|^.dev.kmsg$/) print "process", $i, "of", $1 }' | sort -u
ls instances | grep knetscope
grep knetscope kprobe_events
for tables in 'nft list ruleset' iptables-save iptables-legacy-save; do $tables 2>/dev/null | grep -i knetscope; done
for setting in current_tracer tracing_on /proc/sys/net/netfilter/nf_conntrack_log_invalid; do echo $setting $(cat $setting); done
find /tmp /run /dev/shm /var/tmp /root \\( -name '*knetscope*' ! -name knetscope-lab \\) -o -name 'perf*' -o -path '/root/.debug*'
true`;

/** Folders where programs leave files, each with no room at all. What already lies in /tmp has to stay in sight. */
const fill = `mount -o remount,size=$(($(df -Pk /tmp | awk 'NR == 2 { print $3 }') + 8))k /tmp
for folder in /var/tmp /dev/shm; do mount -t tmpfs -o size=4k full $folder; done
for folder in /tmp /var/tmp /dev/shm; do cat /dev/zero >$folder/full 2>/dev/null; done; true`;
const empty = "rm /tmp/full; mount -o remount,size=50% /tmp; umount /var/tmp /dev/shm";

const rules = (verb: string): string => `for iptables in iptables iptables-legacy; do $iptables ${verb} INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; done`;

/**
 * Two clients share all collectors between them, on a target whose disks fill up. One is killed, then the other's link goes silent; on the next kernel it is the
 * other way round.
 */
export function traceFaults(lab: () => TracedHost, half: 0 | 1): void {
  describe("when things go wrong, with every collector", () => {
    const rows = traceRows[half];
    const [ownPerf, otherRows] = [rows.includes(perfRow), traceRows[1 - half] ?? []];
    let folder: string;
    let proxy: SilentProxy;
    let initial: string;
    let alone: readonly string[];
    let other: ChildProcess | undefined;
    let own: TracedRows | undefined;
    const ours = async (): Promise<readonly string[]> => added(lines(initial), lines(await inGuest(lab().state, remains)));

    before(async () => {
      const { state } = lab();
      await inGuest(state, `modprobe nf_conntrack; ${rules("-A")}`);
      initial = await inGuest(state, remains);
      folder = mkdtempSync(join(tmpdir(), "knetscope-"));
      proxy = await silentProxy(state.port);
      const configFile = join(folder, "config");
      const direct = new RegExp(`^(Host ${state.alias}\\n[^]*?)Port \\d+`, "m");
      writeFileSync(configFile, readFileSync(state.sshConfigFile, "utf8").replace(direct, `$1HostKeyAlias [127.0.0.1]:${state.port}\n  Port ${proxy.port}`));
      const fillAfter = (perf: boolean) => (started: number): Promise<unknown> => (perf && started === 1 ? inGuest(state, fill) : Promise.resolve());
      own = await startRows({ ...state, sshConfigFile: configFile }, rows, fillAfter(ownPerf));
      alone = await ours();
      other = spawn(process.execPath, ["--import=tsx", join(import.meta.dirname, "tracingClient.ts"), state.name, String(1 - half)], { stdio: ["ignore", "pipe", "inherit"] });
      await untilStarted(other, otherRows.length, fillAfter(!ownPerf));
    });
    after(async () => {
      other?.kill("SIGKILL");
      await own?.host.dispose().catch(() => undefined);
      proxy.close();
      rmSync(folder, { recursive: true });
      await inGuest(lab().state, `${rules("-D")}; ${empty}`);
    });

    it("they run beside one another, and with full disks; perf, which needs a place when it starts, says so", async () => {
      const found = await ours();
      assert.ok(["bpftrace", "perf", "nft"].every((program) => found.some((line) => line.startsWith(`process ${program} `))), found.join("\n"));
      assert.deepEqual(own!.traces.map((trace) => trace.summary().state), rows.map(() => "running"));
      await inGuest(lab().state, "python3 -c 'import socket; socket.socket().connect_ex((\"127.0.0.1\", 9))'");
      const seen = own!.traces.filter(({ request }) => request.kind !== "conntrack-invalid");
      await eventually(() => seen.forEach((trace) => assert.ok(trace.summary().events > 0, `${trace.request.kind} by ${trace.request.tool ?? ""}`)), 120_000);
      await assert.rejects(own!.host.trace(perfRow), { code: "trace/perf-failed", message: /\/tmp is full/ });
    });

    it("kill -9 of one client leaves nothing of it; the other's traces go on", async () => {
      other?.kill("SIGKILL");
      await eventually(async () => assert.deepEqual(await ours(), alone), 120_000);
      assert.deepEqual(own!.traces.map((trace) => trace.summary().state), rows.map(() => "running"));
    });

    it("a link that goes silent leaves nothing at all", async () => {
      proxy.pull();
      await eventually(async () => assert.deepEqual(await ours(), []), 120_000);
    });
  });
}

/** Counters of rules count on. */
const lines = (text: string): readonly string[] => text.trim().replaceAll(/packets \d+ bytes \d+/g, "").split("\n").sort();

/** What is there more often than before: a process of the lab's own client may have gone meanwhile. */
function added(before: readonly string[], now: readonly string[]): readonly string[] {
  const rest = [...before];
  return now.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** @param client prints how many of its traces have started */
async function untilStarted({ stdout }: ChildProcess, count: number, onStarted: (started: number) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface(stdout ?? assert.fail("no output"))) {
    await onStarted(Number(line));
    if (Number(line) === count) return;
  }
  throw new Error("the other client ended before it traced");
}
