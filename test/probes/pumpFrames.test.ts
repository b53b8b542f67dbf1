import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { frameText, PumpFrameReader, pumpFailure, type PumpFrame } from "../../src/probes/pumpFrames";
import { requestBytes } from "../../src/probes/pumpRequest";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
/** `cut` bytes at a time: the frames must be the same however they arrive. */
function parsePumpFrames(bytes: Uint8Array, where: string, cut = bytes.length): PumpFrame[] {
  const frames: PumpFrame[] = [];
  const reader = new PumpFrameReader(where, (frame) => frames.push(frame));
  for (let at = 0; at < bytes.length; at += Math.max(1, cut)) reader.push(bytes.subarray(at, at + Math.max(1, cut)));
  reader.end();
  return frames;
}

const kinds = (text: string): unknown[] => parsePumpFrames(encode(text), "test").map((frame) => [frame.kind, frame.a, frame.b, frameText(frame)]);

describe("frames of a pump", () => {
  it("come with a length, as text, or as base64", () => {
    assert.deepEqual(kinds("@netns 42 1 3\na\nb@file 0 2 ~\nx\n@y\n@.\n@ss 0 0 =\naGVs\nbG8=\n@.\n@fail -1 13 5\nsetns@end 0 0 0\n"), [
      ["netns", 42, 1, "a\nb"], ["file", 0, 2, "x\n@y\n"], ["ss", 0, 0, "hello"], ["fail", -1, 13, "setns"],
    ]);
  });

  it("may carry any bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.integer({ min: 1, max: 30 }), (payloads, cut) => {
        const bytes = Buffer.concat([...payloads.map((payload) => Buffer.concat([encode(`@reply 1 0 ${payload.length}\n`), payload])), encode("@end 0 0 0\n")]);
        assert.deepEqual(parsePumpFrames(bytes, "test", cut).map(({ payload }) => [...payload]), payloads.map((payload) => [...payload]));
      }),
    );
  });

  it("may come compressed from some place on, and damage there is an error with its place", () => {
    const packed = (text: string): Buffer => {
      const bytes = gzipSync(text);
      return Buffer.concat([encode(`@gzip 0 0 ${bytes.length}\n`), bytes]);
    };
    const whole = Buffer.concat([encode("@netns 42 1 1\na"), packed("@reply 1 0 2\nxy@reply 1 0 1\nz"), packed("@owners 0 0 0\n@end 0 0 0\n")]);
    for (const cut of [1, 7, whole.length]) assert.deepEqual(parsePumpFrames(whole, "test", cut).map((frame) => [frame.kind, frameText(frame)]), [["netns", "a"], ["reply", "xy"], ["reply", "z"], ["owners", ""]]);
    assert.throws(() => parsePumpFrames(packed("@netns 1 0 0\n"), "test"), { code: "pump/truncated" });
    assert.throws(() => kinds("@gzip 0 0 4\nabcd"), { code: "pump/garbled", where: "test" });
    assert.throws(() => parsePumpFrames(packed("Last login"), "test"), { code: "pump/garbled" });
  });

  it("must have an end", () => {
    assert.throws(() => kinds("@netns 1 0 1\nx"), { code: "pump/truncated" });
    assert.throws(() => kinds("@netns 1 0 10\nx"), { code: "pump/truncated" });
    assert.throws(() => kinds("@file 0 0 ~\nx"), { code: "pump/truncated" });
    assert.throws(() => kinds("@end 0 0 5\nx"), { code: "pump/truncated" });
  });

  it("are refused with their place when they are none", () => {
    assert.throws(() => kinds("Last login: today\n"), { code: "pump/garbled", where: "test+0x0" });
    assert.throws(() => kinds("@netns 1 0 1\nx!"), { code: "pump/garbled", where: "test+0xe" });
  });

  it("survive any bytes", () => {
    const line = fc.constantFrom("@reply 0 0 4\n", "@file 0 0 ~\n", "@ss 0 0 =\n", "\n@.\n", "@end 0 0 0\n", "abcd", "@");
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(line).map((lines) => lines.join(""))), fc.integer({ min: 1, max: 9 }), (text, cut) => {
        try {
          parsePumpFrames(encode(text), "test", cut);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
    );
  });

  it("are the same however they are cut", () => {
    const text = "@netns 42 1 3\na\nb@file 0 2 ~\nx\n@y\n@.\n@ss 0 0 =\naGVs\nbG8=\n@.\n@reply 3 0 40\n" + "r".repeat(40) + "@end 0 0 0\nnoise";
    const whole = parsePumpFrames(encode(text), "test").map((frame) => [frame.kind, frame.a, frame.b, frameText(frame)]);
    for (let cut = 1; cut < text.length; cut++) assert.deepEqual(parsePumpFrames(encode(text), "test", cut).map((frame) => [frame.kind, frame.a, frame.b, frameText(frame)]), whole, `${cut} bytes at a time`);
  });

  it("say what the pump said when it failed", () => {
    const cause = new DomainError("pump/truncated", "the answer ends");
    const failure = pumpFailure({ code: 126 }, "sh: /run/x: Permission denied\n", "helper", cause);
    assert.deepEqual([failure.code, failure.message], ["pump/failed", "sh: /run/x: Permission denied (exit status 126)"]);
    assert.equal(pumpFailure({ code: 0 }, "", "helper", cause), cause);
  });
});

describe("requests for a pump", () => {
  it("stand behind their protocol, padded, in the target's byte order", () => {
    const request = { requests: [{ protocol: 4, message: Uint8Array.of(1, 2, 3, 4, 5) }], files: [], procFiles: [], owners: false, allNamespaces: false, ssArguments: [] };
    assert.deepEqual([...requestBytes(request, "little")], [4, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0]);
    assert.deepEqual([...requestBytes(request, "big").subarray(0, 4)], [0, 0, 0, 4]);
  });
});
