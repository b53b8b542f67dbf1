import assert from "node:assert/strict";
import fc from "fast-check";
import { readTcpInfo } from "../../src/sockdiag/tcpInfo";
import { tcpInfoText } from "../../src/sockdiag/tcpInfoText";

describe("tcp_info in words", () => {
  it("has units", () => {
    const cases: readonly (readonly [string, number | string, string])[] = [
      ["tcpi_rtt", 1500, "1.5 ms"], ["rto", 204_000, "204 ms"], ["tcpi_last_data_sent", 12, "12 ms"], ["last_ack_recv", 75_000, "75 s"], ["snd_mss", 1448, "1448 B"],
      ["bytes_acked", "1234567", "1.235 MB (1234567)"], ["pacing_rate", "125000", "125 kB/s (125000)"], ["max_pacing_rate", "18446744073709551615", "no limit"],
      ["snd_cwnd", 10, "10 segments"], ["snd_ssthresh", 0x7fffffff, "none yet"], ["retransmits", 1, "once"], ["ca_state", 3, "Recovery"], ["options", 7, "timestamps sack wscale"], ["options", 0, "none"],
      ["snd_wscale", 7, "7"], ["unknown_tail_bytes", 8, "8"],
    ];
    for (const [name, value, text] of cases) assert.equal(tcpInfoText(name, value), text, name);
  });

  it("can say every field that is read", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 320 }), (bytes) => {
      for (const [name, value] of Object.entries(readTcpInfo(bytes, "little", "test"))) assert.doesNotMatch(tcpInfoText(name, value), /NaN|undefined/);
    }));
  });
});
