/**
 * Which pump runs on a host: the first of perl, python3, `ss -D`, the static helper (asked first) and plain /proc/net that is
 * there and works. A pump that fails is named in the notes and the next one is tried; a lost link is an error at once.
 */
import { DomainError, describeError, errorCode } from "../base/errors";
import { helperBinaries, type HelperBinary } from "../probes/helperBinaries";
import type { HostFacts } from "../probes/hostFacts";
import type { Pump } from "../probes/pump";
import { PumpFrameReader, pumpFailure, type PumpFrame } from "../probes/pumpFrames";
import { pumpPerl } from "../probes/pumpPerl";
import { pumpPython } from "../probes/pumpPython";
import type { PumpRequest } from "../probes/pumpRequest";
import { pumpHelper, pumpProc, pumpSs } from "../probes/pumpShell";
import type { Command } from "../target/command";
import type { Target } from "../target/target";
import { compressed, decompressed, noteTransfer, wantsCompression } from "./slowLink";
import type { SocketSource } from "./socketModel";

export type PumpKind = "perl" | "python3" | "ss" | "helper" | "proc";

export interface PumpOptions {
  /** Asked before the static helper is put on a host that has neither perl, python3 nor ss. Without it there is no helper. */
  readonly consent?: (question: { readonly title: string; readonly detail: string }) => Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Tries only these, in this order. Default: all that the host has. */
  readonly pumps?: readonly PumpKind[];
  /** `user`: never asks for root, so only the own namespace and the own processes are seen. Default `root`. */
  readonly privilege?: "root" | "user";
}

export interface PumpAnswer {
  readonly kind: PumpKind;
  readonly notes: readonly string[];
}

/** Gets the frames as they arrive. */
export type FrameSink = (frame: PumpFrame) => void;

/** A million sockets over a slow link take a while. Milliseconds. */
const PUMP_TIMEOUT = 120_000;

/** How the answer of a pump is labelled. */
export function sourceOf(kind: PumpKind): SocketSource {
  if (kind === "ss") return "ss -D";
  return kind === "proc" ? "proc" : "sock_diag";
}

/**
 * @param begin gives the sink of an answer; asked anew for each attempt, since one that failed may have given frames already
 * @throws DomainError `pump/none` when no pump worked, what the target throws when the link is lost, and what a sink throws.
 */
export async function runPump(target: Target, facts: HostFacts, request: PumpRequest, options: PumpOptions, begin: () => FrameSink): Promise<PumpAnswer> {
  const notes: string[] = [];
  for (const kind of options.pumps ?? pumpsOf(facts)) {
    const pump = await choose(target, kind, facts, request, options);
    if (!pump) continue;
    try {
      await runAsRoot(target, facts, pump, options, notes, begin);
      return { kind, notes: [...notes, ...limitsOf(kind)] };
    } catch (error) {
      if (!isPumpFailure(error)) throw error;
      notes.push(`The pump ${kind} failed: ${describeError(error)}.`);
    }
  }
  throw new DomainError("pump/none", `sockets cannot be read: ${notes.join(" ") || "neither perl, python3 nor ss was found"}`, target.name);
}

/** Best first. The helper needs base64 to arrive and a machine it was built for. */
export function pumpsOf(facts: HostFacts): PumpKind[] {
  const has = (name: string): boolean => facts.programs[name] !== undefined;
  const kinds: PumpKind[] = [];
  if (has("perl")) kinds.push("perl");
  if (has("python3")) kinds.push("python3");
  if (has("ss")) kinds.push("ss");
  if (kinds.length === 0 && helperBinaries[facts.machine]) kinds.push("helper");
  return [...kinds, "proc"];
}

/** Answers of a person, for as long as the connection lives: a refreshing view must not ask again each time. */
const consents = new WeakMap<Target, Promise<boolean>>();
/** Hosts where root is out of reach, and why. */
const rootless = new WeakMap<Target, string>();

async function choose(target: Target, kind: PumpKind, facts: HostFacts, request: PumpRequest, options: PumpOptions): Promise<Pump | undefined> {
  switch (kind) {
    case "perl": return pumpPerl(request, facts, facts.programs["perl"]);
    case "python3": return pumpPython(request, facts, facts.programs["python3"]);
    case "ss": return pumpSs(request);
    case "helper": return chooseHelper(target, facts, request, options);
    case "proc": return pumpProc(request);
  }
}

