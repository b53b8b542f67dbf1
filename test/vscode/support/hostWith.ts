import type { Host } from "../../../src/session/host";
import { facts } from "./samples";

/** A host whose answers the test decides, one by one. What the test did not decide rejects by name. */
export function hostWith(name: string, answers: Partial<Host> = {}): { readonly host: Host; readonly lose: (reason: Error) => void; readonly disposed: () => number } {
  const closed = new AbortController();
  let disposals = 0;
  const undecided = (what: string) => (): Promise<never> => Promise.reject(new Error(`the test did not say what ${what} answers`));
  const host: Host = {
    name,
    target: {
      name, kind: "recorded", closed: closed.signal, run: undecided("run"), start: undecided("start"), attach: undecided("attach"), openFile: undecided("openFile"), stat: undecided("stat"), dispose: () => Promise.resolve(),
    },
    facts: () => Promise.resolve(facts),
    capabilities: undecided("capabilities"), listeners: undecided("listeners"), sockets: undecided("sockets"), owners: undecided("owners"), counters: undecided("counters"), findings: undecided("findings"), destroySockets: undecided("destroySockets"), trace: undecided("trace"), knowledge: undecided("knowledge"), checkProgram: undecided("checkProgram"),
    runProgram: undecided("runProgram"),
    resolve: undecided("resolve"), source: undecided("source"), debuginfo: undecided("debuginfo"), debuginfoUses: undecided("debuginfoUses"), sourceMap: undecided("sourceMap"), apply: undecided("apply"),
    dispose: () => {
      disposals++;
      return Promise.resolve();
    },
    ...answers,
  };
  return { host, lose: (reason) => closed.abort(reason), disposed: () => disposals };
}
