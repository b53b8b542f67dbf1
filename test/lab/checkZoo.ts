import assert from "node:assert/strict";
import { readStream } from "../../src/collectors/readStream";
import type { SocketRow } from "../../src/collectors/socketModel";
import type { HostFacts } from "../../src/probes/hostFacts";
import type { Protocol } from "../../src/sockdiag/protocols";
import type { Target } from "../../src/target/target";
import { inetLineOfRow, inetLineOfSs, ssLines, unixLineOfRow, unixLineOfSs, zooRows, type Zoo } from "./socketZoo";

/** What of the zoo a kernel may lack: congestion controls, kernel TLS and protocols that are modules. Everything else must be there. */
const optional = /^(?:congestion control (?:dctcp|vegas|bbr)|kernel TLS|TCP-MD5|sctp|mptcp|vsock|xdp|udplite)$/;

const inet: readonly Protocol[] = ["tcp", "udp", "raw", "mptcp"];

/** Every family, against the target's own ss at the same moment. */
export async function checkZoo(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  assert.deepEqual(Object.keys(zoo.missing).filter((name) => !optional.test(name)), [], JSON.stringify(zoo.missing));
  await checkInet(target, facts, zoo);
  await checkUnix(target, facts, zoo);
  await checkOthers(target, facts, zoo);
  await checkSctp(target, facts, zoo);
  await checkVsock(target, facts, zoo);
  await checkUdpLite(target, facts, zoo);
}

/** Sockets and, behind each, its associations with the states of their own: ss writes these as a branch, some with other words. */
async function checkSctp(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const theirs = (await ssLines(target, zoo, ["-S", "-a", "-e"])).map((line) => {
    const [state = "", recvQ = "", sendQ = "", local = "", remote = ""] = line.replace("`- ", "").trim().split(/\s+/);
    const [, inode = "0", cookie = ""] = / ino:(\d+) sk:([0-9a-f]+)/.exec(line) ?? [];
    return [line.startsWith("`-"), state.replaceAll("_", "-"), recvQ, sendQ, local.replace(/%\w+/, ""), remote.replace(/:\*$/, ":0"), inode, cookie].join(" ");
  });
  const rows = await zooRows(target, facts, zoo, ["sctp"]);
  const ours = rows.map((row) => {
    const side = ({ address, port }: SocketRow["local"]): string => `${address}:${port ?? 0}`;
    return [row.type === "association", row.state, row.recvQ, row.sendQ, side(row.local), side(row.remote), row.inode ?? 0, row.cookie].join(" ");
  });
  assert.deepEqual(ours.sort(), theirs.sort());
  assert.ok("sctp" in zoo.missing || rows.some(({ type, processes }) => type === "association" && processes[0]?.pid === zoo.pid));
  const [connected] = rows.filter(({ type }) => type === "association");
  const port = connected?.local.port ?? 0;
  assert.deepEqual((await zooRows(target, facts, zoo, ["sctp"], `sport = :${port}`)).map(({ local }) => local.port), rows.filter(({ local }) => local.port === port).map(() => port));
}

/** Queues are not told by vsock_diag; ss writes them as 0. */
async function checkVsock(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const theirs = (await ssLines(target, zoo, ["--vsock", "-a"])).map((line) => line.trim().split(/\s+/)).map(([type, state, , , local, remote]) => [type, state, local, remote].join(" "));
  const text = ({ address, port }: SocketRow["local"]): string => `${address}:${port ?? "*"}`;
  const rows = await zooRows(target, facts, zoo, ["vsock"]);
  assert.deepEqual(rows.map((row) => [row.type === "dgram" ? "v_dgr" : "v_str", row.state, text(row.local), text(row.remote)].join(" ")).sort(), theirs.sort());
  assert.ok(rows.every(({ recvQ, sendQ }) => recvQ === undefined && sendQ === undefined));
}

/** ss has no words for UDP-Lite; the kernel's own table has. */
async function checkUdpLite(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const { stdout } = await target.run({ argv: ["nsenter", "-t", String(zoo.pid), "-n", "cat", "/proc/net/udplite"], privilege: "root" });
  const inodes = Buffer.from(stdout).toString().split("\n").slice(1).filter((line) => line.trim() !== "").map((line) => Number(line.trim().split(/\s+/)[9]));
  assert.deepEqual((await zooRows(target, facts, zoo, ["udplite"])).map(({ inode }) => inode).sort(), inodes.sort());
}

