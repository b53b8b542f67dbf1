/** A pass by a command of its own under the supervisor: the pumps that are shells. */
import { DomainError, errorCode } from "../base/errors";
import type { HostFacts } from "../probes/hostFacts";
import { PumpFrameReader, pumpFailure } from "../probes/pumpFrames";
import type { Command } from "../target/command";
import type { Target } from "../target/target";
import type { FrameSink } from "./pumpLadder";
import { compressed, decompressed, noteTransfer, wantsCompression } from "./slowLink";

export async function runPumpOnce(target: Target, facts: HostFacts, command: Command, where: string, sink: FrameSink, signal: AbortSignal | undefined): Promise<void> {
  const compress = wantsCompression(target, facts);
  const running = await target.start(compress ? compressed(command) : command, signal);
  const chunks = compress ? decompressed(running.stdout, where) : running.stdout;
  const said = textOf(running.stderr);
  const reader = new PumpFrameReader(where, sink);
  try {
    const { bytes, milliseconds } = await readChunks(chunks, reader, signal);
    if (!compress) noteTransfer(target, bytes, milliseconds);
    const status = await running.exit;
    try {
      reader.end();
    } catch (error) {
      throw error instanceof DomainError ? pumpFailure(status, await said, where, error) : error;
    }
  } catch (error) {
    await running.stop().catch(() => undefined);
    // A shell that has something to say instead of frames says why on standard error.
    if (errorCode(error) !== "pump/garbled") throw error;
    throw pumpFailure(await running.exit, await said, where, error as DomainError);
  }
}

/** Milliseconds are from the first bytes to the last: not what it took to start. */
async function readChunks(chunks: AsyncIterable<Uint8Array>, reader: PumpFrameReader, signal: AbortSignal | undefined): Promise<{ bytes: number; milliseconds: number }> {
  let [bytes, started] = [0, 0];
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    if (bytes === 0) started = performance.now();
    bytes += chunk.length;
    reader.push(chunk);
  }
  signal?.throwIfAborted();
  return { bytes, milliseconds: performance.now() - started };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  try {
    for await (const chunk of chunks) if (text.length < 4096) text += Buffer.from(chunk).toString();
  } catch {
    // The link was lost: whoever waits for the exit status hears of it.
  }
  return text;
}
