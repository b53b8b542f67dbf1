/**
 * struct tcp_info, include/uapi/linux/tcp.h. The kernel only ever appends to it (192 bytes in 4.10, 232 in 6.1, 248 in 6.12,
 * 280 in 6.18), so it is read field by field for as long as the received bytes last; what follows the last field known here
 * is counted, not guessed at.
 */
import { ByteReader, type Endianness } from "../base/byteReader";

/** By the kernel's names; 64-bit values as decimal strings. `unknown_tail_bytes` counts what a newer kernel appended. */
export type TcpInfo = Readonly<Record<string, number | string>>;

type Width = 8 | 16 | 32 | 64;

const u32 = (names: string): (readonly [string, Width])[] => names.split(" ").map((name) => [name, 32] as const);
const u64 = (names: string): (readonly [string, Width])[] => names.split(" ").map((name) => [name, 64] as const);

const head = ["state", "ca_state", "retransmits", "probes", "backoff", "options"] as const;

const fields: readonly (readonly [string, Width])[] = [
  ...u32("rto ato snd_mss rcv_mss unacked sacked lost retrans fackets last_data_sent last_ack_sent last_data_recv last_ack_recv"),
  ...u32("pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans"),
  ...u64("pacing_rate max_pacing_rate bytes_acked bytes_received"),
  ...u32("segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out"),
  ...u64("delivery_rate busy_time rwnd_limited sndbuf_limited"),
  ...u32("delivered delivered_ce"),
  ...u64("bytes_sent bytes_retrans"),
  ...u32("dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash"),
  ["total_rto", 16],
  ["total_rto_recoveries", 16],
  ...u32("total_rto_time"),
  ...u32("received_ce delivered_e1_bytes delivered_e0_bytes delivered_ce_bytes received_e1_bytes received_e0_bytes received_ce_bytes"),
  // 6.18 has two 16-bit fields here, later kernels four bit fields of the same 32 bits; the length tells neither from the other.
  ...u32("accecn_word"),
];

/** Bytes of the newest struct known here. */
export const knownTcpInfoSize = 8 + fields.reduce((sum, [, width]) => sum + width / 8, 0);

export function readTcpInfo(bytes: Uint8Array, endianness: Endianness, where: string): TcpInfo {
  const reader = new ByteReader(bytes, endianness, where);
  const info: Record<string, number | string> = {};
  for (const name of head) if (reader.remaining >= 1) info[`tcpi_${name}`] = reader.u8();
  if (reader.remaining >= 2) readBitFields(reader, endianness, info);
  for (const [name, width] of fields) {
    if (reader.remaining < width / 8) break;
    info[`tcpi_${name}`] = readField(reader, width);
  }
  if (reader.remaining > 0) info["unknown_tail_bytes"] = reader.remaining;
  return info;
}

function readField(reader: ByteReader, width: Width): number | string {
  if (width === 64) return reader.u64().toString();
  if (width === 32) return reader.u32();
  return width === 16 ? reader.u16() : reader.u8();
}

/** Two bytes of bit fields, which compilers lay out from the low end on little-endian machines and from the high end on big-endian ones. */
function readBitFields(reader: ByteReader, endianness: Endianness, info: Record<string, number | string>): void {
  const [scales, flags] = [reader.u8(), reader.u8()];
  const [low, high] = [scales & 0xf, scales >> 4];
  const little = endianness === "little";
  info["tcpi_snd_wscale"] = little ? low : high;
  info["tcpi_rcv_wscale"] = little ? high : low;
  info["tcpi_delivery_rate_app_limited"] = little ? flags & 1 : flags >> 7;
  info["tcpi_fastopen_client_fail"] = little ? (flags >> 1) & 3 : (flags >> 5) & 3;
}
