/** Builds what a kernel sends: netlink messages, inet_diag_msg and their attributes, in either byte order. */
import type { Endianness } from "../../src/base/byteReader";
import { buildAttribute } from "../../src/netlink/attributes";
import { buildMessage, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR } from "../../src/netlink/netlinkMessage";
import { parseAddress } from "../../src/base/addressText";
import { SOCK_DIAG_BY_FAMILY } from "../../src/sockdiag/inetDiagRequest";

export class ByteWriter {
  private readonly parts: Buffer[] = [];

  constructor(readonly endianness: Endianness) {}

  u8(...values: number[]): this {
    this.parts.push(Buffer.from(values));
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.number(2, (buffer) => (this.little ? buffer.writeUInt16LE(value) : buffer.writeUInt16BE(value)));
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.number(4, (buffer) => (this.little ? buffer.writeUInt32LE(value >>> 0) : buffer.writeUInt32BE(value >>> 0)));
    return this;
  }

  u64(...values: bigint[]): this {
    for (const value of values) this.number(8, (buffer) => (this.little ? buffer.writeBigUInt64LE(value) : buffer.writeBigUInt64BE(value)));
    return this;
  }

  /** In network order, whatever the machine's. */
  port(value: number): this {
    return this.u8(value >> 8, value & 0xff);
  }

  bytes(value: Uint8Array): this {
    this.parts.push(Buffer.from(value));
    return this;
  }

  done(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  private get little(): boolean {
    return this.endianness === "little";
  }

  private number(size: number, write: (buffer: Buffer) => unknown): void {
    const buffer = Buffer.alloc(size);
    write(buffer);
    this.parts.push(buffer);
  }
}

export interface InetDiagFields {
  readonly state: number;
  readonly local: readonly [string, number];
  readonly remote?: readonly [string, number];
  readonly interfaceIndex?: number;
  readonly cookie?: readonly [number, number];
  readonly timer?: readonly [kind: number, retransmits: number, expiresMs: number];
  readonly recvQ?: number;
  readonly sendQ?: number;
  readonly uid?: number;
  readonly inode?: number;
  readonly attributes?: readonly Uint8Array[];
}

export function inetDiagPayload(endianness: Endianness, fields: InetDiagFields): Uint8Array {
  const v6 = fields.local[0].includes(":");
  const [remoteAddress, remotePort] = fields.remote ?? [v6 ? "::" : "0.0.0.0", 0];
  const [kind, retransmits, expiresMs] = fields.timer ?? [0, 0, 0];
  const address = (text: string): Uint8Array => {
    const bytes = Buffer.alloc(16);
    bytes.set(parseAddress(text)!);
    return bytes;
  };
  const writer = new ByteWriter(endianness).u8(v6 ? 10 : 2, fields.state, kind, retransmits).port(fields.local[1]).port(remotePort);
  writer.bytes(address(fields.local[0])).bytes(address(remoteAddress)).u32(fields.interfaceIndex ?? 0, ...(fields.cookie ?? [1, 0]));
  writer.u32(expiresMs, fields.recvQ ?? 0, fields.sendQ ?? 0, fields.uid ?? 0, fields.inode ?? 0);
  for (const attribute of fields.attributes ?? []) writer.bytes(attribute);
  return writer.done();
}

export const diagMessage = (endianness: Endianness, fields: InetDiagFields, flags = NLM_F_MULTI): Uint8Array =>
  buildMessage(endianness, { type: SOCK_DIAG_BY_FAMILY, flags, sequence: 1 }, inetDiagPayload(endianness, fields));

/** NLMSG_DONE with its int; 0 or a negative errno. */
export const doneMessage = (endianness: Endianness, code = 0): Uint8Array =>
  buildMessage(endianness, { type: NLMSG_DONE, flags: NLM_F_MULTI, sequence: 1 }, new ByteWriter(endianness).u32(code).done());

/** NLMSG_ERROR: the negative errno, then the request it is about. */
export const errorMessage = (endianness: Endianness, code: number): Uint8Array =>
  buildMessage(endianness, { type: NLMSG_ERROR, flags: 0, sequence: 1 }, new ByteWriter(endianness).u32(code).bytes(new Uint8Array(72)).done());

export const attribute = (endianness: Endianness, type: number, write: (writer: ByteWriter) => ByteWriter): Uint8Array =>
  buildAttribute(endianness, type, write(new ByteWriter(endianness)).done());
