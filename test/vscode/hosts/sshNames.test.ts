import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { sshAliases, sshConfigNames } from "../../../src/vscode/hosts/sshAliases";
import { sshArguments } from "../../../src/vscode/hosts/sshArguments";

describe("sshConfigNames", () => {
  it("finds names a person can type, and includes", () => {
    const text = 'Include config.d/*\n\tHost web "db 1" *.example.com !bastion # not this\nHOST=jump\nHostName 10.0.0.1\nMatch host x\n  host\n';
    assert.deepEqual(sshConfigNames(text), { aliases: ["web", "db 1", "jump"], includes: ["config.d/*"] });
  });
  it("reads any text", () => fc.assert(fc.property(fc.string(), (text) => Array.isArray(sshConfigNames(text).aliases))));
});

describe("sshAliases", () => {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-"));
  after(() => rmSync(folder, { recursive: true }));
  it("follows includes, and ends although they include each other", async () => {
    mkdirSync(join(folder, "config.d"));
    writeFileSync(join(folder, "config"), "Host one\nInclude config.d/*.conf\n");
    writeFileSync(join(folder, "config.d/a.conf"), "Host two\nInclude ../config\n");
    writeFileSync(join(folder, "config.d/other"), "Host no\n");
    assert.deepEqual(await sshAliases(join(folder, "config")), ["one", "two"]);
  });
  it("has none without a configuration", async () => assert.deepEqual(await sshAliases(join(folder, "absent")), []));
});

describe("sshArguments", () => {
  const check = (name: string, expected: string[]): void => assert.deepEqual(sshArguments(name), expected);
  it("passes an alias as it is", () => check("web", ["--", "web"]));
  it("takes user and port apart", () => check("root@10.0.0.1:2222", ["-p", "2222", "-l", "root", "--", "10.0.0.1"]));
  it("takes IPv6 in brackets", () => check("root@[::1]:22", ["-p", "22", "-l", "root", "--", "::1"]));
  it("never lets a name become an option", () => check("-oProxyCommand=x", ["--", "-oProxyCommand=x"]));
  it("names the configuration file", () => assert.deepEqual(sshArguments("web", "/c"), ["-F", "/c", "--", "web"]));
});
