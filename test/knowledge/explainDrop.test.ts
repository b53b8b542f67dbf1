import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dropCauses } from "../../src/knowledge/dropCauses";
import { explainDrop } from "../../src/knowledge/explainDrop";
import { parseEventFormat } from "../../src/probes/eventFormat";

const stack = (...names: readonly string[]) => names.map((symbol) => ({ symbol, frames: [] }));
const format = (release: string): string => readFileSync(join(import.meta.dirname, `../fixtures/tracefs/kfree_skb-${release}.txt`), "utf8");

describe("explainDrop", () => {
  it("takes the kernel's own reason for certain", () => {
    const { cause, evidence, citation } = explainDrop({ reason: "NETFILTER_DROP" }, stack("nf_hook_slow", "ip_local_deliver"));
    assert.deepEqual([cause.id, cause.confidence, cause.expected], ["NETFILTER_DROP", "certain", undefined]);
    assert.deepEqual(evidence, ["The kernel's own reason is NETFILTER_DROP."]);
    assert.match(citation ?? "", /nf_hook_slow/);
  });
  it("names a reason that it has no words for", () => assert.match(explainDrop({ reason: "BRAND_NEW" }, []).cause.title, /BRAND_NEW/));
  it("says of a listener's full queue that no drop event shows it", () => {
    const { cause, evidence } = explainDrop({ reason: "ACCEPT_QUEUE_FULL" }, stack("tcp_conn_request", "tcp_v4_conn_request"));
    assert.equal(cause.confidence, "certain");
    assert.match(evidence[0] ?? "", /full when tcp_conn_request looked/);
  });
  for (const [name, frames, id, confidence, expected] of [
    ["a closed Unix socket", ["unix_release_sock", "unix_release"], "unix-socket", "likely", true],
    ["a queue purged on close", ["skb_queue_purge", "tcp_disconnect"], "socket-closed", "likely", true],
    ["a rule, on a kernel without reasons", ["nf_hook_slow", "ip_local_deliver"], "NETFILTER_DROP", "likely", undefined],
    ["a place that says nothing", ["frobnicate", "do_frob"], "NOT_SPECIFIED", "low", undefined],
  ] as const) {
    it(`goes by the place where there is no reason: ${name}`, () => {
      const { cause } = explainDrop({ reason: "NOT_SPECIFIED" }, stack(...frames));
      assert.deepEqual([cause.id, cause.confidence, cause.expected], [id, confidence, expected]);
    });
  }
  it("tells a request from a stray segment", () => {
    const detail = (flags: readonly string[]): string => explainDrop({ reason: "NO_SOCKET", packet: { transport: "TCP", flags } }, []).cause.detail;
    assert.doesNotMatch(detail(["SYN"]), /no request/);
    assert.match(detail(["ACK"]), /no request for a connection/);
  });

  it("has words for every reason of the kernels at hand, with at most ten words in a title", () => {
    const names = ["6.1", "6.12"].flatMap((release) => [...parseEventFormat(format(release)).names.values()]);
    assert.ok(names.length > 150);
    const without = names.filter((name) => dropCauses[name] === undefined && !/^(?:SKB_|NOT_DROPPED|CONSUMED|MAX|SUBSYS)/.test(name));
    assert.ok(without.length <= 18, without.join());
    for (const { title, detail, citation } of Object.values(dropCauses)) {
      assert.ok(title.split(" ").length <= 10, title);
      assert.ok(detail.endsWith(".") && citation !== undefined, title);
    }
  });
});
