import assert from "node:assert/strict";
import { inetSocketAt, readInetDiagMessage } from "../../src/sockdiag/inetDiagMessage";
import { protocolIndex } from "../../src/sockdiag/protocols";
import { associationState, associationType } from "../../src/sockdiag/sctpAssociation";
import { SocketColumns } from "../../src/sockdiag/socketColumns";
import { tcpStateNumbers } from "../../src/sockdiag/tcpState";
import { messageBuffer } from "../support/decodeSocket";
import { attribute, inetDiagPayload } from "../support/netlinkWriter";

/** A message of sctp_diag: 3 is ESTABLISHED of an association, and SYN-RECV of anything else. */
function read(state: number, hasPeers: boolean) {
  const columns = new SocketColumns("little");
  const peers = attribute("little", 13, (writer) => writer.bytes(new Uint8Array(128)));
  const bytes = inetDiagPayload("little", { state, local: ["10.0.0.1", 443], remote: ["10.9.0.1", 50_000], inode: 5001, uid: 33, attributes: hasPeers ? [peers] : [] });
  readInetDiagMessage(columns, protocolIndex("sctp"), messageBuffer(bytes), 0, bytes.length);
  columns.keep();
  return inetSocketAt(columns, 0);
}

describe("an SCTP association", () => {
  it("has a state of its own, and the owner of its socket", () => {
    const { state, association, inode, uid } = read(3, true);
    assert.deepEqual([state, association, inode, uid], [tcpStateNumbers.established, "ESTAB", 5001, 33]);
  });
  it("is told from the socket in front of it by its peers", () => assert.deepEqual([read(1, false).association, read(1, false).state], [undefined, tcpStateNumbers.established]));
  it("may be in a state that is newer than its names", () => assert.equal(associationState(associationType(9)), "state 9"));
});
