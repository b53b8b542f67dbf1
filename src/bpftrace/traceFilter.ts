import type { Endianness } from "../base/byteReader";
import { networkPort } from "./networkOrder";

/** What is asked of an event in the kernel, before anything is printed or counted. All that is given must hold. */
export interface TraceFilter {
  /** Local or remote port, 1 to 65535. */
  readonly port?: number;
  /** Of the process on the CPU, which in a softirq is whoever was interrupted. */
  readonly pid?: number;
  /** Inode of the network namespace. */
  readonly netns?: number;
  /** Folder of a cgroup of version 2, such as /sys/fs/cgroup/system.slice/nginx.service. Of the process on the CPU. */
  readonly cgroup?: string;
}

/** Where a probe finds what filters ask for: expressions of the program. */
export interface FilterPlaces {
  /** 16 bits as they lie in memory. */
  readonly ports?: readonly string[];
  /** All of them are looked at: a null pointer on the way makes one of them zero. */
  readonly netns?: readonly string[];
}

/**
 * Conditions of a program.
 *
 * @throws RangeError for what is no port, number or folder, and for what this probe cannot tell
 */
export function filterConditions({ port, pid, netns, cgroup }: TraceFilter, places: FilterPlaces, endianness: Endianness): readonly string[] {
  return [
    ...(port === undefined ? [] : [anyEquals(places.ports, checked(port, 65535, "port"), (value) => networkPort(value, endianness), "ports")]),
    ...(pid === undefined ? [] : [`pid == ${checked(pid, 2 ** 31, "process id")}`]),
    ...(netns === undefined ? [] : [anyEquals(places.netns, checked(netns, 2 ** 32 - 1, "network namespace"), (value) => value, "network namespaces")]),
    ...(cgroup === undefined ? [] : [`cgroup == cgroupid("${folder(cgroup)}")`]),
  ];
}

function anyEquals(expressions: readonly string[] | undefined, value: number, convert: (value: number) => number, what: string): string {
  if (!expressions || expressions.length === 0) throw new RangeError(`this probe does not know ${what}`);
  return expressions.map((expression) => `${expression} == ${convert(value)}`).join(" || ");
}

function checked(value: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < 1 || value > most) throw new RangeError(`not a ${what}: ${value}`);
  return value;
}

/** Part of the program's text, so nothing that could end its string. */
function folder(path: string): string {
  if (!/^\/[\w./@:+\\-]*$/.test(path) || path.includes("\\")) throw new RangeError(`not the folder of a cgroup: ${path}`);
  return path;
}