/** Timers fire and segments are sent while two programs look: what ss says before and after us must be what we say, and few sockets may change meanwhile. */
async function checkInet(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const look = async (): Promise<string[]> => (await ssLines(target, zoo, ["-tuwaneimoM"])).map(inetLineOfSs).sort();
  const before = await look();
  const rows = await zooRows(target, facts, zoo, inet);
  const after = new Set(await look());
  const changed = new Set(before.filter((line) => !after.has(line)).map(cookieOf));
  assert.ok(changed.size <= MOVING, `${changed.size} of ${before.length} sockets changed meanwhile`);
  const theirs = new Map(before.map((line) => [cookieOf(line), line]));
  const ours = rows.map((row) => inetLineOfRow(row, theirs.get(row.cookie ?? "-") ?? "")).sort();
  const steady = (line: string): boolean => !changed.has(cookieOf(line));
  assert.deepEqual(ours.filter(steady), before.filter(steady));
  assert.deepEqual(ours.map(identityOf).sort(), before.map(identityOf).sort());
  const states = new Set(rows.map(({ state }) => state));
  for (const state of ["LISTEN", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSE-WAIT", "LAST-ACK", "UNCONN"]) assert.ok(states.has(state), `one in ${state}`);
  for (const { state, uid, inode, processes } of rows) if (state === "SYN-RECV" || state === "TIME-WAIT") assert.deepEqual([uid, inode, processes], [undefined, undefined, []], state);
}

/** Handshakes that nobody answers, window probes of three connections, and what they probe. */
const MOVING = 10;

const cookieOfSs = (line: string): string => / sk:([0-9a-f]+)/.exec(line)?.[1] ?? "-";

const cookieOf = (line: string): string => / sk (\S+)/.exec(line)?.[1] ?? "-";

/** Protocol, state and what never changes. */
const identityOf = (line: string): string => `${line.split(" ").slice(0, 2).join(" ")} ${line.split(" ").slice(4, 6).join(" ")} ${cookieOf(line)}`;

/** What `ss -D` wrote is read in full: every TCP socket of the zoo with its memory and tcp_info. */
export async function checkStream(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const { stdout } = await target.run({ argv: ["nsenter", "-t", String(zoo.pid), "-n", "ss", "-D", "-", "-taimn"], privilege: "root" });
  const { sockets, notes } = readStream(stdout);
  const stable = ({ state, local, remote, cookie, inode, congestion, mark, memory, options, md5, ulp }: SocketRow): unknown => ({ state, local, remote, cookie, inode, congestion, mark, memory, options, md5, ulp });
  const sorted = (rows: Iterable<SocketRow>): unknown[] => [...rows].sort((a, b) => (a.cookie ?? "").localeCompare(b.cookie ?? "")).map(stable);
  assert.deepEqual(notes, []);
  assert.deepEqual(sorted(sockets), sorted(await zooRows(target, facts, zoo, ["tcp"])));
  for (const { state, info, damage } of sockets) assert.deepEqual([damage, info === undefined, info?.["unknown_tail"]], [undefined, ["SYN-RECV", "TIME-WAIT"].includes(state), undefined], state);
}

async function checkUnix(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const theirs = (await ssLines(target, zoo, ["-x", "-a"])).map(unixLineOfSs).sort();
  const rows = await zooRows(target, facts, zoo, ["unix"]);
  assert.deepEqual(rows.map(unixLineOfRow).sort(), theirs);
  const listener = rows.find(({ state }) => state === "LISTEN");
  assert.deepEqual([listener?.recvQ, listener?.sendQ, listener?.pending?.length], [2, 3, 2]);
  assert.ok(rows.some(({ local }) => local.address === "@zoo@dgram"));
}

async function checkOthers(target: Target, facts: HostFacts, zoo: Zoo): Promise<void> {
  const packets = await ssLines(target, zoo, ["-0", "-a", "-e"]);
  const rows = await zooRows(target, facts, zoo, ["netlink", "packet", "vsock", "xdp"]);
  const of = (protocol: Protocol) => rows.filter((row) => row.protocol === protocol);
  assert.deepEqual(of("packet").map(({ inode, cookie }) => `${inode} ${cookie}`).sort(), packets.map((line) => / ino:(\d+) sk:([0-9a-f]+)/.exec(line)?.slice(1).join(" ")).sort());
  assert.deepEqual(of("packet").map((row) => `${row.type} ${row.local.address} ${row.interface ?? "-"}`).sort(), ["dgram 0x88b6 -", "raw 0x88b5 lo"]);
  const groups = of("netlink").find(({ local }) => local.address === "rtnl" && local.port === zoo.pid);
  assert.deepEqual([groups?.details?.["groups"], groups?.processes[0]?.pid], ["1 5", zoo.pid]);
}

/** Expressions that ss reads as its manual says, in the kernel and in our process. */
const expressions = [
  "sport = :0 or dport > :0", "state established", "state listening", "state time-wait", "state connected exclude established", "exclude listening dport != :9", "dport = :9", "src 127.0.0.1", "dst 192.0.2.0/24", "not src 127/8",
  "src [::1] or src [2001:db8::/32]", "src [::ffff:127.0.0.1]", "dport ge :40000 and dport le :50000", "not ( dport ge :40000 and dport le :50000 )", "( sport < :40000 or sport >= :60000 )", "dev lo", "dev != lo",
  "fwmark = 0x1234", "fwmark = 0x30/0xf0", "fwmark != 0x1234", "autobound", "not autobound", "src 127.0.0.1 and ( dst 192.0.2.55 or dport = :9 )", "dst 192.0.2.77:9", "src *:0", "state syn-recv", "state bucket", "state big dst 127.0.0.0/8",
];

/** Of each operation of the kernel's bytecode one, for targets where every look takes seconds. */
export const fewExpressions = ["sport = :0 or dport > :0", "dport ge :40000 and dport le :50000", "src 127/8 and not dst 192.0.2.77:9", "src [::1]", "dev lo", "fwmark = 0x30/0xf0", "not autobound"];

/** The same of other families: words of ss, what we ask for, an expression. fwmark, cgroup and ports of families that have none are left out: ss takes what is not there for 0. CGROUPS is where cgroup2 is mounted. */
const otherExpressions: readonly (readonly [words: readonly string[], protocols: readonly Protocol[], expression: string])[] = [
  [["-x"], ["unix"], "src unix:@zoo*"], [["-x"], ["unix"], "src unix:/TMP/knetscope-zoo-*"], [["-x"], ["unix"], "src @zoo?dgram or src /tmp/*"], [["-x"], ["unix"], "src unix:"], [["-x"], ["unix"], "not src unix:[@/]*"],
  [["-x"], ["unix"], "dst unix:*"], [["-x"], ["unix"], "dst unix:/tmp/*"], [["-x"], ["unix"], "src 127.0.0.1"], [["-u"], ["udp"], "autobound"], [["-u"], ["udp"], "src [::1] or dst 127/8"], [["-u"], ["udp"], "cgroup CGROUPS"], [["-u"], ["udp"], "dev lo"],
  [["-M"], ["mptcp"], "dport > :0"], [["-t"], ["tcp"], "cgroup CGROUPS"], [["-t"], ["tcp"], "not cgroup CGROUPS"], [["-tu"], ["tcp", "udp"], "cgroup CGROUPS and not ( src 127/8 or src [::1] )"],
];

/** Of them those that cost no further pass over a slow target. */
export const fewOther = otherExpressions.filter(([, , expression]) => ["src @zoo?dgram or src /tmp/*", "not src unix:[@/]*", "autobound", "cgroup CGROUPS and not ( src 127/8 or src [::1] )"].includes(expression));

export async function checkOtherFilters(target: Target, facts: HostFacts, zoo: Zoo, all = otherExpressions): Promise<void> {
  const { code } = await target.run({ argv: ["test", "-e", "/sys/fs/cgroup/unified/cgroup.procs"] });
  const cgroups = code === 0 ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
  for (const [words, protocols, written] of all) {
    const expression = written.replace("CGROUPS", cgroups);
    const theirs = (await ssLines(target, zoo, [...words, "-a", "-e", ...expression.split(" ")])).map((line) => / sk:([0-9a-f]+)/.exec(line)?.[1] ?? / (\d+) \* \d+/.exec(line)?.[1]).sort();
    const ours = (await zooRows(target, facts, zoo, protocols, expression)).map(({ family, cookie, inode }) => (family === "unix" ? String(inode) : cookie)).sort();
    assert.deepEqual(ours, theirs, `${words.join(" ")} ${expression}`);
  }
}

export async function checkFilters(target: Target, facts: HostFacts, zoo: Zoo, filters: readonly string[] = expressions): Promise<void> {
  for (const filter of filters) {
    const words = filter.split(" ");
    // ss lists listeners and unconnected sockets only with -a, which would undo what its states select.
    const all = /^(?:state|exclude)/.test(filter) ? [] : ["-a"];
    const theirs = async (): Promise<string[]> => (await ssLines(target, zoo, ["-t", "-e", ...all, ...words])).map(cookieOfSs).sort();
    const before = await theirs();
    const ours = (await zooRows(target, facts, zoo, ["tcp"], filter)).map(({ cookie = "-" }) => cookie).sort();
    // The minute of a TIME-WAIT may end in between.
    const after = await theirs();
    const gone = new Set(before.filter((cookie) => !after.includes(cookie)));
    assert.deepEqual(ours.filter((cookie) => !gone.has(cookie)), after, filter);
  }
}
