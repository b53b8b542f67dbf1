import assert from "node:assert/strict";
import fc from "fast-check";
import { compileBytecode, runsInKernel } from "../../src/sockdiag/filterBytecode";
import type { FilterExpression } from "../../src/sockdiag/filterExpression";
import { explainPlan, planFilter } from "../../src/sockdiag/filterPlan";
import { filterText } from "../../src/sockdiag/filterText";
import { parseFilter } from "../../src/sockdiag/parseFilter";
import { allStates } from "../../src/sockdiag/tcpState";
import { auditBytecode, runBytecode } from "../support/bytecodeInterpreter";
import { entryOf, filterExpression, inetSocket, type KnownSocket } from "../support/filterArbitraries";
import { evaluateFilter } from "../support/referenceFilter";
import { columnsOf, portRange, predicateOf } from "../support/socketZoo";

const endianness = fc.constantFrom("little" as const, "big" as const);
const plan = (text: string, refused?: Parameters<typeof planFilter>[2]) => planFilter(parseFilter(text), text, refused);
const runs = { numRuns: Math.max(1000, fc.readConfigureGlobal().numRuns ?? 0) };

/** The range is what tells here whether a port was asked for, as in the kernel the lock does. */
const isAutobound = ({ local: { port = 0 } }: KnownSocket): boolean => port >= portRange[0] && port <= portRange[1];

describe("a filter for the kernel", () => {
  it("is a program the kernel takes, and does what the filter means", () => {
    fc.assert(
      fc.property(filterExpression.filter(runsInKernel), fc.array(inetSocket, { minLength: 1, maxLength: 8 }), endianness, (expression, sockets, order) => {
        const program = compileBytecode(expression, order);
        assert.ok(program);
        assert.equal(auditBytecode(program, order), 0, filterText(expression));
        for (const socket of sockets) assert.equal(runBytecode(program, order, entryOf(socket, !isAutobound(socket))), evaluateFilter(expression, socket, portRange), filterText(expression));
      }),
      runs,
    );
  });

  it("is byte by byte what inet_diag.h says", () => {
    const bytes = (text: string, order: "little" | "big" = "little") => Buffer.from(compileBytecode(parseFilter(text).expression!, order)!).toString("hex");
    assert.equal(bytes("sport = :80"), "0b080c00" + "00005000");
    assert.equal(bytes("sport = :80", "big"), "0b08000c" + "00000050");
    assert.equal(bytes("dst 10.0.0.0/8:443"), "08101400" + "02080000" + "bb010000" + "0a000000");
    assert.equal(bytes("fwmark = 0x12/0xff"), "0a0c1000" + "12000000" + "ff000000");
    assert.equal(bytes("cgroup id:258"), "0d0c1000" + "0201000000000000");
    assert.equal(bytes("dev lo"), "09080c00" + "01000000");
    assert.equal(bytes("autobound"), "06040800");
    assert.equal(bytes("sport = :1 or dport = :2"), "0b080c00" + "00000100" + "01040c00" + "0c080c00" + "00000200");
    assert.equal(bytes("not sport = :1"), "0b080c00" + "00000100" + "01040800");
  });

  it("is not made too long", () => {
    const many = Array.from({ length: 3000 }, (_, port) => `sport = :${port}`).join(" or ");
    const { expression } = parseFilter(many);
    assert.equal(expression && compileBytecode(expression, "little"), undefined);
    assert.equal(plan(many).kernel, undefined);
    assert.match(plan(many).notes.join(" "), /too long/);
  });
});

