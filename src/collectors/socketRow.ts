import { inetSocketAt, type InetSocket } from "../sockdiag/inetDiagMessage";
import { readLinkDetails, type LinkFamily } from "../sockdiag/linkFamilies";
import { netlinkProtocolName } from "../sockdiag/netlinkProtocols";
import { familyName, protocols } from "../sockdiag/protocols";
import { isKnown, type SocketColumns } from "../sockdiag/socketColumns";
import { readUnixAttributes } from "../sockdiag/unixDiag";
import { socketTypes, tcpStates, type Endpoint, type NetworkNamespace, type Protocol, type SocketRow } from "./socketModel";
import { ownersOf, type SocketOwners } from "./socketOwners";

interface Place {
  readonly netns: NetworkNamespace;
  readonly interfaces: ReadonlyMap<number, string>;
}

interface Surroundings {
  readonly owners: SocketOwners;
  readonly cgroups: ReadonlyMap<string, string>;
}

/** By the names of ss; `state 14` for one that a newer kernel invented. */
export const stateName = (state: number): string => tcpStates[state] ?? `state ${state}`;

/** One row of the columns as the faces see it. */
export function rowAt(columns: SocketColumns, index: number, place: Place, surroundings: Surroundings): SocketRow {
  const protocol = protocols[columns.protocol[index] ?? 0] ?? "tcp";
  const family = familyName(columns.family[index] ?? 0);
  if (family === "ipv4" || family === "ipv6") return inetRow(place, protocol, inetSocketAt(columns, index), surroundings);
  const common = commonFields(columns, index, place, surroundings.owners);
  return family === undefined || family === "unix" ? unixRow(columns, index, common, surroundings.owners) : linkRow(family, columns, index, place, common);
}

function inetRow(place: Place, protocol: Protocol, socket: InetSocket, { owners, cgroups }: Surroundings): SocketRow {
  return {
    netns: place.netns,
    family: socket.family,
    protocol,
    state: socket.association ?? stateName(socket.state),
    ...(socket.association !== undefined && { type: "association" as const }),
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
    ...attributesOf(socket, cgroups),
  };
}

function attributesOf({ attributes, family }: InetSocket, cgroups: ReadonlyMap<string, string>): Partial<SocketRow> {
  const { info, memory, skMemory, congestionInfo, cgroupId, v6Only, bpfStorageBytes, unknown, ...same } = attributes;
  const { congestion, tos, trafficClass, classId, shutdown, options, ulp, mark, md5, locals, peers, protocol, damage } = same;
  return {
    ...(info && { info }),
    ...(skMemory && { memory: skMemory }),
    ...(memory && !skMemory && { memory }),
    ...(congestion !== undefined && { congestion }),
    ...(congestionInfo && { congestionInfo: congestionInfo.fields }),
    ...(tos !== undefined && { tos }),
    ...(trafficClass !== undefined && { trafficClass }),
    ...(classId !== undefined && { classId }),
    ...(shutdown !== undefined && { shutdown }),
    ...(v6Only !== undefined && family === "ipv6" && { v6Only }),
    ...(options && { options }),
    ...(ulp && { ulp }),
    ...(md5 && { md5 }),
    ...(locals && { locals }),
    ...(peers && { peers }),
    ...(mark !== undefined && { mark }),
    ...(protocol !== undefined && { ipProtocol: protocol }),
    ...(bpfStorageBytes !== undefined && { bpfStorageBytes }),
    ...(cgroupId !== undefined && cgroupOf(String(cgroupId), cgroups)),
    ...(unknown && { unknownAttributes: unknown }),
    ...(damage !== undefined && { damage }),
  };
}

function cgroupOf(id: string, cgroups: ReadonlyMap<string, string>): Partial<SocketRow> {
  const path = cgroups.get(id);
  return { cgroup: `id:${id}`, ...(path !== undefined && { cgroupPath: path }) };
}

type Common = Omit<SocketRow, "family" | "protocol" | "local" | "remote">;

