import assert from "node:assert/strict";
import { countHandshakes } from "../../src/collectors/synQueue";
import type { InetSocket } from "../../src/sockdiag/inetDiagMessage";

/** `ADDRESS PORT [%INTERFACE] [v6only]` */
function socket(text: string, state = 10): InetSocket {
  const [address = "", port = "", ...more] = text.split(" ");
  const device = more.find((word) => word.startsWith("%"));
  return {
    family: address.includes(":") ? "ipv6" : "ipv4", state, local: { address, port: Number(port) }, remote: { address: "198.51.100.1", port: 1 },
    interfaceIndex: device === undefined ? 0 : Number(device.slice(1)), recvQ: 0, sendQ: 0, attributes: more.includes("v6only") ? { v6Only: true } : {},
  };
}

/** Handshakes per listener, `*` behind those that share. */
function check(listeners: readonly string[], requests: readonly string[], expected: string): void {
  const queues = countHandshakes(listeners.map((text) => socket(text)), requests.map((text) => socket(text, 3)));
  assert.equal(queues.map(({ handshakes, shared }) => `${handshakes.length}${shared ? "*" : ""}`).join(" "), expected);
}

describe("handshakes of a listener", () => {
  it("are those of its address and port", () => check(["127.0.0.1 80", "127.0.0.1 81"], ["127.0.0.1 80", "127.0.0.1 80", "127.0.0.2 80"], "2 0"));
  it("reach the wildcard when no listener has the address itself", () => check(["0.0.0.0 80", "10.0.0.1 80"], ["10.0.0.1 80", "10.0.0.2 80", "10.0.0.3 80"], "2 1"));
  it("of IPv4 reach a dual-stack listener, mapped or not", () => check([":: 80"], ["10.0.0.1 80", "::ffff:10.0.0.1 80", "2001:db8::1 80"], "3"));
  it("of IPv4 do not reach a listener for IPv6 only", () => check([":: 80 v6only", "0.0.0.0 80"], ["::ffff:10.0.0.1 80", "10.0.0.2 80", "2001:db8::1 80"], "1 2"));
  it("of IPv6 never reach an IPv4 listener", () => check(["0.0.0.0 80"], ["2001:db8::1 80"], "0"));
  it("reach a mapped address", () => check(["::ffff:10.0.0.1 80"], ["10.0.0.1 80", "10.0.0.2 80"], "1"));
  it("prefer the listener bound to their interface", () => check(["0.0.0.0 80", "0.0.0.0 80 %3"], ["10.0.0.1 80 %3", "10.0.0.1 80"], "1 1"));
  it("cannot be split under SO_REUSEPORT, and that is said", () => check(["0.0.0.0 80", "0.0.0.0 80", "0.0.0.0 81"], ["10.0.0.1 80", "10.0.0.2 80"], "2* 2* 0"));
  it("of many listeners and requests are counted at once", () => {
    const ports = Array.from({ length: 2000 }, (_, port) => `0.0.0.0 ${port + 1}`);
    const requests = Array.from({ length: 20_000 }, (_, at) => `10.0.0.1 ${(at % 2000) + 1}`);
    const queues = countHandshakes(ports.map((text) => socket(text)), requests.map((text) => socket(text, 3)));
    assert.ok(queues.every(({ handshakes }) => handshakes.length === 10));
  });
});