describe("the plan of a filter", () => {
  const shown = (text: string): string => {
    const { kernel, process } = plan(text);
    return `${kernel ? filterText(kernel) : "-"} | ${process ? filterText(process) : "-"}`;
  };

  it("gives the kernel all it can run", () => {
    assert.equal(shown("sport = :80 and dst 10/8"), "(sport = :80 and dst 10.0.0.0/8) | -");
    assert.equal(shown("sport = :80 and dev eth0"), "sport = :80 | dev = eth0");
    assert.equal(shown("sport = :80 and dev lo"), "(sport = :80 and dev = lo) | -");
    assert.equal(shown("sport = :80 or dev eth0"), "- | (sport = :80 or dev = eth0)");
    assert.equal(shown("not ( sport = :80 or dev eth0 )"), "not sport = :80 | not dev = eth0");
    assert.equal(shown("( sport = :1 and dev eth0 ) or sport = :2"), "(sport = :1 or sport = :2) | ((sport = :1 and dev = eth0) or sport = :2)");
    assert.equal(shown("src unix:/run/*"), "not src * | -");
    assert.equal(shown("not src unix:/run/*"), "- | -");
    assert.equal(shown("src unix:/run/* or sport = :80"), "sport = :80 | -");
    assert.equal(shown("dev eth0 and ( sport = :80 or not src netlink:* )"), "- | dev = eth0");
    assert.equal(shown(""), "- | -");
    assert.match(planFilter(parseFilter("dst unix:/run/x"), "dst unix:/run/x").notes.join(), /no name of a peer/);
  });

  it("keeps every socket that is wanted, and no other, whatever goes where", () => {
    fc.assert(
      fc.property(filterExpression, fc.array(inetSocket, { minLength: 1, maxLength: 8 }), fc.constantFrom(undefined, true, false), (expression, sockets, marksOnly) => {
        const { kernel, process } = planFilter({ states: allStates, expression }, "", marksOnly === undefined ? undefined : { why: "", marksOnly });
        const program = kernel && compileBytecode(kernel, "little");
        if (program) assert.equal(auditBytecode(program, "little", marksOnly === undefined), 0);
        if (marksOnly === false) assert.equal(kernel, undefined);
        const columns = columnsOf(sockets);
        const rest = process ? predicateOf(process, columns) : () => true;
        sockets.forEach((socket, row) => {
          const taken = (!program || runBytecode(program, "little", entryOf(socket, !isAutobound(socket)))) && rest(row);
          assert.equal(taken, evaluateFilter(expression, socket, portRange), filterText(expression));
        });
      }),
      runs,
    );
  });

  it("leaves marks out for a kernel that does not show them", () => {
    const { kernel, process, notes } = plan("fwmark = 1 and sport = :80", { why: "no marks", marksOnly: true });
    assert.deepEqual([kernel && filterText(kernel), process && filterText(process), notes], ["sport = :80", "fwmark = 0x1", ["no marks"]]);
  });

  it("says where ss would read it otherwise", () => {
    assert.match(plan("sport = :1 or sport = :2 and dport = :3").notes[0] ?? "", /it would take this as \(\(sport = :1 or sport = :2\) and dport = :3\)\.$/);
    assert.deepEqual(plan("sport = :1 and sport = :2 or dport = :3").notes, []);
    assert.deepEqual(plan("sport = :1 or ( sport = :2 and dport = :3 )").notes, []);
  });

  it("is explained, a line for each place", () => {
    assert.deepEqual(explainPlan(plan("state listening sport = :80 and dev eth0"), ["tcp", "unix"]), [
      "states, in the kernel: listening",
      "tcp, in the kernel: sport = :80",
      "tcp, here: dev = eth0",
      "unix, here: (sport = :80 and dev = eth0)",
      "dev: an interface has another number in each network namespace, so its name is compared here.",
    ]);
  });

  it("is written in the language it came in", () => {
    fc.assert(
      fc.property(filterExpression, (expression) => {
        const again = parseFilter(filterText(expression)).expression;
        assert.equal(again && filterText(again), filterText(expression));
        assert.deepEqual(same(again), same(expression));
      }),
      runs,
    );
  });
});

/** A filter's text does not tell `=` from a missing comparison. */
function same(expression: FilterExpression | undefined): unknown {
  return expression === undefined ? undefined : JSON.parse(JSON.stringify(expression, (_key, value: unknown) => (value instanceof Uint8Array ? [...value] : value)));
}
