import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TraceRequest } from "../../src/collectors/traces/traceRequest";
import type { Host, HostTrace } from "../../src/session/host";
import { eventually } from "../support/eventually";
import { silentProxy, type SilentProxy } from "../support/silentProxy";
import { inGuest } from "./guestControl";
import { openLabHost, startTraces, type TracedHost } from "./tracedHost";

const cli = join(import.meta.dirname, "../../dist/cli.js");

interface Row {
  readonly request: TraceRequest;
  readonly args: readonly string[];
}

const row = (request: TraceRequest, ...args: readonly string[]): Row => ({ request, args: [...args, "--tool", request.tool ?? ""] });

/** Every collector. */
const rows: readonly Row[] = [
  row({ kind: "resets", tool: "bpftrace" }, "resets"),
  row({ kind: "resets", tool: "ftrace" }, "resets"),
  row({ kind: "drops", tool: "bpftrace" }, "drops"),
  row({ kind: "drops", tool: "ftrace" }, "drops"),
  row({ kind: "function", name: "tcp_v4_connect", tool: "bpftrace" }, "function", "tcp_v4_connect"),
  row({ kind: "function", name: "tcp_v4_connect", tool: "ftrace" }, "function", "tcp_v4_connect"),
  row({ kind: "conntrack-invalid", tool: "nft" }, "conntrack-invalid", "--yes"),
  row({ kind: "conntrack-invalid", tool: "iptables" }, "conntrack-invalid", "--yes"),
  row({ kind: "conntrack-invalid", tool: "sysctl" }, "conntrack-invalid", "--yes"),
];

/** All that a trace may have on a target, one a line: processes, tracefs, rules, settings, files. */
const remains = `
for stat in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$stat" 2>/dev/null | grep -aoE 'knetscope-begin|^bpftrace |trace_pipe|^cat /dev/kmsg|dmesg -w' | sort -u; done
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
    let host: Host;
    let initial: string;
    let clients: readonly ChildProcess[] = [];
    let traces: readonly HostTrace[] = [];
    const left = (): Promise<string> => inGuest(lab().state, remains);
    const lines = (text: string): readonly string[] => text.trim().split("\n").sort();

    before(async () => {
      assert.ok(existsSync(cli), "dist/cli.js is missing: npm run build");
      const { state } = lab();
      await inGuest(state, `modprobe nf_conntrack; iptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; ${fill}`);
      initial = await left();
      folder = mkdtempSync(join(tmpdir(), "knetscope-"));
      proxy = await silentProxy(state.port);
      const configFile = join(folder, "config");
      const direct = new RegExp(`^(Host ${state.alias}\\n[^]*?)Port \\d+`, "m");
      writeFileSync(configFile, readFileSync(state.sshConfigFile, "utf8").replace(direct, `$1HostKeyAlias [127.0.0.1]:${state.port}\n  Port ${proxy.port}`));
      host = await openLabHost({ ...state, sshConfigFile: configFile });
      clients = rows.map(({ args }) => spawn(process.execPath, [cli, "trace", ...args, "--host", state.alias, "--ssh-config", state.sshConfigFile], { stdio: ["ignore", "ignore", "pipe"] }));
      [traces] = await Promise.all([startTraces(host, rows.map(({ request }) => request)), ...clients.map(untilTracing)]);
    });
    after(async () => {
      for (const client of clients) client.kill("SIGKILL");
      await host.dispose().catch(() => undefined);
      proxy.close();
      rmSync(folder, { recursive: true });
      await inGuest(lab().state, `iptables -D INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT; ${empty}`);
    });

    it("they run beside one another, and with full disks", async () => {
      const found = lines(await left());
      assert.equal(found.filter((line) => line === "bpftrace").length, 6, found.join("\n"));
      assert.deepEqual(traces.map((trace) => trace.summary().state), rows.map(() => "running"));
      await inGuest(lab().state, "python3 -c 'import socket; socket.socket().connect_ex((\"127.0.0.1\", 9))'");
      const seen = traces.filter(({ request }) => request.kind !== "conntrack-invalid");
      await eventually(() => seen.forEach((trace) => assert.ok(trace.summary().events > 0, `${trace.request.kind} by ${trace.request.tool ?? ""}`)), 60_000);
    });

    it("kill -9 of one client leaves nothing of it; the other's traces go on", async () => {
      for (const client of clients) client.kill("SIGKILL");
      await eventually(async () => assert.equal(lines(await left()).filter((line) => line === "bpftrace").length, 3), 60_000);
      await eventually(async () => assert.equal((await inGuest(lab().state, "ls /sys/kernel/tracing/instances | grep -c knetscope")).trim(), "3"), 60_000);
      assert.deepEqual(traces.map((trace) => trace.summary().state), rows.map(() => "running"));
    });

    it("a link that goes silent leaves nothing at all", async () => {
      proxy.pull();
      await eventually(async () => assert.deepEqual(lines(await left()), lines(initial)), 120_000);
    });
  });
}

async function untilTracing(client: ChildProcess): Promise<void> {
  let said = "";
  const { stderr } = client;
  if (!stderr) throw new Error("no stderr");
  const ended = once(client, "exit").then(() => {
    throw new Error(`it ended: ${said}`);
  });
  ended.catch(() => undefined);
  await Promise.race([
    ended,
    new Promise<void>((resolve) => stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("Tracing:")) resolve();
    })),
  ]);
}
