import assert from "node:assert/strict";
import fc from "fast-check";
import { editDistance, FuzzyList, nearestNames } from "../../src/bpflang/fuzzyList";

const list = new FuzzyList(["tcp_send_active_reset", "tcp_v4_send_reset", "tcp_v4_rcv", "udp_rcv", "TcpOld", "trace_tcp_recv_reset"]);

describe("FuzzyList", () => {
  it("finds by letters in order, the best first", () => {
    assert.deepEqual(list.search("tcp_v4", 10), ["tcp_v4_rcv", "tcp_v4_send_reset"]);
    assert.equal(list.search("tvsr", 10)[0], "tcp_v4_send_reset");
    assert.deepEqual(list.search("rcv", 10).slice(0, 2), ["udp_rcv", "tcp_v4_rcv"]);
    assert.deepEqual(list.search("tcpold", 10), ["TcpOld"]);
    assert.deepEqual(list.search("xyz", 10), []);
    assert.equal(list.search("", 3).length, 3);
  });

  it("gives only names with all letters of the query, in their order", () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z0-9_]{1,12}$/), { maxLength: 30 }), fc.stringMatching(/^[a-z0-9_]{1,5}$/), (names, query) => {
      const isThere = (name: string): boolean => query.split("").reduce((from, letter) => (from < 0 ? from : name.indexOf(letter, from) + 1 || -1), 0) >= 0;
      assert.deepEqual([...new FuzzyList(names).search(query, 100)].sort(), names.filter(isThere).sort());
    }));
  });
});

describe("nearestNames", () => {
  it("forgives a slip", () => {
    assert.deepEqual(nearestNames("sokc", ["sock", "bio"]), ["sock"]);
    assert.deepEqual(nearestNames("sk_rcvbuff", ["sk_rcvbuf", "sk_sndbuf"])[0], "sk_rcvbuf");
    assert.deepEqual(nearestNames("ab", ["ac"]), []);
  });

  it("is the same both ways, and zero for the same alone", () => {
    fc.assert(fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      assert.equal(editDistance(a, b, 20), editDistance(b, a, 20));
      assert.equal(editDistance(a, b, 20) === 0, a === b);
    }));
  });

  it("counts no slip more than it is told, and those up to there exactly", () => {
    const name = fc.stringMatching(/^[abc_]{0,9}$/);
    fc.assert(fc.property(name, name, fc.nat(5), (a, b, most) => {
      assert.equal(editDistance(a, b, most), Math.min(editDistance(a, b, 20), most + 1));
    }));
  });

  it("finds the same in a list as among all names", () => {
    const name = fc.stringMatching(/^[a-d_0-3]{3,12}$/);
    fc.assert(fc.property(fc.array(name, { maxLength: 30 }), name, (names, wanted) => {
      assert.deepEqual(new FuzzyList(names).nearest(wanted), nearestNames(wanted, names));
    }));
  });
});
