import { unreachable } from "../base/errors";
import { ipv4Text, ipv6Text } from "../base/addressText";
import type { FilterExpression, HostCondition } from "./filterExpression";
import { netlinkProtocolName } from "./netlinkProtocols";

/** In the language of ss, with every parenthesis: what ss, its manual and we all read alike. */
export function filterText(expression: FilterExpression): string {
  switch (expression.kind) {
    case "and":
    case "or": return `(${filterText(expression.left)} ${expression.kind} ${filterText(expression.right)})`;
    case "not": return `not ${filterText(expression.operand)}`;
    case "host": return `${expression.side === "local" ? "src" : "dst"} ${hostText(expression.host)}`;
    case "port": return `${expression.side === "local" ? "sport" : "dport"} ${expression.comparison} :${expression.port}`;
    case "device": return `dev = ${expression.name}`;
    case "mark": return `fwmark = 0x${expression.mark.toString(16)}${expression.mask === 0xffffffff ? "" : `/0x${expression.mask.toString(16)}`}`;
    case "cgroup": return `cgroup = ${expression.cgroup}`;
    case "autobound": return "autobound";
    default: return unreachable(expression);
  }
}

function hostText({ address, prefixLength, port, unixName, other }: HostCondition): string {
  if (unixName !== undefined) return `unix:${unixName}`;
  const suffix = port === undefined ? "" : `:${port}`;
  if (other) return `${other.family === "packet" ? "link" : other.family}:${otherText(other)}${suffix}`;
  if (!address) return suffix === "" ? "*" : suffix;
  const whole = prefixLength === undefined || prefixLength === address.length * 8;
  const text = address.length === 4 ? ipv4Text(address) : `[${ipv6Text(address)}]`;
  return `${text}${whole ? "" : `/${prefixLength}`}${suffix}`;
}

function otherText({ family, number }: NonNullable<HostCondition["other"]>): string {
  if (number === undefined) return "*";
  return family === "netlink" ? netlinkProtocolName(number) : String(number);
}
