import { bare } from "./formats/bare";
import { bcc } from "./formats/bcc";
import { blazesym } from "./formats/blazesym";
import { bpftraceDefault, bpftracePerf } from "./formats/bpftrace";
import { crash } from "./formats/crash";
import { drgn } from "./formats/drgn";
import { dropwatch } from "./formats/dropwatch";
import { ftrace } from "./formats/ftrace";
import { functionGraph } from "./formats/functionGraph";
import { functionTrace } from "./formats/functionTrace";
import { gdb } from "./formats/gdb";
import { oopsArm32 } from "./formats/oopsArm32";
import { oopsArm64 } from "./formats/oopsArm64";
import { oopsLoongarch } from "./formats/oopsLoongarch";
import { oopsPowerpc } from "./formats/oopsPowerpc";
import { oopsRiscv } from "./formats/oopsRiscv";
import { oopsS390 } from "./formats/oopsS390";
import { oopsX86 } from "./formats/oopsX86";
import { perfReport } from "./formats/perfReport";
import { perfScript } from "./formats/perfScript";
import { procStack } from "./formats/procStack";
import { pwru } from "./formats/pwru";
import { retsnoop } from "./formats/retsnoop";
import { stackcount } from "./formats/stackcount";
import type { BlockReader, StackReader } from "./formats/stackReader";
import { syzkaller } from "./formats/syzkaller";
import { systemtap } from "./formats/systemtap";

/** In the order in which a line is offered: notations that say most about themselves first, frames without any mark last. */
export const stackReaders: readonly StackReader[] = [
  ftrace, functionTrace, crash, gdb, drgn, systemtap, blazesym, dropwatch, procStack, perfScript, bpftracePerf, oopsArm64, oopsArm32, oopsRiscv, oopsLoongarch, oopsPowerpc,
  oopsS390, oopsX86, syzkaller, pwru, retsnoop, bcc, bpftraceDefault, bare, stackcount,
];

export const blockReaders: readonly BlockReader[] = [functionGraph, perfReport];
