import { setImmediate as nextTurn } from "node:timers/promises";
import { TextDocument } from "vscode-languageserver-textdocument";
import { enumerators } from "../../bpflang/nameChecks";
import type { TargetKnowledge } from "../../bpflang/targetKnowledge";
import { typeNames } from "../../bpflang/typeNames";
import { completion } from "./completion";
import { diagnostics } from "./diagnostics";
import { hover } from "./hover";
import { ProgramDocument } from "./programDocument";

/** With a slip in a name, a field and an enumerator, so that everything is looked up once. */
const sample = `kprobe:tcp_v4_rcvv {
  $skb = (struct sk_buff *)arg0;
  if ($skb->lenn == TCP_LISTENN) { @[kstack] = count(); }
}
`;

/** Builds what would else be built when it is first asked for, which takes longer than a keystroke may; requests get their turn after each step of it. */
export async function warmUp(knowledge: TargetKnowledge): Promise<void> {
  for (const step of steps(knowledge)) {
    await nextTurn();
    step();
  }
}

function steps(knowledge: TargetKnowledge): readonly (() => unknown)[] {
  const { types, functions } = knowledge;
  const program = new ProgramDocument(TextDocument.create("untitled:sample.bt", "bpftrace", 1, sample), knowledge);
  const behind = (text: string): number => sample.indexOf(text) + text.length;
  return [
    ...(types ? [types.kernel, ...types.modules.values()].map((btf) => () => btf.find("func", "tcp_v4_rcv")) : []),
    ...(types ? [() => enumerators(types), ...(["struct", "union", "enum"] as const).map((keyword) => () => typeNames(types, keyword))] : []),
    () => functions?.list.nearest("tcp_v4_rcvv"),
    ...["kprobe:tcp_v4", "(struct sk", "$skb->l", "TCP_LISTENN"].map((text) => () => completion(program, behind(text))),
    () => hover(program, behind("$skb->l")),
    () => diagnostics(program),
  ];
}
