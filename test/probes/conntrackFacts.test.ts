import assert from "node:assert/strict";
import { parseConntrackFacts } from "../../src/probes/conntrackFacts";

describe("parseConntrackFacts", () => {
  it("reads a host with everything", () =>
    assert.deepEqual(parseConntrackFacts(["nf_conntrack_count 12", "nf_conntrack_log_invalid 6", "nf_log_all_netns 0", "nf_log/2 nf_log_ipv4", "canlog yes", "canlog yes", "nft yes", "iptables iptables", "iptables ip6tables", "used yes"]), {
      entries: 12, isUsed: true, logInvalid: 6, logger: "nf_log_ipv4", canLog: true, isInitial: true, nft: true, iptables: ["iptables", "ip6tables"],
    }));
  it("takes what is not told for unknown, never for zero", () =>
    assert.deepEqual(parseConntrackFacts([]), { isUsed: false, canLog: false, isInitial: false, nft: false, iptables: [] }));
});
