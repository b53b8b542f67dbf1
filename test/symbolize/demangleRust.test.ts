import assert from "node:assert/strict";
import fc from "fast-check";
import { demangleRust } from "../../src/symbolize/demangleRust";

/** The same as binutils' c++filt says, but for the hashes of crates and the types of constants. */
const known: readonly [symbol: string, name: string | undefined][] = [
  ["_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"],
  ["_RNvMs_NtCs4fqI2P2rA04_4core5sliceINtB4_6MyTypehE3new", "<core::slice::MyType<u8>>::new"],
  ["_RNCNvCsgStHSCytQ6I_7mycrate4main0B3_", "mycrate::main::{closure#0}"],
  ["_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>"],
  ["_RINvCs1_1a1bRhTmmEFUKCEuE", "a::b::<&u8, (u32, u32), unsafe extern \"C\" fn()>"],
  ["_RINvCs1_1a1bKj20_Kb1_Kc41_E", "a::b::<32, true, 'A'>"],
  ["_RNvXs_Cs1_1aNtB4_1TNtNtC4core3fmt5Debug3fmt", "<a::T as core::fmt::Debug>::fmt"],
  ["_RNvNtCs1_6kernel5print16call_printk_cont.llvm.123", "kernel::print::call_printk_cont.llvm.123"],
  ["_ZN4core3fmt9Formatter3pad17h1234567890abcdefE", "core::fmt::Formatter::pad"],
  ["_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE", "<Test + 'static as foo::Bar<Test>>::bar"],
  ["_ZN3fooE", undefined],
  ["_ZN3foo17hnothexnothexnotheE", undefined],
  ["tcp_v4_rcv", undefined],
  ["_R", undefined],
  ["_RNvB_3foo", undefined],
];

describe("demangleRust", () => {
  for (const [symbol, name] of known) it(`reads ${symbol}`, () => assert.equal(demangleRust(symbol), name));

  it("ends on any text, in bounded space", () => {
    const alphabet = fc.constantFrom(..."CMXYNIBRQPOSATFLKEs_0123456789abvtu".split(""));
    fc.assert(fc.property(fc.array(alphabet, { maxLength: 80 }), fc.constantFrom("_R", "_ZN"), (text, start) => {
      const name = demangleRust(start + text.join(""));
      assert.ok(name === undefined || name.length <= 10_000);
    }));
  });

  it("gives a path of plain names back", () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
    fc.assert(fc.property(fc.array(part, { minLength: 2, maxLength: 5 }), (parts) => {
      const [crate = "", ...rest] = parts.map((text) => `${text.length}${/^[\d_]/.test(text) ? "_" : ""}${text}`);
      assert.equal(demangleRust(`_R${rest.map((_, index) => (index === 0 ? "Nv" : "Nt")).join("")}C${crate}${rest.join("")}`), parts.join("::"));
    }));
  });
});
