/** What tracing packets through a firewall, and logging the INVALID ones, has to know of a host. */
export interface ConntrackFacts {
  /** Connections that are tracked in the host's own network namespace; undefined: conntrack is not loaded. Those of rules that are gone stay for days. */
  readonly entries?: number;
  /** Some firewall or NAT rule needs conntrack, or a module that uses it without rules is loaded. */
  readonly isUsed: boolean;
  /** net.netfilter.nf_conntrack_log_invalid: 0, a protocol's number, 255 for all. */
  readonly logInvalid?: number;
  /** Which logger conntrack's own lines of IPv4 go to: `nf_log_ipv4`, `nfnetlink_log`, `NONE`. */
  readonly logger?: string;
  /** A module that writes packets into the kernel log is there or can be loaded. */
  readonly canLog: boolean;
  /** net.netfilter.nf_log_all_netns is there, which only the host's own namespace has. */
  readonly isInitial: boolean;
  /** What net.netfilter.nf_log_all_netns of the host's own namespace holds. */
  readonly allNetns?: number;
  /** nft works with this kernel. */
  readonly nft: boolean;
  /** Those of iptables and ip6tables that are there. */
  readonly iptables: readonly string[];
  /** Programs of iptables whose rules are those of nf_tables, and those whose rules are ip_tables' own (“legacy”): they see different rules. */
  readonly overNft: readonly string[];
  readonly legacy: readonly string[];
  /** There are chains of nf_tables in this namespace; of ip_tables there are rules, or policies that drop. */
  readonly hasNftRules: boolean;
  readonly hasLegacyRules: boolean;
  /** xtables-monitor is there, which tells what iptables over nf_tables traces. */
  readonly hasMonitor: boolean;
}

/** What a rule that needs conntrack has, as nft and iptables-save write it; for grep -E. */
export const rulePattern = "(^|[[:space:]])(ct |masquerade|redirect|[sd]nat |-m (conntrack|state|conn[a-z]+|helper) |-j (REDIRECT|MASQUERADE|[SD]NAT|NETMAP|CT|CONNMARK))";

export const noConntrackFacts: ConntrackFacts = { isUsed: false, canLog: false, isInitial: false, nft: false, iptables: [], overNft: [], legacy: [], hasNftRules: false, hasLegacyRules: false, hasMonitor: false };

/** Shell lines that print `name value`. Only a rule that needs conntrack lets it look at packets; its modules stay loaded when the last one is gone. */
export const conntrackScript = `(
cd /proc/sys/net/netfilter 2>/dev/null || exit
for file in nf_conntrack_count nf_conntrack_log_invalid nf_log_all_netns nf_log/2; do [ -r $file ] && echo "$file $(cat $file)"; done
for module in nf_log_syslog nf_log_ipv4; do [ -d /sys/module/$module ] && echo "canlog yes"; modprobe -n -q $module 2>/dev/null && echo "canlog yes"; done
command -v modprobe >/dev/null 2>&1 || echo "canlog yes"
nft list tables >/dev/null 2>&1 && echo "nft yes"
for program in iptables ip6tables; do command -v $program >/dev/null 2>&1 && echo "iptables $program"; done
for program in iptables-legacy ip6tables-legacy iptables ip6tables; do
  version=$($program --version 2>/dev/null) || continue
  case $version in
    *nf_tables*) echo "overnft $program" ;;
    *) echo "legacy $program"; $program-save 2>/dev/null | grep -qE '^(-A|:[^ ]+ DROP)' && echo "legacyrules yes" ;;
  esac
done
nft list ruleset 2>/dev/null | grep -q ' hook ' && echo "nftrules yes"
command -v xtables-monitor >/dev/null 2>&1 && echo "monitor yes"
for module in openvswitch act_ct ip_vs; do [ -d /sys/module/$module ] && echo "used yes"; done
{ nft list ruleset; iptables-save; ip6tables-save; iptables-legacy-save; } 2>/dev/null | grep -qE "${rulePattern}" && echo "used yes"
)`;

export function parseConntrackFacts(lines: readonly string[]): ConntrackFacts {
  const pairs = lines.map((line) => line.split(" "));
  const value = (name: string): string | undefined => pairs.find(([key]) => key === name)?.[1];
  const number = (name: string): number | undefined => (/^\d+$/.test(value(name) ?? "") ? Number(value(name)) : undefined);
  const all = (name: string): readonly string[] => pairs.flatMap(([key, word]) => (key === name && word !== undefined ? [word] : []));
  const legacy = all("legacy");
  const [entries, logInvalid, logger] = [number("nf_conntrack_count"), number("nf_conntrack_log_invalid"), value("nf_log/2")];
  return {
    ...(entries === undefined ? {} : { entries }),
    ...(logInvalid === undefined ? {} : { logInvalid }),
    ...(logger === undefined ? {} : { logger }),
    isUsed: value("used") === "yes",
    canLog: value("canlog") === "yes",
    isInitial: value("nf_log_all_netns") !== undefined,
    ...(number("allnetns") === undefined ? {} : { allNetns: number("allnetns") as number }),
    nft: value("nft") === "yes",
    iptables: all("iptables"),
    overNft: all("overnft"),
    // Where `iptables` is another name of `iptables-legacy`, one of them is enough.
    legacy: legacy.filter((program) => !legacy.includes(`${program}-legacy`)),
    hasNftRules: value("nftrules") === "yes",
    hasLegacyRules: value("legacyrules") === "yes",
    hasMonitor: value("monitor") === "yes",
  };
}
