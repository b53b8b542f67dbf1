/**
 * The frames of one pass over a host, as they arrive: answers of the kernel are decoded at once, the rest is put together by
 * network namespace. Names of namespaces and processes come when all is there.
 */
import type { Endianness } from "../base/byteReader";
import { errnoText } from "../netlink/errnoName";
import { frameText, type PumpFrame } from "../probes/pumpFrames";
import type { FilterPlace } from "../sockdiag/filterPredicate";
import { SocketColumns } from "../sockdiag/socketColumns";
import { readPortRange, type FileTexts } from "./namespaceFiles";
import { NamespaceReader, type ProtocolOutcome } from "./namespaceReader";
import type { NetworkNamespace } from "./socketModel";
import { parseOwners, parseOwnersOfShell, type SocketOwners } from "./socketOwners";
import type { SocketPlan } from "./socketPlan";

export interface NamespaceDump {
  /** Of its rows. */
  readonly number: number;
  readonly netns: NetworkNamespace;
  readonly files: FileTexts;
  readonly interfaces: ReadonlyMap<number, string>;
  /** false: they changed while they were listed, so some may be missing. */
  readonly hasAllInterfaces: boolean;
  readonly outcomes: readonly ProtocolOutcome[];
}

export interface HostDump {
  readonly columns: SocketColumns;
  /** Those that were entered; the one we arrived in first. */
  readonly namespaces: readonly NamespaceDump[];
  readonly owners: SocketOwners;
  /** Path of a cgroup by its number. */
  readonly cgroups: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

interface Draft {
  readonly number: number;
  readonly inode: number;
  readonly place: string;
  readonly isFirst: boolean;
  readonly files: Map<string, string>;
  readonly reader: NamespaceReader;
  refused?: { readonly errno: number; readonly call: string };
}

const textKinds = ["mounts", "comms", "owners", "fds", "cgroups"] as const;

export class HostDumpReader {
  readonly columns: SocketColumns;
  private readonly drafts: Draft[] = [];
  private readonly texts = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  private readonly cgroupIds = new Map<string, bigint>();

  constructor(
    private readonly plan: SocketPlan,
    endianness: Endianness,
  ) {
    this.columns = new SocketColumns(endianness);
  }

  accept(frame: PumpFrame): void {
    const draft = this.drafts.at(-1);
    switch (frame.kind) {
      case "netns": this.startNamespace(frame); break;
      case "reply": draft?.reader.reply(frame.a, frame.payload); break;
      case "ss": draft?.reader.ssStream(frame.payload); break;
      case "file": if (draft && frame.b === 0) this.addFile(draft, frameText(frame)); break;
      case "fail":
        if (draft && frame.a === -1) draft.refused = { errno: frame.b, call: frameText(frame) };
        else draft?.reader.fail(frame.a, frame.b);
        break;
      default: this.addText(frame);
    }
  }

  finish(): HostDump {
    this.columns.trim();
    const names = this.names();
    const entered = this.drafts.filter((draft) => !draft.refused);
    return {
      columns: this.columns,
      namespaces: entered.map((draft) => ({
        number: draft.number, netns: nameNamespace(draft, names), files: draft.files, interfaces: draft.reader.interfaces, hasAllInterfaces: draft.reader.hasAllInterfaces, outcomes: draft.reader.outcomes,
      })),
      owners: this.texts.has("fds") ? parseOwnersOfShell(this.text("fds"), this.text("comms")) : parseOwners(this.text("owners")),
      cgroups: new Map([...this.cgroupIds].map(([path, id]) => [String(id), path])),
      notes: [...this.drafts.flatMap((draft) => refusal(draft, names)), ...this.hidden()],
    };
  }

  private startNamespace(frame: PumpFrame): void {
    const number = this.drafts.length;
    const reader = new NamespaceReader(this.plan, this.columns, number, this.place());
    this.drafts.push({ number, inode: frame.a, place: frameText(frame), isFirst: frame.b === 1, files: new Map(), reader });
  }

