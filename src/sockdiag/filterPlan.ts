/**
 * Which part of a filter runs where. The kernel gets the strongest condition it can run that every wanted socket fulfils; what is
 * left is decided here. Of `A and B` each side goes where it can; of `A or B` nothing goes to the kernel unless both sides can,
 * since a socket that one of them refuses may be wanted for the other.
 */
import type { FilterExpression, SocketFilter } from "./filterExpression";
import { filterText } from "./filterText";
import { compileBytecode, runsInKernel } from "./filterBytecode";
import { readAsSs } from "./parseFilter";
import { runsBytecode, type Protocol } from "./protocols";
import { stateText } from "./filterStates";
import { allStates } from "./tcpState";

export interface FilterPlan {
  /** Bits of idiag_states, for the kernel. */
  readonly states: number;
  /** Run by the kernel as bytecode, for TCP and the other protocols of inet_diag. */
  readonly kernel?: FilterExpression;
  /** What is left of it to be decided here, of those protocols. */
  readonly process?: FilterExpression;
  /** All of it: decided here for the families whose dumps take no bytecode. */
  readonly whole?: FilterExpression;
  /** Why something is decided here, and where ss would read the filter otherwise; a sentence each. */
  readonly notes: readonly string[];
}

/** `refused`: the kernel did not take a program before, for its conditions on marks or for any; `why` is a sentence. */
export function planFilter(filter: SocketFilter, text: string, refused?: { readonly why: string; readonly marksOnly: boolean }): FilterPlan {
  const { states, expression } = filter;
  const notes = [...ssNotes(text), ...(expression && namesUnixPeer(expression) ? [unixPeerNote] : []), ...(refused ? [refused.why] : [])];
  if (!expression) return { states, notes };
  const canRun = (condition: FilterExpression): boolean => runsInKernel(condition) && !(refused && (!refused.marksOnly || condition.kind === "mark"));
  const normal = unfolded(inetPart(pushNegations(expression, false)));
  if (!normal) return { states, whole: expression, notes };
  const { kernel, process } = split(normal, canRun);
  // How long a program is does not depend on the byte order.
  if (kernel && !compileBytecode(kernel, "little")) return { states, whole: expression, process: expression, notes: [...notes, "The filter is too long for the kernel, so it is decided here."] };
  return { states, whole: expression, ...(kernel && { kernel }), ...(process && { process }), notes: [...notes, ...reasons(process, refused !== undefined)] };
}

const unixPeerNote = "dst unix: the kernel tells no name of a peer; `src unix:NAME` finds the end that has the name, beside the inode of the other.";

function namesUnixPeer(expression: FilterExpression): boolean {
  switch (expression.kind) {
    case "and":
    case "or": return namesUnixPeer(expression.left) || namesUnixPeer(expression.right);
    case "not": return namesUnixPeer(expression.operand);
    case "host": return expression.side === "remote" && expression.host.unixName !== undefined;
    default: return false;
  }
}

/** What is true and false of every inet socket is left out: a condition on unix names beside one on ports must not keep the ports from the kernel. */
function inetPart(expression: FilterExpression): FilterExpression | boolean {
  switch (expression.kind) {
    case "and":
    case "or": {
      const [left, right] = [inetPart(expression.left), inetPart(expression.right)];
      const decides = expression.kind === "or";
      if (left === decides || right === decides) return decides;
      if (typeof left === "boolean") return right;
      return typeof right === "boolean" ? left : { kind: expression.kind, left, right };
    }
    case "not": {
      const operand = inetPart(expression.operand);
      return typeof operand === "boolean" ? !operand : expression;
    }
    case "host": return expression.host.unixName === undefined && expression.host.other === undefined && expression;
    default: return expression;
  }
}

/** undefined: every socket; none of them is a condition too, which the kernel can run. */
function unfolded(part: FilterExpression | boolean): FilterExpression | undefined {
  if (typeof part !== "boolean") return part;
  return part ? undefined : { kind: "not", operand: { kind: "host", side: "local", host: {} } };
}

