import assert from "node:assert/strict";
import { socketDetails } from "../../src/cli/socketDetails";
import type { SocketRow } from "../../src/collectors/socketModel";

const row: SocketRow = {
  netns: { inode: 1, name: "init", isInit: true }, family: "ipv4", protocol: "tcp", state: "ESTAB", local: { address: "10.0.0.1", port: 80 }, remote: { address: "10.0.0.2", port: 4000 }, recvQ: 0, sendQ: 0, processes: [],
};

describe("details of a socket for people", () => {
  it("are nothing where nothing is known", () => assert.deepEqual(socketDetails(row), []));

  it("stand by kind, with units and without zeros", () => {
    const full: SocketRow = {
      ...row, uid: 0, inode: 7, cookie: "1f", mark: 16, tos: 0, shutdown: 2, options: ["freebind"], timer: { name: "on", expiresMs: 3_210, retransmits: 2 },
      info: { tcpi_ca_state: 0, tcpi_rtt: 12_345, tcpi_lost: 0, tcpi_bytes_acked: "1500000" }, congestion: "bbr", congestionInfo: { bw: 12 }, memory: { rmem_alloc: 0, rcvbuf: 131_072, drops: 3 }, ulp: { name: "tls", tls: { version: 772 } },
    };
    assert.deepEqual(socketDetails(full), [
      "socket: uid 0, inode 7, cookie 1f, mark 0x10, sending shut down, freebind",
      "timer: on in 3.2 s, 2 retransmissions",
      "info: ca_state Open, rtt 12.35 ms, bytes_acked 1.5 MB (1500000)",
      "congestion: bbr, bw 12",
      "upper layer: tls, version 772",
      "memory: rcvbuf 131.1 kB (131072), drops 3",
    ]);
  });
});
