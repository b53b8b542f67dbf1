import type { Listener } from "../../collectors/socketModel";

/** The ss filter that finds a listener's connections. A wildcard listener takes those of every address. */
export function connectionsFilter({ local }: Pick<Listener, "local">): string {
  if (local.port === undefined) return "";
  const wildcard = local.address === "*" || local.address === "0.0.0.0" || local.address === "::";
  if (wildcard) return `sport = :${local.port}`;
  const address = local.address.includes(":") ? `[${local.address}]` : local.address;
  return `src ${address}:${local.port}`;
}
