import assert from "node:assert/strict";
import fc from "fast-check";
import { formatProgram } from "../../src/bpflang/formatProgram";
import { programs, sample } from "./programs";

const format = (text: string): string => formatProgram(text, { indent: "\t" });
const withoutSpace = (text: string): string => text.replace(/\s+/g, "");

describe("formatProgram", () => {
  it("indents by blocks and spaces as people do", () => {
    assert.equal(format("kprobe:f,\n   kprobe:g\n  /pid==1/ {\n$x=1;\n    if(($x==2)&&pid){\n printf(\"a  b=%d\\n\",$x ,  2) ;\n   }else{ @y=3; } // why\n  }\n\n\n\nEND{clear(@y);}"), [
      "kprobe:f,", "kprobe:g", "/pid==1/ {", "\t$x = 1;", "\tif (($x == 2) && pid) {", "\t\tprintf(\"a  b=%d\\n\", $x, 2);", "\t} else { @y = 3; } // why", "}", "", "END { clear(@y); }", "",
    ].join("\n"));
  });

  it("indents what goes on in the next line", () => {
    assert.equal(format("kprobe:f {\nprintf(\"%d\",\npid,\ntid);\n@x[pid] =\ncount();\nexit();\n}\n"), "kprobe:f {\n\tprintf(\"%d\",\n\t\tpid,\n\t\ttid);\n\t@x[pid] =\n\t\tcount();\n\texit();\n}\n");
  });

  it("leaves comments and directives as they are", () => {
    const text = "#include <a.h>\n#define X \\\n   1\n/*\n   a\n     b\n */\nkprobe:f {\n\t/* one\n      two */\n\texit();\n}\n";
    assert.equal(format(text), text);
  });

  it("leaves a program with a mistake alone", () => assert.equal(format("kprobe:f {\n  $x = \n}"), "kprobe:f {\n  $x = \n}"));

  for (const [name, text] of Object.entries(programs)) it(`keeps all but space, and is content with its own work: ${name}`, () => {
    const once = format(text);
    assert.equal(withoutSpace(once), withoutSpace(text));
    assert.equal(format(once), once);
  });

  it("keeps all but space of any text", () => {
    fc.assert(fc.property(sample, (text) => assert.equal(withoutSpace(format(text)), withoutSpace(text))));
  });
});
