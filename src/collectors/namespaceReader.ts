/** The answers of one network namespace, decoded into columns as they arrive; a socket that the filter does not want leaves nothing behind. */
import { DumpReader, type DumpOutcome, type PayloadVisitor } from "../netlink/dumpReader";
import { readLink } from "../netlink/linkMessage";
import type { FilterExpression } from "../sockdiag/filterExpression";
import { filterPredicate, type FilterPlace, type RowPredicate } from "../sockdiag/filterPredicate";
import { readInetDiagMessage, writeInetSocket } from "../sockdiag/inetDiagMessage";
import { readLinkFamilyMessage } from "../sockdiag/linkFamilies";
import { parseProcNetSockets } from "../sockdiag/procNetSockets";
import { type Protocol, protocolIndex, runsBytecode } from "../sockdiag/protocols";
import type { SocketColumns } from "../sockdiag/socketColumns";
import { readUnixDiagMessage } from "../sockdiag/unixDiag";
import { hasProcFile, procFilesOf, stepsOf, type SocketPlan, type Step } from "./socketPlan";

export interface ProtocolOutcome {
  readonly protocol: Protocol;
  readonly outcome: DumpOutcome;
}

export class NamespaceReader {
  readonly interfaces = new Map<number, string>();
  private readonly steps: readonly Step[];
  private readonly dumps = new Map<number, DumpReader>();
  private readonly failed = new Map<number, DumpOutcome>();
  private ss: DumpReader | undefined;

  /**
   * @param number of the namespace, for its rows
   * @param where  for errors
   */
  constructor(
    private readonly plan: SocketPlan,
    private readonly columns: SocketColumns,
    private readonly number: number,
    private readonly place: FilterPlace,
    private readonly where = `netns ${number}`,
  ) {
    this.steps = stepsOf(plan);
  }

  /** One receive buffer of the answer to a request. */
  reply(request: number, bytes: Uint8Array): void {
    const step = this.steps[request];
    if (!step) return;
    const known = this.dumps.get(request) ?? new DumpReader(this.columns.endianness, this.where, this.visitor(step));
    this.dumps.set(request, known);
    known.push(bytes);
  }

  /** A request that got no answer at all counts as refused with the errno of the call. */
  fail(request: number, errno: number): void {
    this.failed.set(request, { complete: false, interrupted: false, errno, errorIn: "error" });
  }

  /** What `ss -D` wrote: TCP, of the states it was told. */
  ssStream(bytes: Uint8Array): void {
    this.ss ??= new DumpReader(this.columns.endianness, this.where, this.inetVisitor("tcp", this.plan.filter.whole));
    this.ss.push(bytes);
  }

  /** The text of /proc/net/tcp and its kin. */
  procFile(path: string, text: string): void {
    const protocol = this.plan.protocols.find((one) => hasProcFile(one) && procFilesOf([one]).includes(path));
    if (!protocol) return;
    const wanted = this.predicate(this.plan.filter.whole);
    for (const socket of parseProcNetSockets(text, this.columns.endianness).sockets) {
      writeInetSocket(this.columns, protocolIndex(protocol), socket);
      this.keepIf(wanted);
    }
  }

  /** How each dump of a protocol ended. */
  get outcomes(): readonly ProtocolOutcome[] {
    const asked = this.steps.flatMap((step, request) => {
      const outcome = this.failed.get(request) ?? this.dumps.get(request)?.outcome;
      return step.kind === "links" || !outcome ? [] : [{ protocol: step.kind === "unix" ? ("unix" as const) : step.protocol, outcome }];
    });
    return this.ss ? [...asked, { protocol: "tcp", outcome: this.ss.outcome }] : asked;
  }

  /** The list of interfaces has an end, and they did not change meanwhile: only it is ever marked as interrupted (rtnl_dump_ifinfo), no list of sockets is. */
  get hasAllInterfaces(): boolean {
    const outcome = this.dumps.get(this.steps.findIndex(({ kind }) => kind === "links"))?.outcome;
    return !outcome || (outcome.complete && !outcome.interrupted);
  }

  private visitor(step: Step): PayloadVisitor {
    const { columns } = this;
    switch (step.kind) {
      case "links": return ({ bytes }, start, end, type) => {
        const link = readLink({ type, payload: bytes.subarray(start, end) }, columns.endianness, this.where);
        if (link) this.interfaces.set(link.index, link.name);
      };
      case "tcp":
      case "inet": return this.inetVisitor(step.protocol, runsBytecode(step.protocol) ? this.plan.filter.process : this.plan.filter.whole);
      case "unix": return this.rowVisitor((buffer, start, end) => readUnixDiagMessage(columns, buffer, start, end));
      case "family": return this.rowVisitor((buffer, start, end) => readLinkFamilyMessage(step.protocol, columns, buffer, start, end));
    }
  }

  private inetVisitor(protocol: Protocol, left: FilterExpression | undefined): PayloadVisitor {
    const [index, wanted] = [protocolIndex(protocol), this.predicate(left)];
    return (buffer, start, end) => {
      readInetDiagMessage(this.columns, index, buffer, start, end);
      this.keepIf(wanted);
    };
  }

  private rowVisitor(read: (...message: Parameters<PayloadVisitor>) => void): PayloadVisitor {
    const wanted = this.predicate(this.plan.filter.whole);
    return (...message) => {
      read(...message);
      this.keepIf(wanted);
    };
  }

  private keepIf(wanted: RowPredicate): void {
    const { columns } = this;
    const row = columns.length;
    columns.netns[row] = this.number;
    if (this.plan.filter.states & (1 << (columns.state[row] ?? 0)) && wanted(row)) columns.keep();
  }

  private predicate(expression: FilterExpression | undefined): RowPredicate {
    return expression ? filterPredicate(expression, this.columns, this.place) : () => true;
  }
}
