import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { findKnownHost, fingerprint, keyType, knownHostLine } from "../../src/ssh/knownHosts";

function wireKey(type: string, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type, "latin1"), body]);
}

const key = wireKey("ssh-ed25519", Buffer.alloc(36, 7));
const base64 = key.toString("base64");
const find = (text: string, name: string): number[] => findKnownHost(text, "f", name).map(({ line }) => line);

describe("known_hosts", () => {
  it("finds names, lists, patterns and exceptions", () => {
    const text = `# comment\n\nweb,web.example ssh-ed25519 ${base64} me@here\n*.example,!bad.example ssh-ed25519 ${base64}\n[web]:2200 ssh-ed25519 ${base64}\nh?st ssh-ed25519 ${base64}\n`;
    assert.deepEqual(find(text, "web"), [3]);
    assert.deepEqual(find(text, "WEB.example"), [3, 4]);
    assert.deepEqual(find(text, "bad.example"), []);
    assert.deepEqual(find(text, "[web]:2200"), [5]);
    assert.deepEqual(find(text, "host"), [6]);
    assert.deepEqual(find(text, "webb"), []);
  });

  it("knows markers and passes over what it cannot read", () => {
    const text = `@revoked * ssh-ed25519 ${base64}\n@cert-authority * ssh-ed25519 ${base64}\n@unknown * ssh-ed25519 ${base64}\nhost ssh-rsa ${base64}\nhost ssh-ed25519\nhost 2048 65537 1234\n`;
    assert.deepEqual(findKnownHost(text, "f", "host").map(({ marker, line }) => [marker, line]), [["revoked", 1], ["cert-authority", 2]]);
  });

  it("understands what ssh-keygen hashes, and ssh-keygen understands ours", () => {
    const folder = mkdtempSync(join(tmpdir(), "knetscope-known-"));
    try {
      const file = join(folder, "known_hosts");
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "key")]);
      const [, blob = ""] = readFileSync(join(folder, "key.pub"), "utf8").split(" ");
      const real = Buffer.from(blob, "base64");
      writeFileSync(file, `[h.example]:2222 ssh-ed25519 ${blob}\n`);
      execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
      assert.match(readFileSync(file, "utf8"), /^\|1\|/);
      assert.ok(findKnownHost(readFileSync(file, "utf8"), file, "[h.example]:2222")[0]?.key.equals(real));
      writeFileSync(file, knownHostLine("[H.example]:99", real, true) + knownHostLine("plain", real, false));
      assert.match(execFileSync("ssh-keygen", ["-F", "[h.example]:99", "-f", file]).toString(), /found: line 1/);
      assert.match(execFileSync("ssh-keygen", ["-F", "plain", "-f", file]).toString(), /found: line 2/);
      assert.ok(execFileSync("ssh-keygen", ["-l", "-f", join(folder, "key.pub")]).toString().includes(` ${fingerprint(real)} `));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("finds again what it wrote", () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9.-]{0,20}$/);
    fc.assert(
      fc.property(name, fc.uint8Array({ maxLength: 80 }), fc.boolean(), (host, body, hashed) => {
        const own = wireKey("ssh-ed25519", body);
        const found = findKnownHost(knownHostLine(host, own, hashed), "f", host);
        assert.ok(found.length === 1 && found[0]?.key.equals(own));
      }),
    );
  });

  it("is not upset by damaged files, keys or names", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (text, name) => void findKnownHost(`${text}\n|1|${text} ssh-ed25519 ${base64}`, "f", name)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void keyType(Buffer.from(bytes))));
    findKnownHost(`${"*a".repeat(25)} ssh-ed25519 ${base64}`, "f", `${"a".repeat(200)}b`);
  });
});
