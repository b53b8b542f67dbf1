import assert from "node:assert/strict";
import fc from "fast-check";
import { FilterError } from "../../src/sockdiag/filterExpression";
import { globMatches } from "../../src/sockdiag/globMatches";
import { parseFilter } from "../../src/sockdiag/parseFilter";
import { allStates, stateMask } from "../../src/sockdiag/tcpState";
import { evaluateFilter, type FilterableSocket } from "../support/referenceFilter";
import { columnsOf, portRange, predicateOf } from "../support/socketZoo";

const socket = (local: string, remote = "0.0.0.0:0", more: Partial<FilterableSocket> = {}): FilterableSocket => {
  const endpoint = (text: string): FilterableSocket["local"] => ({ address: text.slice(0, text.lastIndexOf(":")).replace(/[[\]]/g, ""), port: Number(text.slice(text.lastIndexOf(":") + 1)) });
  return { family: local.startsWith("[") ? "ipv6" : "ipv4", local: endpoint(local), remote: endpoint(remote), ...more };
};

const zoo: Readonly<Record<string, FilterableSocket>> = {
  web: socket("192.0.2.1:443", "198.51.100.7:50123", { mark: 0x12 }),
  ssh: socket("192.0.2.1:22", "203.0.113.9:40000", { interface: "eth0", mark: 0 }),
  out: socket("10.1.2.3:45678", "192.0.2.80:80", { cgroup: "id:42" }),
  v6: socket("[2001:db8::1]:443", "[2001:db8:1::2]:60000"),
  mapped: socket("[::ffff:10.1.2.4]:8080", "[::ffff:10.9.9.9]:5555"),
  any: socket("0.0.0.0:80"),
  unix: { family: "unix", local: { address: "/run/app.sock" }, remote: { address: "*" } },
};

const columns = { little: columnsOf(Object.values(zoo)), big: columnsOf(Object.values(zoo), "big") };

/** Names of the zoo that match, in its order: by the reference, and by columns of both byte orders. */
function check(filter: string, expected: string): void {
  const { expression } = parseFilter(filter);
  const names = Object.keys(zoo);
  assert.equal(names.filter((name) => !expression || evaluateFilter(expression, zoo[name]!, portRange)).join(" "), expected, filter);
  for (const endianness of ["little", "big"] as const) {
    const matches = expression ? predicateOf(expression, columns[endianness]) : () => true;
    assert.equal(names.filter((_, row) => matches(row)).join(" "), expected, `${filter} (${endianness})`);
  }
}

function fails(filter: string, code: string, position: number): void {
  assert.throws(() => parseFilter(filter), (error) => {
    assert.ok(error instanceof FilterError, String(error));
    assert.deepEqual([error.code, error.position, error.where], [code, position, `filter, column ${position + 1}`], filter);
    return true;
  });
}

