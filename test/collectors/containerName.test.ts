import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { containerLabel, containerOf, containerOfPath } from "../../src/collectors/containerName";
import { labelOf, nameContainers } from "../../src/collectors/nameContainers";
import { containerProbe, parseContainers } from "../../src/probes/containerProbe";
import { recordedTarget } from "../support/recordedTarget";
import { facts } from "../vscode/support/samples";

const id = "3f2a1b0c9d8e7f605142332415060708090a0b0c0d0e0f101112131415161718";

describe("the container of a cgroup", () => {
  const cases: readonly (readonly [path: string, label: string | undefined])[] = [
    [`/system.slice/docker-${id}.scope`, "docker:3f2a1b0c9d8e"],
    [`/docker/${id}`, "docker:3f2a1b0c9d8e"],
    [`/docker/${id}/init.scope`, "docker:3f2a1b0c9d8e"],
    [`/machine.slice/libpod-${id}.scope/container`, "podman:3f2a1b0c9d8e"],
    [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, "podman:3f2a1b0c9d8e"],
    [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12345678_1234_1234_1234_123456789abc.slice/cri-containerd-${id}.scope`, "k8s:3f2a1b0c9d8e"],
    [`/kubepods/besteffort/pod12345678-1234-1234-1234-123456789abc/${id}`, "k8s:3f2a1b0c9d8e"],
    [`/kubepods.slice/kubepods-pod1.slice/crio-${id}.scope`, "k8s:3f2a1b0c9d8e"],
    [`/system.slice/nerdctl-${id}.scope`, "containerd:3f2a1b0c9d8e"],
    ["/machine.slice/systemd-nspawn@web\\x2d1.service/payload", "nspawn:web-1"],
    ["/machine.slice/machine-box.scope", "machine:box"],
    ["/lxc.payload.shop/init.scope", "lxc:shop"],
    ["/lxc/shop", "lxc:shop"],
    ["/system.slice/nginx.service", undefined],
    ["/user.slice/user-1000.slice/session-3.scope", undefined],
    ["/", undefined],
  ];
  for (const [path, label] of cases) {
    it(`${path.replace(id, "ID")} is ${label ?? "none"}`, () => {
      const found = containerOfPath(path);
      assert.equal(found && containerLabel(found), label);
    });
  }

  it("is found among the hierarchies of cgroup v1", () => {
    assert.deepEqual(containerOf(`12:pids:/user.slice\n3:cpu,cpuacct:/docker/${id}\n0::/\n`), { runtime: "docker", id });
    assert.equal(containerOf("0::/system.slice/sshd.service\n"), undefined);
  });

  it("is looked for in any text", () => fc.assert(fc.property(fc.string(), (text) => void containerOf(`0::/${text}`))));
});

describe("names of containers", () => {
  const answer = `@41\n0::/system.slice/docker-${id}.scope\n=docker web\n@42\n0::/kubepods/pod1/${id}\n=io.kubernetes.cri.sandbox-name cart-7d9\n=io.kubernetes.cri.sandbox-namespace shop\n@43\n0::/user.slice\n`;

  it("are those that people gave", () => {
    const found = parseContainers(answer);
    assert.deepEqual([41, 42, 43, 44].map((pid) => labelOf(found.get(pid))), ["docker:web", "k8s:shop/cart-7d9", undefined, undefined]);
  });

  it("are read from files as the runtimes write them: without a newline at the end, other containers beside", () => {
    const folder = mkdtempSync(join(tmpdir(), "knetscope-containers-"));
    const at = (path: string, text: string): string => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
      return path;
    };
    at("/proc/7/cgroup", `0::/machine.slice/libpod-${id}.scope\n`);
    at("/proc/8/cgroup", "0::/\n");
    at("/var/lib/containers/storage/overlay-containers/containers.json", `[{"id":"${id.replace("3", "4")}","names":["other"],"layer":"${id}"},{"id":"${id}","names":["db"]}]`);
    at(`/run/containerd/io.containerd.runtime.v2.task/x/${id}/config.json`, '{"annotations":{"nerdctl/name":"cache"}}');
    const [shell = "", ...words] = containerProbe([7, 8]).command.argv.map((word) => word.replaceAll(/(^|[ "])\/(proc|var|run|home)\//gm, `$1${folder}/$2/`));
    const found = parseContainers(execFileSync(shell, words, { encoding: "utf8" }));
    assert.deepEqual([...found.keys()], [7, 8]);
    assert.deepEqual([...(found.get(7)?.names ?? [])], [["podman", "db"], ["nerdctl/name", "cache"]]);
    rmSync(folder, { recursive: true });
  });

  it("stand for namespaces that nobody named, asked once", async () => {
    const target = recordedTarget({ recordings: [{ argv: /overlay-containers/, stdout: answer }] });
    const space = (inode: number, name: string, pid?: number) => ({ netns: { inode, name, isInit: inode === 1, ...(pid !== undefined && { pid }) } });
    const spaces = [space(1, "init"), space(2, "nginx[41]", 41), space(3, "cni-0a1b2c3d-11", 42), space(4, "blue", 43), space(5, "bash[43]", 43), space(6, "/run/docker/netns/x")];
    for (let look = 0; look < 2; look++) {
      const { spaces: named, notes } = await nameContainers(target, facts, spaces);
      assert.deepEqual(notes, []);
      assert.deepEqual(named.map(({ netns }) => netns.name), ["init", "docker:web", "k8s:shop/cart-7d9", "blue", "bash[43]", "/run/docker/netns/x"]);
    }
    assert.deepEqual(target.commands.map(({ argv }) => argv.slice(4)), [["41", "42", "43"]]);
  });

  const nginx = [{ netns: { inode: 2, name: "nginx[41]", isInit: false, pid: 41 } }];

  it("leave the names as they are when nothing can be read, and say why", async () => {
    const { spaces, notes } = await nameContainers(recordedTarget(), facts, nginx);
    assert.deepEqual(spaces, nginx);
    assert.match(notes.join(), /^Names of containers could not be read, so namespaces have the names of processes: /);
  });

  it("are read once more when a look fails, and again at the next look", async () => {
    let failures = 3;
    const target = recordedTarget({ recordings: [{ argv: /overlay-containers/, stdout: answer }] });
    const failing: typeof target = { ...target, run: (...command) => (failures-- > 0 ? Promise.reject(new DomainError("target/timeout", "not done after 30 s", "web1")) : target.run(...command)) };
    const first = await nameContainers(failing, facts, nginx);
    assert.deepEqual([first.spaces, first.notes.length], [nginx, 1]);
    const second = await nameContainers(failing, facts, nginx);
    assert.deepEqual([second.spaces[0]?.netns.name, second.notes], ["docker:web", []]);
  });

  it("are asked again of a process that told nothing", async () => {
    const quiet = recordedTarget({ recordings: [{ argv: /overlay-containers/, stdout: "" }] });
    for (const look of [1, 2]) {
      await nameContainers(quiet, facts, nginx);
      assert.equal(quiet.commands.length, look);
    }
  });
});
