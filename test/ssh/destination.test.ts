import assert from "node:assert/strict";
import fc from "fast-check";
import { errorCode } from "../../src/base/errors";
import { parseDestination } from "../../src/ssh/destination";

describe("parseDestination", () => {
  const check = (text: string, expected: ReturnType<typeof parseDestination>) => it(text, () => assert.deepEqual(parseDestination(text), expected));
  check("alias", { host: "alias" });
  check("user@host", { host: "host", user: "user" });
  check("user@host:2222", { host: "host", user: "user", port: 2222 });
  check("a@b@host", { host: "host", user: "a@b" });
  check("[fe80::1%eth0]:22", { host: "fe80::1%eth0", port: 22 });
  check("root@[::1]", { host: "::1", user: "root" });
  check("2001:db8::1", { host: "2001:db8::1" });
  check("ssh://me@host:99/", { host: "host", user: "me", port: 99 });

  for (const text of ["", " ", "@host", "user@", "-oProxyCommand=id", "-l@host", "host:0", "host:99999", "host:x", "a b", "host/../x", "[::1", "a\0b"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseDestination(text), (error) => errorCode(error) === "ssh/bad-name"));
  }

  it("fails in its own words only, and never lets an option through", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const { host, user } = parseDestination(text);
          assert.ok(!host.startsWith("-") && !user?.startsWith("-"));
        } catch (error) {
          assert.equal(errorCode(error), "ssh/bad-name");
        }
      }),
    );
  });
});
