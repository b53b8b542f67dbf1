/**
 * Marks packets by rules in a table of our own, as early as a packet can be met (priority -350, before raw and conntrack), and lets `nft monitor trace` tell
 * which rules they meet (nft(8), “meta nftrace”). Marking changes nothing of a packet's way.
 */
import { shellLine, shellScript, type Command } from "../../../target/command";
import { inNamespace } from "../inNamespace";
import { checkedFamily } from "./pathFamily";
import type { PathFilter } from "./pathModel";

type Argv = readonly [string, ...string[]];

export const readyLine = "knetscope ready";
export const tickLine = "knetscope tick";
export const tableName = (token: string): string => `knetscope_${token}`;
/** Packets a second that are marked at each of the two places; more would only be lost on the way. */
export const packetsPerSecond = 50;

export interface PathChanges {
  readonly setUp: readonly Argv[];
  readonly undo: readonly Argv[];
}

/** @throws DomainError `trace/no-packet` without anything that says which packets, `trace/bad-packet` for an address that is none */
export function pathChanges(token: string, filter: PathFilter & { readonly port?: number }): PathChanges {
  const table: Argv = ["inet", tableName(token)];
  const chain = (hook: string): Argv => ["nft", "add", "chain", ...table, hook, `{ type filter hook ${hook} priority -350; }`];
  const rule = (hook: string, match: readonly string[]): Argv => ["nft", "add", "rule", ...table, hook, ...match, "limit", "rate", `${packetsPerSecond}/second`, "burst", String(packetsPerSecond), "packets", "meta", "nftrace", "set", "1"];
  const matches = pathMatches(filter);
  return {
    setUp: [["nft", "add", "table", ...table], ...["prerouting", "output"].flatMap((hook) => [chain(hook), ...matches.map((match) => rule(hook, match))])],
    undo: [["nft", "delete", "table", ...table]],
  };
}

/** Each is one rule: a port may be either end's. */
export function pathMatches(filter: PathFilter & { readonly port?: number }): readonly (readonly string[])[] {
  const { protocol, source, destination, port } = filter;
  const family = checkedFamily(filter) ?? "ip";
  const protocols = protocol === "icmp" ? "{ icmp, ipv6-icmp }" : (protocol ?? (port === undefined ? undefined : "{ tcp, udp }"));
  const common = [
    ...(source === undefined ? [] : [family, "saddr", source]), ...(destination === undefined ? [] : [family, "daddr", destination]),
    ...(protocols === undefined ? [] : ["meta", "l4proto", protocols]),
  ];
  return port === undefined ? [common] : ["sport", "dport"].map((end) => [...common, "th", end, String(port)]);
}

/**
 * Arguments: SETUP MONITOR…. The monitor has no word for “ready”: it has joined its group when it sleeps, a moment after its start. A tick each second ends packets that
 * came no further. A monitor that cannot read some rule (xtables-monitor 1.8.9: those of ip6tables for UDP) ends: it is begun anew, and that is said.
 */
const monitorScript = `setup=$1
shift
begin() { "$@" & monitor=$!; sleep 1; }
ticks=
trap 'kill $monitor $ticks 2>/dev/null; exit 0' TERM
begin "$@"
eval "$setup" >&2 || { kill $monitor; exit 1; }
kill -0 $monitor || exit 1
echo "${readyLine}"
while sleep 1; do echo "${tickLine}"; done &
ticks=$!
for again in 1 2 3 4 5 6 7 8 9; do
  wait $monitor
  echo "$1 ended and is begun anew: packets are missing." >&2
  begin "$@"
done
wait $monitor
status=$?
kill $ticks
exit $status`;

const setUpLine = ({ setUp }: PathChanges): string => setUp.map(shellLine).join(" && ");

/** @param monitor prints what marked packets meet */
export function monitorCommand(changes: PathChanges, monitor: Argv, netns: number | undefined): Command {
  return {
    argv: inNamespace(shellScript(monitorScript, [setUpLine(changes), ...monitor]), netns),
    privilege: "root",
    undo: changes.undo.map((argv) => inNamespace(argv, netns)),
  };
}
