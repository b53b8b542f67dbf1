import { cacheFolder } from "../base/cacheFolder";
import { DomainError, errorCode } from "../base/errors";
import { KernelSources } from "../kernelsource/kernelSources";
import { treePath } from "../kernelsource/sourceTree";
import type { Target } from "../target/target";
import type { Host, HostOptions, KernelSource, SourceMap } from "./host";
import { hostCapabilities } from "./hostCapabilities";
import { HostFindings } from "./hostFindings";
import { KernelSymbols } from "./kernelSymbols";
import { compileOnTarget } from "./checkProgram";
import { runProgram } from "./runProgram";
import { pumpOptions, readHostFacts, socketQueries } from "./socketQueries";
import { startRequestedTrace } from "./traceKinds";
import { fetchTargetKnowledge } from "./targetKnowledge";

/** The query layer over one connected target; it owns the target from now on. Reads the host's facts, so a host that cannot run commands fails here. */
export async function openHost(target: Target, options: HostOptions): Promise<Host> {
  try {
    const facts = await readHostFacts(target);
    const symbols = new KernelSymbols(target, facts, options);
    const sources = new KernelSources({ target, facts, configured: options.sources ?? [], cacheFolder: cacheFolder() });
    const traces = new Set<{ stop(): Promise<unknown> }>();
    const problems = new HostFindings(target, facts);
    return {
      target,
      name: target.name,
      facts: () => Promise.resolve(facts),
      capabilities: (signal) => hostCapabilities({ target, facts, symbols, sources }, signal),
      ...socketQueries(target, facts, options),
      findings: (signal) => problems.look(pumpOptions(options, signal)),
      trace: async (request, signal) => {
        const trace = await startRequestedTrace({ target, facts, symbols, sources, ...(options.consent && { consent: options.consent }) }, request, signal);
        traces.add(trace);
        void trace.ended.finally(() => traces.delete(trace)).catch(() => undefined);
        return trace;
      },
      resolve: (frames, signal) => symbols.resolve(frames, signal),
      source: (file, signal) => readSource(file, sources, symbols, signal),
      debuginfo: () => symbols.state(),
      sourceMap: (signal) => mapSource(sources, symbols, signal),
      debuginfoUses: () => symbols.uses(),
      apply: async (remedy, signal) => {
        if (!remedy.argv) throw new DomainError("session/no-command", "this remedy has no command to run", target.name);
        return target.run({ argv: remedy.argv, privilege: "root", timeoutMs: 300_000 }, signal);
      },
      checkProgram: (text, signal) => compileOnTarget(target, text, signal),
      runProgram: async (program, signal) => {
        const running = await runProgram(target, { ...program, resolve: (frames) => symbols.resolve(frames) }, signal);
        traces.add(running);
        void running.ended.catch(() => undefined).finally(() => traces.delete(running));
        return running;
      },
      knowledge: (signal) => fetchTargetKnowledge(target, facts, signal),
      dispose: async () => {
        await Promise.allSettled([...traces].map((trace) => trace.stop()));
        await symbols.dispose();
        await target.dispose();
      },
    };
  } catch (error) {
    await target.dispose();
    throw error;
  }
}

async function mapSource(sources: KernelSources, symbols: KernelSymbols, signal?: AbortSignal): Promise<SourceMap> {
  const [from, to] = [await symbols.buildFolder(signal), await sources.folder(signal)];
  return { ...(from !== undefined && { from }), ...(to && { to }) };
}

/** From a tree here or on the host; where there is none, or another version's, from the servers that have the very build. */
async function readSource(file: string, sources: KernelSources, symbols: KernelSymbols, signal?: AbortSignal): Promise<KernelSource> {
  const inTree = treePath(file);
  const fromServer = async (): Promise<KernelSource | undefined> => (inTree === undefined ? undefined : symbols.source(inTree).catch(() => undefined));
  try {
    const found = await sources.read(file, signal);
    return found.match === "release" ? found : ((await fromServer()) ?? found);
  } catch (error) {
    const served = errorCode(error)?.startsWith("source/") ? await fromServer() : undefined;
    if (served) return served;
    throw error;
  }
}
