/** union tcp_cc_info, include/uapi/linux/inet_diag.h: what the congestion control of a socket says about itself. */
import type { ByteReader } from "../base/byteReader";

/** Fields by the kernel's names without their prefix; `bw` of BBR in bytes a second. */
export interface CongestionInfo {
  readonly algorithm: "vegas" | "dctcp" | "bbr";
  readonly fields: Readonly<Record<string, number>>;
}

const vegas = ["enabled", "rttcnt", "rtt", "minrtt"] as const;
const bbr = ["min_rtt", "pacing_gain", "cwnd_gain"] as const;

/** @throws DomainError `bytes/out-of-bounds` when it is cut short. */
export function readCongestionInfo(algorithm: CongestionInfo["algorithm"], reader: ByteReader): CongestionInfo {
  const words = (names: readonly string[]): [string, number][] => names.map((name) => [name, reader.u32()]);
  switch (algorithm) {
    case "vegas":
      return { algorithm, fields: Object.fromEntries(words(vegas)) };
    case "dctcp": {
      const flags = { enabled: reader.u16(), ce_state: reader.u16() };
      return { algorithm, fields: { ...flags, ...Object.fromEntries(words(["alpha", "ab_ecn", "ab_tot"])) } };
    }
    case "bbr": {
      const bw = reader.u32() + reader.u32() * 2 ** 32;
      return { algorithm, fields: { bw, ...Object.fromEntries(words(bbr)) } };
    }
  }
}
