import assert from "node:assert/strict";
import fc from "fast-check";
import { readMessages } from "../../src/netlink/netlinkMessage";
import { ipv4Text, ipv6Text } from "../../src/base/addressText";
import { destroyRequest, SOCK_DESTROY, type DestroyableSocket } from "../../src/sockdiag/destroyRequest";

const socket: DestroyableSocket = {
  family: "ipv4", protocol: "tcp", local: { address: "127.0.0.1", port: 7777 }, remote: { address: "127.0.0.2", port: 0x1234 }, interfaceIndex: 3, cookie: "1a0000002b",
};

const port = fc.integer({ min: 0, max: 65535 });
const address = (length: number, text: (bytes: Uint8Array) => string) => fc.uint8Array({ minLength: length, maxLength: length }).map(text);
const endpoints = (text: fc.Arbitrary<string>) => fc.record({ address: text, port });
const anySocket = fc.oneof(fc.constant("ipv4" as const), fc.constant("ipv6" as const)).chain((family): fc.Arbitrary<DestroyableSocket> => {
  const endpoint = endpoints(family === "ipv4" ? address(4, ipv4Text) : address(16, ipv6Text));
  const cookie = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => value.toString(16));
  return fc.record({ family: fc.constant(family), protocol: fc.constantFrom("tcp" as const, "udp" as const), local: endpoint, remote: endpoint, interfaceIndex: fc.nat(), cookie });
});

describe("the request to destroy a socket", () => {
  it("is struct inet_diag_req_v2 with the whole identity", () => {
    const [message] = readMessages(destroyRequest("little", 7, socket), "little", "test");
    assert.deepEqual([message?.type, message?.flags, message?.sequence, message?.payload.length], [SOCK_DESTROY, 5, 7, 56]);
    const hex = Buffer.from(message?.payload ?? []).toString("hex");
    assert.equal(hex, ["02060000", "ffffffff", "1e61", "1234", `7f000001${"0".repeat(24)}`, `7f000002${"0".repeat(24)}`, "03000000", "2b000000", "1a000000"].join(""));
  });

  it("gives every identity back, in either byte order", () => {
    fc.assert(fc.property(anySocket, fc.constantFrom("little" as const, "big" as const), (given, endianness) => {
      const [message] = readMessages(destroyRequest(endianness, 1, given), endianness, "test");
      const bytes = Buffer.from(message?.payload ?? []);
      const little = endianness === "little";
      const word = (at: number): bigint => BigInt(little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
      const text = given.family === "ipv4" ? ipv4Text : ipv6Text;
      assert.deepEqual(
        [text(bytes.subarray(12, 28)), bytes.readUInt16BE(8), text(bytes.subarray(28, 44)), bytes.readUInt16BE(10), Number(word(44)), (word(48) | (word(52) << 32n)).toString(16)],
        [given.local.address, given.local.port, given.remote.address, given.remote.port, given.interfaceIndex, given.cookie],
      );
    }));
  });

  it("is not made without an identity", () => {
    for (const cookie of ["", "0", "x", "1".repeat(17)]) assert.throws(() => destroyRequest("little", 1, { ...socket, cookie }), { code: "sockdiag/no-identity" });
    assert.throws(() => destroyRequest("little", 1, { ...socket, family: "ipv6" }), { code: "sockdiag/no-identity" });
  });
});
