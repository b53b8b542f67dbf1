import { DomainError } from "../base/errors";

/** What a person types to name a host. */
export interface Destination {
  /** An alias of the configuration, a host name or an address (IPv6 without brackets). */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/**
 * `alias`, `user@host`, `host:port`, `[v6]:port`, a bare IPv6 address, or `ssh://user@host:port`.
 * A name may not begin with a dash: it would be an option of the programs it is given to.
 *
 * @throws DomainError `ssh/bad-name`
 */
export function parseDestination(text: string): Destination {
  const plain = text.trim().replace(/^ssh:\/\//, "").replace(/\/$/, "");
  const at = plain.lastIndexOf("@");
  const user = at < 0 ? undefined : plain.slice(0, at);
  const rest = plain.slice(at + 1);
  const match = /^\[([^[\]]+)\](?::(\d+))?$/.exec(rest) ?? /^([^:[\]]+)(?::(\d+))?$/.exec(rest) ?? /^([0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?)$/.exec(rest);
  const host = match?.[1] ?? "";
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  const impossible = host === "" || user === "" || /^-|[\s/\0]/.test(host) || /^-|\0/.test(user ?? "") || (port !== undefined && (port < 1 || port > 65535));
  if (impossible) throw new DomainError("ssh/bad-name", "not the name of a host: an alias, user@host or user@host:port is wanted", text);
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
}