/** What columns hold for every family. */
function commonFields(columns: SocketColumns, index: number, { netns }: Place, owners: SocketOwners): Common {
  const known = columns.known[index] ?? 0;
  const at = (column: Uint32Array): number => column[index] ?? 0;
  const inode = known & isKnown.inode ? at(columns.inode) : undefined;
  const type = socketTypes[columns.type[index] ?? 0];
  return {
    netns,
    state: stateName(columns.state[index] ?? 0),
    ...(type !== undefined && { type }),
    ...(known & isKnown.recvQ && { recvQ: at(columns.recvQ) }),
    ...(known & isKnown.sendQ && { sendQ: at(columns.sendQ) }),
    ...(known & isKnown.uid && { uid: at(columns.uid) }),
    ...(inode !== undefined && { inode }),
    cookie: columns.cookie(index),
    processes: ownersOf(owners, inode),
  };
}

function unixRow(columns: SocketColumns, index: number, common: Common, owners: SocketOwners): SocketRow {
  const { name, file, peerInode, pending, skMemory, shutdown, unknown, damage } = readUnixAttributes(columns.tail(index), columns.endianness, `socket ${index}`);
  return {
    ...common,
    family: "unix",
    protocol: "unix",
    local: { address: name ?? "*" },
    remote: { address: "*" },
    ...(skMemory && { memory: skMemory }),
    ...(shutdown !== undefined && { shutdown }),
    ...(peerInode !== undefined && { peerInode, peerProcesses: ownersOf(owners, peerInode) }),
    ...(pending && { pending }),
    ...(file && { file }),
    ...(unknown && { unknownAttributes: unknown }),
    ...(damage !== undefined && { damage }),
  };
}

function linkRow(family: LinkFamily, columns: SocketColumns, index: number, place: Place, common: Common): SocketRow {
  const { fields, memory, damage } = readLinkDetails(family, columns.tail(index), columns.endianness);
  const interfaceIndex = columns.interfaceIndex[index] ?? 0;
  return {
    ...common,
    family,
    protocol: family,
    ...linkEndpoints(family, columns, index),
    ...(interfaceIndex !== 0 && { interfaceIndex, ...interfaceOf(place, { interfaceIndex }) }),
    ...(memory && { memory }),
    details: fields,
    ...(damage !== undefined && { damage }),
  };
}

/** VMADDR_CID_ANY and VMADDR_PORT_ANY of include/uapi/linux/vm_sockets.h. */
const VSOCK_ANY = 0xffff_ffff;

/** ETH_P_ALL as packet sockets have it. */
const ETH_P_ALL = 3;

function linkEndpoints(family: LinkFamily, columns: SocketColumns, index: number): { local: Endpoint; remote: Endpoint } {
  const [local = 0, remote = 0] = [columns.localAddress[4 * index], columns.remoteAddress[4 * index]];
  const [localPort = 0, remotePort = 0] = [columns.localPort[index], columns.remotePort[index]];
  switch (family) {
    case "netlink": return { local: { address: netlinkProtocolName(local), port: localPort }, remote: { address: "*", ...(remotePort !== 0 && { port: remotePort }) } };
    case "packet": return { local: { address: local === 0 ? "*" : local === ETH_P_ALL ? "all" : `0x${local.toString(16).padStart(4, "0")}` }, remote: { address: "*" } };
    case "vsock": return { local: vsockEndpoint(local, localPort), remote: vsockEndpoint(remote, remotePort) };
    case "xdp": return { local: { address: "*" }, remote: { address: "*" } };
  }
}

const vsockEndpoint = (cid: number, port: number): Endpoint => ({ address: cid === VSOCK_ANY ? "*" : String(cid), ...(port !== VSOCK_ANY && { port }) });

/** By name where the kernel told it, `if3` otherwise; nothing for a socket bound to no interface. */
export function interfaceOf(one: { readonly interfaces: ReadonlyMap<number, string> }, { interfaceIndex }: Pick<InetSocket, "interfaceIndex">): { interface?: string } {
  return interfaceIndex === 0 ? {} : { interface: one.interfaces.get(interfaceIndex) ?? `if${interfaceIndex}` };
}
