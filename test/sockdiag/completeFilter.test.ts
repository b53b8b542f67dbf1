import assert from "node:assert/strict";
import fc from "fast-check";
import { completeFilter, type FilterVocabulary } from "../../src/sockdiag/completeFilter";
import { FilterError } from "../../src/sockdiag/filterExpression";
import { editDistance, filterHint } from "../../src/sockdiag/filterHint";
import { parseFilter } from "../../src/sockdiag/parseFilter";

const value = (...texts: string[]) => texts.map((text) => ({ text, detail: "2 sockets" }));
const known: FilterVocabulary = {
  localPorts: value(":8080"), remotePorts: value(":51034"), localAddresses: value("10.0.0.1", "[::1]"), remoteAddresses: value("10.0.0.9"), interfaces: value("eth0", "src"), cgroups: value("id:5"), marks: value("0x1"),
};

/** Labels at the `|`. */
const labels = (text: string): string[] => completeFilter(text.replace("|", ""), text.indexOf("|"), known).map(({ label }) => label);
/** The text after the first suggestion is taken. */
function taken(text: string): string {
  const plain = text.replace("|", "");
  const [first] = completeFilter(plain, text.indexOf("|"), known);
  return first ? plain.slice(0, first.from) + first.label + first.suffix + plain.slice(first.to) : plain;
}

describe("completion of filters", () => {
  it("begins with states and conditions", () => {
    assert.deepEqual(labels("|").slice(0, 4), ["state", "exclude", "sport", "dport"]);
    assert.deepEqual(labels("st|"), ["state"]);
  });

  it("knows states and their groups, one after the other", () => {
    assert.deepEqual(labels("state est|"), ["established", "estab"]);
    assert.equal(taken("state established,syn-r|"), "state established,syn-recv");
    assert.ok(labels("state |").includes("bucket"));
    assert.ok(labels("state established |").includes("dport"));
    assert.ok(labels("state established |").includes("exclude"));
  });

  it("gives the host's own values first", () => {
    assert.deepEqual(labels("sport = |").slice(0, 2), [":8080", ":ftp-data"]);
    assert.ok(labels("sport |").includes(">="));
    assert.deepEqual(labels("dport = :https|"), []);
    assert.deepEqual(labels("dport = 51|"), [":51034"]);
    assert.deepEqual(labels("dport = :htt|").slice(0, 2), [":http", ":https"]);
    assert.deepEqual(labels("src |"), ["=", "!=", "10.0.0.1", "[::1]", "unix:"]);
    assert.deepEqual(labels("dst = 10|"), ["10.0.0.9"]);
    assert.deepEqual(labels("dev != |"), ["eth0", "src"]);
    assert.deepEqual(labels("cgroup = |"), ["id:5"]);
    assert.deepEqual(labels("fwmark = |"), ["0x1"]);
  });

  it("goes on after a condition, and closes what is open", () => {
    assert.deepEqual(labels("dport = :443 |").slice(0, 3), ["and", "or", "sport"]);
    assert.deepEqual(labels("( dport = :443 |").slice(0, 3), ["and", "or", ")"]);
    assert.ok(!labels("( dport = :443 ) |").includes(")"));
    assert.deepEqual(labels("dev = src |").slice(0, 2), ["and", "or"]);
    assert.deepEqual(labels("autobound |").slice(0, 2), ["and", "or"]);
    assert.ok(!labels("not |").includes("and"));
  });

  it("replaces the word at the cursor, not what follows", () => {
    assert.equal(taken("dp| sport = :80"), "dport  sport = :80");
  });

  it("lets every keyword that it offers be read where it stands", () => {
    const filters = ["", "state ", "state established ", "dport = :443 ", "( sport = :80 ", "not ", "dport = :443 and ", "sport ", "dev = ", "src = "];
    for (const filter of filters) {
      for (const { label, from } of completeFilter(filter, filter.length, known)) {
        const whole = filter.slice(0, from) + label;
        try {
          parseFilter(whole);
        } catch (error) {
          // What is wrong must be that something still misses at the end, or that a parenthesis is open.
          assert.ok(error instanceof FilterError && (error.position >= whole.length || label === "unix:"), `“${whole}”: ${String(error)}`);
        }
      }
    }
  });

  it("never fails, and stays within the text", () => {
    const word = fc.constantFrom("state", "dport", "=", "(", ")", "and", "src", ":80", ",", " ", "established", "x", "!", "autobound");
    fc.assert(fc.property(fc.oneof(fc.string(), fc.array(word).map((words) => words.join(" "))), fc.nat(), (text, place) => {
      const cursor = place % (text.length + 1);
      for (const { from, to } of completeFilter(text, cursor, known)) assert.ok(from >= 0 && from <= to && to === cursor);
    }));
  });
});

describe("hints for filters", () => {
  const hint = (text: string): string | undefined => {
    try {
      parseFilter(text);
    } catch (error) {
      if (error instanceof FilterError) return filterHint(error, text);
    }
    return undefined;
  };

  it("guess what was meant", () => {
    assert.equal(hint("state estabished"), "Did you mean “established”?");
    assert.equal(hint("dprot = :80"), "Did you mean “dport”?");
    assert.equal(hint("dport = :htpps"), "Did you mean “https”?");
    assert.match(hint("src = nowhere.example") ?? "", /names are not resolved/);
    assert.equal(hint("dport ="), "Something must follow here.");
    assert.equal(hint("dport = :443"), undefined);
  });

  it("measure how far words are apart", () => {
    assert.deepEqual([editDistance("dport", "dport"), editDistance("dprot", "dport"), editDistance("", "ab"), editDistance("sport", "dport")], [0, 1, 2, 1]);
    fc.assert(fc.property(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length) && editDistance(a, b) >= Math.abs(a.length - b.length));
    }));
  });
});
