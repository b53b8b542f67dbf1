/** Whole answers of every family, in both byte orders, for a plan of all protocols: what damage is done to. */
import { stepsOf } from "../../src/collectors/socketPlan";
import { buildMessage, NLM_F_DUMP_INTR, NLM_F_MULTI } from "../../src/netlink/netlinkMessage";
import { SOCK_DIAG_BY_FAMILY } from "../../src/sockdiag/inetDiagRequest";
import { protocols } from "../../src/sockdiag/protocols";
import { allStates } from "../../src/sockdiag/tcpState";
import { attribute, ByteWriter, diagMessage, doneMessage, errorMessage } from "../support/netlinkWriter";

type Order = "little" | "big";

export interface Seed {
  /** Number of the request it answers. */
  readonly request: number;
  readonly bytes: Buffer;
}

const steps = stepsOf({ protocols, filter: { states: allStates, notes: [] }, extensions: 0xff });

function attributesOf(order: Order): Uint8Array[] {
  const make = (type: number, write: (writer: ByteWriter) => ByteWriter): Uint8Array => attribute(order, type, write);
  return [
    make(1, (w) => w.u32(1, 2, 3, 4)), make(2, (w) => w.u8(1, 0, 0, 0, 0, 7, 0xaa, 0).bytes(new Uint8Array(272)).u32(1, 2)), make(4, (w) => w.bytes(Buffer.from("bbr\0"))), make(5, (w) => w.u8(8)), make(6, (w) => w.u8(9)),
    make(7, (w) => w.u32(1, 2, 3, 4, 5, 6, 7, 8, 9)), make(8, (w) => w.u8(3)), make(9, (w) => w.u16(1, 2).u32(3, 4, 5)), make(10, (w) => w.u8(58)), make(11, (w) => w.u8(1)),
    make(12, (w) => w.u16(2).port(80).u8(10, 0, 0, 1).bytes(new Uint8Array(120))), make(15, (w) => w.u32(1)), make(16, (w) => w.u32(1, 2, 3, 4, 5)), make(17, (w) => w.u32(1)),
    make(18, (w) => w.u8(2, 32).u16(6).u8(192, 0, 2, 9).bytes(new Uint8Array(92))), make(19, (w) => w.bytes(attribute(order, 1, (i) => i.bytes(Buffer.from("tls\0")))).bytes(attribute(order, 2, (i) => i.bytes(attribute(order, 1, (v) => v.u16(0x304)))))),
    make(21, (w) => w.u64(42n)), make(22, (w) => w.u8(5, 1)), make(77, (w) => w.u8(1)),
  ];
}

function inet(order: Order): Buffer {
  const attributes = attributesOf(order);
  return Buffer.concat([
    diagMessage(order, { state: 10, local: ["0.0.0.0", 80], recvQ: 3, sendQ: 4, uid: 33, inode: 7, attributes }),
    diagMessage(order, { state: 12, local: ["10.0.0.1", 80], remote: ["10.0.0.2", 4000], uid: 0, inode: 0 }),
    diagMessage(order, { state: 6, local: ["::1", 80], remote: ["::ffff:10.0.0.2", 4000], timer: [3, 0, 60_000] }),
    diagMessage(order, { state: 1, local: ["::1", 80], remote: ["2001:db8::2", 4000], inode: 9, uid: 1, attributes: attributes.slice(4, 9) }, NLM_F_MULTI | NLM_F_DUMP_INTR),
    doneMessage(order),
  ]);
}

const family = (order: Order, write: (writer: ByteWriter) => ByteWriter): Uint8Array => buildMessage(order, { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_MULTI, sequence: 1 }, write(new ByteWriter(order)).done());

function seedsOf(order: Order): Record<string, Uint8Array> {
  const memory = (type: number): Uint8Array => attribute(order, type, (w) => w.u32(1, 2, 3, 4, 5, 6, 7, 8, 9));
  const name = attribute(order, 0, (w) => w.bytes(Buffer.from("/run/app.sock\0")));
  return {
    unix: family(order, (w) => w.u8(1, 1, 10, 0).u32(11, 1, 0).bytes(name).bytes(attribute(order, 1, (i) => i.u32(1, 2))).bytes(attribute(order, 2, (i) => i.u32(12))).bytes(attribute(order, 3, (i) => i.u32(1, 2))).bytes(attribute(order, 4, (i) => i.u32(2, 3))).bytes(memory(5)).bytes(attribute(order, 6, (i) => i.u8(1))).bytes(attribute(order, 7, (i) => i.u32(5)))),
    netlink: family(order, (w) => w.u8(16, 3, 0, 0).u32(100, 0, 0, 12, 1, 0).bytes(memory(0)).bytes(attribute(order, 1, (i) => i.u32(0x11))).bytes(attribute(order, 2, (i) => i.u32(1, 2, 3, 4))).bytes(attribute(order, 4, (i) => i.u32(1)))),
    packet: family(order, (w) => w.u8(17, 3).u16(3).u32(13, 1, 0).bytes(attribute(order, 0, (i) => i.u32(1, 2, 3, 4, 5, 6))).bytes(attribute(order, 1, (i) => i.bytes(new Uint8Array(44)))).bytes(attribute(order, 4, (i) => i.u32(1))).bytes(attribute(order, 5, (i) => i.u32(1))).bytes(memory(6))),
    vsock: family(order, (w) => w.u8(40, 1, 10, 0).u32(2, 4242, 0xffffffff, 0xffffffff, 14, 1, 0)),
    xdp: family(order, (w) => w.u8(44, 3).u16(0).u32(15, 1, 0).bytes(attribute(order, 1, (i) => i.u32(1, 0))).bytes(attribute(order, 2, (i) => i.u32(1))).bytes(attribute(order, 3, (i) => i.u32(2048))).bytes(attribute(order, 5, (i) => i.u64(4096n).u32(1, 2, 3, 4, 5, 6, 7, 8))).bytes(memory(8)).bytes(attribute(order, 9, (i) => i.u64(1n, 2n, 3n, 4n, 5n, 6n)))),
  };
}

function make(order: Order): Seed[] {
  const others = seedsOf(order);
  const link = buildMessage(order, { type: 16, flags: NLM_F_MULTI, sequence: 1 }, new ByteWriter(order).u8(0, 0).u16(1).u32(2, 0, 0).bytes(attribute(order, 3, (w) => w.bytes(Buffer.from("eth0\0")))).done());
  return steps.flatMap((step, request): Seed[] => {
    if (step.kind === "links") return [{ request, bytes: Buffer.concat([link, doneMessage(order)]) }];
    if (step.kind === "inet" || step.kind === "tcp") return [inet(order), Buffer.from(doneMessage(order, -2)), Buffer.from(errorMessage(order, -1))].map((bytes) => ({ request, bytes }));
    const message = others[step.kind === "unix" ? "unix" : step.protocol] ?? new Uint8Array(0);
    return [{ request, bytes: Buffer.concat([message, message, doneMessage(order)]) }];
  });
}

export const netlinkSeeds: Readonly<Record<Order, readonly Seed[]>> = { little: make("little"), big: make("big") };
