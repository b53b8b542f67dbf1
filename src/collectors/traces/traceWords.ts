import { graphLimitWords } from "./callgraph/graphLimits";
import { pathFilterWords } from "./packetpath/pathFilter";
import type { TraceKind, TraceRequest } from "./traceRequest";

/** How a kind of trace and its events are spoken of, in every face. */
interface TraceWords {
  readonly title: string;
  readonly one: string;
  readonly many: string;
  /** While nothing came, and when nothing came to the end. */
  readonly none: readonly [soFar: string, atEnd: string];
}

const words: Readonly<Record<TraceKind, TraceWords>> = {
  resets: { title: "TCP resets", one: "reset", many: "resets", none: ["No reset sent yet", "No reset was sent"] },
  drops: { title: "Packet drops", one: "drop", many: "drops", none: ["No packet dropped yet", "No packet was dropped"] },
  function: { title: "Calls", one: "call", many: "calls", none: ["Not called yet", "It was not called"] },
  callgraph: { title: "Call graph", one: "call", many: "calls", none: ["Not called yet", "It was not called"] },
  packet: { title: "Packets through the firewall", one: "packet", many: "packets", none: ["No such packet yet", "No such packet came"] },
  "conntrack-invalid": { title: "Conntrack-invalid packets", one: "packet", many: "packets", none: ["No INVALID packet yet", "No packet was INVALID"] },
};

export const traceWords = (kind: TraceKind): TraceWords => words[kind];

/** `TCP resets`, `Calls of tcp_v4_rcv`. */
export const traceTitle = (request: TraceRequest): string => ("name" in request ? `${words[request.kind].title} of ${request.name}` : words[request.kind].title);

/** `3 drops`. */
export const eventCount = (kind: TraceKind, count: number): string => `${count} ${count === 1 ? words[kind].one : words[kind].many}`;

/** What was asked for besides the kind, in short: `port 80`. */
export const filterText = (request: TraceRequest): string => {
  const { port, pid, netns, cgroup } = request;
  return [
    ...(port === undefined ? [] : [`port ${port}`]),
    ...(pid === undefined ? [] : [`process ${pid}`]),
    ...(netns === undefined ? [] : [`namespace ${netns}`]),
    ...(cgroup === undefined ? [] : [cgroup.replace(/^\/sys\/fs\/cgroup/, "")]),
    ...(request.kind === "packet" ? pathFilterWords(request) : []),
    ...(request.kind === "callgraph" ? graphLimitWords(request) : []),
  ].join(" · ");
};
