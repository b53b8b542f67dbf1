/**
 * The host of `src` and `dst`: `[FAMILY:]ADDRESS[/PREFIX][:PORT]`, `:PORT`, `*`, `[v6]:PORT`, `unix:NAME`. An IPv6 address without
 * brackets is an address to its end, so its port needs brackets. Names are not resolved: whose resolver would be asked?
 */
import { parseAddress } from "./addressText";
import { FilterError, type HostCondition } from "./filterExpression";
import type { FilterToken } from "./filterTokens";
import { parsePort } from "./portNames";

export function parseHost(token: FilterToken): HostCondition {
  const family = /^(inet6?|unix|link|netlink|vsock|raw|dgram):(.*)$/s.exec(token.text);
  const [, prefix, rest = token.text] = family ?? [];
  if (prefix === "unix") return { unixName: rest };
  if (prefix !== undefined && prefix !== "inet" && prefix !== "inet6") {
    throw new FilterError("filter/unsupported", `hosts of the family ${prefix} are not supported`, token.position, token.text.length);
  }
  return rest.startsWith("/") || rest.startsWith("@") ? { unixName: rest } : parseInetHost(rest, token);
}

/** `:PORT`, `PORT` or `ADDRESS:PORT` where only the port counts. */
export function parsePortOperand(token: FilterToken): number {
  const text = token.text.replace(/^inet6?:/, "");
  return portOf(text.slice(text.lastIndexOf(":") + 1), token);
}

function parseInetHost(text: string, token: FilterToken): HostCondition {
  const { address, port } = splitHost(text);
  return { ...(address !== "" && address !== "*" && parsePrefix(address, token)), ...(port !== undefined && port !== "*" && { port: portOf(port, token) }) };
}

function splitHost(text: string): { address: string; port?: string } {
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(.*))?$/s.exec(text);
  if (bracketed) return withPort(`${bracketed[1] ?? ""}${bracketed[2] ?? ""}`, bracketed[3]);
  const colons = text.split(":").length - 1;
  if (colons !== 1) return { address: text };
  const [address = "", port] = text.split(":");
  return withPort(address, port);
}

const withPort = (address: string, port: string | undefined): { address: string; port?: string } => ({ address, ...(port !== undefined && { port }) });

function parsePrefix(text: string, token: FilterToken): { address: Uint8Array; prefixLength: number } {
  const [host = "", length, ...more] = text.split("/");
  const address = parseAddress(length === undefined ? host : fillQuad(host));
  if (!address || more.length > 0) throw new FilterError("filter/address", `“${text}” is no address (names are not resolved)`, token.position, token.text.length);
  const bits = address.length * 8;
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= bits)) {
    throw new FilterError("filter/address", `“/${length}” is no prefix length of 0 to ${bits}`, token.position, token.text.length);
  }
  return { address, prefixLength: length === undefined ? bits : Number(length) };
}

/** `10/8` is 10.0.0.0/8. */
function fillQuad(text: string): string {
  if (!/^\d+(\.\d+){0,2}$/.test(text)) return text;
  return [...text.split("."), "0", "0", "0"].slice(0, 4).join(".");
}

function portOf(text: string, token: FilterToken): number {
  const port = parsePort(text);
  if (port === undefined) throw new FilterError("filter/port", `“${text}” is no port`, token.position, token.text.length);
  return port;
}
