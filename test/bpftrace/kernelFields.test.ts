import assert from "node:assert/strict";
import { KernelFields } from "../../src/bpftrace/kernelFields";
import { placesOf } from "../support/fieldPlaces";

describe("KernelFields", () => {
  const kernel = new KernelFields(placesOf({ sk_buff: { dev: 16, head: 200 }, net_device: { name: 0 } }));

  it("read each field where the target has it, through pointers too", () => {
    assert.equal(kernel.of("skb.head", "arg1"), "*(uint64 *)(arg1 + 200)");
    assert.equal(kernel.word("dev.name", kernel.of("skb.dev", "$skb"), 8), "*(uint64 *)(*(uint64 *)($skb + 16) + 8)");
  });
  it("read zero for what the kernel lacks", () => assert.equal(kernel.of("skb.nfct", "$skb"), "0"));
  it("tell what there is", () => assert.deepEqual([kernel.has("skb.dev"), kernel.has("skb.dev", "skb.sk"), kernel.has("net.inum")], [true, false, false]));
});
