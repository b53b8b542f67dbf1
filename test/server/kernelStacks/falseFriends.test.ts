import assert from "node:assert/strict";
import { linesOf } from "../../../src/server/kernelStacks/documentLines";
import { StackIndex } from "../../../src/server/kernelStacks/stackIndex";

/** Lines that look like frames and are none, as real reports and logs have them. */
const friends = [
  "R10: 0000000000000000 R11: 0000000000000202 R12: 0000000000000002",
  "Code: 40 00 48 8b 15 b1 aa 0d 00 f7 d8 64 89 02 48 c7 c0 ff ff ff ff eb b7 <48> 3d 00 f0 ff ff",
  "x29: ffff800008003a60 x28: 0000000000000000 x27: ffffff8041c2a300",
  "Modules linked in: nf_tables(E) virtio_net [last unloaded: a]",
  "x = 0x1+0x2/0x3",
  'GET /items/1?a=b+0x1f HTTP/1.1" 200',
  "#0: ffff888100a2c0b0 (&sb->s_type->i_mutex_key#9){++++}-{3:3}, at: vfs_write+0xc7/0x3f0",
  "total = a+1 and b+2",
  "commit 0123456789abcdef0123456789abcdef01234567",
  "#12 fixed a crash of the parser",
];

describe("false friends", () => {
  for (const line of friends) {
    it(line, () => {
      const lines = linesOf(["one", line, line, "two"].join("\n"));
      const index = new StackIndex(lines);
      while (!index.isComplete) index.step();
      assert.deepEqual(index.known().flatMap(({ frames }) => frames.map(({ line: at, start, end }) => lines.line(at).slice(start, end))), []);
      assert.deepEqual(index.places(), []);
    });
  }
});
