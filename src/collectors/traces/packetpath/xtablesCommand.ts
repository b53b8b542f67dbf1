/**
 * The same marks by iptables: rules in its table raw, with a comment that is ours (iptables-extensions(8), “TRACE”). Where iptables writes rules of nf_tables the kernel
 * tells of them over netlink, as it does for nft; where it writes those of ip_tables (“legacy”) they are lines in the kernel log.
 */
import { shellLine, shellScript, type Command } from "../../../target/command";
import { inNamespace } from "../inNamespace";
import { followLog, tellNewest } from "../kernelLogScript";
import { rulesWord } from "./legacyTrace";
import { readyLine, tableName, tickLine, type PathChanges } from "./pathCommand";
import { checkedFamily } from "./pathFamily";
import type { PathFilter } from "./pathModel";

type Argv = readonly [string, ...string[]];
type Wanted = PathFilter & { readonly port?: number };

/** Packets a second that are marked where each is a line in the kernel log for every chain that it meets. */
export const loggedPerSecond = 10;

/**
 * @param programs one a family, of one kind: `iptables` and `ip6tables`, or `iptables-legacy` and `ip6tables-legacy`
 * @throws those of `checkedFamily`
 */
export function xtablesChanges(token: string, programs: readonly string[], filter: Wanted, perSecond: number): PathChanges {
  const family = checkedFamily(filter);
  const wanted = programs.filter((program) => family === undefined || familyOfProgram(program) === family);
  const mark = ["-m", "limit", "--limit", `${perSecond}/second`, "--limit-burst", String(perSecond), "-m", "comment", "--comment", tableName(token), "-j", "TRACE"];
  const bodies = wanted.flatMap((program) => ["PREROUTING", "OUTPUT"].flatMap((chain) => xtablesMatches(filter, familyOfProgram(program)).map((match) => [program, chain, [...match, ...mark]] as const)));
  const commands = (verb: string): Argv[] => bodies.map(([program, chain, rule]): Argv => [program, "-w", "-t", "raw", verb, chain, ...rule]);
  return { setUp: commands("-I"), undo: commands("-D") };
}

const familyOfProgram = (program: string): "ip" | "ip6" => (program.startsWith("ip6") ? "ip6" : "ip");

function xtablesMatches({ protocol, source, destination, port }: Wanted, family: "ip" | "ip6"): readonly (readonly string[])[] {
  const ends = [...(source === undefined ? [] : ["-s", source]), ...(destination === undefined ? [] : ["-d", destination])];
  const protocols = protocol === "icmp" ? [family === "ip" ? "icmp" : "ipv6-icmp"] : protocol !== undefined ? [protocol] : port !== undefined ? ["tcp", "udp"] : [undefined];
  return protocols.map((name) => [...ends, ...(name === undefined ? [] : ["-p", name]), ...(port === undefined || protocol === "icmp" ? [] : ["-m", "multiport", "--ports", String(port)])]);
}

/** Arguments: SETUP LISTING, lines for a shell. The kernel has a logger for each namespace and family; where that is none, or another one, its log stays silent. */
const script = `setup=$1 listing=$2
${tellNewest}
reader= ticks=
finish() {
  trap '' TERM
  sleep 0.3
  eval "$listing"
  kill -KILL $reader $ticks 2>/dev/null
  exit 0
}
trap finish TERM
eval "$setup" >&2 || exit 1
logger=$(cat /proc/sys/net/netfilter/nf_log/2)
case $logger in
  nf_log_ipv4 | nf_log_syslog | "") ;;
  *) echo "Packets are not written into the kernel log: net.netfilter.nf_log.2 is $logger (nf_log_ipv4 lets them; nfnetlink_log gives them to a program such as ulogd)." >&2 ;;
esac
eval "$listing"
echo "${readyLine}"
while sleep 1; do echo "${tickLine}"; done &
ticks=$!
${followLog}`;

/** @param changes with all that lets a namespace write into the kernel log, of which there is one */
export function loggedPathCommand({ setUp, undo }: PathChanges, programs: readonly string[], netns: number | undefined): Command {
  const listing = [...programs.flatMap((program) => [["echo", `${rulesWord}${familyOfProgram(program)}`] as const, inNamespace([`${program}-save`], netns)]), ["echo", rulesWord] as const];
  return { argv: shellScript(script, [setUp.map(shellLine).join(" && "), listing.map(shellLine).join("\n")]), privilege: "root", undo };
}
