/**
 * The command that lets a host log its INVALID packets and hands its kernel log on. What it changes is a list of commands that can be shown before; what
 * takes each of them back is the undo, which the supervisor runs whatever ends us.
 */
import { shellLine, shellScript, type Command } from "../../target/command";
import { inNamespace } from "./inNamespace";
import { followLog, tellNewest } from "./kernelLogScript";

type Argv = readonly [string, ...string[]];

/** Changes of a host, and what takes them back. */
export interface LogChanges {
  /** In this order; all must succeed. */
  readonly setUp: readonly Argv[];
  /** Helps, but may fail. */
  readonly reasons: readonly Argv[];
  readonly undo: readonly Argv[];
  /** Lists the rules with their counters. */
  readonly counters: readonly Argv[];
}

export const readyLine = "knetscope ready";

/** Of a table or a comment. */
export const logName = (token: string): string => `knetscope_${token}`;
/** At most 29 bytes, which is all that xt_LOG takes. */
export const logPrefix = (token: string): string => `${logName(token)} `;

/** Lines a second that the rule may write; what is beyond is counted. */
export const linesPerSecond = 50;

const logInvalid = "net.netfilter.nf_conntrack_log_invalid";
/** Any protocol: IPPROTO_RAW (nf_l4proto_log_invalid, net/netfilter/nf_conntrack_proto.c). */
const allProtocols = 255;

/**
 * A table of our own, behind conntrack (priority -200) and before NAT (-100): the packet is logged as it came. On the loopback device a packet passes
 * both hooks: it is logged where it comes in.
 */
export function nftChanges(token: string): LogChanges {
  const table: Argv = ["inet", logName(token)];
  const chain = (hook: string): Argv => ["nft", "add", "chain", ...table, hook, `{ type filter hook ${hook} priority -150; }`];
  const rule = (hook: string, ...match: readonly string[]): Argv => [
    "nft", "add", "rule", ...table, hook, ...match, "ct", "state", "invalid", "counter", "limit", "rate", `${linesPerSecond}/second`, "burst", String(linesPerSecond), "packets",
    "log", "prefix", `"${logPrefix(token)}"`, "level", "info", "flags", "tcp", "sequence",
  ];
  return {
    setUp: [["nft", "add", "table", ...table], chain("prerouting"), chain("output"), rule("prerouting"), rule("output", "oifname", "!=", '"lo"')],
    reasons: [],
    undo: [["nft", "delete", "table", ...table]],
    counters: [["nft", "list", "table", ...table]],
  };
}

/** The same in the mangle table, whose chains stand at that place. Each place has a rule that counts and, before it, one that logs. */
export function iptablesChanges(token: string, programs: readonly string[]): LogChanges {
  const invalid = (comment: string, ...more: readonly string[]): readonly string[] => ["-m", "conntrack", "--ctstate", "INVALID", ...more, "-m", "comment", "--comment", comment];
  const limit = ["-m", "limit", "--limit", `${linesPerSecond}/second`, "--limit-burst", String(linesPerSecond)];
  const log = ["-j", "LOG", "--log-level", "info", "--log-prefix", logPrefix(token), "--log-tcp-sequence"];
  const bodies = [["PREROUTING"], ["OUTPUT", "!", "-o", "lo"]].flatMap((place) => [
    [...place, ...invalid(`${logName(token)} all`)],
    [...place, ...invalid(logName(token), ...limit), ...log],
  ]);
  const commands = (verb: string): Argv[] => programs.flatMap((program) => bodies.map((body): Argv => [program, "-w", "-t", "mangle", verb, ...body]));
  return { setUp: commands("-I"), reasons: [], undo: commands("-D"), counters: programs.map((program): Argv => [program, "-w", "-t", "mangle", "-nvxL"]) };
}

/** Restored only while it still has our value: somebody else may have set it meanwhile. */
const restoreScript = `[ "$(cat "$1")" = ${allProtocols} ] && echo "$2" >"$1"`;

/** @param before what the sysctl holds; undefined: it is not there */
export function reasonChanges(before: number | undefined): Pick<LogChanges, "reasons" | "undo"> {
  if (before === undefined || before === allProtocols) return { reasons: [], undo: [] };
  return { reasons: [["sysctl", "-q", "-w", `${logInvalid}=${allProtocols}`]], undo: [shellScript(restoreScript, [`/proc/sys/${logInvalid.replaceAll(".", "/")}`, String(before)])] };
}

const allNetnsFile = "/proc/sys/net/netfilter/nf_log_all_netns";

/**
 * The same in another network namespace. Its rules write into the kernel log only with net.netfilter.nf_log_all_netns of the host's own.
 *
 * @param before what that sysctl holds; undefined: unknown
 */
export function changesIn(netns: number | undefined, { setUp, reasons, undo, counters }: LogChanges, before: number | undefined): LogChanges {
  if (netns === undefined) return { setUp, reasons, undo, counters };
  const inside = (commands: readonly Argv[]): readonly Argv[] => commands.map((argv) => inNamespace(argv, netns));
  const all = before === 1 ? [] : [["sysctl", "-q", "-w", "net.netfilter.nf_log_all_netns=1"] as const];
  const back = before === 1 ? [] : [shellScript('[ "$(cat "$1")" = 1 ] && echo 0 >"$1"', [allNetnsFile])];
  return { setUp: [...all, ...inside(setUp)], reasons: inside(reasons), undo: [...inside(undo), ...back], counters: inside(counters) };
}

/** Arguments: SETUP REASONS COUNTERS, lines for a shell. The signal that ends us comes once a second: neither the reader nor the counting heeds it, so that a line that was counted is handed on too. */
const logScript = `setup=$1 reasons=$2 counters=$3
${tellNewest}
reader=
finish() {
  trap '' TERM
  eval "$counters"
  sleep 0.3
  kill -KILL $reader
  exit 0
}
trap finish TERM
eval "$setup" >&2 || exit 1
eval "$reasons" >&2
echo "${readyLine}"
${followLog}`;

export function logCommand({ setUp, reasons, undo, counters }: LogChanges): Command {
  const lines = (commands: readonly Argv[], between: string): string => commands.map(shellLine).join(between);
  return { argv: shellScript(logScript, [lines(setUp, " && "), lines(reasons, "\n"), lines(counters, "\n")]), privilege: "root", undo };
}
