import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { errorCode } from "../../src/base/errors";
import { parseDestination } from "../../src/ssh/destination";
import { listSshAliases } from "../../src/ssh/listSshAliases";
import { readSshConfig } from "../../src/ssh/readSshConfig";
import { readSshConfigFiles } from "../../src/ssh/sshConfigFiles";
import { expandTokens, knownHostName, sshHostConfig } from "../../src/ssh/sshHostConfig";

describe("SSH configuration", () => {
  let folder = "";
  const file = (name: string): string => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "knetscope-config-"));
    await mkdir(file("conf.d"));
    await writeFile(file("conf.d/b.conf"), "Host inner\n  HostName inner.example\n  User second\n");
    await writeFile(file("conf.d/a.conf"), "Host inner\n  User first\n");
    await writeFile(file("conf.d/ignored.txt"), "Host ignored\n");
    await writeFile(
      file("config"),
      `# comment
Include ${file("conf.d/*.conf")}
Host web web2 !web3 *.pattern
  HostName %h.example.org
  Port 2200
  IdentityFile ~/keys/%r@%h
  IdentityFile "${folder}/second key"
  ProxyJump me@bastion:99,other
Host quoted
  ProxyCommand nc %h %p
  UserKnownHostsFile /a /b
  StrictHostKeyChecking accept-new
  ConnectTimeout 7
  PreferredAuthentications password,publickey
  PubkeyAuthentication no
Host *
  User everybody
`,
    );
  });
  after(() => rm(folder, { recursive: true }));

  it("lists aliases through Include, without patterns", async () => {
    assert.deepEqual(await listSshAliases(file("config")), ["inner", "web", "web2", "quoted"]);
    assert.deepEqual(await listSshAliases(file("none")), []);
  });

  const readers = {
    "ssh -G": (name: string) => readSshConfig(name, file("config")),
    "reading the files": async (name: string) => {
      const destination = parseDestination(name);
      return sshHostConfig(name, destination, await readSshConfigFiles(destination, file("config")));
    },
  };
  for (const [way, read] of Object.entries(readers)) {
    it(`understands a host by ${way}`, async () => {
      const config = await read("web");
      assert.deepEqual([config.hostName, config.port, config.user], ["web.example.org", 2200, "everybody"]);
      assert.deepEqual(config.identityFiles, [join(homedir(), "keys/everybody@web.example.org"), file("second key")]);
      assert.deepEqual(config.proxyJump, ["me@bastion:99", "other"]);
      assert.equal(knownHostName(config), "[web.example.org]:2200");
    });

    it(`lets the first value win by ${way}`, async () => {
      const config = await read("inner");
      assert.deepEqual([config.hostName, config.user], ["inner.example", "first"]);
    });

    it(`understands the other options by ${way}`, async () => {
      const config = await read("me@quoted:77");
      assert.deepEqual([config.proxyCommand, config.user, config.port], ["nc quoted 77", "me", 77]);
      assert.deepEqual(config.userKnownHostsFiles, ["/a", "/b"]);
      assert.deepEqual([config.strictHostKeyChecking, config.connectTimeoutMs, config.authentications], ["accept-new", 7000, ["password"]]);
    });
  }

  it("says where the configuration is wrong", async () => {
    await writeFile(file("bad"), "Host x\n  NoSuchOption 1\n");
    await assert.rejects(readSshConfig("x", file("bad")), (error: Error) => errorCode(error) === "ssh/config-error" && error.message.includes("line 2"));
  });

  it("does not follow Include in a circle for ever", async () => {
    await writeFile(file("circle"), `Include ${file("circle")}\n`);
    await assert.rejects(listSshAliases(file("circle")), (error) => errorCode(error) === "ssh/config-error");
  });

  it("takes the agent that is asked for", () => {
    const agent = (value: string | undefined, env: NodeJS.ProcessEnv): string | undefined =>
      sshHostConfig("h", { host: "h" }, new Map(value === undefined ? [] : [["identityagent", [value]]]), env).identityAgent;
    assert.equal(agent(undefined, { SSH_AUTH_SOCK: "/agent" }), "/agent");
    assert.equal(agent(undefined, {}), undefined);
    assert.equal(agent("none", { SSH_AUTH_SOCK: "/agent" }), undefined);
    assert.equal(agent("$OTHER", { OTHER: "/other" }), "/other");
    assert.equal(agent("~/agent-%u", {}), join(homedir(), `agent-${userInfo().username}`));
  });

  it("refuses tokens that ssh does not know", () => {
    assert.equal(expandTokens("100%% of %h", { h: "x" }), "100% of x");
    assert.throws(() => expandTokens("%z", {}), (error) => errorCode(error) === "ssh/config-bad-token");
  });
});
