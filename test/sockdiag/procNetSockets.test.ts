import assert from "node:assert/strict";
import fc from "fast-check";
import { parseProcNetSockets } from "../../src/sockdiag/procNetSockets";

// As Linux 6.1 prints it on a little-endian machine.
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1C3C 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 2104 1 ffff8880047c8000 100 0 0 10 0
   1: 0100007F:1C3C 0100007F:9C40 03 00000000:00000000 01:00000064 00000001     0        0 0 1 ffff8880047c9000
   2: 0100007F:9C42 0100007F:1C3C 01 00000010:00000005 02:000000FA 00000000  1000        0 2105 2 ffff8880047ca000 20 4 30 10 -1
   3: 0100007F:9C44 0100007F:1C3C 06 00000000:00000000 03:000003E8 00000000     0        0 0 3 ffff8880047cb000
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1520 1 ffff888004d40000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:0016 0000000000000000FFFF00000200007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 1521 1 ffff888004d41000
`;

describe("/proc/net/tcp", () => {
  it("tells the length of an accept queue, and never a limit", () => {
    const [listener] = parseProcNetSockets(tcp, "little").sockets;
    assert.deepEqual(listener, {
      family: "ipv4", state: 10, local: { address: "127.0.0.1", port: 7228 }, remote: { address: "0.0.0.0", port: 0 }, interfaceIndex: 0, recvQ: 3, uid: 0, inode: 2104, attributes: {},
    });
  });

  it("gives SYN-RECV and TIME-WAIT no owner, and reads queues and timers", () => {
    const [, request, connection, timeWait] = parseProcNetSockets(tcp, "little").sockets;
    assert.deepEqual([request?.uid, request?.inode, timeWait?.uid, timeWait?.inode], [undefined, undefined, undefined, undefined]);
    assert.deepEqual(request?.timer, { name: "on", expiresMs: 1000, retransmits: 1 });
    assert.deepEqual([connection?.sendQ, connection?.recvQ, connection?.uid, connection?.timer?.name], [16, 5, 1000, "keepalive"]);
  });

  it("reads IPv6, and mapped addresses", () => {
    const { sockets, damaged } = parseProcNetSockets(tcp6, "little");
    assert.deepEqual(sockets.map(({ local, remote }) => [local.address, remote.address]), [["::", "::"], ["::ffff:127.0.0.1", "::ffff:127.0.0.2"]]);
    assert.equal(damaged, 0);
  });

  it("reads addresses in the byte order of the target", () => {
    const line = tcp.replaceAll("0100007F", "7F000001");
    assert.equal(parseProcNetSockets(line, "big").sockets[0]?.local.address, "127.0.0.1");
  });

  it("counts lines it cannot read", () => {
    assert.equal(parseProcNetSockets(`${tcp}   4: nonsense\n`, "little").damaged, 1);
    fc.assert(fc.property(fc.string(), (text) => void parseProcNetSockets(text, "little")));
  });
});
