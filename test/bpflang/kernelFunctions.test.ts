import assert from "node:assert/strict";
import { KernelFunctions } from "../../src/bpflang/kernelFunctions";

describe("KernelFunctions", () => {
  it("has the functions of tracefs with their modules, and nothing made up", () => {
    const functions = KernelFunctions.parse("tcp_close\n__ftrace_invalid_address___64\nnf_ct_get [nf_conntrack]\n");
    assert.deepEqual([functions.size, functions.moduleOf("nf_ct_get"), functions.moduleOf("tcp_close"), functions.has("tcp_open")], [2, "nf_conntrack", undefined, false]);
  });
  it("has no padding, which kallsyms names after the function behind it", () => {
    assert.deepEqual(KernelFunctions.parse("__pfx_vfs_read\nvfs_read\n__pfx_nf_ct_get\t[nf_conntrack]\nnf_ct_get\t[nf_conntrack]\n").list.search("", 9), ["vfs_read", "nf_ct_get"]);
  });
});
