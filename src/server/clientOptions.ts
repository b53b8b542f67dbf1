import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { KernelPlaces } from "../session/kernelsHere";

/** `initializationOptions` of a client without an editor's side: named as the settings of the extension are. */
export interface ClientOptions {
  readonly debuginfo?: { readonly vmlinux?: string; readonly modules?: string };
  readonly debuginfod?: { readonly urls?: readonly string[] };
  readonly sources?: readonly string[];
}

/**
 * Where such a client has its kernels. The options are written by hand: what is of another type is passed over.
 *
 * @param log told of paths that do not exist, and later where debuginfo was looked for
 */
export function clientPlaces(options: unknown, log: (line: string) => void): KernelPlaces {
  const debuginfo = member(options, "debuginfo");
  const [vmlinux, modules] = [pathOf(member(debuginfo, "vmlinux")), pathOf(member(debuginfo, "modules"))];
  const sources = strings(member(options, "sources")).map(expanded);
  for (const path of [vmlinux, modules, ...sources]) if (path !== undefined && !existsSync(path)) log(`${path}, which initializationOptions name, does not exist`);
  return { ...(vmlinux !== undefined && { vmlinux }), ...(modules !== undefined && { modules }), sources, debuginfodUrls: strings(member(member(options, "debuginfod"), "urls")), log };
}

/** Whether the client's `initializationOptions` say that it answers questions of this kind itself. */
export const answersItself = (options: unknown, kind: "stacks" | "bpftrace"): boolean => member(options, kind) !== undefined;

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item: unknown): item is string => typeof item === "string" && item !== "") : []);

const pathOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? expanded(value) : undefined);

/** No shell has seen it. */
const expanded = (path: string): string => path.replace(/^~(?=\/|$)/, homedir());