interface Split {
  readonly kernel?: FilterExpression;
  readonly process?: FilterExpression;
}

function split(expression: FilterExpression, canRun: (condition: FilterExpression) => boolean): Split {
  if (expression.kind === "and") {
    const [left, right] = [split(expression.left, canRun), split(expression.right, canRun)];
    const kernel = both("and", left.kernel, right.kernel);
    const process = both("and", left.process, right.process);
    return { ...(kernel && { kernel }), ...(process && { process }) };
  }
  if (expression.kind === "or") {
    const [left, right] = [split(expression.left, canRun), split(expression.right, canRun)];
    const kernel = left.kernel && right.kernel && both("or", left.kernel, right.kernel);
    const exact = kernel && !left.process && !right.process;
    return { ...(kernel && { kernel }), ...(!exact && { process: expression }) };
  }
  const condition = expression.kind === "not" ? expression.operand : expression;
  return canRun(condition) ? { kernel: expression } : { process: expression };
}

function both(kind: "and" | "or", left?: FilterExpression, right?: FilterExpression): FilterExpression | undefined {
  return left && right ? { kind, left, right } : (left ?? right);
}

/** Negations only at conditions (De Morgan), where each may go its own way. */
function pushNegations(expression: FilterExpression, negated: boolean): FilterExpression {
  switch (expression.kind) {
    case "not": return pushNegations(expression.operand, !negated);
    case "and":
    case "or": {
      const kind = negated === (expression.kind === "and") ? "or" : "and";
      return { kind, left: pushNegations(expression.left, negated), right: pushNegations(expression.right, negated) };
    }
    default: return negated ? { kind: "not", operand: expression } : expression;
  }
}

function reasons(process: FilterExpression | undefined, refused: boolean): string[] {
  if (!process) return [];
  const found = new Set<string>();
  const visit = (part: FilterExpression): void => {
    if (part.kind === "and" || part.kind === "or") {
      visit(part.left);
      visit(part.right);
    } else if (part.kind === "not") visit(part.operand);
    else if (!runsInKernel(part)) found.add(reasonOf(part));
  };
  visit(process);
  if (found.size === 0 && !refused) found.add("An alternative of a condition that the kernel cannot run is decided here with it.");
  return [...found];
}

function reasonOf(condition: FilterExpression): string {
  switch (condition.kind) {
    case "device": return "dev: an interface has another number in each network namespace, so its name is compared here.";
    case "cgroup": return "cgroup: the number of a path is known only when the answer comes; `cgroup id:N` runs in the kernel.";
    default: return `${filterText(condition)}: the kernel cannot run this.`;
  }
}

function ssNotes(text: string): string[] {
  const read = readAsSs(text);
  return read === undefined ? [] : [`ss reads “and” and “or” from left to right, although its manual says otherwise: it would take this as ${read}.`];
}

/** For `sockets --explain` and the faces: one line for each place, then the notes. */
export function explainPlan(plan: FilterPlan, asked: readonly Protocol[]): string[] {
  const all = plan.states === allStates;
  const inet = asked.filter(runsBytecode);
  const others = asked.filter((protocol) => !runsBytecode(protocol));
  const lines = [`states, in the kernel: ${all ? "all" : stateText(plan.states)}`];
  if (inet.length > 0) {
    lines.push(`${inet.join(", ")}, in the kernel: ${plan.kernel ? filterText(plan.kernel) : "every socket of these states"}`);
    lines.push(`${inet.join(", ")}, here: ${plan.process ? filterText(plan.process) : "nothing is left to decide"}`);
  }
  if (others.length > 0) lines.push(`${others.join(", ")}, here: ${plan.whole ? filterText(plan.whole) : "nothing is left to decide"}`);
  return [...lines, ...plan.notes];
}
