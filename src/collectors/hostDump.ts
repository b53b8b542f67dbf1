/** The frames of one pass over a host, sorted by network namespace. */
import { errnoText } from "../netlink/errnoName";
import { frameText, type PumpFrame } from "../probes/pumpFrames";
import type { FileTexts } from "./namespaceFiles";
import type { NetworkNamespace } from "./socketModel";
import { parseOwners, parseOwnersOfShell, type SocketOwners } from "./socketOwners";

export interface NamespaceDump {
  readonly netns: NetworkNamespace;
  readonly files: FileTexts;
  /** Receive buffers by number of request. */
  readonly replies: ReadonlyMap<number, readonly Uint8Array[]>;
  /** What `ss -D` wrote, where that was the pump. */
  readonly ss: readonly Uint8Array[];
  /** Requests that got no answer at all: errno of the call that failed. */
  readonly failures: ReadonlyMap<number, { readonly errno: number; readonly call: string }>;
}

export interface HostDump {
  /** Those that were entered; the one we arrived in first. */
  readonly namespaces: readonly NamespaceDump[];
  readonly owners: SocketOwners;
  readonly notes: readonly string[];
}

interface Draft {
  readonly inode: number;
  readonly place: string;
  readonly isFirst: boolean;
  readonly files: Map<string, string>;
  readonly replies: Map<number, Uint8Array[]>;
  readonly ss: Uint8Array[];
  readonly failures: Map<number, { errno: number; call: string }>;
}

export function readHostDump(frames: readonly PumpFrame[]): HostDump {
  const drafts: Draft[] = [];
  for (const frame of frames) {
    if (frame.kind === "netns") drafts.push(startNamespace(frame));
    else addToNamespace(drafts.at(-1), frame);
  }
  const names = namesOf(frames);
  const entered = drafts.filter((draft) => !draft.failures.has(-1));
  const refused = drafts.filter((draft) => draft.failures.has(-1));
  return {
    namespaces: entered.map((draft) => ({ ...draft, netns: nameNamespace(draft, names) })),
    owners: readOwners(frames),
    notes: [...refusals(refused, names), ...hidden(frames)],
  };
}

function startNamespace(frame: PumpFrame): Draft {
  return { inode: frame.a, place: frameText(frame), isFirst: frame.b === 1, files: new Map(), replies: new Map(), ss: [], failures: new Map() };
}

function addToNamespace(draft: Draft | undefined, frame: PumpFrame): void {
  if (!draft) return;
  if (frame.kind === "file" && frame.b === 0) {
    const text = frameText(frame);
    const end = text.indexOf("\n");
    draft.files.set(text.slice(0, end), text.slice(end + 1));
  } else if (frame.kind === "reply") {
    const buffers = draft.replies.get(frame.a);
    if (buffers) buffers.push(frame.payload);
    else draft.replies.set(frame.a, [frame.payload]);
  } else if (frame.kind === "ss") draft.ss.push(frame.payload);
  else if (frame.kind === "fail") draft.failures.set(frame.a, { errno: frame.b, call: frameText(frame) });
}

interface Names {
  readonly first: number;
  readonly mounts: ReadonlyMap<number, string>;
  readonly comms: ReadonlyMap<string, string>;
}

function namesOf(frames: readonly PumpFrame[]): Names {
  const text = (kind: string): string => frames.filter((frame) => frame.kind === kind).map(frameText).join("\n");
  const mounts = [...text("mounts").matchAll(/^(\d+) (.+)$/gm)].map((match) => [Number(match[1]), match[2] ?? ""] as const);
  const comms = [...text("comms").matchAll(/^\/proc\/(\d+)\/comm:(.*)$/gm)].map((match) => [match[1] ?? "", match[2] ?? ""] as const);
  return { first: frames.find((frame) => frame.kind === "init")?.a ?? 0, mounts: new Map(mounts), comms: new Map(comms) };
}

/** `init`, the name under /run/netns, a process `nginx[812]`, or the path it was found by. */
function nameNamespace({ inode, place, isFirst }: Draft, names: Names): NetworkNamespace {
  const isInit = isFirst || (inode !== 0 && inode === names.first);
  return { inode, name: isInit ? "init" : nameOther(inode, place, names), isInit };
}

function nameOther(inode: number, place: string, names: Names): string {
  const mount = names.mounts.get(inode);
  if (mount !== undefined) return /^(?:\/var)?\/run\/netns\/(.+)$/.exec(mount)?.[1] ?? mount;
  const [path = "", comm = ""] = place.split("\n");
  const pid = /^\/proc\/(\d+)\/ns\/net$/.exec(path)?.[1];
  if (pid !== undefined) return `${comm === "" ? (names.comms.get(pid) ?? "") : comm}[${pid}]`;
  return path === "" || path === "/proc/self/ns/net" ? "own" : path;
}

function readOwners(frames: readonly PumpFrame[]): SocketOwners {
  const text = (kind: string): string => frames.filter((frame) => frame.kind === kind).map(frameText).join("\n");
  return frames.some((frame) => frame.kind === "fds") ? parseOwnersOfShell(text("fds"), text("comms")) : parseOwners(text("owners"));
}

function refusals(drafts: readonly Draft[], names: Names): string[] {
  return drafts.map((draft) => {
    const { errno, call } = draft.failures.get(-1) ?? { errno: 0, call: "setns" };
    return `Network namespace ${nameNamespace(draft, names).name} could not be entered: ${call}: ${errnoText(errno)}.`;
  });
}

function hidden(frames: readonly PumpFrame[]): string[] {
  const count = (kind: string): number => frames.find((frame) => frame.kind === kind)?.a ?? 0;
  const notes = [];
  if (count("denied") > 0) notes.push(`The network namespaces of ${count("denied")} processes could not be seen: not enough rights.`);
  if (count("owners") > 0) notes.push(`The descriptors of ${count("owners")} processes could not be read, so their sockets have no process here: not enough rights.`);
  return notes;
}
