import type { Listener } from "../../collectors/socketModel";

/** The ss filter that finds a listener's connections. A wildcard listener takes those of every address; those of a unix listener have its name. */
export function connectionsFilter({ local, family }: Pick<Listener, "local" | "family">): string {
  if (family === "unix") return `src unix:${local.address}`;
  if (local.port === undefined) return "";
  const wildcard = local.address === "*" || local.address === "0.0.0.0" || local.address === "::";
  if (wildcard) return `sport = :${local.port}`;
  const address = local.address.includes(":") ? `[${local.address}]` : local.address;
  return `src ${address}:${local.port}`;
}
