/**
 * Debuginfo and symbols of one host's kernel. Nothing is looked for before the first frame, so connecting
 * stays quick; what was found is kept until the host is closed.
 */
import { symbolizeFrame } from "../collectors/symbolizeFrame";
import type { HostFacts } from "../probes/hostFacts";
import { kallsymsProbe } from "../probes/kallsymsProbe";
import { runProbe } from "../probes/probe";
import type { StackFrame } from "../stacks/stack";
import { findModule, findVmlinux, type FoundDebuginfo } from "../symbolize/findDebuginfo";
import { Kallsyms } from "../symbolize/kallsyms";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { Symbolizer } from "../symbolize/symbolizer";
import type { Target } from "../target/target";
import type { DebuginfoState, HostOptions } from "./host";

export class KernelSymbols {
  private found: Promise<FoundDebuginfo> | undefined;
  private symbolizer: Promise<Symbolizer> | undefined;
  private kallsymsText: Promise<Uint8Array | undefined> | undefined;

  constructor(
    private readonly target: Target,
    private readonly facts: HostFacts,
    private readonly options: HostOptions,
  ) {}

  async resolve(frames: readonly StackFrame[], signal?: AbortSignal): Promise<readonly ResolvedFrame[]> {
    return (await this.open()).resolve(frames, signal ? { signal } : {});
  }

  async state(): Promise<DebuginfoState> {
    const found = await this.vmlinux();
    const { buildId } = this.facts;
    const id = buildId === undefined ? {} : { buildId };
    if (found.state !== "found") return { state: found.state, message: found.message, ...id, ...(found.remedy && { remedy: found.remedy }) };
    return { state: "exact", origin: found.origin, message: `Exact: ${found.origin} is of the running build.`, ...id };
  }

  /**
   * Corrects what a tracer names wrongly: it read kallsyms when it started, so code of modules that were loaded
   * later appears under some other name. Frames without an address stay as they are.
   */
  async symbolize(): Promise<(frame: StackFrame) => StackFrame> {
    const text = await this.kallsyms();
    if (!text) return (frame) => frame;
    const kallsyms = Kallsyms.parse(text);
    return (frame) => symbolizeFrame(frame, kallsyms);
  }

  async dispose(): Promise<void> {
    const symbolizer = await this.symbolizer?.catch(() => undefined);
    await symbolizer?.dispose();
  }

  private vmlinux(): Promise<FoundDebuginfo> {
    this.found ??= findVmlinux(this.search());
    // A failure to look (a lost link) is not an answer to keep.
    this.found.catch(() => (this.found = undefined));
    return this.found;
  }

  private open(): Promise<Symbolizer> {
    this.symbolizer ??= this.vmlinux().then((found) =>
      new Symbolizer({
        vmlinux: found.state === "found" ? found.debugFile : found,
        modules: async (name) => {
          const module = await findModule({ ...this.search(), name });
          return module.state === "found" ? module.debugFile : module;
        },
        kallsyms: () => this.kallsyms(),
      }),
    );
    this.symbolizer.catch(() => (this.symbolizer = undefined));
    return this.symbolizer;
  }

  private kallsyms(): Promise<Uint8Array | undefined> {
    this.kallsymsText ??= runProbe(this.target, kallsymsProbe).catch(() => {
      // Not readable without root: addresses then stay as the trace named them, and the symbolizer says why.
      this.kallsymsText = undefined;
      return undefined;
    });
    return this.kallsymsText;
  }

  private search(): Parameters<typeof findVmlinux>[0] {
    const { vmlinux, modules } = this.options;
    return { target: this.target, facts: this.facts, options: { ...(vmlinux === undefined ? {} : { vmlinux }), ...(modules === undefined ? {} : { modules }) } };
  }
}
