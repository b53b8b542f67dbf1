import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildId } from "../../src/base/brands";
import { kernelSymbolsProbe, type TextSymbols } from "../../src/probes/kernelSymbolsProbe";
import { runProbe } from "../../src/probes/probe";
import { connectSsh } from "../../src/ssh/connectSsh";
import { parseFrame } from "../../src/stacks/parseFrame";
import type { StackFrame } from "../../src/stacks/stack";
import { BlockStore } from "../../src/symbolize/blockStore";
import { cachedSource } from "../../src/symbolize/cachedSource";
import { targetFileSource } from "../../src/symbolize/rangeSource";
import { CostMeter, costText, metered } from "../../src/symbolize/readCost";
import { SymbolNotes } from "../../src/symbolize/symbolNotes";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { DelayProxy } from "../support/delayProxy";
import { prompts, SshServer } from "../support/sshServer";

const roundTrips = [0, 20, 100];
const anyBuild = buildId("ab".repeat(20));

/** A real stack of the lab's 6.1: who answered a connect to a closed port. */
export const longStack = (): StackFrame[] =>
  readFileSync(join(__dirname, "../fixtures/stacks/closed-port-24.txt"), "utf8").trim().split("\n").map((text, index) => ({ ...parseFrame(text)!, kind: index === 0 ? "exact" : "return" }));

/**
 * The first 24-frame stack from a vmlinux that lies on another host, and the same again with what was kept of it. The host is a real sshd on
 * this machine, on a way that takes longer; a virtual machine's user-mode network would limit the window of TCP.
 */
export async function showRemoteStack(vmlinux: string, systemMap: string): Promise<void> {
  console.log("\n24 frames from a vmlinux of 590 MB that lies on another host, over SSH, by round-trip time");
  const server = await SshServer.start();
  const proxy = await DelayProxy.start(server.port);
  try {
    await server.writeConfig(`Host far\n  HostName 127.0.0.1\n  Port ${proxy.port}\n  User ${server.user}\n  IdentityFile ${server.key()}\n  HostKeyAlias server\n`);
    for (const roundTrip of roundTrips) {
      proxy.roundTrip = roundTrip;
      const cache = mkdtempSync(join(tmpdir(), "knetscope-bench-"));
      for (const which of ["first", "again"]) console.log(`  ${`${roundTrip} ms`.padStart(7)}  ${which}  ${await measure(server, { vmlinux, systemMap, cache })}`);
      rmSync(cache, { recursive: true });
    }
  } finally {
    proxy.stop();
    await server.stop();
  }
}

/** From the connected host to the answer: finding the file is one round trip more. */
async function measure(server: SshServer, { vmlinux, systemMap, cache }: { readonly vmlinux: string; readonly systemMap: string; readonly cache: string }): Promise<string> {
  const target = await connectSsh("far", { configFile: server.configFile(), knownHostsFile: server.knownHosts(), prompts: prompts({ acceptHostKey: () => Promise.resolve("once") }) });
  const meter = new CostMeter();
  const since = performance.now();
  const source = cachedSource(metered(targetFileSource("far", await target.openFile(vmlinux)), meter), new BlockStore(cache).open("blocks")!);
  const notes = new SymbolNotes(join(cache, "symbols"), anyBuild);
  // System.map has the form of /proc/kallsyms, and is of the kernel that is measured.
  const symbols = (names: readonly string[]): Promise<TextSymbols | undefined> => notes.find(names, (unknown) => runProbe(target, kernelSymbolsProbe(unknown, systemMap)));
  const symbolizer = new Symbolizer({ vmlinux: { file: source }, modules: () => Promise.resolve(undefined), symbols }, { worker: resolve(__dirname, "../../dist/symbolizer.js") });
  const answers = await symbolizer.resolve(longStack());
  const seconds = (performance.now() - since) / 1000;
  await symbolizer.dispose();
  await target.dispose();
  const resolved = answers.filter(({ status }) => status === "ok").length;
  return `${seconds.toFixed(2).padStart(6)} s   ${resolved} of ${answers.length} frames   ${costText(meter)}`;
}
