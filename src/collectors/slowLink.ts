/**
 * Answers of a pump over a slow link are compressed on the target: of a hundred thousand sockets, 12 MB, a tenth is left, for 0.1 s of
 * the target's processor. Whether a link is slow is measured, not guessed: by how long the last large answer took.
 */
import { createGunzip } from "node:zlib";
import { DomainError } from "../base/errors";
import type { HostFacts } from "../probes/hostFacts";
import { shellScript, type Command } from "../target/command";
import type { Target } from "../target/target";

/** Bytes a second. Below this gzip, which makes some 100 MB a second, saves more time than it takes. */
const SLOW = 8_000_000;
/** A smaller answer tells more about round trips than about the link. */
const TELLING = 1_000_000;

const rates = new WeakMap<Target, number>();

/** Of an answer that was not compressed. */
export function noteTransfer(target: Target, bytes: number, milliseconds: number): void {
  if (bytes >= TELLING) rates.set(target, (bytes / Math.max(1, milliseconds)) * 1000);
}

export const wantsCompression = (target: Target, facts: HostFacts): boolean => target.kind === "ssh" && facts.programs["gzip"] !== undefined && (rates.get(target) ?? Infinity) < SLOW;

/** The same command with its output through gzip. Its exit status is lost; the frames tell whether they are whole. */
export const compressed = (command: Command): Command => ({ ...command, argv: shellScript('"$@" | gzip -1', command.argv) });

/** @throws DomainError `pump/garbled` for what is no gzip, and what `chunks` throws. */
export async function* decompressed(chunks: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feeding = feed(chunks, gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    await feeding;
    if (error instanceof DomainError) throw error;
    throw new DomainError("pump/garbled", `the compressed answer cannot be read: ${error instanceof Error ? error.message : String(error)}`, where, { cause: error });
  }
  await feeding;
}

async function feed(chunks: AsyncIterable<Uint8Array>, into: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const chunk of chunks) if (!into.destroyed && !into.write(chunk)) await new Promise((drained) => into.once("drain", drained).once("close", drained));
    into.end();
  } catch (error) {
    into.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
