/** INET_DIAG_INFO of protocols other than TCP: struct mptcp_info of include/uapi/linux/mptcp.h, struct sctp_info of sctp.h. */
import { ByteReader, type Endianness } from "../base/byteReader";
import { fieldsOf, readFields, type Field, type StructValues } from "./kernelStruct";

/** 48 bytes in 6.1, 96 since 6.5 and 6.10; the newest give names to two of the bytes behind subflows_total. */
const mptcp: readonly Field[] = [
  ...fieldsOf(8, "subflows add_addr_signal add_addr_accepted subflows_max add_addr_signal_max add_addr_accepted_max"),
  ["", 16],
  ...fieldsOf(32, "flags token"),
  ...fieldsOf(64, "write_seq snd_una rcv_nxt"),
  ...fieldsOf(8, "local_addr_used local_addr_max csum_enabled"),
  ["", 8],
  ["retransmits", 32],
  ...fieldsOf(64, "bytes_retrans bytes_sent bytes_received bytes_acked"),
  ...fieldsOf(8, "subflows_total endp_laminar_max endp_fullmesh_max"),
  ["", 8],
  ...fieldsOf(32, "last_data_sent last_data_recv last_ack_recv"),
];

/** struct sockaddr_storage of the primary address. */
const storage = Array<Field>(16).fill(["", 64]);

const sctp: readonly Field[] = [
  ...fieldsOf(32, "tag state rwnd"),
  ...fieldsOf(16, "unackdata penddata instrms outstrms"),
  ...fieldsOf(32, "fragmentation_point inqueue outqueue overall_error max_burst maxseg peer_rwnd peer_tag"),
  ...fieldsOf(8, "peer_capable peer_sack"),
  ["", 16],
  ...fieldsOf(64, "isacks osacks opackets ipackets rtxchunks outofseqtsns idupchunks gapcnt ouodchunks iuodchunks oodchunks iodchunks octrlchunks ictrlchunks"),
  ...storage,
  ...fieldsOf(32, "p_state p_cwnd p_srtt p_rto p_hbinterval p_pathmaxrxt p_sackdelay p_sackfreq p_ssthresh p_partial_bytes_acked p_flight_size"),
  ["p_error", 16],
  ["", 16],
  ...fieldsOf(32, "s_autoclose s_adaptation_ind s_pd_point"),
  ...fieldsOf(8, "s_nodelay s_disable_fragments s_v4mapped s_frag_interleave"),
  ["s_type", 32],
  ["", 32],
];

export const readMptcpInfo = (bytes: Uint8Array, endianness: Endianness, where: string): Readonly<StructValues> => readStruct(bytes, endianness, where, "mptcpi_", mptcp);

export const readSctpInfo = (bytes: Uint8Array, endianness: Endianness, where: string): Readonly<StructValues> => readStruct(bytes, endianness, where, "sctpi_", sctp);

function readStruct(bytes: Uint8Array, endianness: Endianness, where: string, prefix: string, fields: readonly Field[]): StructValues {
  const values: StructValues = {};
  readFields(new ByteReader(bytes, endianness, where), fields, prefix, values);
  return values;
}
