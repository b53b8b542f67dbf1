/**
 * Which pump runs on a host: the first of perl, python3, `ss -D`, the static helper (asked first) and plain /proc/net that is
 * there and works. A pump that fails is named in the notes and the next one is tried; a lost link is an error at once.
 */
import { DomainError, describeError, errorCode } from "../base/errors";
import { helperBinaries, type HelperBinary } from "../probes/helperBinaries";
import type { HostFacts } from "../probes/hostFacts";
import type { Pump, ResidentPump } from "../probes/pump";
import type { PumpFrame } from "../probes/pumpFrames";
import { pumpPerl } from "../probes/pumpPerl";
import { pumpPython } from "../probes/pumpPython";
import { passBytes, type PumpRequest } from "../probes/pumpRequest";
import { pumpHelper, pumpProc, pumpSs } from "../probes/pumpShell";
import type { Target } from "../target/target";
import { runPass } from "./residentPumps";
import { runPumpOnce } from "./runPumpOnce";
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
    const attempt = await choose(target, kind, facts, request, options);
    if (!attempt) continue;
    try {
      await runAsRoot(target, facts, attempt, options, notes, begin);
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

/** A pass by one pump with some rights. */
type Attempt = (privilege: "root" | "user", sink: FrameSink) => Promise<void>;

async function choose(target: Target, kind: PumpKind, facts: HostFacts, request: PumpRequest, options: PumpOptions): Promise<Attempt | undefined> {
  const { signal } = options;
  const once = (pump: Pump): Attempt => (privilege, sink) => runPumpOnce(target, facts, { timeoutMs: PUMP_TIMEOUT, ...pump.command, privilege }, pump.where, sink, signal);
  const staying = (pump: ResidentPump): Attempt => (privilege, sink) =>
    runPass(target, facts, pump, passBytes(request, facts.endianness), { privilege, timeoutMs: PUMP_TIMEOUT, ...(signal && { signal }) }, sink);
  switch (kind) {
    case "perl": return staying(pumpPerl(facts, facts.programs["perl"]));
    case "python3": return staying(pumpPython(facts.programs["python3"]));
    case "ss": return once(pumpSs(request));
    case "helper": {
      const helper = await chooseHelper(target, facts, request, options);
      return helper && once(helper);
    }
    case "proc": return once(pumpProc(request));
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
async function runAsRoot(target: Target, facts: HostFacts, attempt: Attempt, options: PumpOptions, notes: string[], begin: () => FrameSink): Promise<void> {
  // Who is root already need not ask how to become it.
  const asUser = options.privilege === "user" || facts.uid === 0 || rootless.has(target);
  if (!asUser) {
    try {
      await attempt("root", begin());
      return;
    } catch (error) {
      if (!rootFailures.includes(errorCode(error) ?? "")) throw error;
      rootless.set(target, describeError(error));
    }
  }
  const why = rootless.get(target);
  const note = `Only the own network namespace and the own processes are seen${why === undefined ? "" : `: ${why}`}.`;
  if (facts.uid !== 0 && !notes.includes(note)) notes.push(note);
  await attempt("user", begin());
}

const rootFailures: readonly string[] = ["target/no-sudo", "target/wrong-password"];

const pumpFailures: readonly string[] = ["pump/failed", "pump/garbled", "pump/truncated", "target/command-not-found", "target/cannot-start"];

const isPumpFailure = (error: unknown): boolean => pumpFailures.includes(errorCode(error) ?? "");

function limitsOf(kind: PumpKind): string[] {
  if (kind === "ss") return ["Read through `ss -D`, which gives TCP only."];
  return kind === "proc" ? ["Read from /proc/net: the limits of accept queues and drops of sockets are not known there."] : [];
}
