/** Run by debuginfod.test.ts in a network namespace: `debuginfodRun.ts DEBUG_ROOT FOLDER`. Prints a report as JSON. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildId, type BuildId } from "../../src/base/brands";
import { DebuginfodClient } from "../../src/debuginfod/debuginfodClient";
import type { HostFacts } from "../../src/probes/hostFacts";
import { resolveInFiles } from "../../src/session/resolveInFiles";
import { parseFrame } from "../../src/stacks/parseFrame";
import { findModule, findVmlinux, type FoundDebuginfo } from "../../src/symbolize/findDebuginfo";
import type { ResolvedFrame } from "../../src/symbolize/resolvedFrame";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { buildIdOf } from "../support/buildIdOf";
import { eventually } from "../support/eventually";
import { buildIdSection } from "../support/elfWriter";
import { recordedTarget } from "../support/recordedTarget";

export interface DebuginfodReport {
  readonly local: readonly string[];
  readonly remote: readonly string[];
  readonly origin: string;
  readonly bytes: number;
  readonly size: number;
  readonly again: { readonly bytes: number; readonly answers: readonly string[] };
  readonly module: readonly [status: string, file: string | undefined];
  readonly theirsRead: boolean;
  readonly oursRead: boolean;
  readonly missRead: boolean;
}

const url = "http://127.0.0.1:8002";
const frames = ["tcp_v4_rcv+0x99b/0xee0", "xfrm_input+0x103a", "entry_SYSCALL_64_after_hwframe+110"].map((text) => parseFrame(text)!);
const noOne = buildId("cd".repeat(20));

const show = (answers: readonly ResolvedFrame[]): string[] => answers.map(({ input, frames: chain }) => `${input}: ${chain.map(({ function: name, source }) => `${name} ${source?.file}:${source?.line}`).join(" < ")}`);

async function main(debug: string, folder: string): Promise<void> {
  const release = readdirSync(join(debug, "boot")).find((name) => name.startsWith("vmlinux-"))!.slice("vmlinux-".length);
  const vmlinux = join(debug, "boot", `vmlinux-${release}`);
  const netfilter = join(debug, "lib/modules", release, "kernel/net/netfilter");
  const server = spawn("debuginfod", ["-d", join(folder, "index.sqlite"), "-p", "8002", "-t", "0", "-g", "0", "-F", join(debug, "boot"), netfilter], { stdio: "ignore" });
  try {
    const [kernelId, moduleId] = [buildIdOf(vmlinux), buildIdOf(join(netfilter, "nf_conntrack.ko"))];
    await eventually(async () => {
      for (const id of [kernelId, moduleId]) if (!(await fetch(`${url}/buildid/${id}/section/.text`, { signal: AbortSignal.timeout(5000) })).ok) throw new Error(`${id} is not indexed yet`);
    }, 60_000);
    process.stdout.write(JSON.stringify(await look({ vmlinux, release, kernelId, moduleId, folder })));
  } finally {
    server.kill();
    await once(server, "exit");
  }
}

interface Subject {
  readonly vmlinux: string;
  readonly release: string;
  readonly kernelId: BuildId;
  readonly moduleId: BuildId;
  readonly folder: string;
}

async function look(subject: Subject): Promise<DebuginfodReport> {
  const { vmlinux, kernelId, moduleId, folder } = subject;
  const cache = join(folder, "cache");
  const client = (): DebuginfodClient => new DebuginfodClient({ servers: [url], cacheFolder: cache, timeoutMs: 60_000, maxBytes: undefined });
  const [first, second, third] = [client(), client(), client()];
  const kernel = await findVmlinux(search(subject, first));
  const remote = await resolved(kernel);
  const again = await resolved(await findVmlinux(search(subject, second)));
  const module = await findModule({ ...search(subject, third), name: "nf_conntrack" });
  const [inModule] = await answersOf(module, "nf_conntrack_in+4 [nf_conntrack]");
  await client().file(noOne, { kind: "debuginfo" });
  return {
    local: show(await resolveInFiles({ vmlinux }, frames)), remote, origin: kernel.state === "found" ? kernel.origin : kernel.message, bytes: first.bytes, size: statSync(vmlinux).size,
    again: { bytes: second.bytes, answers: again },
    module: [inModule?.status ?? module.state, inModule?.frames.at(-1)?.source?.file],
    ...(await shared(moduleId, kernelId, cache, folder)),
  };
}

/** Who reads what the other has fetched. The servers named are none where nothing may be fetched. */
async function shared(moduleId: BuildId, kernelId: BuildId, cache: string, folder: string): Promise<Pick<DebuginfodReport, "theirsRead" | "oursRead" | "missRead">> {
  const find = (path: string, servers: string, ...words: string[]): number | null =>
    spawnSync("debuginfod-find", words, { env: { ...process.env, DEBUGINFOD_CACHE_PATH: path, DEBUGINFOD_URLS: servers }, stdio: "ignore" }).status;
  const theirs = join(folder, "theirs");
  mkdirSync(theirs);
  find(theirs, url, "debuginfo", moduleId);
  const reader = new DebuginfodClient({ servers: [url], cacheFolder: theirs, timeoutMs: 1000, maxBytes: undefined });
  const path = await reader.file(moduleId, { kind: "debuginfo" });
  const nowhere = "http://127.0.0.1:1";
  return {
    theirsRead: path !== undefined && reader.requests === 0,
    oursRead: find(cache, nowhere, "debuginfo", moduleId) === 0 && find(cache, nowhere, "section", kernelId, ".debug_aranges") === 0,
    missRead: find(cache, url, "debuginfo", noOne) !== 0,
  };
}

function search({ release, kernelId, moduleId }: Subject, debuginfod: DebuginfodClient): Parameters<typeof findVmlinux>[0] {
  const facts: HostFacts = {
    // A release that this machine has no files of.
    release: `${release}-elsewhere`, version: "", machine: "x86_64", endianness: "little", wordSize: 8, os: { name: "Debian", id: "debian", versionId: "12" },
    buildId: kernelId, bootId: "", uid: 0, user: "root", programs: {},
  };
  const target = recordedTarget({ recordings: [{ argv: /nf_conntrack.notes/, stdout: buildIdSection(moduleId).bytes! }, { argv: /^find/, stdout: "" }] });
  return { target, facts, options: {}, debuginfod };
}

const resolved = async (found: FoundDebuginfo): Promise<string[]> => show(await answersOf(found));

async function answersOf(found: FoundDebuginfo, ...texts: string[]): Promise<ResolvedFrame[]> {
  if (found.state !== "found") throw new Error(found.message);
  const symbolizer = new Symbolizer({ vmlinux: found.debugFile, modules: () => Promise.resolve(found.debugFile) }, { worker: "in-process" });
  try {
    return await symbolizer.resolve(texts.length > 0 ? texts.map((text) => parseFrame(text)!) : frames);
  } finally {
    await symbolizer.dispose();
  }
}

const [debug = "", folder = ""] = process.argv.slice(2);
if (debug !== "") {
  main(debug, folder).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
