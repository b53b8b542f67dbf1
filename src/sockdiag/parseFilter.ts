/**
 * The filter language of ss(8), by recursive descent:
 *
 *     filter     = { ("state" | "exclude") NAME { "," NAME } } [ or ]
 *     or         = and { ("or" | "|" | "||") and }
 *     and        = not { [ "and" | "&" | "&&" ] not }          two conditions side by side are both meant
 *     not        = ("not" | "!") not | "(" or ")" | condition
 *     condition  = ("src" | "dst") [ "=" | "!=" ] HOST
 *                | ("sport" | "dport") [ comparison ] PORT
 *                | ("dev" | "fwmark" | "cgroup") [ "=" | "!=" ] VALUE
 *                | "autobound"
 *
 * ss itself reads `and` and `or` from left to right with equal rank, although its manual says otherwise; here the manual holds.
 */
import { FilterError, type Comparison, type FilterExpression, type Side, type SocketFilter } from "./filterExpression";
import { parseHost, parsePortOperand } from "./filterHost";
import { statesNamed } from "./filterStates";
import { filterText } from "./filterText";
import { tokenizeFilter, type FilterToken } from "./filterTokens";
import { allStates } from "./tcpState";

/** @throws FilterError with the position. */
export function parseFilter(text: string): SocketFilter {
  return new FilterParser(tokenizeFilter(text)).parse();
}

/** How ss reads a filter, with every parenthesis; undefined when that means the same as what we read. @throws FilterError */
export function readAsSs(text: string): string | undefined {
  const [ours, theirs] = [parseFilter(text), new FilterParser(tokenizeFilter(text), true).parse()];
  const read = theirs.expression && filterText(theirs.expression);
  return !ours.expression || filterText(ours.expression) === read ? undefined : read;
}

const comparisons: Readonly<Record<string, Comparison>> = {
  "=": "=", "==": "=", eq: "=", "!=": "!=", ne: "!=", neq: "!=", ">": ">", gt: ">", "<": "<", lt: "<", ">=": ">=", ge: ">=", geq: ">=", "<=": "<=", le: "<=", leq: "<=",
};

const sides: Readonly<Record<string, Side>> = { src: "local", sport: "local", dst: "remote", dport: "remote" };
const conditionWords = ["src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound"];

/** Deep nesting is nobody's filter, and recursion has an end. */
const DEPTH_LIMIT = 200;

class FilterParser {
  private at = 0;
  private depth = 0;

  /** @param flat `and` and `or` of equal rank, from left to right */
  constructor(
    private readonly tokens: readonly FilterToken[],
    private readonly flat = false,
  ) {}

  parse(): SocketFilter {
    const states = this.parseStates();
    if (this.peek().kind === "end") return { states };
    const expression = this.parseOr();
    const rest = this.peek();
    if (rest.kind !== "end") throw this.error(rest.text === ")" ? "no parenthesis is open" : `“${rest.text}” is not expected here`, rest);
    return { states, expression };
  }

  private parseStates(): number {
    let [given, excluded] = [0, 0];
    while (this.isWord("state", "exclude", "excl")) {
      const excludes = this.next().text.toLowerCase() !== "state";
      const states = this.parseStateNames();
      if (excludes) excluded |= states;
      else given |= states;
    }
    return (given === 0 ? allStates : given) & ~excluded;
  }

  private parseStateNames(): number {
    const token = this.next();
    if (token.kind === "end") throw this.error("a state is missing", token);
    return token.text.split(",").reduce((mask, name) => {
      const states = statesNamed(name);
      if (states === undefined) throw new FilterError("filter/state", `“${name}” is no state`, token.position, token.text.length);
      return mask | states;
    }, 0);
  }

  private parseOr(): FilterExpression {
    if (this.flat) return this.parseFlat();
    let left = this.parseAnd();
    while (this.accept("or", "|", "||")) left = { kind: "or", left, right: this.parseAnd() };
    return left;
  }

  private parseFlat(): FilterExpression {
    for (let left = this.parseNot(); ; ) {
      if (this.accept("or", "|", "||")) left = { kind: "or", left, right: this.parseNot() };
      else if (this.accept("and", "&", "&&") || this.beginsCondition()) left = { kind: "and", left, right: this.parseNot() };
      else return left;
    }
  }

  private parseAnd(): FilterExpression {
    let left = this.parseNot();
    while (this.accept("and", "&", "&&") || this.beginsCondition()) left = { kind: "and", left, right: this.parseNot() };
    return left;
  }

