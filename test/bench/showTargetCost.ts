/**
 * What a trace costs its target: a flood of SYNs to a closed port, each answered by a reset, in a lab target. The kernel itself counts how long our programs run
 * (kernel.bpf_stats_enabled, proc(5): fdinfo), and how much processor time bpftrace takes. The lab is emulated by software: what takes a microsecond on a
 * machine takes tens here. So the same flood runs on this machine as well, in a network namespace and without a trace, and what the kernel takes for a reset here and there
 * says by how much to divide.
 */
import { execFileSync } from "node:child_process";
import { downLab } from "../lab/downLab";
import { inGuest } from "../lab/guestControl";
import type { FullKernel } from "../lab/labKernel";
import { tracedHost } from "../lab/tracedHost";
import { floodCommand, parseFloodRun, type FloodRun } from "./resetFlood";

/** The two CPUs of the target share one reset's work. */
const microseconds = (seconds: number, count: number): number => (seconds * 1e6) / Math.max(1, count);
const rate = 10_000;

/** Microseconds of this machine's processors for one reset; undefined where no namespace can be made. */
function floodHere(seconds: number): number | undefined {
  try {
    const { busy, resets } = parseFloodRun(execFileSync("unshare", ["-n", "sh", "-c", `ip link set lo up\n${floodCommand(seconds)}`], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return microseconds(busy, resets);
  } catch {
    return undefined;
  }
}

export async function showTargetCost(kernel: FullKernel = "6.12", seconds = 8): Promise<void> {
  const name = `cost-${kernel}`;
  const { host, state } = await tracedHost(kernel, name);
  const flood = async (): Promise<FloodRun> => parseFloodRun(await inGuest(state, floodCommand(seconds)));
  try {
    await inGuest(state, "sysctl -q -w kernel.bpf_stats_enabled=1");
    console.log(`\nResets in a target of the lab (${kernel}, emulated), ${seconds} s of SYNs to a closed port`);
    const bare = await flood();
    console.log(`  without a trace   ${(bare.resets / seconds).toFixed(0)} resets/s   ${microseconds(bare.busy, bare.resets).toFixed(0)} µs of the machine each`);
    const trace = await host.trace({ kind: "resets" });
    // At its first stack bpftrace reads all symbols.
    await flood();
    const traced = await flood();
    const { events, lost } = await trace.stop();
    const runs = traced.programs.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0) / 1e9;
    const [probe, tracer] = [microseconds(runs, traced.resets), microseconds(traced.tracer, traced.resets)];
    console.log(`  with the trace    ${(traced.resets / seconds).toFixed(0)} resets/s   ${microseconds(traced.busy, traced.resets).toFixed(0)} µs of the machine each`);
    console.log(`  the trace's part  ${probe.toFixed(1)} µs of BPF a reset (${((probe / microseconds(bare.busy, bare.resets)) * 100).toFixed(0)} % of what a reset costs without), bpftrace ${(traced.tracer / (seconds + 1.5) * 100).toFixed(1)} % of one CPU (${tracer.toFixed(1)} µs a reset)`);
    const here = floodHere(seconds);
    if (here !== undefined) {
      const slower = microseconds(bare.busy, bare.resets) / here;
      console.log(`  this machine takes ${here.toFixed(1)} µs for the same reset, the emulation ${slower.toFixed(0)} times that: about ${((probe / slower / 1e6) * rate * 100).toFixed(1)} % of one CPU in BPF and ${(traced.tracer / (seconds + 1.5) / slower * 100).toFixed(1)} % in bpftrace, at ${rate} resets/s`);
    }
    console.log(`  at ${rate} resets/s in this emulation: ${((probe * rate) / 1e4 / 2).toFixed(0)} % of its two CPUs in BPF; ${events} events counted in both floods, ${lost} lost`);
  } finally {
    await host.dispose();
    await downLab(name);
  }
}
