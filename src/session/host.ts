import type { Disposable } from "../base/disposable";
import type { BuildId } from "../base/brands";
import type { Finding as ProgramFinding } from "../bpflang/finding";
import type { Capability, Finding, Remedy } from "../collectors/capability";
import type { CountersSnapshot } from "../collectors/counterRates";
import type { TraceGroup, TraceSummary } from "../collectors/traces/traceModel";
import type { TraceRequest } from "../collectors/traces/traceRequest";
import type { DestroyResult } from "../collectors/destroySockets";
import type { ListenersSnapshot, Protocol, SocketRow, SocketsSnapshot } from "../collectors/socketModel";
import type { SocketTable } from "../collectors/socketTable";
import type { OwnedSockets } from "../collectors/takeOwners";
import type { CommandResult } from "../target/command";
import type { SourceFolder } from "../kernelsource/kernelSources";
import type { StackFrame } from "../stacks/stack";
import type { SearchAttempt } from "../symbolize/findDebuginfo";
import type { ReadCost } from "../symbolize/readCost";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import type { Target } from "../target/target";
import type { HostFacts } from "../probes/hostFacts";
import type { RunningProgram, RunProgramOptions } from "./runProgram";

/** All that the faces may ask of one connected host. Made by `openHost`; every face shares this. */
export interface Host {
  readonly target: Target;
  readonly name: string;
  facts(): Promise<HostFacts>;
  /** What can be done here and, where not, why: the rows of `doctor` and of the Hosts view. */
  capabilities(signal?: AbortSignal): Promise<readonly Capability[]>;
  /** `owners`: which process holds which listener, which is what costs most on a host with many descriptors. Default true. */
  listeners(signal?: AbortSignal, query?: { readonly owners?: boolean }): Promise<ListenersSnapshot>;
  /** Counters of every network namespace; two of them make rates. */
  counters(signal?: AbortSignal): Promise<CountersSnapshot>;
  /** What is wrong in the network stack: at this moment, and since the looks of the last minutes. Listeners' own findings come with `listeners`. */
  findings(signal?: AbortSignal): Promise<readonly Finding[]>;
  /** `filter` in the language of ss; `details` asks for tcp_info and memory. */
  sockets(query: SocketQuery, signal?: AbortSignal): Promise<SocketsSnapshot>;
  /** Who holds the sockets of a query without `owners`. */
  owners(sockets: SocketTable, signal?: AbortSignal): Promise<OwnedSockets>;
  /** Closes exactly these sockets, by SOCK_DESTROY. Faces show them and ask first. */
  destroySockets(sockets: readonly SocketRow[], signal?: AbortSignal): Promise<readonly DestroyResult[]>;
  /** Resolves when the tracer is attached (“ready”); rejects with what stands in the way. */
  trace(request: TraceRequest, signal?: AbortSignal): Promise<HostTrace>;
  resolve(frames: readonly StackFrame[], signal?: AbortSignal): Promise<readonly ResolvedFrame[]>;
  /** The source text of the exact build. `file` as in SourcePlace. */
  source(file: string, signal?: AbortSignal): Promise<KernelSource>;
  debuginfo(signal?: AbortSignal): Promise<DebuginfoState>;
  /** Where a debugger finds the source: what the debug information calls the tree, and the tree itself. */
  sourceMap(signal?: AbortSignal): Promise<SourceMap>;
  /** Where debuginfo was looked for so far, kernel first, and what reading it has cost. */
  debuginfoUses(): Promise<readonly DebuginfoUse[]>;
  /** Runs a remedy the user has just agreed to. */
  apply(remedy: Remedy, signal?: AbortSignal): Promise<CommandResult>;
  /** What the language server needs to know of this host, read into the user's cache; a folder for `loadTargetKnowledge`. */
  knowledge(signal?: AbortSignal): Promise<string>;
  /** What its own bpftrace says of a program, without loading anything. */
  checkProgram(text: string, signal?: AbortSignal): Promise<readonly ProgramFinding[]>;
  /** Runs a bpftrace program; resolves when it was started. */
  runProgram(options: Omit<RunProgramOptions, "resolve">, signal?: AbortSignal): Promise<RunningProgram>;
  dispose(): Promise<void>;
}

export interface SocketQuery {
  readonly filter: string;
  readonly details: boolean;
  /** Default: TCP and UDP. */
  readonly protocols?: readonly Protocol[];
  /** Which process holds which socket, which is what costs most on a host with many descriptors. Default true. */
  readonly owners?: boolean;
}

export interface HostTrace {
  readonly request: TraceRequest;
  groups(): readonly TraceGroup[];
  summary(): TraceSummary;
  /** Called after any change, at most ten times a second. */
  readonly onChange: (listener: () => void) => Disposable;
  /** Resolves when everything is collected, resolved and nothing of it runs on the target. */
  readonly ended: Promise<TraceSummary>;
  stop(): Promise<TraceSummary>;
}

export interface KernelSource {
  readonly file: string;
  readonly text: string;
  /** Where it was read: a path here, `host:path`, or an archive with its member. */
  readonly origin: string;
  /** `release`: the tree's version equals the running kernel's package version; `near`: it differs, `message` says how. */
  readonly match: "release" | "near" | "unknown";
  readonly message?: string;
}

export interface DebuginfoState {
  readonly state: "exact" | "not-found" | "mismatch";
  readonly buildId?: BuildId;
  /** Path or URL of the vmlinux in use. */
  readonly origin?: string;
  readonly message: string;
  readonly remedy?: Remedy;
}

export interface SourceMap {
  /** The tree as the debug information knows it, or the folder that the compiler ran in; it may be relative. */
  readonly from?: string;
  /** Absent: no source on this machine. */
  readonly to?: SourceFolder;
}

/** One search for debuginfo. */
export interface DebuginfoUse {
  /** `the kernel`, `module nf_conntrack`. */
  readonly what: string;
  /** Places in the order in which they were tried. */
  readonly attempts: readonly SearchAttempt[];
  /** What was read from elsewhere since; absent for files of this machine. */
  readonly cost?: ReadCost;
}

/** Settings that decide where things are found. Paths are the user's; never taken from an untrusted workspace. */
export interface HostOptions {
  /** Files or folders looked at first, here. */
  readonly vmlinux?: string;
  readonly modules?: string;
  /** A kernel source tree or a tarball of one, here. */
  readonly sources?: readonly string[];
  /** Addresses of debuginfod servers. Default: those of the environment variable DEBUGINFOD_URLS. */
  readonly debuginfodUrls?: readonly string[];
  /** Told what is being fetched, in words for a progress line; an empty text ends it. `cancel` ends the download: it is not begun again for this host. */
  readonly progress?: (text: string, cancel: () => void) => void;
  /** Asked before something large is downloaded. Default: yes. */
  readonly download?: (question: { readonly title: string; readonly detail: string }) => Promise<boolean>;
  /** Told each place that was tried for debuginfo, for a log. */
  readonly log?: (line: string) => void;
  /** Asked before a helper binary is put on a host that has neither perl, python3 nor ss, and before a trace that changes the host's settings. */
  readonly consent?: (question: { readonly title: string; readonly detail: string }) => Promise<boolean>;
}
