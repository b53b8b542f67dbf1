import type { ConntrackFacts } from "../../probes/conntrackFacts";
import type { HostFacts } from "../../probes/hostFacts";
import type { Obstacle } from "./collector";
import { installRemedy } from "./installRemedy";

/** What keeps nft from setting a rule there. */
export function nftObstacle({ nft }: ConntrackFacts, facts: HostFacts): Obstacle | undefined {
  if (nft) return undefined;
  if (facts.programs["nft"] !== undefined) return { code: "trace/no-firewall-tool", sentence: "nft does not work with this kernel." };
  const remedy = installRemedy(facts, "nftables", "A small package. It changes no rules by itself.");
  return { code: "trace/no-firewall-tool", sentence: "nft is not installed on this host.", ...(remedy && { remedy }) };
}
