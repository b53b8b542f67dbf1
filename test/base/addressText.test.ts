import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { ipv4Text, ipv6Text, parseAddress, plainAddress } from "../../src/base/addressText";

/** Many zero groups, since those are what the text form is about. */
const v6 = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }).map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));
const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });

describe("addresses as text", () => {
  it("come back as they were", () => {
    fc.assert(fc.property(v6, (bytes) => assert.deepEqual([...parseAddress(ipv6Text(bytes))!], [...bytes])));
    fc.assert(fc.property(v4, (bytes) => assert.deepEqual([...parseAddress(ipv4Text(bytes))!], [...bytes])));
  });

  it("are what the URL standard writes for the same address, but for mapped ones, whose IPv4 part it does not show", () => {
    fc.assert(
      fc.property(v6, (bytes) => {
        const text = ipv6Text(bytes);
        fc.pre(!text.startsWith("::ffff:") || !text.includes("."));
        assert.equal(`[${text}]`, new URL(`http://[${text}]/`).hostname);
      }),
    );
  });

  it("show mapped addresses with their IPv4 part", () => {
    const bytes = Buffer.from("00000000000000000000ffffc0000201", "hex");
    assert.equal(ipv6Text(bytes), "::ffff:192.0.2.1");
    assert.deepEqual([...parseAddress("::ffff:192.0.2.1")!], [...bytes]);
    assert.equal(plainAddress("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(plainAddress("::1"), "::1");
  });

  it("are accepted exactly where Node accepts them", () => {
    const part = fc.constantFrom("0", "1", "255", "256", "01", ":", "::", ".", "ffff", "12345", "g", "192.0.2.1", "%1");
    const text = fc.array(part, { maxLength: 9 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (candidate) => {
        // Node takes zones (%1) and refuses leading zeros in dotted quads; neither belongs to addresses of sockets.
        fc.pre(!candidate.includes("%") && !/(^|[.:])0\d/.test(candidate));
        assert.equal(parseAddress(candidate) !== undefined, isIPv4(candidate) || isIPv6(candidate), candidate);
      }),
      { numRuns: 2000 },
    );
  });
});
