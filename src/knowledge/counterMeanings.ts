/**
 * Counters of /proc/net/snmp and netstat that tell about listen queues, resets and drops, each in one line. Names as nstat writes them. What makes
 * each rise: net/ipv4/{tcp,tcp_input,tcp_ipv4,tcp_minisocks,tcp_timer,syncookies,inet_connection_sock,ip_input,ip_output,udp}.c, and
 * Documentation/networking/snmp_counter.rst of the kernel.
 */
export type CounterTopic = "queues" | "handshakes" | "resets" | "drops" | "retransmissions" | "ip" | "udp";

export interface CounterMeaning {
  readonly topic: CounterTopic;
  readonly text: string;
  /** It rises in health too: by itself no sign of trouble. */
  readonly normal?: true;
}

type Row = readonly [name: string, text: string, normal?: true];

const tables: Readonly<Record<CounterTopic, readonly Row[]>> = {
  queues: [
    ["TcpExtListenOverflows", "SYNs and last ACKs of handshakes that found an accept queue full"],
    ["TcpExtListenDrops", "connection attempts that listeners dropped, for whatever reason (overflows included)"],
    ["TcpExtTCPReqQFullDrop", "SYNs dropped because a SYN queue was full and SYN cookies are off"],
    ["TcpExtTCPReqQFullDoCookies", "SYNs answered with a cookie because a SYN queue was full"],
    ["TcpExtSyncookiesSent", "SYN-ACKs sent with a cookie instead of an entry in the SYN queue"],
    ["TcpExtSyncookiesRecv", "ACKs that brought a valid cookie back: clients that are real"],
    ["TcpExtSyncookiesFailed", "ACKs with an invalid or outdated cookie"],
    ["TcpExtTCPFastOpenListenOverflow", "fast open requests refused: too many of them are pending"],
    ["TcpExtTCPDeferAcceptDrop", "last ACKs without data set aside by TCP_DEFER_ACCEPT", true],
    ["TcpExtTCPTimeWaitOverflow", "connections that got no TIME-WAIT: tcp_max_tw_buckets is reached"],
  ],
  handshakes: [
    ["TcpPassiveOpens", "connections that listeners took", true],
    ["TcpActiveOpens", "connections that programs here opened", true],
    ["TcpAttemptFails", "handshakes that ended without a connection"],
    ["TcpExtTCPSynRetrans", "SYNs and SYN-ACKs that had to be sent again"],
  ],
  resets: [
    ["TcpOutRsts", "resets sent"],
    ["TcpEstabResets", "established connections that ended at once: by a reset, sent or received"],
    ["TcpExtEmbryonicRsts", "handshakes (SYN-RECV) ended by a reset"],
    ["TcpExtTCPAbortOnData", "connections reset: SO_LINGER 0 at close, or data after the program had closed"],
    ["TcpExtTCPAbortOnClose", "connections reset: closed with data that nobody had read"],
    ["TcpExtTCPAbortOnMemory", "connections reset: no memory, or more orphans than tcp_max_orphans"],
    ["TcpExtTCPAbortOnTimeout", "connections given up by a timer: keepalive, retransmissions, user timeout"],
    ["TcpExtTCPAbortOnLinger", "orphans ended at once instead of waiting in FIN-WAIT-2 (TCP_LINGER2)"],
    ["TcpExtTCPAbortFailed", "resets that should have been sent, but there was no memory"],
    ["TcpExtTCPSYNChallenge", "challenge ACKs for a SYN inside an established connection"],
    ["TcpExtTCPChallengeACK", "challenge ACKs (RFC 5961) for segments that look forged", true],
  ],
  drops: [
    ["TcpExtTCPBacklogDrop", "segments dropped: a socket's backlog was full while its program held it (not the accept queue)"],
    ["TcpExtTCPRcvQDrop", "segments dropped: no memory for the receive queue"],
    ["TcpExtTCPZeroWindowDrop", "segments dropped: the receive window is closed, the program does not read"],
    ["TcpExtTCPOFODrop", "out-of-order segments dropped: the receive buffer is full"],
    ["TcpExtRcvPruned", "segments thrown out of a receive queue to save memory"],
    ["TcpExtOfoPruned", "out-of-order queues thrown away to save memory"],
    ["TcpExtTCPMinTTLDrop", "segments below the least TTL that a socket wants"],
    ["TcpExtPAWSActive", "SYN-ACKs refused for an old timestamp"],
    ["TcpExtPAWSEstab", "segments of connections refused for an old timestamp"],
    ["TcpExtTCPMD5NotFound", "segments dropped: a TCP-MD5 signature is missing"],
    ["TcpExtTCPMD5Failure", "segments dropped: a TCP-MD5 signature is wrong"],
    ["TcpExtTCPMemoryPressures", "times that TCP came under memory pressure (tcp_mem)"],
    ["TcpExtTCPWqueueTooBig", "sends refused: the write queue holds too many small pieces"],
    ["TcpInErrs", "segments with errors: bad checksum, header too short"],
    ["TcpInCsumErrors", "segments with a bad checksum"],
    ["TcpExtIPReversePathFilter", "packets dropped by rp_filter: they came in by the wrong interface"],
    ["TcpExtOutOfWindowIcmps", "ICMP errors ignored: they name a sequence number outside the window"],
  ],
  retransmissions: [
    ["TcpRetransSegs", "segments sent again"],
    ["TcpExtTCPTimeouts", "retransmission timers that ran out"],
    ["TcpExtTCPLostRetransmit", "segments lost again after they were sent again"],
    ["TcpExtTCPSpuriousRTOs", "retransmission timeouts that proved needless"],
    ["TcpExtTCPRetransFail", "retransmissions that could not be sent: no memory, no route, the device's queue"],
  ],
  ip: [
    ["IpInDiscards", "packets dropped for lack of memory on the way in"],
    ["IpInHdrErrors", "packets with a bad header"],
    ["IpInAddrErrors", "packets for an address that is not ours"],
    ["IpInUnknownProtos", "packets of a protocol that nobody takes"],
    ["IpOutDiscards", "packets dropped on the way out: memory, netfilter, the device's queue"],
    ["IpOutNoRoutes", "packets without a route on the way out"],
    ["IpReasmFails", "fragments that never became a whole packet"],
    ["IpFragFails", "packets that were too big and must not be fragmented"],
    ["IpExtInNoRoutes", "packets without a route on the way in"],
    ["IpExtInTruncatedPkts", "packets shorter than their header says"],
    ["IpExtInCsumErrors", "packets with a bad header checksum"],
  ],
  udp: [
    ["UdpNoPorts", "datagrams to a port that nobody has"],
    ["UdpInErrors", "datagrams dropped on the way in: full buffers and errors together"],
    ["UdpRcvbufErrors", "datagrams dropped: a socket's receive buffer is full"],
    ["UdpSndbufErrors", "datagrams dropped: a send buffer is full"],
    ["UdpInCsumErrors", "datagrams with a bad checksum"],
    ["UdpMemErrors", "datagrams dropped: UDP has no memory left (udp_mem)"],
  ],
};

/** By name, in the order in which they are shown. */
export const counterMeanings: ReadonlyMap<string, CounterMeaning> = new Map(
  Object.entries(tables).flatMap(([topic, rows]) => rows.map(([name, text, normal]) => [name, { topic: topic as CounterTopic, text, ...(normal && { normal }) }] as const)),
);
