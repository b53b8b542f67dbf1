import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { XzReadableStream } from "xz-decompress";
import { DomainError, describeError } from "../base/errors";
import { withinTime } from "../base/withinTime";

export type Packing = "gzip" | "xz" | "zstd";

/** Modules are a few MB, with debug information a few dozen; more is damage or worse. */
const largestPacked = 64 * 2 ** 20;
const largestUnpacked = 512 * 2 ** 20;

/** By the first bytes; undefined for what is not packed. */
export function packingOf(start: Uint8Array): Packing | undefined {
  const begins = (...magic: readonly number[]): boolean => magic.every((byte, index) => start[index] === byte);
  if (begins(0x1f, 0x8b)) return "gzip";
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return "xz";
  return begins(0x28, 0xb5, 0x2f, 0xfd) ? "zstd" : undefined;
}

/**
 * The content of a packed file: what CONFIG_MODULE_COMPRESS_GZIP, _XZ and _ZSTD make of a module.
 *
 * @throws DomainError `unpack/too-large`, `unpack/damaged`
 */
export async function unpack(bytes: Uint8Array, where: string, limits = { packed: largestPacked, unpacked: largestUnpacked }): Promise<Uint8Array> {
  const packing = packingOf(bytes);
  if (!packing) return bytes;
  if (bytes.length > limits.packed) throw tooLarge(where, limits.packed);
  try {
    if (packing === "gzip") return await promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip)(bytes, { maxOutputLength: limits.unpacked });
    return packing === "xz" ? await unxz(bytes, limits.unpacked, where) : await unzstd(bytes, limits.unpacked, where);
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof RangeError && /larger than/.test(error.message)) throw tooLarge(where, limits.unpacked);
    throw new DomainError("unpack/damaged", `cannot be unpacked (${packing}: ${describeError(error)})`, where, { cause: error });
  }
}

async function unxz(bytes: Uint8Array, limit: number, where: string): Promise<Uint8Array> {
  const packed = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  const pile = new Pile(limit, where);
  const reader = new XzReadableStream(packed).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) pile.add(step.value);
    return pile.done();
  } finally {
    // The decoder serves one stream at a time: one that was left in the middle would hold up all later ones.
    await reader.cancel().catch(() => undefined);
  }
}

async function unzstd(bytes: Uint8Array, limit: number, where: string): Promise<Uint8Array> {
  const pile = new Pile(limit, where);
  const ended = { final: false };
  const stream = new Decompress((chunk, final) => {
    pile.add(chunk);
    ended.final ||= final ?? false;
  });
  for (let at = 0; at < bytes.length; at += slice) {
    const push = (): void => {
      stream.push(bytes.subarray(at, at + slice), at + slice >= bytes.length);
    };
    withinTime(push, sliceLimitMs);
    // It works in this thread: others get their turn between two slices.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!ended.final) throw new Error("it ends too early");
  return pile.done();
}

const slice = 1 << 18;
/** Damage may lead the package round and round for ever. */
const sliceLimitMs = 20_000;

class Pile {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  constructor(
    private readonly limit: number,
    private readonly where: string,
  ) {}

  add(chunk: Uint8Array): void {
    this.length += chunk.length;
    if (this.length > this.limit) throw tooLarge(this.where, this.limit);
    // The decoder may use its buffer again.
    this.chunks.push(chunk.slice());
  }

  done(): Uint8Array {
    return Buffer.concat(this.chunks, this.length);
  }
}

const tooLarge = (where: string, limit: number): DomainError => new DomainError("unpack/too-large", `has more than ${limit >> 20} MB, packed or unpacked; no module is that large`, where);
