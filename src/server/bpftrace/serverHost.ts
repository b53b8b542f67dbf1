import { platform } from "node:os";
import type { Connection } from "vscode-languageserver";
import type { Finding } from "../../bpflang/finding";
import { nothingKnown, type TargetKnowledge } from "../../bpflang/targetKnowledge";
import { hostFactsProbe } from "../../probes/hostFactsProbe";
import { runProbe } from "../../probes/probe";
import { bpftraceMethods, type CompileResult, type FunctionPlace } from "../../protocol/bpftrace";
import { compileOnTarget } from "../../session/checkProgram";
import type { KernelsHere } from "../../session/kernelsHere";
import { cachedTargetKnowledge, fetchTargetKnowledge, loadTargetKnowledge } from "../../session/targetKnowledge";
import { localTarget } from "../../target/localTarget";
import type { Target } from "../../target/target";

/** Who answers for the target: the editor, which has the connections, or this process, for this machine. */
export interface ServerHost {
  functionPlace(name: string): Promise<FunctionPlace | undefined>;
  /** undefined: there is nobody to ask. */
  compile(text: string): Promise<readonly Finding[] | undefined>;
}

export function editorHost(connection: Connection): ServerHost {
  return {
    functionPlace: async (name) => (await connection.sendRequest<FunctionPlace | null>(bpftraceMethods.functionPlace, { name })) ?? undefined,
    compile: async (text) => {
      const answer = await connection.sendRequest<CompileResult | null>(bpftraceMethods.compile, { text });
      return answer?.findings.map((finding) => ({ ...finding, code: "bpftrace", fixes: [] }));
    },
  };
}

/** Nobody is there to answer a question of this machine's sudo, and elsewhere than on Linux there is nothing to ask. */
const openLocal = (): Target => localTarget({});

export const localHost = (kernels: Pick<KernelsHere, "functionPlace">): ServerHost => ({
  functionPlace: async (name) => {
    const place = await kernels.functionPlace(name);
    return place && { uri: place.uri, line: place.line - 1 };
  },
  compile: async (text) => {
    const target = platform() === "linux" ? openLocal() : undefined;
    try {
      return target && (await compileOnTarget(target, text));
    } finally {
      await target?.dispose();
    }
  },
});

/** This machine: from the cache when its kernel was seen before, and read anew behind that. */
export async function learnLocal(onKnowledge: (knowledge: TargetKnowledge) => Promise<void>): Promise<void> {
  if (platform() !== "linux") {
    await onKnowledge(nothingKnown);
    return;
  }
  const target = openLocal();
  try {
    const facts = await runProbe(target, hostFactsProbe);
    const cached = await cachedTargetKnowledge(facts);
    if (cached !== undefined) await onKnowledge(await loadTargetKnowledge(cached));
    await onKnowledge(await loadTargetKnowledge(await fetchTargetKnowledge(target, facts)));
  } catch {
    await onKnowledge(nothingKnown);
  } finally {
    await target.dispose();
  }
}
