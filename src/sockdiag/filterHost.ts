/**
 * The host of `src` and `dst`: `[FAMILY:]ADDRESS[/PREFIX][:PORT]`, `:PORT`, `*`, `[v6]:PORT`, `unix:NAME`,
 * `netlink:PROTOCOL[:PORTID]`, `vsock:CID[:PORT]`, `link:PROTOCOL`. An IPv6 address without
 * brackets is an address to its end, so its port needs brackets. Names are not resolved: whose resolver would be asked?
 */
import { parseAddress } from "../base/addressText";
import { FilterError, type HostCondition } from "./filterExpression";
import type { FilterToken } from "./filterTokens";
import { netlinkProtocolNumber } from "./netlinkProtocols";
import { parsePort } from "./portNames";

export function parseHost(token: FilterToken): HostCondition {
  const family = /^(inet6?|unix|link|netlink|vsock):(.*)$/s.exec(token.text);
  const [, prefix, rest = token.text] = family ?? [];
  switch (prefix) {
    case "unix": return { unixName: rest };
    case "netlink": return parseOther("netlink", rest, token, netlinkProtocolNumber);
    case "vsock": return parseOther("vsock", rest, token, numberOf);
    case "link": return parseOther("packet", rest, token, numberOf);
    default: return rest.startsWith("/") || rest.startsWith("@") ? { unixName: rest } : parseInetHost(rest, token);
  }
}

/** `NUMBER[:PORT]`, with `*` for any; the port of a netlink socket is its port id. */
function parseOther(family: "netlink" | "vsock" | "packet", text: string, token: FilterToken, read: (text: string) => number | undefined): HostCondition {
  const [name = "", port, ...more] = text.split(":");
  const any = (part: string | undefined): boolean => part === undefined || part === "" || part === "*";
  const number = any(name) ? undefined : read(name);
  const id = any(port) ? undefined : numberOf(port ?? "");
  if ((!any(name) && number === undefined) || (!any(port) && id === undefined) || more.length > 0) {
    throw new FilterError("filter/address", `“${text}” is no ${family} address`, token.position, token.text.length);
  }
  return { other: { family, ...(number !== undefined && { number }) }, ...(id !== undefined && { port: id }) };
}

const numberOf = (text: string): number | undefined => (/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) && Number(text) <= 0xffff_ffff ? Number(text) : undefined);

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
