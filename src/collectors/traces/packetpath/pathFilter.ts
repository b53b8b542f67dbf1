import { DomainError } from "../../../base/errors";
import type { PathFilter } from "./pathModel";

/** In short, for headings: `tcp · from 10.0.0.1 · to 10.0.0.2`. */
export const pathFilterWords = ({ protocol, source, destination }: PathFilter): readonly string[] =>
  [...(protocol === undefined ? [] : [protocol]), ...(source === undefined ? [] : [`from ${source}`]), ...(destination === undefined ? [] : [`to ${destination}`])];

export type PathChoice = PathFilter & { readonly port?: number; readonly netns?: number };

export const pathProtocols = ["tcp", "udp", "icmp"] as const;

/**
 * What a person types: `port=80 proto=tcp from=10.0.0.0/8 to=192.0.2.7 netns=4026532208`.
 *
 * @throws DomainError `trace/bad-packet` with the word that is not understood
 */
export function parsePathFilter(text: string): PathChoice {
  return Object.assign({}, ...text.split(/\s+/).filter((word) => word !== "").map(parseWord)) as PathChoice;
}

function parseWord(word: string): PathChoice {
  const [key, value = ""] = word.split("=", 2);
  const whole = /^\d{1,10}$/.test(value) ? Number(value) : undefined;
  const protocol = pathProtocols.find((name) => name === value);
  if (key === "port" && whole !== undefined && whole > 0 && whole < 65536) return { port: whole };
  if (key === "netns" && whole !== undefined) return { netns: whole };
  if (key === "proto" && protocol !== undefined) return { protocol };
  if (key === "from" && value !== "") return { source: value };
  if (key === "to" && value !== "") return { destination: value };
  throw new DomainError("trace/bad-packet", `not understood: ${word}`);
}
