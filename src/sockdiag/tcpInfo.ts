/**
 * struct tcp_info, include/uapi/linux/tcp.h. The kernel only ever appends to it (192 bytes in 4.10, 232 in 6.1, 248 in 6.12,
 * 280 in 6.18), so it is read field by field for as long as the received bytes last; what follows the last field known here
 * is kept as it is, not guessed at.
 */
import { ByteReader, type Endianness } from "../base/byteReader";
import { fieldsOf, readFields, sizeOf, type Field, type StructValues } from "./kernelStruct";

/** By the kernel's names; 64-bit values as decimal strings. `unknown_tail` is what a newer kernel appended, in hex, `unknown_tail_bytes` its size. */
export type TcpInfo = Readonly<StructValues>;

const u32 = (names: string): Field[] => fieldsOf(32, names);
const u64 = (names: string): Field[] => fieldsOf(64, names);

const head = ["state", "ca_state", "retransmits", "probes", "backoff", "options"] as const;

const fields: readonly Field[] = [
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
export const knownTcpInfoSize = 8 + sizeOf(fields);

export function readTcpInfo(bytes: Uint8Array, endianness: Endianness, where: string): TcpInfo {
  const reader = new ByteReader(bytes, endianness, where);
  const info: StructValues = {};
  for (const name of head) if (reader.remaining >= 1) info[`tcpi_${name}`] = reader.u8();
  if (reader.remaining >= 2) readBitFields(reader, endianness, info);
  readFields(reader, fields, "tcpi_", info);
  return info;
}

/** Two bytes of bit fields, which compilers lay out from the low end on little-endian machines and from the high end on big-endian ones. */
function readBitFields(reader: ByteReader, endianness: Endianness, info: StructValues): void {
  const [scales, flags] = [reader.u8(), reader.u8()];
  const [low, high] = [scales & 0xf, scales >> 4];
  const little = endianness === "little";
  info["tcpi_snd_wscale"] = little ? low : high;
  info["tcpi_rcv_wscale"] = little ? high : low;
  info["tcpi_delivery_rate_app_limited"] = little ? flags & 1 : flags >> 7;
  info["tcpi_fastopen_client_fail"] = little ? (flags >> 1) & 3 : (flags >> 5) & 3;
}