describe("the filter language of ss", () => {
  it("takes everything when empty", () => {
    check("", "web ssh out v6 mapped any unix");
    assert.deepEqual(parseFilter("  "), { states: allStates });
  });

  it("compares addresses, prefixes and ports of hosts", () => {
    check("src 192.0.2.1", "web ssh");
    check("src = 192.0.2.1", "web ssh");
    check("src != 192.0.2.1", "out v6 mapped any unix");
    check("dst 198.51.100.0/24", "web");
    check("dst 198.51.100.7:50123", "web");
    check("dst 198.51.100.7:50124", "");
    check("src :443", "web v6");
    check("src *:443", "web v6");
    check("src 10/8", "out mapped");
    check("src 10.1.2.4/31", "mapped");
    check("src 10.1.2.2/31", "out");
    check("src 0.0.0.0/0", "web ssh out mapped any");
    check("src ::ffff:10.0.0.0/104", "mapped");
    check("src 2001:db8::/32", "v6");
    check("src ::/0", "v6 mapped");
    check("src ::/8", "mapped");
    check("src ::ffff:10.1.2.3", "");
    check("src [2001:db8::1]:443", "v6");
    check("src [2001:db8::]/64", "v6");
    check("dst inet6:[2001:db8:1::]/48", "v6");
    check("src unix:/run/*.sock", "unix");
    check("src /run/a??.sock", "unix");
    check("src unix:/RUN/[a-c]*", "unix");
    check("dst unix:*", "unix");
    check("dst unix:/run/*", "");
  });

  it("compares ports", () => {
    check("sport = :22", "ssh");
    check("sport :ssh", "ssh");
    check("sport = https", "web v6");
    check("sport eq :443 or dport ge :60000", "web v6");
    check("dport > :50000 and dport < :60000", "web");
    check("sport != :443", "ssh out mapped any");
    check("dport le :80", "out any");
  });

  it("knows interfaces, marks, cgroups and ports the kernel gave", () => {
    check("dev eth0", "ssh");
    check("dev != eth0", "web out v6 mapped any unix");
    check("fwmark = 0x2/0x2", "web");
    check("fwmark 0", "ssh");
    check("cgroup id:42", "out");
    assert.deepEqual(["/app", "/sys/fs/cgroup/app/", "/sys/fs/cgroup/unified/app", "/other", "/sys/fs/cgroup"].map((path) => predicateOf(parseFilter(`cgroup ${path}`).expression!, columns.little)(2)), [true, true, true, false, false]);
    check("not cgroup id:42 and sport = :443", "web v6");
    check("autobound", "out");
  });

  it("binds and before or, as the manual says and ss does not", () => {
    check("src 192.0.2.1 or src 10/8 and sport = :8080", "web ssh mapped");
    check("( src 192.0.2.1 or src 10/8 ) and sport = :8080", "mapped");
    check("sport = :22 || sport = :443 && dst 198.51.100.7", "web ssh");
    check("src 192.0.2.1 sport = :22", "ssh");
    check("not sport = :22 and src 192.0.2.1", "web");
    check("! ( sport = :22 or sport = :443 )", "out mapped any unix");
    check("(sport=:22)|(sport=:80)", "ssh any");
  });

  it("collects states for the kernel", () => {
    const states = (filter: string): number => parseFilter(filter).states;
    assert.equal(states("state established"), stateMask("established"));
    assert.equal(states("state listening state syn-recv"), stateMask("listening", "syn-recv"));
    assert.equal(states("state listening,syn-recv sport = :22"), stateMask("listening", "syn-recv"));
    assert.equal(states("exclude listening exclude time-wait"), allStates & ~stateMask("listening", "time-wait"));
    assert.equal(states("state connected exclude established") & stateMask("established", "listening", "unconnected"), 0);
    assert.equal(states("state bucket"), stateMask("syn-recv", "time-wait"));
    assert.equal(states("state synchronized") & stateMask("syn-sent"), 0);
    assert.equal(states("state bound-inactive"), 1 << 13);
  });

  it("says what is wrong and where", () => {
    fails("sport = :22 and", "filter/syntax", 15);
    fails("sport = :22 nonsense", "filter/syntax", 12);
    fails("( sport = :22", "filter/syntax", 13);
    fails("sport = :22 )", "filter/syntax", 12);
    fails("sport = :65536", "filter/port", 8);
    fails("sport = :nosuch", "filter/port", 8);
    fails("src 300.1.1.1", "filter/address", 4);
    fails("src example.org", "filter/address", 4);
    fails("src 10.0.0.0/33", "filter/address", 4);
    fails("src > 10.0.0.0", "filter/syntax", 4);
    fails("state bogus", "filter/state", 6);
    fails("sport = :22 state established", "filter/syntax", 12);
    fails("cgroup app", "filter/cgroup", 7);
    fails("cgroup id:99999999999999999999", "filter/cgroup", 7);
    fails("dst netlink:nosuch", "filter/address", 4);
    fails("src vsock:1:2:3", "filter/address", 4);
    fails("dst", "filter/syntax", 3);
    fails("(".repeat(5000), "filter/syntax", 200);
  });

  it("reads any text or refuses it as a filter, never otherwise", () => {
    const word = fc.constantFrom("src", "dst", "sport", "dport", "=", "!=", ">=", "(", ")", "and", "or", "not", "!", "|", "&&", "state", "listening", ":22", "10/8", "[::1]:80", "*", "dev", "lo", "é", "constructor", "__proto__");
    const text = fc.oneof(fc.string(), fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")));
    fc.assert(
      fc.property(text, (filter) => {
        try {
          const { expression } = parseFilter(filter);
          if (expression) Object.values(zoo).forEach((one, row) => assert.equal(predicateOf(expression, columns.little)(row), evaluateFilter(expression, one, portRange), filter));
        } catch (error) {
          assert.ok(error instanceof FilterError, String(error));
          assert.ok(error.position <= filter.length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("gives the set that plain arithmetic gives", () => {
    const address = fc.nat(0xffff).map((low) => `10.0.${low >> 8}.${low & 255}`);
    fc.assert(
      fc.property(address, address, fc.nat(32), fc.nat(0xffff), fc.nat(0xffff), (mine, theirs, bits, port, than) => {
        const number = (text: string): bigint => text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
        const inPrefix = number(mine) >> BigInt(32 - bits) === number(theirs) >> BigInt(32 - bits);
        const one = socket(`${mine}:${port}`);
        const matches = (filter: string): boolean => evaluateFilter(parseFilter(filter).expression!, one);
        assert.equal(matches(`src ${theirs}/${bits}`), inPrefix);
        assert.equal(matches(`src ${theirs}/${bits} and not sport < :${than} or sport = :0`), (inPrefix && port >= than) || port === 0);
      }),
    );
  });

  it("matches names with stars and question marks in linear time", () => {
    assert.ok(globMatches("/run/*.s?ck", "/run/a/b.sock"));
    assert.ok(!globMatches("/run/?", "/run/"));
    assert.deepEqual(["[@/]*", "[!@]*", "@[0-9a-f]b", "[]@]*", "\\@*", "[@", "@AB"].map((pattern) => globMatches(pattern, "@ab")), [true, false, true, true, true, false, true]);
    assert.ok(!globMatches("*a*a*a*a*a*a*a*b", "a".repeat(5000)));
  });
});
