/** INET_DIAG_ULP_INFO: the upper-layer protocol on a TCP socket (kernel TLS, MPTCP), nested attributes of inet_diag.h and tls.h. */
import { ByteReader } from "../base/byteReader";
import { readAttributes } from "../netlink/attributes";

export interface UlpInfo {
  readonly name?: string;
  /** TLS_INFO_* by name: version and cipher by number, `txconf` and `rxconf` 1 base, 2 software, 3 device, 4 device record. */
  readonly tls?: Readonly<Record<string, number>>;
  /** An MPTCP subflow: MPTCP_SUBFLOW_ATTR_* by number of attribute. */
  readonly mptcp?: Readonly<Record<string, number>>;
  /** Types that are newer than this reader. */
  readonly unknown?: readonly number[];
}

const tlsNames = ["", "version", "cipher", "txconf", "rxconf", "zc_ro_tx", "rx_no_pad", "tx_max_payload_len"] as const;
const subflowNames = [
  "", "token_rem", "token_loc", "relwrite_seq", "map_seq", "map_sfseq", "ssn_offset", "map_datalen", "flags", "id_rem", "id_loc", "",
] as const;

/** @throws DomainError when a nested attribute is damaged. */
export function readUlpInfo(reader: ByteReader): UlpInfo {
  const info: { -readonly [K in keyof UlpInfo]: UlpInfo[K] } = {};
  for (const { type, payload } of readAttributes(reader.bytes, reader.endianness, reader.where)) {
    const nested = new ByteReader(payload, reader.endianness, reader.where);
    if (type === 1) info.name = nested.cstring();
    else if (type === 2) info.tls = numbers(nested, tlsNames);
    else if (type === 3) info.mptcp = numbers(nested, subflowNames);
    else info.unknown = [...(info.unknown ?? []), type];
  }
  return info;
}

/** Attributes that are unsigned numbers of one, two, four or eight bytes; a flag attribute without payload is 1. */
function numbers(reader: ByteReader, names: readonly string[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { type, payload } of readAttributes(reader.bytes, reader.endianness, reader.where)) {
    const name = names[type] ?? `attribute ${type}`;
    if (name !== "") result[name] = unsigned(new ByteReader(payload, reader.endianness, reader.where));
  }
  return result;
}

function unsigned(reader: ByteReader): number {
  switch (reader.length) {
    case 0: return 1;
    case 1: return reader.u8();
    case 2: return reader.u16();
    case 4: return reader.u32();
    default: return Number(reader.u64());
  }
}
