import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { downLab } from "./downLab";
import { inGuest, setLink, sshArgv, tryInGuest } from "./guestControl";
import { labPaths } from "./labPaths";
import { isAlive, labState, type LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { tryTool } from "./runTool";
import { greetsWithSsh, rebootLab, upLab } from "./upLab";

// Two runs of the tests must not meet.
const name = ownTarget("test-target");
const bareName = ownTarget("test-bare");

describe("a full target", function () {
  this.timeout(600_000);
  let state: LabState;

  before(async () => {
    state = await upLab("6.1", { name });
  });
  after(() => downLab(name));

  const as = (user: string, line: string, stdin = ""): ReturnType<typeof tryTool> => tryTool(sshArgv(state, [line], user), { stdin });

  it("runs the kernel its state names, with the tools the product needs", async () => {
    assert.equal((await inGuest(state, "uname -r")).trim(), state.release);
    await inGuest(state, "which bpftrace perf ss tc iptables-nft iptables-legacy nft conntrack python3 perl nc sudo modprobe tcpdump strace");
  });

  it("is found again instead of started twice", async () => {
    assert.equal((await upLab("6.1", { name })).pid, state.pid);
  });

  it("knows three kinds of users", async () => {
    const password = state.users.find((user) => user.name === "knet")?.password ?? "";
    assert.notEqual((await as("knet", "sudo -n id -u")).code, 0);
    assert.equal((await as("knet", "sudo -S -p '' id -u", `${password}\n`)).stdout, "0\n");
    assert.equal((await as("knet-nopass", "sudo -n id -u")).stdout, "0\n");
    assert.notEqual((await as("knet-plain", "sudo -n id -u")).code, 0);
  });

  it("is reached through itself by ProxyJump", async () => {
    const jump = await tryTool(["ssh", "-F", state.sshConfigFile, `${state.alias}-jump`, "hostname"]);
    assert.equal(jump.stdout.trim(), state.alias, jump.stderr);
  });

  it("reaches nothing outside", async () => {
    assert.notEqual((await tryInGuest(state, "nc -z -w 3 10.0.2.2 22")).code, 0);
  });

  it("leaves no zombies of what it adopted", async () => {
    await inGuest(state, "for i in 1 2 3; do (sleep 0.1 &) ; done; sleep 0.5; ! ps -eo stat= | grep -q Z");
  });

  it("goes silent when its cable is pulled and comes back", async () => {
    await setLink(name, false);
    assert.equal(await greetsWithSsh(state.port), false);
    await setLink(name, true);
    assert.equal((await inGuest(state, "echo back")).trim(), "back");
  });

  it("is pristine after a reboot", async () => {
    await inGuest(state, "touch /etc/changed");
    const { port } = state;
    state = await rebootLab(name);
    assert.notEqual((await tryInGuest(state, "test -e /etc/changed")).code, 0);
    assert.equal(state.port, port);
    assert.equal(labState(name)?.pid, state.pid);
  });

  it("is gone after down, with its files", async () => {
    assert.deepEqual(await downLab(name), [name]);
    assert.equal(isAlive(state), false);
    assert.equal(labState(name), undefined);
    assert.equal(existsSync(labPaths.run(name)), false);
  });
});

describe("the bare target", function () {
  this.timeout(600_000);
  let state: LabState;

  before(async () => {
    state = await upLab("bare", { name: bareName });
  });
  after(() => downLab(bareName));

  it("has a shell and none of the comforts", async () => {
    assert.equal((await inGuest(state, "uname -r")).trim(), state.release);
    for (const tool of ["bash", "python3", "perl", "ss", "bpftrace", "sudo"]) assert.notEqual((await tryInGuest(state, `which ${tool}`)).code, 0, tool);
  });

  it("loads no module by itself", async () => {
    assert.equal((await tryInGuest(state, "test -e /sbin/modprobe")).code, 1);
    await inGuest(state, "modprobe tcp_diag && grep -q tcp_diag /proc/modules");
  });
});
