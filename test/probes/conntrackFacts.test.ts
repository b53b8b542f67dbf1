import assert from "node:assert/strict";
import { noConntrackFacts, parseConntrackFacts, rulePattern } from "../../src/probes/conntrackFacts";

describe("parseConntrackFacts", () => {
  it("reads a host with everything", () =>
    assert.deepEqual(parseConntrackFacts(["nf_conntrack_count 12", "nf_conntrack_log_invalid 6", "nf_log_all_netns 0", "nf_log/2 nf_log_ipv4", "canlog yes", "canlog yes", "nft yes", "iptables iptables", "iptables ip6tables", "overnft iptables", "overnft ip6tables", "legacy iptables-legacy", "nftrules yes", "monitor yes", "used yes"]), {
      entries: 12, isUsed: true, logInvalid: 6, logger: "nf_log_ipv4", canLog: true, isInitial: true, nft: true, iptables: ["iptables", "ip6tables"],
      overNft: ["iptables", "ip6tables"], legacy: ["iptables-legacy"], hasNftRules: true, hasLegacyRules: false, hasMonitor: true,
    }));
  it("names a program once that has two names", () => {
    const { legacy, hasLegacyRules } = parseConntrackFacts(["legacy iptables-legacy", "legacyrules yes", "legacy ip6tables-legacy", "legacy iptables", "legacy ip6tables"]);
    assert.deepEqual([legacy, hasLegacyRules], [["iptables-legacy", "ip6tables-legacy"], true]);
    assert.deepEqual(parseConntrackFacts(["legacy iptables"]).legacy, ["iptables"]);
  });
  it("takes what is not told for unknown, never for zero", () =>
    assert.deepEqual(parseConntrackFacts([]), noConntrackFacts));
});

describe("rulePattern", () => {
  const uses = (rule: string): boolean => new RegExp(rulePattern.replaceAll("[[:space:]]", "\\s")).test(rule);

  it("finds the rules that need conntrack", () => {
    for (const rule of [
      "\t\tct state established counter packets 1 bytes 40 accept", "\t\toifname \"eth0\" masquerade", "\t\ttcp dport 80 redirect to :8080", "\t\tip daddr 10.0.0.1 dnat to 10.0.0.2",
      "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT", "-A INPUT -p tcp -m state --state NEW -j ACCEPT", "-A PREROUTING -p tcp -j REDIRECT --to-ports 8080", "-A POSTROUTING -o eth0 -j MASQUERADE",
      "-A POSTROUTING -j SNAT --to-source 10.0.0.1",
    ]) assert.ok(uses(rule), rule);
  });

  it("passes over those that do not", () => {
    for (const rule of ["\t\ttcp dport 22 accept", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "\ttype nat hook prerouting priority dstnat; policy accept;", "*nat", ":PREROUTING ACCEPT [0:0]"]) assert.ok(!uses(rule), rule);
  });
});
