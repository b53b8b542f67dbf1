import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { silentProxy, type SilentProxy } from "../support/silentProxy";
import { inGuest } from "./guestControl";
import { traceRows } from "./traceRows";
import { startRows, type TracedHost, type TracedRows } from "./tracedHost";

/** All that a trace may have on a target, one a line: processes, tracefs, rules, settings, files. */
const remains = `
for stat in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$stat" 2>/dev/null | grep -aoE 'knetscope-begin|^bpftrace|trace_pipe|^cat /dev/kmsg|dmesg -w' | sort -u; done
ls /sys/kernel/tracing/instances | grep knetscope
grep knetscope /sys/kernel/tracing/kprobe_events
nft list ruleset 2>/dev/null | grep knetscope
iptables-save 2>/dev/null | grep -i knetscope
cat /proc/sys/net/netfilter/nf_conntrack_log_invalid
find /tmp /run /dev/shm /var/tmp -name '*knetscope*' ! -name knetscope-lab
true`;

/** Folders where programs leave files, each with no room at all. */
const fill = "for folder in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o size=4k full $folder; dd if=/dev/zero of=$folder/full bs=4k count=2 2>/dev/null; done; true";
const empty = "umount /tmp /var/tmp /dev/shm";

/** Two clients run every collector at once on a target without room on its disks. One is killed, then the other's link goes silent. */
export function traceFaults(lab: () => TracedHost): void {
  describe("when things go wrong, with every collector", () => {
    let folder: string;
    let proxy: SilentProxy;
    let initial: string;
    let other: ChildProcess | undefined;
    let own: TracedRows | undefined;
    const left = (): Promise<string> => inGuest(lab().state, remains);

    before(async () => {
      const { state } = lab();
      await inGuest(state, `modprobe nf_conntrack; iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; ${fill}`);
      initial = await left();
      folder = mkdtempSync(join(tmpdir(), "knetscope-"));
      proxy = await silentProxy(state.port);
      const configFile = join(folder, "config");
      const direct = new RegExp(`^(Host ${state.alias}\\n[^]*?)Port \\d+`, "m");
      writeFileSync(configFile, readFileSync(state.sshConfigFile, "utf8").replace(direct, `$1HostKeyAlias [127.0.0.1]:${state.port}\n  Port ${proxy.port}`));
      other = spawn(process.execPath, ["--import=tsx", join(import.meta.dirname, "tracingClient.ts"), state.name], { stdio: ["ignore", "pipe", "inherit"] });
      [own] = await Promise.all([startRows({ ...state, sshConfigFile: configFile }), untilTracing(other)]);
    });
    after(async () => {
      other?.kill("SIGKILL");
      await own?.host.dispose().catch(() => undefined);
      proxy.close();
      rmSync(folder, { recursive: true });
      await inGuest(lab().state, `iptables -D INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; ${empty}`);
    });

    it("they run beside one another, and with full disks", async () => {
      const found = lines(await left());
      assert.equal(found.filter((line) => line === "bpftrace").length, 2, found.join("\n"));
      assert.deepEqual(own!.traces.map((trace) => trace.summary().state), traceRows.map(() => "running"));
      await inGuest(lab().state, "python3 -c 'import socket; socket.socket().connect_ex((\"127.0.0.1\", 9))'");
      const seen = own!.traces.filter(({ request }) => request.kind !== "conntrack-invalid");
      await eventually(() => seen.forEach((trace) => assert.ok(trace.summary().events > 0, `${trace.request.kind} by ${trace.request.tool ?? ""}`)), 120_000);
    });

    it("kill -9 of one client leaves nothing of it; the other's traces go on", async () => {
      other?.kill("SIGKILL");
      await eventually(async () => assert.equal(lines(await left()).filter((line) => line === "bpftrace").length, 1), 120_000);
      await eventually(async () => assert.equal((await inGuest(lab().state, "ls /sys/kernel/tracing/instances | grep -c knetscope")).trim(), "2"), 120_000);
      assert.deepEqual(own!.traces.map((trace) => trace.summary().state), traceRows.map(() => "running"));
    });

    it("a link that goes silent leaves nothing at all", async () => {
      proxy.pull();
      await eventually(async () => assert.deepEqual(added(lines(initial), lines(await left())), []), 120_000);
    });
  });
}

const lines = (text: string): readonly string[] => text.trim().split("\n").sort();

/** What is there more often than before: a process of the lab's own client may have gone meanwhile. */
function added(before: readonly string[], now: readonly string[]): readonly string[] {
  const rest = [...before];
  return now.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

async function untilTracing({ stdout }: ChildProcess): Promise<void> {
  for await (const chunk of stdout ?? []) if (String(chunk).includes("tracing")) return;
  throw new Error("the other client ended before it traced");
}
