import assert from "node:assert/strict";
import fc from "fast-check";
import { vaddr } from "../../src/base/brands";
import { Kallsyms } from "../../src/symbolize/kallsyms";

const text = `0000000000000000 A fixed_percpu_data
0000000000001000 A cpu_debug_store
ffffffff9f000000 T startup_64
ffffffff9f000000 T _stext
ffffffff9f000000 T _text
ffffffff9f000060 t helper
ffffffff9f000080 T tcp_v4_rcv
ffffffff9f000f60 t helper
ffffffff9f001000 T _etext
ffffffffc0a00000 t nf_ct_init\t[nf_conntrack]
ffffffffc0900000 t helper\t[nf_tables]
ffffffffc0900010 t nft_do\t[nf_tables]
`;
const parse = (input: string): Kallsyms => Kallsyms.parse(Buffer.from(input));
const at = (table: Kallsyms, address: bigint): string => {
  const found = table.lookup(vaddr(address));
  return found ? `${found.symbol}+${found.offset}/${found.size}${found.module ? ` [${found.module}]` : ""}` : "none";
};

describe("Kallsyms", () => {
  it("names addresses of the kernel and of modules as the kernel does, in whatever order the text has them", () => {
    const table = parse(text);
    assert.equal(at(table, 0xffff_ffff_9f00_0081n), "tcp_v4_rcv+1/3808");
    assert.equal(at(table, 0xffff_ffff_9f00_0000n), "startup_64+0/96");
    assert.equal(at(table, 0xffff_ffff_c090_000fn), "helper+15/16 [nf_tables]");
    assert.equal(at(table, 0xffff_ffff_c0a0_0004n), "nf_ct_init+4/undefined [nf_conntrack]");
  });

  it("does not name what lies in no symbol: per-CPU offsets, holes, addresses of processes", () => {
    const table = parse(text);
    for (const address of [0x1004n, 0x7fff_1234_5678n, 0xffff_ffff_b000_0000n, 0xffff_ffff_ffff_ffffn]) assert.equal(at(table, address), "none");
  });

  it("gives all addresses of a name, by module", () => {
    const table = parse(text);
    assert.deepEqual(table.addressesOf("helper"), [0xffff_ffff_9f00_0060n, 0xffff_ffff_9f00_0f60n]);
    assert.deepEqual(table.addressesOf("helper", "nf_tables"), [0xffff_ffff_c090_0000n]);
    assert.deepEqual(table.addressesOf("help"), []);
  });

  it("knows when the kernel hides its addresses", () => {
    const hidden = parse(text.replace(/^[0-9a-f]{16}/gm, "0000000000000000"));
    assert.equal(hidden.hidden, true);
    assert.equal(at(hidden, 0n), "none");
    assert.deepEqual(hidden.addressesOf("tcp_v4_rcv"), []);
    assert.equal(parse(text).hidden, false);
  });

  it("passes over lines that are none of its own, and takes a last line without an end", () => {
    const table = parse("\ngarbage\nffffffff81000000\nffffffff81000000 T\nzz T x\nffffffff81000010 T last");
    assert.equal(at(table, 0xffff_ffff_8100_0011n), "last+1/undefined");
  });

  it("agrees with a plain search", () => {
    const symbol = fc.tuple(fc.nat(0xffff), fc.stringMatching(/^[a-z_]{1,6}$/));
    fc.assert(
      fc.property(fc.uniqueArray(symbol, { selector: ([offset]) => offset, maxLength: 20 }), fc.nat(0xffff), (symbols, offset) => {
        const base = 0xffff_8000_0800_0000n;
        const table = parse(symbols.map(([own, name]) => `${(base + BigInt(own)).toString(16)} t ${name}\n`).join(""));
        const below = symbols.filter(([own]) => own <= offset).sort((a, b) => b[0] - a[0])[0];
        const found = table.lookup(vaddr(base + BigInt(offset)));
        assert.deepEqual(found && [found.symbol, found.offset], below && [below[1], offset - below[0]]);
      }),
    );
  });

  it("reads any bytes without failing", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void Kallsyms.parse(bytes).lookup(vaddr(0xffff_ffff_8100_0000n))));
  });
});