  private beginsCondition(): boolean {
    return this.isWord("not", "!", "(", ...conditionWords);
  }

  private parseNot(): FilterExpression {
    if (++this.depth > DEPTH_LIMIT) throw this.error("nested too deeply", this.peek());
    const expression = this.accept("not", "!") ? ({ kind: "not", operand: this.parseNot() } as const) : this.parsePrimary();
    this.depth--;
    return expression;
  }

  private parsePrimary(): FilterExpression {
    const token = this.next();
    if (token.text === "(" && token.kind === "operator") {
      const inner = this.parseOr();
      if (!this.accept(")")) throw this.error("a parenthesis is not closed", this.peek());
      return inner;
    }
    return this.parseCondition(token);
  }

  private parseCondition(token: FilterToken): FilterExpression {
    const word = token.text.toLowerCase();
    switch (word) {
      case "src":
      case "dst": {
        const negated = this.parseEquality();
        return this.negate(negated, { kind: "host", side: sideOf(word), host: parseHost(this.operand(token)) });
      }
      case "sport":
      case "dport": return { kind: "port", side: sideOf(word), comparison: this.parseComparison() ?? "=", port: parsePortOperand(this.operand(token)) };
      case "dev": return this.negate(this.parseEquality(), { kind: "device", name: this.operand(token).text });
      case "fwmark": return this.negate(this.parseEquality(), parseMark(this.operand(token)));
      case "cgroup": return this.negate(this.parseEquality(), parseCgroup(this.operand(token)));
      case "autobound": return { kind: "autobound" };
      case "state":
      case "exclude":
      case "excl": throw this.error("states come first in a filter", token);
      default: throw this.error(token.kind === "end" ? "a condition is missing" : `“${token.text}” is no condition`, token);
    }
  }

  /** Whether a `!=` stood there. */
  private parseEquality(): boolean {
    const token = this.peek();
    const comparison = this.parseComparison();
    if (comparison !== undefined && comparison !== "=" && comparison !== "!=") throw this.error("only = and != are possible here", token);
    return comparison === "!=";
  }

  private parseComparison(): Comparison | undefined {
    const text = this.peek().text.toLowerCase();
    if (!Object.hasOwn(comparisons, text)) return undefined;
    this.next();
    return comparisons[text];
  }

  private negate(negated: boolean, expression: FilterExpression): FilterExpression {
    return negated ? { kind: "not", operand: expression } : expression;
  }

  private operand(of: FilterToken): FilterToken {
    const token = this.next();
    if (token.kind !== "word") throw this.error(`“${of.text}” wants a value`, token);
    return token;
  }

  private accept(...texts: readonly string[]): boolean {
    const found = this.isWord(...texts);
    if (found) this.next();
    return found;
  }

  private isWord(...texts: readonly string[]): boolean {
    return this.peek().kind !== "end" && texts.includes(this.peek().text.toLowerCase());
  }

  private peek(): FilterToken {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] ?? { kind: "end", text: "", position: 0 };
  }

  private next(): FilterToken {
    const token = this.peek();
    this.at++;
    return token;
  }

  private error(message: string, token: FilterToken): FilterError {
    return new FilterError("filter/syntax", message, token.position, token.text.length);
  }
}

const sideOf = (word: string): Side => sides[word] ?? "local";

function parseMark(token: FilterToken): FilterExpression {
  const match = /^(0x[0-9a-f]{1,8}|\d{1,10})(?:\/(0x[0-9a-f]{1,8}|\d{1,10}))?$/i.exec(token.text);
  if (!match) throw new FilterError("filter/syntax", `“${token.text}” is no mark, MARK or MARK/MASK`, token.position, token.text.length);
  const mask = match[2] === undefined ? 0xffffffff : Number(match[2]);
  return { kind: "mark", mark: Number(match[1]) >>> 0, mask: mask >>> 0 };
}

function parseCgroup(token: FilterToken): FilterExpression {
  const number = /^id:(\d{1,20})$/.exec(token.text)?.[1];
  if (number !== undefined && BigInt(number) < 1n << 64n) return { kind: "cgroup", cgroup: `id:${BigInt(number)}` };
  if (!token.text.startsWith("/") || token.text.includes("\0")) {
    throw new FilterError("filter/cgroup", "a cgroup is named by its path on the host, or by `id:` and its number (the inode of its folder)", token.position, token.text.length);
  }
  return { kind: "cgroup", cgroup: token.text.replace(/(?<=.)\/+$/, "") };
}
