import type { HostFacts } from "../../probes/hostFacts";

/** Where a source document comes from: the host, the build it runs, and the file as debuginfo names it. */
export interface SourceAddress {
  readonly host: string;
  /** `6.1.0-28-cloud-amd64~1a2b3c4d`: release and the start of the build id, so that two builds are two documents. */
  readonly build: string;
  readonly file: string;
}

export const sourceScheme = "knetscope-source";

/** Stands for the root of an absolute path: debuginfo of modules built elsewhere has such. */
const rootMark = "@root";

export const buildName = (facts: Pick<HostFacts, "release" | "buildId">): string =>
  facts.buildId === undefined ? facts.release : `${facts.release}~${facts.buildId.slice(0, 8)}`;

/** `/host/build/net/ipv4/tcp_ipv4.c`, decoded, as the path of a URI. */
export function sourcePath({ host, build, file }: SourceAddress): string {
  return `/${host}/${build}/${file.startsWith("/") ? `${rootMark}${file}` : file}`;
}

/** The way back. undefined for a path that is not one of ours. */
export function parseSourcePath(path: string): SourceAddress | undefined {
  const [empty, host, build, ...rest] = path.split("/");
  if (empty !== "" || !host || !build || rest.length === 0 || rest.at(-1) === "") return undefined;
  const file = rest[0] === rootMark ? `/${rest.slice(1).join("/")}` : rest.join("/");
  return { host, build, file };
}

/** What the tab shows: `tcp_ipv4.c (6.1.0-28-cloud-amd64)`. */
export function sourceTitle({ build, file }: SourceAddress): string {
  return `${file.split("/").at(-1) ?? file} (${build.split("~")[0] ?? build})`;
}
