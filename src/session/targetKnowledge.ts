/**
 * What the language server knows of a host, kept in the user's cache by the build id of its kernel, so that it is there at once the next time, without a
 * connection too. The kernel's types never change for a build id; functions, tracepoints and modules are read anew with each connection.
 */
import { mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { KernelFunctions } from "../bpflang/kernelFunctions";
import type { TargetKnowledge } from "../bpflang/targetKnowledge";
import { Tracepoints } from "../bpflang/tracepoints";
import { cacheFolder } from "../base/cacheFolder";
import { describeError, errorCode } from "../base/errors";
import { parseBpftraceVersion } from "../bpftrace/bpftraceVersion";
import { Btf } from "../btf/btf";
import { TypeSet } from "../btf/typeSet";
import { btfProbe } from "../probes/btfProbe";
import type { HostFacts } from "../probes/hostFacts";
import { runProbe } from "../probes/probe";
import { moduleTypesProbe, traceableProbe, type Traceable } from "../probes/traceableProbe";
import type { Target } from "../target/target";

interface Description {
  readonly name: string;
  readonly release: string;
  readonly bpftrace: string;
  readonly modules: readonly string[];
}

const targetsFolder = (): string => join(cacheFolder(), "targets");
const folderOf = (facts: HostFacts): string => join(targetsFolder(), facts.buildId ?? `${facts.release}-${facts.machine}`.replace(/[^\w.+-]/g, "_"));

/**
 * Reads what there is to know from a host into the cache.
 * @returns the folder that `loadTargetKnowledge` reads
 */
export async function fetchTargetKnowledge(target: Target, facts: HostFacts, signal?: AbortSignal): Promise<string> {
  const folder = folderOf(facts);
  await mkdir(join(folder, "modules"), { recursive: true });
  const [traceable, modules] = await Promise.all([
    readTraceable(target, signal),
    runProbe(target, moduleTypesProbe, signal).catch(() => new Map<string, Uint8Array>()),
    readKernelTypes(target, folder, signal),
  ]);
  await put(join(folder, "functions"), traceable.functions);
  // Once read as root they stay true for this kernel.
  if (traceable.tracepoints !== "") await put(join(folder, "tracepoints"), traceable.tracepoints);
  for (const [name, bytes] of modules) await put(join(folder, "modules", name.replace(/[^\w-]/g, "_")), bytes);
  const description: Description = { name: target.name, release: facts.release, bpftrace: traceable.bpftrace, modules: [...modules.keys()] };
  await put(join(folder, "target.json"), JSON.stringify(description));
  return folder;
}

/** The folder of an earlier connection to this kernel. */
export async function cachedTargetKnowledge(facts: HostFacts): Promise<string | undefined> {
  const folder = folderOf(facts);
  return (await optional(join(folder, "target.json"))) && folder;
}

/** The host that was read last, for work without a connection: its name and the folder that `loadTargetKnowledge` reads. */
export async function latestTargetKnowledge(): Promise<{ readonly name: string; readonly release: string; readonly folder: string } | undefined> {
  const folders = (await readdir(targetsFolder()).catch(() => [])).map((name) => join(targetsFolder(), name));
  // It is written anew with each connection.
  const times = await Promise.all(folders.map(async (folder) => ({ folder, time: await stat(join(folder, "target.json")).then(({ mtimeMs }) => mtimeMs, () => 0) })));
  const latest = times.reduce((best, one) => (one.time > best.time ? one : best), { folder: "", time: 0 });
  const text = latest.time === 0 ? undefined : await optional(join(latest.folder, "target.json"));
  if (!text) return undefined;
  const { name, release } = JSON.parse(text.toString()) as Description;
  return { name, release, folder: latest.folder };
}

/** What is missing in the folder, or cannot be read, is not known. */
export async function loadTargetKnowledge(folder: string): Promise<TargetKnowledge> {
  const [text, functions, tracepoints, types] = await Promise.all([
    optional(join(folder, "target.json")), optional(join(folder, "functions")), optional(join(folder, "tracepoints")), loadTypes(folder),
  ]);
  const description = text ? (JSON.parse(text.toString()) as Description) : undefined;
  const version = parseBpftraceVersion(description?.bpftrace ?? "");
  const [functionText, tracepointText] = [functions?.toString() ?? "", tracepoints?.toString() ?? ""];
  // Each takes some tens of milliseconds: who asks something meanwhile gets a turn between them.
  await nextTurn();
  const kernelFunctions = functionText === "" ? undefined : KernelFunctions.parse(functionText);
  await nextTurn();
  const events = tracepointText === "" ? undefined : Tracepoints.parse(tracepointText);
  return {
    name: description?.name ?? "host",
    ...(description && { release: description.release }),
    ...(version && { version }),
    ...(types && { types }),
    ...(kernelFunctions && { functions: kernelFunctions }),
    ...(events && { tracepoints: events }),
  };
}

async function loadTypes(folder: string): Promise<TypeSet | undefined> {
  const bytes = await optional(join(folder, "vmlinux"));
  if (!bytes) return undefined;
  try {
    const kernel = Btf.parse(bytes, join(folder, "vmlinux"));
    const modules = new Map<string, Btf>();
    for (const name of await readdir(join(folder, "modules")).catch(() => [])) {
      const module = await optional(join(folder, "modules", name));
      if (module) addModule(modules, name, module, kernel);
    }
    return new TypeSet(kernel, modules);
  } catch {
    return undefined;
  }
}

/** A module whose types cannot be read has none. */
function addModule(modules: Map<string, Btf>, name: string, bytes: Uint8Array, kernel: Btf): void {
  try {
    modules.set(name, Btf.parse(bytes, `/sys/kernel/btf/${name}`, kernel));
  } catch (error) {
    if (errorCode(error) === undefined) throw new Error(describeError(error), { cause: error });
  }
}

/** As root where that is possible without asking anybody. */
async function readTraceable(target: Target, signal?: AbortSignal): Promise<Traceable> {
  try {
    return await runProbe(target, traceableProbe("root"), signal);
  } catch (error) {
    if (!["target/no-sudo", "target/wrong-password"].includes(errorCode(error) ?? "")) throw error;
    return runProbe(target, traceableProbe("user"), signal);
  }
}

async function readKernelTypes(target: Target, folder: string, signal?: AbortSignal): Promise<void> {
  const file = join(folder, "vmlinux");
  if (await optional(file)) return;
  // Kernels without BTF are there too: completion then knows names only.
  const bytes = await runProbe(target, btfProbe("vmlinux"), signal).catch((error: unknown) => {
    if (errorCode(error) === "probe/btf") return undefined;
    throw error;
  });
  if (bytes) await put(file, bytes);
}

const optional = (file: string): Promise<Buffer | undefined> => readFile(file).catch(() => undefined);

/** Others may read it meanwhile: it appears whole or not at all. */
async function put(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}
