import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { AheadSection } from "../../src/elf/aheadSection";
import type { Reading } from "../../src/elf/reading";
import { clip, type SectionData, type Span } from "../../src/elf/sectionData";
import { read } from "../support/memoryFile";

const content = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7919) >>> 5);

/** Bytes in memory that fill the room they are given, as a local file does. */
class Plain implements SectionData {
  readonly where = "test: .debug_info";
  readonly size = content.length;
  readonly isPlain = true;
  asked = 0;

  *readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]> {
    yield* [];
    return spans.map((span) => {
      const { offset, length } = clip(this, span);
      this.asked += length;
      const bytes = content.slice(offset, offset + length);
      if (!span.room) return bytes;
      span.room.set(bytes);
      return span.room.subarray(0, length);
    });
  }
}

const span = fc.record({ offset: fc.nat(content.length), length: fc.nat(9000) });

describe("sections that are read ahead", () => {
  for (const reuses of [false, true]) {
    for (const ahead of [0x2000, content.length]) {
      it(`give the bytes of any spans, ${ahead} ahead${reuses ? ", into the same memory" : ""}`, () => {
        fc.assert(
          fc.property(fc.array(fc.array(span, { minLength: 1, maxLength: 3 }), { maxLength: 20 }), (questions) => {
            const section = new AheadSection(new Plain(), ahead, reuses);
            for (const spans of questions) {
              const given = read(section.readSpans(spans));
              spans.forEach(({ offset, length }, index) => assert.ok(Buffer.from(given[index]!).equals(content.subarray(offset, offset + length))));
            }
          }),
        );
      });
    }
  }

  it("refuse what lies outside", () => {
    const section = new AheadSection(new Plain(), 0x2000, true);
    assert.throws(() => read(section.readSpans([{ offset: content.length + 1, length: 1 }])), DomainError);
  });

  it("read little more than is wanted where somebody jumps, and ahead where he goes on", () => {
    const plain = new Plain();
    const section = new AheadSection(plain, 0x4000, true);
    read(section.readSpans([{ offset: 0x8000, length: 40 }]));
    assert.equal(plain.asked, 0x1000);
    read(section.readSpans([{ offset: 0x9000, length: 40 }]));
    assert.equal(plain.asked, 0x1000 + content.length - 0x9000);
  });
});
