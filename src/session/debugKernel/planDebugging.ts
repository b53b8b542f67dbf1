import { isAbsolute, resolve } from "node:path";
import { DomainError } from "../../base/errors";
import type { Host } from "../host";
import { type DebugPlan, gdbArchitecture } from "./debugPlan";

export interface DebugRequest {
  /** HOST:PORT of QEMU's gdb stub, as `parseStubAddress` gives it. */
  readonly address: string;
  readonly function: string;
}

export interface PlannedDebugging {
  readonly plan: DebugPlan;
  /** Where it will stop first, as file:line; undefined when the debug information has no line for it. */
  readonly stop?: string;
  /** What the user should know or do, a sentence or two each. */
  readonly notes: readonly string[];
}

/**
 * Gathers from a connected host what a debugger needs for its kernel. Unpacks a tarball of the source where there is no tree.
 * @throws DomainError debug/no-vmlinux, debug/vmlinux-elsewhere, debug/no-function
 */
export async function planDebugging(host: Host, request: DebugRequest, signal?: AbortSignal): Promise<PlannedDebugging> {
  const facts = await host.facts();
  const vmlinux = await localVmlinux(host, signal);
  const stop = await placeOf(host, request.function, signal);
  const { from, to } = await host.sourceMap(signal);
  const architecture = gdbArchitecture(facts.machine);
  const plan: DebugPlan = {
    name: `Kernel of ${host.name} in QEMU: ${request.function}`, release: facts.release, vmlinux, address: request.address, function: request.function,
    ...(architecture !== undefined && { architecture }), ...(to && { sourceFolder: resolve(to.folder) }), ...(from !== undefined && { buildFolder: from }),
  };
  const notes = [randomizationNote(await commandLine(host, signal)), to ? to.message && `The source in ${to.folder} may not fit: ${to.message}.` : noSource];
  return { plan, ...(stop !== undefined && { stop }), notes: notes.filter((note) => note !== undefined) };
}

const noSource = "No kernel source is on this machine, so gdb will name lines and not show them: name a tree or tarball in the setting knetscope.sources (command line: --source).";

/** gdb reads a file of this machine; ours may be read in place on the host, or by pieces from a server. */
async function localVmlinux(host: Host, signal?: AbortSignal): Promise<string> {
  const { state, origin, message, buildId } = await host.debuginfo(signal);
  if (state !== "exact" || origin === undefined) throw new DomainError("debug/no-vmlinux", message, host.name);
  if (isAbsolute(origin)) return origin;
  const how = origin.startsWith("http") ? `debuginfod-find debuginfo ${buildId ?? "BUILD-ID"}` : `scp ${origin} .`;
  throw new DomainError("debug/vmlinux-elsewhere", `gdb needs the vmlinux on this machine; bring it with: ${how}`, origin);
}

async function placeOf(host: Host, name: string, signal?: AbortSignal): Promise<string | undefined> {
  const [frame] = await host.resolve([{ symbol: name, offset: 0, kind: "exact", reliable: true }], signal);
  if (frame?.status === "unknown-symbol") throw new DomainError("debug/no-function", frame.message ?? "vmlinux has no such function", name);
  const source = frame?.frames.at(-1)?.source;
  return source && `${source.file}:${source.line}`;
}

async function commandLine(host: Host, signal?: AbortSignal): Promise<string | undefined> {
  const { code, stdout } = await host.target.run({ argv: ["cat", "/proc/cmdline"], timeoutMs: 30_000 }, signal);
  return code === 0 ? new TextDecoder().decode(stdout).trim() : undefined;
}

const slide = "else the breakpoint is set beside the function. Where it must stay as it is, compare `_stext` in the host's /proc/kallsyms (root) with the one in vmlinux, and load it with `symbol-file -o DIFFERENCE VMLINUX` in gdb.";

/** Words about address randomization (KASLR); undefined when the kernel was booted without it. `commandLine`: /proc/cmdline, when known. */
export function randomizationNote(commandLine: string | undefined): string | undefined {
  if (commandLine === undefined) return `The kernel must be booted with nokaslr on its command line, ${slide}`;
  return commandLine.split(/\s+/).includes("nokaslr") ? undefined : `This kernel was booted without nokaslr, so its code may lie elsewhere than vmlinux says. Add nokaslr to its command line (QEMU: -append), ${slide}`;
}
