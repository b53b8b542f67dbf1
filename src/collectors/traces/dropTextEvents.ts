import { vaddr } from "../../base/brands";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import { isFreeing } from "../../knowledge/freeingFunctions";
import type { StackFrame } from "../../stacks/stack";
import { chainOf } from "./chainFrame";
import type { DropEvent } from "./dropModel";
import { etherTypeName } from "./protocolNames";
import { fieldsOfText, type TextEvent, type TextEventSource } from "./textEvents";

/** The tracepoint itself: reason and place, but not whose packet it was. */
export const dropTextEvents: TextEventSource<DropEvent> = {
  probes: new Map(),
  tracepoints: ["skb/kfree_skb"],
  event: dropOf,
  notes: ["Only bpftrace reads packets: here the reason and the place are known, addresses and ports are not; nor what full listen queues drop."],
};

/** `skbaddr=… protocol=2048 location=… reason: NO_SOCKET`; the place is a name since 6.2 or so, and hashed before. */
function dropOf({ name, text, comm, pid, stack: frames }: TextEvent): DropEvent | undefined {
  if (name !== "kfree_skb") return undefined;
  const protocol = Number(fieldsOfText(text).get("protocol") ?? 0);
  const reason = /\breason: (\w+)/.exec(text)?.[1];
  const stack = fromCaller(frames, fieldsOfText(text).get("location"));
  const [place] = stack;
  return {
    type: "drop",
    ...(reason === undefined ? {} : { reason }),
    ...(place ? { place } : {}),
    ...(protocol === 0 ? {} : { protocol: etherTypeName(protocol) }),
    process: { pid, name: comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
}

/** The functions that free a packet say nothing. */
function fromCaller(frames: readonly StackFrame[], location: string | undefined): readonly StackFrame[] {
  const address = location !== undefined && /^(?:0x)?[0-9a-f]{16}$/.test(location) ? vaddr(BigInt(`0x${location.replace("0x", "")}`)) : undefined;
  const exact = frames.findIndex((frame) => address !== undefined && frame.address === address);
  const at = exact >= 0 ? exact : frames.findIndex(({ symbol }) => symbol === undefined || !isFreeing(symbol));
  return (at < 0 ? frames : frames.slice(at)).map((frame) => ({ ...frame, kind: "return" }));
}
