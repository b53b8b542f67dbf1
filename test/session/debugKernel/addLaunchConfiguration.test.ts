import assert from "node:assert/strict";
import fc from "fast-check";
import ts from "typescript";
import { errorCode } from "../../../src/base/errors";
import { addLaunchConfiguration } from "../../../src/session/debugKernel/addLaunchConfiguration";
import type { LaunchConfiguration } from "../../../src/session/debugKernel/launchConfiguration";

const ours: LaunchConfiguration = { name: "Kernel of web1", type: "cppdbg", setupCommands: [{ text: 'directory "a b"' }] };

/** By TypeScript's reader of JSON with comments. */
function read(text: string): { readonly configurations: readonly { readonly name: string }[] } {
  const { config, error } = ts.parseConfigFileTextToJson("launch.json", text) as { config: { configurations: { name: string }[] }; error?: ts.Diagnostic };
  assert.equal(error, undefined, text);
  return config;
}

const add = (text: string | undefined): string => addLaunchConfiguration(text, ours, "launch.json");

describe("addLaunchConfiguration", () => {
  it("makes a file where there is none", () => {
    assert.deepEqual(read(add(undefined)), { version: "0.2.0", configurations: [ours] });
    assert.deepEqual(read(add(" \n")), { version: "0.2.0", configurations: [ours] });
  });

  it("keeps comments, other entries and the way the file is indented", () => {
    const text = '{\n\t// of the team\n\t"version": "0.2.0",\n\t"configurations": [\n\t\t{ "name": "a" }, // first\n\t\t{ "name": "b } ]" } /* last */ // end\n\t],\n\t"compounds": [{ "configurations": ["a"] }]\n}\n';
    const result = add(text);
    assert.deepEqual(read(result).configurations.map(({ name }) => name), ["a", "b } ]", ours.name]);
    assert.ok(result.startsWith(text.slice(0, text.indexOf(" /* last */"))));
    assert.match(result, /\{ "name": "b } \]" }, \/\* last \*\/ \/\/ end\n\t\t\{\n\t\t\t"name": "Kernel of web1"/);
    assert.ok(result.endsWith(text.slice(text.indexOf("\n\t],"))));
  });

  it("replaces the entry of the same name, and only that", () => {
    const text = '{ "configurations": [\n  { "name": "a", "x": { "name": "Kernel of web1" } },\n  { "type": "old", "name": "Kernel of web1" }, // mine\n] }';
    assert.deepEqual(read(add(text)).configurations, [{ name: "a", x: { name: "Kernel of web1" } }, ours]);
    assert.equal(add(add(text)), add(text));
  });

  it("leaves a file alone that it does not understand", () => {
    for (const text of ["[]", "{}", '{ "configurations": {} }', '{ "configurations": [ {', '[{ "configurations": [] }]', "nonsense", '"configurations": []']) {
      assert.throws(() => add(text), (error) => errorCode(error) === "debug/bad-launch-file", text);
    }
  });

  it("loses no character of any file and stays readable", () => {
    const space = fc.constantFrom("", " ", "\n", "\n    ", " // ] } , \"\n", "/* { [ , */", "\t");
    const element = fc.tuple(fc.string(), space, fc.jsonValue()).map(([name, gap, value]) => `{${gap}"name"${gap}: ${JSON.stringify(`x${name}`)},${gap}"v": ${JSON.stringify(value)}${gap}}`);
    const file = fc.tuple(fc.array(fc.tuple(element, space)), space, fc.boolean(), space).map(([elements, gap, comma, end]) => {
      const list = elements.map(([text, after], index) => `${text}${after}${index < elements.length - 1 || comma ? "," : ""}`).join(gap);
      return `{${gap}"version": "0.2.0",${gap}"configurations"${gap}: [${gap}${list}${end}]${gap}}`;
    });
    fc.assert(fc.property(file, (text) => {
      const result = add(text);
      const before = read(text).configurations;
      assert.deepEqual(read(result).configurations, [...before, ours]);
      let from = 0;
      for (const character of text) {
        from = result.indexOf(character, from) + 1;
        assert.notEqual(from, 0, "a character of the file is gone");
      }
      assert.equal(add(result), result);
    }));
  });

  it("ends on any text", () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"configurations"', ":", ",", '"', "\\", "/", "*", "\n", "a") }), (text) => {
      try {
        add(text);
      } catch (error) {
        assert.equal(errorCode(error), "debug/bad-launch-file");
      }
    }));
  });
});
