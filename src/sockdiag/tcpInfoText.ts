/**
 * Fields of struct tcp_info as a person reads them: with units and names of states. Units as the kernel fills them in (tcp_get_info in net/ipv4/tcp.c):
 * times of rto, rtt and their kin in microseconds, `last_…` in milliseconds, windows of the congestion control in segments.
 */
import { unreachable } from "../base/errors";

type Unit = "µs" | "ms" | "B" | "B/s" | "segments" | "times";

const words = (text: string, unit: Unit): (readonly [string, Unit])[] => text.split(" ").map((name) => [name, unit] as const);

const units: ReadonlyMap<string, Unit> = new Map([
  ...words("rto ato rtt rttvar rcv_rtt min_rtt busy_time rwnd_limited sndbuf_limited", "µs"),
  ...words("last_data_sent last_ack_sent last_data_recv last_ack_recv total_rto_time", "ms"),
  ...words("snd_mss rcv_mss pmtu rcv_ssthresh advmss rcv_space bytes_acked bytes_received bytes_sent bytes_retrans notsent_bytes snd_wnd rcv_wnd", "B"),
  ...words("delivered_e1_bytes delivered_e0_bytes delivered_ce_bytes received_e1_bytes received_e0_bytes received_ce_bytes", "B"),
  ...words("pacing_rate max_pacing_rate delivery_rate", "B/s"),
  ...words("unacked sacked lost retrans fackets snd_ssthresh snd_cwnd reordering total_retrans segs_out segs_in data_segs_in data_segs_out delivered delivered_ce received_ce rcv_ooopack dsack_dups", "segments"),
  ...words("retransmits probes backoff reord_seen rehash total_rto total_rto_recoveries", "times"),
]);

/** enum tcp_ca_state of include/uapi/linux/tcp.h. */
const congestionStates = ["Open", "Disorder", "CWR", "Recovery", "Loss"];
/** TCPI_OPT_* of include/uapi/linux/tcp.h, from bit 0. */
const optionNames = ["timestamps", "sack", "wscale", "ecn", "ecn_seen", "syn_data", "usec_ts", "tfo_child"];
/** TCP_INFINITE_SSTHRESH, and a pacing rate without a limit. */
const INFINITE_SSTHRESH = 0x7fffffff;
const NO_LIMIT = (1n << 64n) - 1n;

/** `12.5 ms`, `1.4 MB`, `Recovery`. `name` with or without `tcpi_`. */
export function tcpInfoText(name: string, value: number | string): string {
  const field = name.replace(/^tcpi_/, "");
  if (field === "ca_state") return congestionStates[Number(value)] ?? String(value);
  if (field === "options") return optionNames.filter((_, bit) => Number(value) & (1 << bit)).join(" ") || "none";
  if (field === "snd_ssthresh" && Number(value) >= INFINITE_SSTHRESH) return "none yet";
  if (field.endsWith("pacing_rate") && BigInt(value) === NO_LIMIT) return "no limit";
  const unit = units.get(field);
  return unit === undefined ? String(value) : withUnit(Number(value), unit);
}

/** What a field of a listener's tcp_info is: it has the lengths of the accept queue in the place of segments, and no state of a transfer (tcp_get_info). undefined: nothing that says anything. */
export function listenerInfo(name: string, value: number | string): readonly [name: string, text: string] | undefined {
  switch (name.replace(/^tcpi_/, "")) {
    case "unacked": return ["accept queue", `${value} waiting`];
    case "sacked": return ["accept queue limit", String(value)];
    case "unknown_tail_bytes": return [name, String(value)];
    default: return undefined;
  }
}

function withUnit(value: number, unit: Unit): string {
  switch (unit) {
    case "µs": return timeText(value / 1000);
    case "ms": return timeText(value);
    case "B": return sizeText(value);
    case "B/s": return sizeText(value, "/s");
    case "segments": return `${value} ${value === 1 ? "segment" : "segments"}`;
    case "times": return value === 1 ? "once" : `${value} times`;
    default: return unreachable(unit);
  }
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

function timeText(milliseconds: number): string {
  return milliseconds >= 10_000 ? `${short(milliseconds / 1000)} s` : `${short(milliseconds)} ms`;
}

/** The exact number of bytes stays beside a rounded one. */
export function sizeText(bytes: number, per = ""): string {
  if (bytes < 10_000) return `${bytes} B${per}`;
  const [amount, unit] = bytes >= 1e9 ? [bytes / 1e9, "GB"] : bytes >= 1e6 ? [bytes / 1e6, "MB"] : [bytes / 1000, "kB"];
  return `${short(amount)} ${unit}${per} (${bytes})`;
}
