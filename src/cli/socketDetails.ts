/** What the kernel told of a socket beyond its row, as lines for people: what `ss -oemi` prints, with units, zeros of counters left out. */
import type { SocketRow } from "../collectors/socketModel";
import { listenerInfo, sizeText, tcpInfoText } from "../sockdiag/tcpInfoText";

/** One line for each kind of thing that is known, without indentation. */
export function socketDetails(row: SocketRow): readonly string[] {
  const { congestion, congestionInfo, ulp } = row;
  const lines: readonly (readonly [kind: string, words: readonly string[]])[] = [
    ["socket", socketWords(row)],
    ["timer", row.timer ? [`${row.timer.name} in ${(row.timer.expiresMs / 1000).toFixed(1)} s`, ...(row.timer.retransmits > 0 ? [`${row.timer.retransmits} retransmissions`] : [])] : []],
    ["info", infoWords(row)],
    ["congestion", congestion === undefined ? [] : [congestion, ...Object.entries(congestionInfo ?? {}).map(pair)]],
    ["upper layer", ulp ? [ulp.name ?? "", ...Object.entries({ ...ulp.tls, ...ulp.mptcp }).map(pair)].filter((word) => word !== "") : []],
    ["memory", Object.entries(row.memory ?? {}).filter(([, value]) => value !== 0).map(([name, value]) => `${name} ${name === "drops" ? value : sizeText(value)}`)],
    ["addresses", [...(row.locals ?? []).map((one) => `local ${one}`), ...(row.peers ?? []).map((one) => `peer ${one}`)]],
    ["family", Object.entries(row.details ?? {}).map(pair)],
    ["damaged", row.damage === undefined ? [] : [row.damage]],
  ];
  return lines.filter(([, words]) => words.length > 0).map(([kind, words]) => `${kind}: ${words.join(", ")}`);
}

const pair = ([name, value]: readonly [string, string | number]): string => `${name} ${value}`;

function socketWords(row: SocketRow): string[] {
  const sides = ["receiving", "sending"].filter((_, bit) => (row.shutdown ?? 0) & (1 << bit));
  const known: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ["uid", row.uid], ["inode", row.inode], ["cookie", row.cookie], ["interface", row.interface], ["cgroup", row.cgroupPath ?? row.cgroup],
    ["mark", row.mark === undefined || row.mark === 0 ? undefined : `0x${row.mark.toString(16)}`], ["tos", hexOf(row.tos)], ["traffic class", hexOf(row.trafficClass)], ["class id", hexOf(row.classId)],
    ["IP protocol", row.ipProtocol], ["BPF storage", row.bpfStorageBytes === undefined ? undefined : sizeText(row.bpfStorageBytes)],
    ["MD5 keys for", row.md5?.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(" ")],
    ["pending", row.pending?.join(" ")], ["unknown attributes", row.unknownAttributes?.join(" ")],
  ];
  return [
    ...known.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])),
    ...(row.v6Only === true ? ["IPv6 only"] : []),
    ...(sides.length > 0 ? [`${sides.join(" and ")} shut down`] : []),
    ...(row.options ?? []),
  ];
}

const hexOf = (value: number | undefined): string | undefined => (value === undefined || value === 0 ? undefined : `0x${value.toString(16)}`);

function infoWords({ info = {}, state, protocol }: SocketRow): string[] {
  if (state === "LISTEN" && protocol === "tcp") return Object.entries(info).flatMap(([name, value]) => listenerInfo(name, value)?.join(" ") ?? []);
  return Object.entries(info).filter(([name, value]) => (Number(value) !== 0 || name === "tcpi_ca_state") && name !== "tcpi_state").map(([name, value]) => `${name.replace(/^\w*tc?pi_/, "")} ${tcpInfoText(name, value)}`);
}
