import assert from "node:assert/strict";
import fc from "fast-check";
import type { CodeAction, CompletionItem, InlayHint, SignatureHelp, TextEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { codeActions } from "../../../src/server/bpftrace/codeActions";
import { completion } from "../../../src/server/bpftrace/completion";
import { diagnostics } from "../../../src/server/bpftrace/diagnostics";
import { hover } from "../../../src/server/bpftrace/hover";
import { inlayHints } from "../../../src/server/bpftrace/inlayHints";
import { definition, functionAt, highlights, prepareRename, references, rename } from "../../../src/server/bpftrace/navigation";
import { documentSymbols, foldingRanges } from "../../../src/server/bpftrace/outline";
import { ProgramDocument } from "../../../src/server/bpftrace/programDocument";
import { semanticTokens, tokenTypes } from "../../../src/server/bpftrace/semanticTokens";
import { parametersOf, signatureHelp } from "../../../src/server/bpftrace/signatureHelp";
import { warmUp } from "../../../src/server/bpftrace/warmUp";
import { nothingKnown } from "../../../src/bpflang/targetKnowledge";
import { sampleKnowledge } from "../../support/sampleKernel";
import { programs, sample } from "../../bpflang/programs";

/** A program with the cursor at `|`. */
function at(text: string, version = "0.17.0"): { program: ProgramDocument; offset: number } {
  const offset = text.indexOf("|");
  const clean = offset < 0 ? text : text.slice(0, offset) + text.slice(offset + 1);
  return { program: new ProgramDocument(TextDocument.create("file:///a.bt", "bpftrace", 1, clean), sampleKnowledge(version)), offset: Math.max(0, offset) };
}

const items = (text: string, version?: string): readonly CompletionItem[] => {
  const { program, offset } = at(text, version);
  return completion(program, offset).items;
};
const labels = (text: string, version?: string): string[] => items(text, version).map(({ label }) => label);

/** The program after the item of this label was taken. */
function taken(text: string, label: string, version?: string): string {
  const { program } = at(text, version);
  const item = items(text, version).find((candidate) => candidate.label === label);
  assert.ok(item, `${label} is not offered, but ${labels(text, version).slice(0, 20).join(", ")}`);
  return TextDocument.applyEdits(program.document, [item.textEdit as TextEdit, ...(item.additionalTextEdits ?? [])]);
}

describe("completion", () => {
  it("offers the kinds of probes that this version has", () => {
    assert.ok(labels("|").includes("kfunc"));
    assert.ok(!labels("|").includes("fentry"));
    assert.ok(labels("|", "0.22.0").includes("fentry"));
    assert.ok(!labels("|", "0.22.0").includes("kfunc"));
  });

  it("offers the kernel's functions, by some of their letters, with their prototypes", () => {
    const [first] = items("kprobe:tvsr|");
    assert.equal(first?.label, "tcp_v4_send_reset");
    assert.equal(first.detail, "int tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb, enum sk_rst_reason reason)");
    assert.equal(taken("kprobe:tvsr|", "tcp_v4_send_reset"), "kprobe:tcp_v4_send_reset {\n\t$0\n}");
    assert.equal(taken("kprobe:tcp_c| { }", "tcp_close"), "kprobe:tcp_close { }");
    assert.equal(taken("kprobe:tcp_close,kprobe:tcp_v4| { }", "tcp_v4_send_reset"), "kprobe:tcp_close,kprobe:tcp_v4_send_reset { }");
  });

  it("offers tracepoints with their fields", () => assert.deepEqual(items("tracepoint:tcppr|").map(({ label, detail }) => [label, detail]), [["tcp:tcp_probe", "saddr, skaddr, reason"]]));

  it("offers fields, through anonymous members", () => {
    assert.deepEqual(labels("kprobe:tcp_close { $sk = (struct sock *)arg0; $sk->| }"), ["__sk_common", "sk_rcvbuf"]);
    assert.deepEqual(labels("kprobe:tcp_close { $sk = (struct sock *)arg0; $sk->__sk_common.|\n  exit(); }"), ["skc_daddr", "skc_dport", "skc_num", "skc_state"]);
    assert.deepEqual(labels("kfunc:tcp_v4_send_reset { args->| }"), ["sk", "skb", "reason"]);
    assert.deepEqual(labels("tracepoint:tcp:tcp_probe { args->skaddr->| }"), ["__sk_common", "sk_rcvbuf"]);
  });

  it("puts the cast around a register, and the arrow behind a pointer", () => {
    assert.equal(taken("kprobe:tcp_close { @ = arg0->| }", "sk_rcvbuf"), "kprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcvbuf }");
    assert.equal(taken("kprobe:tcp_close { $s = (struct sock *)arg0; @ = $s.sk_| }", "sk_rcvbuf"), "kprobe:tcp_close { $s = (struct sock *)arg0; @ = $s->sk_rcvbuf }");
  });

  it("offers what the function's arguments are", () => {
    assert.equal(taken("kprobe:tcp_v4_send_reset { | }", "$skb = (struct sk_buff *)arg1"), "kprobe:tcp_v4_send_reset { \\$skb = (struct sk_buff *)arg1;$0 }");
    assert.ok(labels("kprobe:tcp_v4_send_reset { @ = arg| }").includes("arg2"));
    assert.ok(!labels("kretprobe:tcp_v4_send_reset { @ = arg| }").includes("arg2"));
  });

  it("offers values of the enum that is compared with", () => {
    assert.deepEqual(labels("kfunc:tcp_v4_send_reset { if (args->reason == |) { } }").slice(0, 2), ["SK_RST_REASON_NOT_SPECIFIED", "SK_RST_REASON_NO_SOCKET"]);
  });

  it("offers variables, maps, and names of this version", () => {
    const text = "kprobe:tcp_close { $alpha = 1; @beta = 2; | }";
    assert.ok(["$alpha", "@beta", "pid", "printf"].every((name) => labels(text).includes(name)));
    assert.ok(!labels(text).includes("has_key"));
    assert.ok(labels(text, "0.22.0").includes("has_key"));
    assert.deepEqual(labels("kprobe:tcp_close { $alpha = 1; @beta = 2; @b| }"), ["@beta"]);
  });

  it("offers structures in a cast and modes of a stack", () => {
    assert.deepEqual(labels("kprobe:tcp_close { $s = (struct so| }"), ["sock", "sock_common", "tcp_sock"]);
    assert.ok(labels("kprobe:tcp_close { @[kstack(|)] = 1; }").includes("perf"));
  });

  it("is silent in comments and strings", () => {
    assert.deepEqual(labels("kprobe:tcp_close { // p|"), []);
    assert.deepEqual(labels("kprobe:tcp_close { printf(\"p|\"); }"), []);
  });

  it("offers settings", () => assert.ok(labels("config = { st| }", "0.20.4").includes("stack_mode")));
});

describe("hover", () => {
  const text = (program: string): string => {
    const { program: document, offset } = at(program);
    return ((hover(document, offset))?.contents as { value: string } | undefined)?.value ?? "";
  };
  it("shows prototypes, fields, types, names and values", () => {
    assert.match(text("kprobe:tcp_cl|ose { }"), /void tcp_close\(struct sock \*sk\);/);
    assert.match(text("tracepoint:tcp:tcp|_probe { }"), /__u8 saddr\[28\];/);
    assert.match(text("kprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcv|buf; }"), /int sk_rcvbuf;[^]*struct sock, at byte 12/);
    assert.match(text("kprobe:tcp_close { @ = ((struct so|ck *)arg0)->sk_rcvbuf; }"), /struct sock \{\n\tstruct sock_common __sk_common;\n\tint sk_rcvbuf;\n\}; \/\* 16 bytes \*\//);
    assert.match(text("kprobe:tcp_close { $sk = (struct sock *)arg0; @ = $s|k; }"), /struct sock \* ?\$sk/);
    assert.match(text("kprobe:tcp_close { @ = ar|g0; }"), /struct sock \*sk/);
    assert.match(text("kprobe:tcp_close { @ = co|unt(); }"), /count_t count\(\)[^]*Since bpftrace 0\.9\.4/);
    assert.match(text("kprobe:tcp_close { @al|l = count(); }"), /written once/);
    assert.match(text("tracepoint:tcp:tcp_probe /args->reason == |3/ { }"), /3 is \*\*CSUM\*\*/);
    assert.match(text("kprobe:tcp_close /arg1 == SK_RST_REASON_NO_SO|CKET/ { }"), /enum sk_rst_reason \{ SK_RST_REASON_NO_SOCKET = 7 \}/);
  });
});

describe("types", () => {
  const shown = (text: string, version = "0.25.1"): string => {
    const { program, offset } = at(text, version);
    return /```c\n(.*)/.exec(((hover(program, offset))?.contents as { value: string } | undefined)?.value ?? "")?.[1] ?? "";
  };
  const sock = ["__sk_common", "sk_rcvbuf"];
  it("are followed through maps and variables", () => {
    assert.deepEqual(labels("kprobe:tcp_close { @sk[tid] = (struct sock *)arg0; } kretprobe:tcp_close { @sk[tid]->| }"), sock);
    assert.deepEqual(labels("kprobe:tcp_close { @sk[tid] = (struct sock *)arg0; } kretprobe:tcp_close { $a = @sk[tid]; $b = $a; $b->| }"), sock);
    assert.deepEqual(labels("kprobe:tcp_close { @m[tid] = ((struct sock *)arg0, 1); $t = @m[tid]; $t.0->| }"), sock);
    assert.deepEqual(labels("kprobe:tcp_close { @sk[1, comm] = (struct sock *)arg0; for ($kv : @sk) { $kv.1->| } }", "0.22.0"), sock);
    assert.deepEqual(labels("kprobe:tcp_close { @n[(struct sock *)arg0] = 1; for ($kv : @n) { $kv.0->| } }", "0.22.0"), sock);
    assert.equal(shown("kprobe:tcp_close { @s|k[tid, comm] = (struct sock *)arg0; }"), "struct sock *@sk[uint64, string]");
    assert.equal(shown("kprobe:tcp_close { @[tid] = ((struct sock *)arg0)->sk_rcvbuf; $r|cv = @[tid]; }"), "int $rcv");
  });
  it("are followed through declarations, typeof, blocks and functions", () => {
    assert.deepEqual(labels("kprobe:tcp_close { let $a : struct sock *; $a->| }", "0.22.0"), sock);
    assert.deepEqual(labels("fn f($a : struct sock *) : int64 { return $a->| }", "0.22.0"), sock);
    assert.deepEqual(labels("fn f($a : int64) : struct sock * { return 0; } kprobe:tcp_close { f(1)->| }", "0.22.0"), sock);
    assert.deepEqual(labels("kfunc:tcp_close { let $a : typeof(args.sk) = 0; ((typeof($a))5)->| }", "0.25.1"), sock);
    assert.deepEqual(labels("kprobe:tcp_close { $a = { $b = 1; (struct sock *)arg0 }; $a->| }", "0.24.2"), sock);
    assert.equal(shown("kprobe:tcp_close { $|a = ntop(1); }"), "inet $a");
    assert.equal(shown("kprobe:tcp_close { $|a = sizeof(struct sock); }"), "uint64 $a");
    assert.equal(shown("kprobe:tcp_close { $|a = strlen(comm); }"), "uint64 $a");
  });
  it("do not go round in circles", () => assert.equal(shown("kprobe:tcp_close { $a = $b; $b = @x; @x = $|a; }", "0.21.3"), ""));
});

describe("sizeof, offsetof and typeof", () => {
  const shown = (text: string): string => {
    const { program, offset } = at(text, "0.25.1");
    return ((hover(program, offset))?.contents as { value: string } | undefined)?.value ?? "";
  };
  it("have their words completed", () => {
    assert.equal(taken("kprobe:f { @ = size| }", "sizeof", "0.25.1"), "kprobe:f { @ = sizeof($1)$0 }");
    assert.ok(!labels("kprobe:f { @ = typ| }", "0.24.2").includes("typeof"));
    assert.ok(labels("kprobe:f { @ = sizeof(str| }").includes("struct"));
    assert.deepEqual(labels("kprobe:f { @ = offsetof(struct so| }"), ["sock", "sock_common", "tcp_sock"]);
  });
  it("have their fields completed", () => {
    assert.deepEqual(labels("kprobe:f { @ = offsetof(struct sock, |) }"), ["__sk_common", "sk_rcvbuf"]);
    assert.deepEqual(labels("kprobe:f { @ = offsetof(struct sock, |"), ["__sk_common", "sk_rcvbuf"]);
    assert.equal(taken("kprobe:f { @ = offsetof(struct sock, __sk_common.skc_d|); }", "skc_dport"), "kprobe:f { @ = offsetof(struct sock, __sk_common.skc_dport); }");
    assert.deepEqual(labels("kprobe:f { @ = offsetof(struct sock, __sk_common.|); }"), ["skc_daddr", "skc_dport", "skc_num", "skc_state"]);
  });
  it("tell their values", () => {
    assert.match(shown("kprobe:f { @ = size|of(struct sock); }"), /uint64 sizeof\(TYPE\)[^]*Here `16 bytes` on web1/);
    assert.match(shown("kprobe:f { @ = size|of(uint8); }"), /Here `1 byte`/);
    assert.match(shown("kprobe:tcp_close { $s = (struct sock *)arg0; @ = size|of(*$s); }"), /Here `16 bytes`/);
    assert.match(shown("kprobe:f { @ = offset|of(struct sock, __sk_common.skc_num); }"), /Here `6 bytes`/);
    assert.match(shown("kprobe:f { @ = offsetof(struct sock, sk_rc|vbuf); }"), /int sk_rcvbuf;[^]*struct sock, at byte 12/);
    assert.match(shown("kprobe:tcp_close { $s = (struct sock *)arg0; let $b : type|of($s); }"), /Here `struct sock \*`/);
    assert.doesNotMatch(shown("kprobe:f { @ = size|of(struct nosuch); }"), /Here/);
  });
  it("have signatures", () => {
    const help = (text: string): SignatureHelp | undefined => {
      const { program, offset } = at(text, "0.25.1");
      return signatureHelp(program, offset);
    };
    assert.equal(help("kprobe:f { @ = offsetof(struct sock, |) }")?.activeParameter, 1);
    assert.equal(help("kprobe:f { @ = sizeof(|")?.signatures[0]?.label, "uint64 sizeof(TYPE)");
  });
  it("have their variables renamed with the others", () => {
    const { program, offset } = at("kprobe:f { $|a = 1; let $c : typeof($a) = 2; $d = (typeof($a))$c; @ = sizeof($a); }", "0.25.1");
    assert.equal(TextDocument.applyEdits(program.document, rename(program, offset, "b")?.changes?.["file:///a.bt"] ?? []), "kprobe:f { $b = 1; let $c : typeof($b) = 2; $d = (typeof($b))$c; @ = sizeof($b); }");
  });
});

describe("signature help", () => {
  const help = (text: string): SignatureHelp | undefined => {
    const { program, offset } = at(text);
    return signatureHelp(program, offset);
  };
  it("follows the commas of the innermost call", () => {
    assert.equal(help("kprobe:f { lhist(1, |")?.activeParameter, 1);
    assert.equal(help("kprobe:f { lhist(max(1, 2), |) }")?.activeParameter, 1);
    assert.equal(help("kprobe:f { strncmp(str(|), 1, 2) }")?.signatures[0]?.label, "string str(char * data [, uint32 length])");
    assert.equal(help("kprobe:f { exit();| }"), undefined);
  });
  it("finds parameters in brackets", () => {
    const label = "ustack_t ustack([StackMode mode, ][int limit])";
    assert.deepEqual(parametersOf(label).map(({ label: [start, end] }) => label.slice(start, end)), ["StackMode mode", "int limit"]);
  });
});

describe("navigation", () => {
  const text = "kprobe:tcp_close { $a = 1; @m[$a] = $|a; }\nkprobe:tcp_v4_send_reset { $a = 2; print(@m); }";
  it("knows a variable's probe and a map's program", () => {
    const { program, offset } = at(text);
    assert.deepEqual(definition(program, offset).map(({ range }) => range.start.character), [19]);
    assert.equal(references(program, offset, true).length, 3);
    assert.equal(highlights(program, offset).length, 3);
    assert.equal(references(program, program.text.indexOf("@m"), true).length, 2);
    assert.equal(functionAt(program, 10), "tcp_close");
  });
  it("renames what is meant, and nothing to a name that is taken", () => {
    const { program, offset } = at(text);
    assert.equal(prepareRename(program, offset)?.placeholder, "a");
    const edits = rename(program, offset, "count")?.changes?.["file:///a.bt"] ?? [];
    assert.equal(TextDocument.applyEdits(program.document, edits), "kprobe:tcp_close { $count = 1; @m[$count] = $count; }\nkprobe:tcp_v4_send_reset { $a = 2; print(@m); }");
    assert.equal(rename(program, offset, "no name"), undefined);
    assert.equal(rename(at("kprobe:f { $a = 1; $b| = 2; }").program, 20, "a"), undefined);
  });
});

describe("variables of blocks", () => {
  const text = "kprobe:f { if (pid) { $|a = 1; print($a); } else { $a = 2; } $b = 3; print(($a, $b)); }";
  const renamed = (version: string, name = "c"): string | undefined => {
    const { program, offset } = at(text, version);
    const edits = rename(program, offset, name)?.changes?.["file:///a.bt"];
    return edits && TextDocument.applyEdits(program.document, edits);
  };
  it("are one in the whole action before 0.22, and one in each block since", () => {
    assert.equal(renamed("0.21.3"), "kprobe:f { if (pid) { $c = 1; print($c); } else { $c = 2; } $b = 3; print(($c, $b)); }");
    assert.equal(renamed("0.22.0"), "kprobe:f { if (pid) { $c = 1; print($c); } else { $a = 2; } $b = 3; print(($a, $b)); }");
    assert.equal(renamed("0.22.0", "b"), undefined);
    const { program, offset } = at(text, "0.22.0");
    assert.equal(references(program, offset, true).length, 2);
    assert.deepEqual(definition(program, text.indexOf("{ $a = 2") + 3).map(({ range }) => range.start.character), [text.indexOf("{ $a = 2") + 1]);
  });
  it("are offered where they live", () => {
    const open = "kprobe:f { $all = 1; if (pid) { $inner = 1; } $| }";
    assert.deepEqual(labels(open, "0.21.3").filter((label) => label.startsWith("$")), ["$all", "$inner"]);
    assert.deepEqual(labels(open, "0.22.0").filter((label) => label.startsWith("$")), ["$all"]);
  });
});

describe("names in brackets", () => {
  const renamed = (text: string): string => {
    const { program, offset } = at(text);
    return TextDocument.applyEdits(program.document, rename(program, offset, "b")?.changes?.["file:///a.bt"] ?? []);
  };
  it("are renamed without them", () => {
    assert.equal(renamed("kprobe:f { $|a = 1; if ($a) { print(($a)); } while (($a)) { } }"), "kprobe:f { $b = 1; if ($b) { print(($b)); } while (($b)) { } }");
    assert.equal(renamed("kprobe:f { @|a = 1; if (@a) { print((@a)); } }"), "kprobe:f { @b = 1; if (@b) { print((@b)); } }");
  });
  it("are put right without them", () => {
    const { program } = at("kprobe:tcp_close { if (piid) { exit(); } }");
    const [only] = diagnostics(program);
    const [action] = codeActions(program, only!.range, [only!]) as [CodeAction];
    assert.equal(TextDocument.applyEdits(program.document, action.edit!.changes!["file:///a.bt"]!), "kprobe:tcp_close { if (pid) { exit(); } }");
  });
  it("have fields behind them", () => assert.deepEqual(labels("kprobe:tcp_close { $sk = (struct sock *)arg0; ($sk)->| }"), ["__sk_common", "sk_rcvbuf"]));
});

describe("the look of a program", () => {
  it("has an outline and folds", () => {
    const { program } = at("// one\n// two\nkprobe:tcp_close,\nkprobe:tcp_v4_send_reset\n/pid == 1/ {\n  @a = 1;\n}\nstruct own {\n  int a;\n};\n");
    assert.deepEqual(documentSymbols(program).map(({ name, detail }) => [name, detail]), [["kprobe:tcp_close, kprobe:tcp_v4_send_reset", "/pid == 1/"], ["struct own", ""], ["@a", "map"]]);
    assert.deepEqual(foldingRanges(program).map(({ startLine, endLine }) => [startLine, endLine]), [[4, 5], [7, 8], [0, 1]]);
  });

  it("names arguments behind their registers", () => {
    const { program } = at("kprobe:tcp_v4_send_reset { $a = arg1; $b = (struct sock *)arg0; $c = arg1; }");
    assert.deepEqual(inlayHints(program, { start: 0, end: 1000 }).map(({ label }: InlayHint) => label), [": struct sk_buff *skb", ": sk"]);
  });

  it("marks names by what they are, in order and apart", () => {
    const { program } = at("kprobe:tcp_close { @x = ((struct sock *)arg0)->sk_rcvbuf; }");
    const { data } = semanticTokens(program);
    const names: string[] = [];
    for (let index = 0, character = 0; index < data.length; index += 5) {
      character += data[index + 1]!;
      names.push(`${program.text.slice(character, character + data[index + 2]!)} ${tokenTypes[data[index + 3]!]}`);
    }
    assert.deepEqual(names, ["kprobe event", "tcp_close function", "@x variable", "sock struct", "arg0 parameter", "sk_rcvbuf property"]);
  });
});

describe("diagnostics and actions", () => {
  it("say what is wrong with a way out", () => {
    const { program } = at("kprobe:tcp_close {\n\t@ = ((struct sock *)arg0)->sk_rcvbuff;\n}\n");
    const [only] = diagnostics(program);
    assert.deepEqual(only?.range, { start: { line: 1, character: 28 }, end: { line: 1, character: 38 } });
    const [action] = codeActions(program, only.range, [only]) as [CodeAction];
    assert.equal(action.title, "Change to “sk_rcvbuf”");
    assert.match(TextDocument.applyEdits(program.document, action.edit!.changes!["file:///a.bt"]!), /->sk_rcvbuf;/);
  });

  it("add what the compiler says, but not twice", () => {
    const { program } = at("kprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcvbuff; }");
    const finding = (start: number): { start: number; end: number; code: string; severity: "error"; message: string; fixes: [] } => ({ start, end: start + 3, code: "bpftrace", severity: "error", message: "theirs", fixes: [] });
    assert.deepEqual(diagnostics(program, [finding(48), finding(2)]).map(({ source }) => source), ["KNetScope", "bpftrace"]);
  });
});

describe("every feature", () => {
  it("comes through any text at any place", () => {
    fc.assert(fc.property(sample, fc.nat(3000), (text, place) => {
      const program = new ProgramDocument(TextDocument.create("file:///a.bt", "bpftrace", 1, text), sampleKnowledge("0.17.0"));
      const offset = place % (text.length + 1);
      completion(program, offset);
      hover(program, offset);
      signatureHelp(program, offset);
      definition(program, offset);
      rename(program, offset, "x");
      documentSymbols(program);
      foldingRanges(program);
      semanticTokens(program);
      inlayHints(program, { start: 0, end: text.length });
      diagnostics(program);
    }));
    for (const text of Object.values(programs)) completion(at(text).program, text.length);
  });
});

describe("warmUp", () => {
  it("looks for nothing that is not known, and changes no answer", async () => {
    await warmUp(nothingKnown);
    const knowledge = sampleKnowledge();
    const labelsNow = (): string[] => completion(new ProgramDocument(TextDocument.create("file:///a.bt", "bpftrace", 1, "kprobe:tcp_v4"), knowledge), 13).items.map(({ label }) => label);
    const before = labelsNow();
    await warmUp(knowledge);
    assert.deepEqual(labelsNow(), before);
  });
});
