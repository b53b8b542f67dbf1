/** A zoo of sockets on a target, seen by its `ss` and by us, as lines that must be equal. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { takeSockets } from "../../src/collectors/sockets";
import type { SocketRow } from "../../src/collectors/socketModel";
import type { HostFacts } from "../../src/probes/hostFacts";
import type { Protocol } from "../../src/sockdiag/protocols";
import type { RunningCommand, Target } from "../../src/target/target";

export interface Zoo {
  readonly pid: number;
  /** What this kernel cannot make, with its reason. */
  readonly missing: Readonly<Record<string, string>>;
  end(): Promise<unknown>;
}

/** Opens the zoo in a network namespace of its own. */
export async function openZoo(target: Target): Promise<Zoo> {
  const program = readFileSync(join(__dirname, "guest/zoo.py"), "utf8");
  // The program holds its sockets until its input ends, so it gets one that does not.
  const running = await target.start({ argv: ["unshare", "-n", "sh", "-c", 'sleep 600 | python3 -c "$1"', "zoo", program], privilege: "root" });
  const { pid, missing } = JSON.parse(await firstLine(running)) as Zoo;
  return { pid, missing, end: () => running.stop() };
}

/** What a program prints when it is ready. */
export async function firstLine(running: RunningCommand): Promise<string> {
  let text = "";
  for await (const chunk of running.stdout) {
    text += Buffer.from(chunk).toString();
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  let said = "";
  for await (const chunk of running.stderr) said += Buffer.from(chunk).toString();
  throw new Error(`nothing was printed: ${said}`);
}

/** Runs the target's ss in the namespace of the zoo. */
export async function ssLines(target: Target, zoo: Zoo, words: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await target.run({ argv: ["nsenter", "-t", String(zoo.pid), "-n", "ss", "-H", "-O", "-n", ...words], privilege: "root" });
  if (code !== 0) throw new Error(`ss ${words.join(" ")}: ${stderr}`);
  return Buffer.from(stdout).toString().split("\n").filter((line) => line.trim() !== "");
}

export async function zooRows(target: Target, facts: HostFacts, zoo: Zoo, protocols: readonly Protocol[], filter = ""): Promise<SocketRow[]> {
  const { stdout } = await target.run({ argv: ["stat", "-L", "-c", "%i", `/proc/${zoo.pid}/ns/net`], privilege: "root" });
  const inode = Number(Buffer.from(stdout).toString());
  const { sockets } = await takeSockets(target, facts, { protocols, details: true, filter });
  return [...sockets].filter(({ netns }) => netns.inode === inode);
}

/** tcp_info fields by the names of ss; it leaves zeros out. */
const infoNames: Readonly<Record<string, string>> = {
  mss: "snd_mss", cwnd: "snd_cwnd", bytes_sent: "bytes_sent", bytes_acked: "bytes_acked", bytes_received: "bytes_received", segs_out: "segs_out", segs_in: "segs_in", pmtu: "pmtu",
  rcvmss: "rcv_mss", advmss: "advmss", rcv_space: "rcv_space", rcv_ssthresh: "rcv_ssthresh", unacked: "unacked", notsent: "notsent_bytes", data_segs_out: "data_segs_out", data_segs_in: "data_segs_in", delivered: "delivered", snd_wnd: "snd_wnd",
};

const memoryNames = ["rmem_alloc", "rcvbuf", "wmem_alloc", "sndbuf", "fwd_alloc", "wmem_queued", "optmem", "backlog", "drops"] as const;
const memoryLetters = ["r", "rb", "t", "tb", "f", "w", "o", "bl", "d"] as const;

const algorithms = /^(?:reno|cubic|bbr|dctcp|dctcp-reno|vegas)$/;

/** A line of `ss -tuwaneimo -M`, without what changes by itself. */
export function inetLineOfSs(line: string): string {
  const [netid = "", state = "", recvQ = "", sendQ = "", local = "", remote = "", ...rest] = line.trim().split(/\s+/);
  const text = ` ${rest.join(" ")}`;
  const field = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? "-";
  const info = Object.keys(infoNames).flatMap((name) => (new RegExp(` ${name}:(\\d+)`).test(text) ? [`${name}:${field(new RegExp(` ${name}:(\\d+)`))}`] : []));
  const inode = field(/ ino:(\d+)/);
  const parts = [
    protocolOf(netid), state, recvQ, sendQ, endpoint(local), endpoint(remote), `timer ${field(/ timer:\((\w+),/)}`, `inode ${inode === "0" ? "-" : inode}`, `sk ${field(/ sk:([0-9a-f]+)/)}`, `mark ${field(/ fwmark:(0x[0-9a-f]+)/)}`, `cgroup ${field(/ cgroup:(\S+)/)}`,
    `v6only ${field(/ v6only:(\d)/)}`, `memory ${field(/ skmem:\(([^)]*)\)/)}`, `congestion ${rest.find((word) => algorithms.test(word)) ?? "-"}`, `ulp ${field(/ tcp-ulp-(\w+)/)}`, `md5 ${field(/ md5keys:([^=]*)=/)}`, `token ${netid === "mptcp" ? field(/ token:([0-9a-f]+)/) : "-"}`,
  ];
  return [...parts, ...info].join(" ");
}

/** ss 6.1 writes the secret of a TCP-MD5 key past its own buffer, in front of everything, and names raw sockets by their IP protocol where it knows it. */
function protocolOf(netid: string): string {
  const name = netid.replace(/^secret/, "");
  return ["tcp", "udp", "mptcp"].includes(name) ? name : "raw";
}

/** `ADDRESS%INTERFACE:PORT`, every way to write “any” as `*`. */
function endpoint(text: string): string {
  const colon = text.lastIndexOf(":");
  const address = text.slice(0, colon).replace(/[[\]]/g, "");
  return `${/^(?:\*|0\.0\.0\.0|::)$/.test(address) ? "*" : address}:${text.slice(colon + 1) === "*" ? "0" : text.slice(colon + 1)}`;
}

/** Sockets without a cookie come from /proc/net, of which ss does not show the inode. */
export function inetLineOfRow(row: SocketRow, ss: string): string {
  const { local, remote, info = {}, memory, timer } = row;
  const device = row.interface === undefined ? "" : `%${row.interface}`;
  const side = (address: string, port: number, bound: string): string => `${/^(?:0\.0\.0\.0|::)$/.test(address) ? "*" : address}${bound}:${port}`;
  const shown = Object.entries(infoNames).flatMap(([name, field]) => (ss.includes(` ${name}:`) ? [`${name}:${info[`tcpi_${field}`] ?? "?"}`] : []));
  const memoryText = memory && "rcvbuf" in memory ? memoryNames.map((name, at) => `${memoryLetters[at]}${memory[name]}`).join(",") : "-";
  const token = info["mptcpi_token"];
  const parts = [
    row.protocol, row.state, row.recvQ, row.sendQ, side(local.address, local.port ?? 0, device), side(remote.address, remote.port ?? 0, ""), `timer ${timer?.name ?? "-"}`, `inode ${row.cookie === undefined ? "-" : (row.inode ?? "-")}`, `sk ${row.cookie ?? "-"}`,
    `mark ${row.mark === undefined || row.mark === 0 ? "-" : `0x${row.mark.toString(16)}`}`, `cgroup ${row.cgroupPath ?? "-"}`, `v6only ${row.v6Only === undefined ? "-" : Number(row.v6Only)}`, `memory ${memoryText}`,
    `congestion ${row.congestion ?? "-"}`, `ulp ${row.ulp?.name ?? "-"}`, `md5 ${row.md5?.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(",") ?? "-"}`, `token ${typeof token === "number" && token !== 0 ? token.toString(16) : "-"}`,
  ];
  return [...parts, ...shown].join(" ");
}

/** A line of `ss -x -a -e`: state, queues, inode and the peer's. */
export function unixLineOfSs(line: string): string {
  const [netid = "", state = "", recvQ = "", sendQ = "", ...rest] = line.trim().split(/\s+/);
  const inodes = /^(.*) (\d+) \* (\d+)/.exec(rest.join(" "));
  return [netid, state, recvQ, sendQ, inodes?.[1], inodes?.[2], inodes?.[3]].join(" ");
}

const unixTypes: Readonly<Record<string, string>> = { stream: "u_str", dgram: "u_dgr", seqpacket: "u_seq" };

export function unixLineOfRow({ type, state, recvQ, sendQ, local, inode, peerInode }: SocketRow): string {
  return [unixTypes[type ?? ""] ?? "?", state, recvQ, sendQ, local.address, inode, peerInode ?? 0].join(" ");
}
