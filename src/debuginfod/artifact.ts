import type { BuildId } from "../base/brands";

/** What a server can be asked for. */
export type Artifact =
  | { readonly kind: "debuginfo" | "executable" }
  | { readonly kind: "section"; readonly name: string }
  /** `path` as debug information names it, absolute. */
  | { readonly kind: "source"; readonly path: string };

/** Below a server's address: `/buildid/ID/section/.debug_line`. Each part of a path is escaped by itself. */
export function artifactPath(id: BuildId, artifact: Artifact): string {
  const base = `/buildid/${id}/${artifact.kind}`;
  switch (artifact.kind) {
    case "section":
      return `${base}/${encodeURIComponent(artifact.name)}`;
    case "source":
      return `${base}/${artifact.path.replace(/^\/+/, "").split("/").map(encodeURIComponent).join("/")}`;
    default:
      return base;
  }
}

/** The file's name in the client's cache, as elfutils writes it: `/` is `##` and `#` is `#_` (debuginfod-client.c, path_escape). */
export function cacheName(artifact: Artifact): string {
  switch (artifact.kind) {
    case "section":
      return `section-${escapePath(artifact.name)}`;
    case "source":
      return `source${escapePath(artifact.path)}`;
    default:
      return artifact.kind;
  }
}

const escapePath = (path: string): string => path.replace(/[/#]/g, (character) => (character === "/" ? "##" : "#_"));

/** For people: `section .debug_line of 3b43fad5…`. */
export function artifactName(id: BuildId, artifact: Artifact): string {
  const what = artifact.kind === "section" ? `section ${artifact.name}` : artifact.kind === "source" ? `source ${artifact.path}` : artifact.kind;
  return `${what} of ${id.slice(0, 8)}…`;
}
