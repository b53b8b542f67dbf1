import type { InetSocket } from "../sockdiag/inetDiagMessage";
import type { UnixSocket } from "../sockdiag/unixDiag";
import { tcpStates, type NetworkNamespace, type Protocol, type SocketRow } from "./socketModel";
import { ownersOf, type SocketOwners } from "./socketOwners";

interface Place {
  readonly netns: NetworkNamespace;
  readonly interfaces: ReadonlyMap<number, string>;
}

/** By the names of ss; `state 14` for one that a newer kernel invented. */
export const stateName = (state: number): string => tcpStates[state] ?? `state ${state}`;

export function inetRow(place: Place, protocol: Protocol, socket: InetSocket, owners: SocketOwners): SocketRow {
  return {
    netns: place.netns,
    family: socket.family,
    protocol,
    state: stateName(socket.state),
    local: socket.local,
    remote: socket.remote,
    recvQ: socket.recvQ,
    ...(socket.sendQ !== undefined && { sendQ: socket.sendQ }),
    ...(socket.uid !== undefined && { uid: socket.uid }),
    ...(socket.inode !== undefined && { inode: socket.inode }),
    ...(socket.cookie !== undefined && { cookie: socket.cookie }),
    ...(socket.timer && { timer: socket.timer }),
    processes: ownersOf(owners, socket.inode),
    ...interfaceOf(place, socket),
    ...(socket.cookie !== undefined && { interfaceIndex: socket.interfaceIndex }),
    ...attributesOf(socket),
  };
}

function attributesOf({ attributes, family }: InetSocket): Partial<SocketRow> {
  const { tcpInfo, skMemory, congestion, congestionInfo, tos, trafficClass, classId, shutdown, v6Only, options, ulp, mark, cgroupId } = attributes;
  return {
    ...(tcpInfo && { info: tcpInfo }),
    ...(skMemory && { memory: skMemory }),
    ...(congestion !== undefined && { congestion }),
    ...(congestionInfo && { congestionInfo: congestionInfo.fields }),
    ...(tos !== undefined && { tos }),
    ...(trafficClass !== undefined && { trafficClass }),
    ...(classId !== undefined && { classId }),
    ...(shutdown !== undefined && { shutdown }),
    ...(v6Only !== undefined && family === "ipv6" && { v6Only }),
    ...(options && { options }),
    ...(ulp && { ulp }),
    ...(mark !== undefined && { mark }),
    ...(cgroupId !== undefined && { cgroup: `id:${cgroupId}` }),
  };
}

export function unixRow(netns: NetworkNamespace, socket: UnixSocket, owners: SocketOwners): SocketRow {
  const { recvQ, sendQ, uid, inode, skMemory, shutdown, peerInode } = socket;
  return {
    netns,
    family: "unix",
    protocol: "unix",
    state: stateName(socket.state),
    local: { address: socket.name ?? "*" },
    remote: { address: "*" },
    ...(recvQ !== undefined && { recvQ }),
    ...(sendQ !== undefined && { sendQ }),
    ...(uid !== undefined && { uid }),
    ...(inode !== 0 && { inode }),
    cookie: socket.cookie,
    processes: ownersOf(owners, inode),
    ...(skMemory && { memory: skMemory }),
    ...(shutdown !== undefined && { shutdown }),
    ...(peerInode !== undefined && { peerInode }),
  };
}

/** By name where the kernel told it, `if3` otherwise; nothing for a socket bound to no interface. */
export function interfaceOf(one: { readonly interfaces: ReadonlyMap<number, string> }, { interfaceIndex }: InetSocket): { interface?: string } {
  return interfaceIndex === 0 ? {} : { interface: one.interfaces.get(interfaceIndex) ?? `if${interfaceIndex}` };
}
