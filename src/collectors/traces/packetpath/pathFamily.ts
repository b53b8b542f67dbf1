import { DomainError } from "../../../base/errors";
import type { PathFilter } from "./pathModel";

/**
 * @returns the IP version that the addresses are of; undefined: there are none
 * @throws DomainError `trace/no-packet` without anything that says which packets, `trace/bad-packet` for an address that is none
 */
export function checkedFamily({ protocol, source, destination, port }: PathFilter & { readonly port?: number }): "ip" | "ip6" | undefined {
  if (source === undefined && destination === undefined && port === undefined && protocol !== "icmp") {
    throw new DomainError("trace/no-packet", "which packets: a port or an address has to be named, or tracing would trace what it sends itself");
  }
  const families = new Set([source, destination].filter((address) => address !== undefined).map(familyOf));
  if (families.size > 1) throw new DomainError("trace/bad-packet", "source and destination are not of one IP version");
  return [...families][0];
}

function familyOf(address: string): "ip" | "ip6" {
  if (/^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/.test(address)) return "ip";
  if (/^[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:\/\d{1,3})?$/.test(address)) return "ip6";
  throw new DomainError("trace/bad-packet", `not an address: ${address}`);
}
