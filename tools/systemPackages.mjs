/** The Debian packages that building and testing need on this machine, in one table. The lab brings its own list (test/lab/hostTools.ts). */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, resolve } from "node:path";

/** @param {...string} names @returns {boolean} whether one of these programs can be started */
function hasProgram(...names) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return names.some((name) => folders.some((folder) => existsSync(resolve(folder, name))));
}

/** @typedef {{ name: string, programs: string[], use: string }} SystemPackage `programs`: any of them shows that it is there */

/** By what they are for. @type {Record<"host" | "window" | "tests" | "peers", SystemPackage[]>} */
export const systemPackages = {
  host: [
    { name: "python3", programs: ["python3"], use: "node-gyp, for two modules of the VS Code host" },
    { name: "make", programs: ["make"], use: "the same" },
    { name: "g++", programs: ["g++"], use: "the same" },
  ],
  window: [
    {
      name: "chromium",
      programs: [process.env.CHROMIUM_PATH ?? "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
      use: "the window of the integration and end-to-end tests",
    },
  ],
  tests: [
    { name: "openssh-server", programs: ["sshd"], use: "tests start their own sshd on loopback; its service is not needed" },
    { name: "openssh-client", programs: ["ssh-keygen"], use: "tests of keys and known_hosts" },
    { name: "busybox-static", programs: ["busybox"], use: "a third shell that the supervisor must run in" },
    { name: "perl-base", programs: ["perl"], use: "one of the netlink pumps" },
    { name: "python3", programs: ["python3"], use: "one of the netlink pumps" },
    { name: "xz-utils", programs: ["xz"], use: "kernel source tarballs" },
    { name: "gcc", programs: ["gcc"], use: "building the netlink helper again, to compare it with the one in the sources" },
    { name: "gcc-aarch64-linux-gnu", programs: ["aarch64-linux-gnu-gcc"], use: "the same for arm64; debug information of another machine" },
    { name: "clang", programs: ["clang"], use: "debug information of another compiler, for every machine" },
    { name: "lld", programs: ["ld.lld"], use: "linking what clang made, so that other tools can read it" },
    { name: "binutils-s390x-linux-gnu", programs: ["s390x-linux-gnu-ld"], use: "the same for a machine of the other byte order" },
    { name: "llvm", programs: ["llvm-symbolizer"], use: "an independent answer for each source line" },
    { name: "gdb", programs: ["gdb"], use: "debugging the lab's kernel with the file that is written for it" },
    { name: "bpftrace", programs: ["bpftrace"], use: "its tools, and what it says of them beside what we say" },
    { name: "dwz", programs: ["dwz"], use: "debug information that several files share" },
  ],
  peers: [
    { name: "binutils", programs: ["addr2line"], use: "an independent answer for each source line" },
    { name: "elfutils", programs: ["eu-addr2line"], use: "the same" },
    { name: "llvm", programs: ["llvm-symbolizer"], use: "the same" },
    { name: "bpftool", programs: ["bpftool"], use: "an independent reading of BTF" },
    { name: "python3", programs: ["python3"], use: "measuring what a process used" },
    { name: "iproute2", programs: ["ss"], use: "an independent answer about sockets" },
  ],
};

/** How to become root here: [] when we are, ["sudo"] when it works, undefined when there is no way. @returns {string[] | undefined} */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!hasProgram("sudo")) return undefined;
  // With a terminal sudo may ask for the password; without one it must do without.
  if (process.stdin.isTTY) return ["sudo"];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : undefined;
}

/** @param {string[]} command @returns {boolean} whether it went well */
function runVisibly(command) {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  return result.status === 0;
}

/**
 * Installs what is missing of these groups; throws with the exact command when it cannot.
 * @param {(keyof typeof systemPackages)[]} groups
 */
export function ensureSystemPackages(groups) {
  const missing = groups.flatMap((group) => systemPackages[group]).filter(({ programs }) => !hasProgram(...programs));
  if (missing.length === 0) return;
  // With a terminal apt-get asks before it installs anything.
  const consent = process.stdin.isTTY ? [] : ["--yes"];
  const install = ["apt-get", "install", ...consent, "--no-install-recommends", ...new Set(missing.map(({ name }) => name))];
  const wanted = missing.map(({ name, use }) => `  ${name}: ${use}`).join("\n");
  if (!hasProgram("apt-get")) throw new Error(`Missing on this machine, which has no apt-get to install it:\n${wanted}`);
  const prefix = rootPrefix();
  const advice = `Install it with:\n  sudo apt-get update && sudo ${install.join(" ")}`;
  if (!prefix) throw new Error(`Missing on this machine:\n${wanted}\n${advice}`);
  console.log(`Installing what is missing on this machine:\n${wanted}`);
  runVisibly([...prefix, "apt-get", "update", "-qq"]);
  if (!runVisibly([...prefix, ...install])) throw new Error(`apt-get failed. ${advice}`);
}