async function chooseHelper(target: Target, facts: HostFacts, request: PumpRequest, options: PumpOptions): Promise<Pump | undefined> {
  const helper = helperBinaries[facts.machine];
  if (!helper || !options.consent) return undefined;
  const { consent } = options;
  const agreed = consents.get(target) ?? consent(helperQuestion(helper));
  consents.set(target, agreed);
  return (await agreed) ? pumpHelper(request, facts.endianness, helper) : undefined;
}

function helperQuestion({ base64 }: HelperBinary): { readonly title: string; readonly detail: string } {
  return {
    title: "Run a small helper program on this host?",
    detail:
      "This host has neither perl, python3 nor ss, so nothing there can ask the kernel for its sockets. " +
      `A static program of ${Buffer.byteLength(base64, "base64")} bytes would be written to /run, /dev/shm, /tmp or the home folder, run once, and removed as soon as it ` +
      "has started; the same again at each refresh. Without it only /proc/net is read, which does not know the limits of queues.",
  };
}

/** As root where that is to be had, else as we are, saying so. */
async function runAsRoot(target: Target, facts: HostFacts, pump: Pump, options: PumpOptions, notes: string[], begin: () => FrameSink): Promise<void> {
  const command = { timeoutMs: PUMP_TIMEOUT, ...pump.command };
  // Who is root already need not ask how to become it.
  const asUser = options.privilege === "user" || facts.uid === 0 || rootless.has(target);
  if (!asUser) {
    try {
      await runOnce(target, facts, { ...command, privilege: "root" }, pump.where, begin(), options.signal);
      return;
    } catch (error) {
      if (!rootFailures.includes(errorCode(error) ?? "")) throw error;
      rootless.set(target, describeError(error));
    }
  }
  const why = rootless.get(target);
  const note = `Only the own network namespace and the own processes are seen${why === undefined ? "" : `: ${why}`}.`;
  if (facts.uid !== 0 && !notes.includes(note)) notes.push(note);
  await runOnce(target, facts, { ...command, privilege: "user" }, pump.where, begin(), options.signal);
}

async function runOnce(target: Target, facts: HostFacts, command: Command, where: string, sink: FrameSink, signal: AbortSignal | undefined): Promise<void> {
  const compress = wantsCompression(target, facts);
  const running = await target.start(compress ? compressed(command) : command, signal);
  const chunks = compress ? decompressed(running.stdout, where) : running.stdout;
  const said = textOf(running.stderr);
  const reader = new PumpFrameReader(where, sink);
  try {
    const { bytes, milliseconds } = await readChunks(chunks, reader, signal);
    if (!compress) noteTransfer(target, bytes, milliseconds);
    const status = await running.exit;
    try {
      reader.end();
    } catch (error) {
      throw error instanceof DomainError ? pumpFailure(status, await said, where, error) : error;
    }
  } catch (error) {
    await running.stop().catch(() => undefined);
    // A shell that has something to say instead of frames says why on standard error.
    if (errorCode(error) !== "pump/garbled") throw error;
    throw pumpFailure(await running.exit, await said, where, error as DomainError);
  }
}

/** Milliseconds are from the first bytes to the last: not what it took to start. */
async function readChunks(chunks: AsyncIterable<Uint8Array>, reader: PumpFrameReader, signal: AbortSignal | undefined): Promise<{ bytes: number; milliseconds: number }> {
  let [bytes, started] = [0, 0];
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    if (bytes === 0) started = performance.now();
    bytes += chunk.length;
    reader.push(chunk);
  }
  signal?.throwIfAborted();
  return { bytes, milliseconds: performance.now() - started };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  try {
    for await (const chunk of chunks) if (text.length < 4096) text += Buffer.from(chunk).toString();
  } catch {
    // The link was lost: whoever waits for the exit status hears of it.
  }
  return text;
}

const rootFailures: readonly string[] = ["target/no-sudo", "target/wrong-password"];

const pumpFailures: readonly string[] = ["pump/failed", "pump/garbled", "pump/truncated", "target/command-not-found", "target/cannot-start"];

const isPumpFailure = (error: unknown): boolean => pumpFailures.includes(errorCode(error) ?? "");

function limitsOf(kind: PumpKind): string[] {
  if (kind === "ss") return ["Read through `ss -D`, which gives TCP only."];
  return kind === "proc" ? ["Read from /proc/net: the limits of accept queues and drops of sockets are not known there."] : [];
}