  private addFile(draft: Draft, text: string): void {
    const end = text.indexOf("\n");
    const [path, content] = [text.slice(0, end), text.slice(end + 1)];
    // Sockets as text may be long, and are rows from here on.
    if (path.startsWith("/proc/net/") && !path.endsWith("stat") && !path.endsWith("snmp")) draft.reader.procFile(path, content);
    else draft.files.set(path, content);
  }

  private addText(frame: PumpFrame): void {
    this.counts.set(frame.kind, frame.a);
    if (!(textKinds as readonly string[]).includes(frame.kind)) return;
    const text = frameText(frame);
    if (frame.kind === "cgroups") for (const [, id = "", path = ""] of text.matchAll(/^(\d+) (.+)$/gm)) this.cgroupIds.set(path, BigInt(id));
    else this.texts.set(frame.kind, `${this.text(frame.kind)}${text}\n`);
  }

  private readonly text = (kind: string): string => this.texts.get(kind) ?? "";

  private place(): FilterPlace {
    return {
      portRange: (netns) => readPortRange(this.drafts[netns]?.files ?? new Map()),
      interfaceIndex: (netns, name) => [...(this.drafts[netns]?.reader.interfaces ?? [])].find(([, known]) => known === name)?.[0] ?? numbered(name),
      cgroupId: (path) => this.cgroupIds.get(path),
    };
  }

  private names(): Names {
    const mounts = [...this.text("mounts").matchAll(/^(\d+) (.+)$/gm)].map((match) => [Number(match[1]), match[2] ?? ""] as const);
    const comms = [...this.text("comms").matchAll(/^\/proc\/(\d+)\/comm:(.*)$/gm)].map((match) => [match[1] ?? "", match[2] ?? ""] as const);
    return { first: this.counts.get("init") ?? 0, mounts: new Map(mounts), comms: new Map(comms) };
  }

  private hidden(): string[] {
    const [denied, owners] = [this.counts.get("denied") ?? 0, this.counts.get("owners") ?? 0];
    return [
      ...(denied > 0 ? [`The network namespaces of ${processes(denied)} could not be seen: not enough rights.`] : []),
      ...(owners > 0 ? [`The descriptors of ${processes(owners)} could not be read, so their sockets have no process here: not enough rights.`] : []),
    ];
  }
}

const processes = (count: number): string => (count === 1 ? "one process" : `${count} processes`);

/** `if3`, as an interface is shown whose name is not known. */
const numbered = (name: string): number | undefined => (/^if\d+$/.test(name) ? Number(name.slice(2)) : undefined);

interface Names {
  readonly first: number;
  readonly mounts: ReadonlyMap<number, string>;
  readonly comms: ReadonlyMap<string, string>;
}

/** `init`, the name under /run/netns, a process `nginx[812]`, or the path it was found by. */
function nameNamespace({ inode, place, isFirst }: Draft, names: Names): NetworkNamespace {
  const isInit = isFirst || (inode !== 0 && inode === names.first);
  if (isInit) return { inode, name: "init", isInit };
  const pid = pidOf(place);
  return { inode, name: nameOther(inode, place, names), isInit, ...(pid !== undefined && { pid: Number(pid) }) };
}

const pidOf = (place: string): string | undefined => /^\/proc\/(\d+)\/ns\/net(?:\n|$)/.exec(place)?.[1];

function nameOther(inode: number, place: string, names: Names): string {
  const mount = names.mounts.get(inode);
  if (mount !== undefined) return /^(?:\/var)?\/run\/netns\/(.+)$/.exec(mount)?.[1] ?? mount;
  const [path = "", comm = ""] = place.split("\n");
  const pid = pidOf(place);
  if (pid !== undefined) return `${comm === "" ? (names.comms.get(pid) ?? "") : comm}[${pid}]`;
  return path === "" || path === "/proc/self/ns/net" ? "own" : path;
}

function refusal(draft: Draft, names: Names): string[] {
  if (!draft.refused) return [];
  const { errno, call } = draft.refused;
  return [`Network namespace ${nameNamespace(draft, names).name} could not be entered: ${call}: ${errnoText(errno)}.`];
}
