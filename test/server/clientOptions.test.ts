import assert from "node:assert/strict";
import { homedir } from "node:os";
import fc from "fast-check";
import { answersItself, clientPlaces } from "../../src/server/clientOptions";

describe("options of a client without an editor's side", () => {
  const log = (): void => undefined;
  const places = (options: unknown): object => clientPlaces(options, log);
  const nothing = { sources: [], debuginfodUrls: [], log };

  it("are named as the settings, with the home folder for ~", () => {
    const options = { debuginfo: { vmlinux: "~/vmlinux", modules: "/m~/x" }, debuginfod: { urls: ["http://d"] }, sources: ["~"] };
    assert.deepEqual(places(options), { vmlinux: `${homedir()}/vmlinux`, modules: "/m~/x", debuginfodUrls: ["http://d"], sources: [homedir()], log });
  });
  it("of another type are passed over", () => {
    assert.deepEqual(places({ debuginfo: { vmlinux: 3, modules: "" }, debuginfod: { urls: "http://d" }, sources: [null, ""] }), nothing);
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.ok("debuginfodUrls" in places(value))));
    assert.deepEqual(places(undefined), nothing);
  });
  it("that name a path that does not exist are told of", () => {
    const lines: string[] = [];
    clientPlaces({ debuginfo: { vmlinux: "/no/such/vmlinux" } }, (line) => lines.push(line));
    assert.deepEqual(lines, ["/no/such/vmlinux, which initializationOptions name, does not exist"]);
  });
  it("say whether the client answers itself", () => {
    assert.deepEqual([answersItself({ stacks: {} }, "stacks"), answersItself({ stacks: {} }, "bpftrace"), answersItself(null, "stacks")], [true, false, false]);
  });
});
