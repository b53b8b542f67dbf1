import assert from "node:assert/strict";
import fc from "fast-check";
import { Analysis } from "../../src/bpflang/analysis";
import { check } from "../../src/bpflang/check";
import type { Finding } from "../../src/bpflang/finding";
import { parseProgram } from "../../src/bpflang/parseProgram";
import { sampleKnowledge } from "../support/sampleKernel";
import { programs, sample } from "./programs";

/** @param version of bpftrace; "" for an unknown one */
const findings = (text: string, version = "0.17.0"): readonly Finding[] => check(new Analysis(parseProgram(text), sampleKnowledge(version === "" ? undefined : version)));

/** `code “the text it is about”`, with the text after the first fix where there is one. */
function found(text: string, version?: string): string[] {
  return findings(text, version).map(({ code, start, end, fixes: [fix] }) => `${code} “${text.slice(start, end)}”${fix ? ` → ${applied(text, fix.changes)}` : ""}`);
}

const applied = (text: string, changes: readonly { readonly start: number; readonly end: number; readonly text: string }[]): string =>
  [...changes].sort((a, b) => b.start - a.start).reduce((result, change) => result.slice(0, change.start) + change.text + result.slice(change.end), text);

describe("checks of a bpftrace program", () => {
  const cases: readonly (readonly [what: string, text: string, expected: readonly string[], version?: string])[] = [
    ["nothing wrong", "kprobe:tcp_v4_send_reset { $sk = (struct sock *)arg0; @[$sk->__sk_common.skc_num, $sk->sk_rcvbuf, kstack(perf)] = count(); }", []],
    ["a field that is not there", "kprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcvbuff; }", ["unknown-field “sk_rcvbuff” → kprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcvbuf; }"]],
    ["a field of an anonymous member", "kprobe:tcp_close { @ = ((struct sock *)arg0)->__sk_common.skc_dport; }", []],
    ["a register without a cast", "kprobe:tcp_close { @ = arg0->sk_rcvbuf; }", ["cast-needed “arg0->sk_rcvbuf” → kprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcvbuf; }"]],
    ["the wrong argument", "kprobe:tcp_v4_send_reset { @ = ((struct sk_buff *)arg0)->len; }", ["wrong-cast “struct sk_buff *)arg0” → kprobe:tcp_v4_send_reset { @ = ((struct sk_buff *)arg1)->len; }"]],
    ["a structure that begins with the argument's", "kprobe:tcp_close { @ = ((struct tcp_sock *)arg0)->linger2; }", []],
    ["an argument too many", "kprobe:tcp_close { @ = arg1; }", ["no-such-argument “arg1”"]],
    ["a point for a pointer", "kprobe:tcp_close { $s = (struct sock *)arg0; @ = $s.sk_rcvbuf; }", ["pointer-dot “.” → kprobe:tcp_close { $s = (struct sock *)arg0; @ = $s->sk_rcvbuf; }"]],
    ["a point for a pointer, where that is read", "kprobe:tcp_close { $s = (struct sock *)arg0; @ = $s.sk_rcvbuf; }", [], "0.25.0"],
    ["an unknown function", "kprobe:tcp_v4_send_rest { @ = 1; }", ["unknown-function “tcp_v4_send_rest” → kprobe:tcp_v4_send_reset { @ = 1; }"]],
    ["a function that cannot be probed", "kprobe:tcp_inlined { @ = 1; }", ["unknown-function “tcp_inlined”"]],
    ["an unknown tracepoint", "tracepoint:tcp:tcp_prob { @ = 1; }", ["unknown-tracepoint “tcp:tcp_prob” → tracepoint:tcp:tcp_probe { @ = 1; }"]],
    ["an unknown field of a tracepoint", "tracepoint:tcp:tcp_probe { @ = args->saddrs; }", ["unknown-field “saddrs” → tracepoint:tcp:tcp_probe { @ = args->saddr; }"]],
    ["a pointer in a tracepoint", "tracepoint:tcp:tcp_probe { @ = args->skaddr->sk_rcvbuf; }", []],
    ["an unknown kind of probe", "kprob:tcp_close { @ = 1; }", ["unknown-provider “kprob” → kprobe:tcp_close { @ = 1; }"]],
    ["an unknown structure", "kprobe:tcp_close { @ = (struct sokc *)arg0; }", ["unknown-type “sokc” → kprobe:tcp_close { @ = (struct sock *)arg0; }"]],
    ["a structure of the program", "struct own { int a; }; kprobe:tcp_close { @ = ((struct own *)arg0)->a; }", []],
    ["an unknown field of a structure of the program", "struct own { int abc; }; kprobe:tcp_close { @ = ((struct own *)arg0)->abd; }", ["unknown-field “abd” → struct own { int abc; }; kprobe:tcp_close { @ = ((struct own *)arg0)->abc; }"]],
    ["an enumerator", "kprobe:tcp_v4_send_reset /arg2 == SK_RST_REASON_NO_SOCKET/ { @ = 1; }", []],
    ["an unknown name", "kprobe:tcp_close { @ = piid; }", ["unknown-name “piid” → kprobe:tcp_close { @ = pid; }"]],
    ["an unknown function of the language", "kprobe:tcp_close { printx(\"a\"); }", ["unknown-name “printx” → kprobe:tcp_close { print(\"a\"); }"]],
    ["a variable without a value", "kprobe:tcp_close { $count = 1; @ = $cout; }", ["undefined-variable “$cout” → kprobe:tcp_close { $count = 1; @ = $count; }"]],
    ["a variable of another probe", "kprobe:tcp_close { $a = 1; } kprobe:tcp_v4_send_reset { @ = $a; }", ["undefined-variable “$a”"]],
    ["a map without a value", "kprobe:tcp_close { @start = 1; print(@strat); }", ["undefined-map “@strat” → kprobe:tcp_close { @start = 1; print(@start); }"]],
    ["fentry before 0.20", "fentry:tcp_close { @ = args->sk; }", ["version “fentry” → kfunc:tcp_close { @ = args->sk; }"]],
    ["kfunc today", "kfunc:tcp_close { @ = args->sk; }", [], "0.23.0"],
    ["args with a point before 0.19", "kfunc:tcp_close { @ = args.sk; }", ["version “.” → kfunc:tcp_close { @ = args->sk; }"]],
    ["delete with a key before 0.22", "kprobe:tcp_close { @a[1, 2] = 1; delete(@a, (1, 2)); }", ["version “delete(@a, (1, 2))” → kprobe:tcp_close { @a[1, 2] = 1; delete(@a[1, 2]); }"]],
    ["delete with a key since 0.22", "kprobe:tcp_close { @a[1, 2] = 1; delete(@a, (1, 2)); }", [], "0.22.0"],
    ["several keys since 0.22", "kprobe:tcp_close { @a[1] = 1; delete(@a[1], @a[2]); }", ["version “delete(@a[1], @a[2])”"], "0.22.0"],
    ["a config block before 0.20", "config = { stack_mode=perf }\nkprobe:tcp_close { @ = 1; }", ["version “config” → // Run with BPFTRACE_STACK_MODE=perf\nkprobe:tcp_close { @ = 1; }"]],
    ["a duration before 0.24", "kprobe:tcp_close /nsecs > 10ms/ { @ = 1; }", ["version “10ms” → kprobe:tcp_close /nsecs > 10000000/ { @ = 1; }"]],
    ["a rate without its unit before 0.24", "interval:1s { @ = 1; }", ["version “1s” → interval:s:1 { @ = 1; }"]],
    ["a rate in nanoseconds before 0.24", "interval:2500000 { @ = 1; }", ["version “2500000” → interval:us:2500 { @ = 1; }"]],
    ["a rate without its unit since 0.24", "interval:1s { @ = 1; }", [], "0.24.0"],
    ["a rate as it always was", "interval:s:1, profile:hz:99 { @ = 1; }", []],
    ["a condition without brackets before 0.25", "kprobe:tcp_close { $a = 1; if $a { @ = 1; } else if ($a > 2) { @ = 2; } }", ["version “$a” → kprobe:tcp_close { $a = 1; if ($a) { @ = 1; } else if ($a > 2) { @ = 2; } }"]],
    ["a condition without brackets since 0.25", "kprobe:tcp_close { $a = 1; if $a { @ = 1; } }", [], "0.25.0"],
    ["a function of a later version", "kprobe:tcp_close { @a = 1; if (has_key(@a, 1)) { } }", ["version “has_key”"]],
    ["BEGIN on stripped builds", "BEGIN { @ = 1; }", ["stripped-begin “BEGIN”"], "0.14.0"],
    ["BEGIN since 0.16", "BEGIN { @ = 1; }", []],
    ["a module before a function, before 0.20", "kprobe:nf_conntrack:nf_ct_get { @ = 1; }", ["version “nf_conntrack” → kprobe:nf_ct_get { @ = 1; }"]],
    ["what is only for kernels without BTF", "#ifndef BPFTRACE_HAVE_BTF\nstruct sock { int other; };\n#endif\nkprobe:tcp_close { @ = ((struct sock *)arg0)->sk_rcvbuf; }", []],
    ["retval too early", "kprobe:tcp_close { @ = retval; }", ["no-retval “retval”"]],
    ["arguments too late", "kretprobe:tcp_close { @ = arg0; }", ["no-arguments “arg0”"]],
    ["a variable of a block, since 0.22", "kprobe:f* { if (pid) { $x = 1; } print($x); }", ["undefined-variable “$x” → kprobe:f* { let $x; if (pid) { $x = 1; } print($x); }"], "0.22.0"],
    ["a variable of both branches, since 0.22", "kprobe:f* {\n  if (pid) { $x = 1; } else { $x = 2; }\n  print($x);\n}", ["undefined-variable “$x” → kprobe:f* {\n  let $x;\n  if (pid) { $x = 1; } else { $x = 2; }\n  print($x);\n}"], "0.26.1"],
    ["a variable of the action, before 0.22", "kprobe:f* { if (pid) { $x = 1; } print($x); }", [], "0.21.3"],
    ["a variable of some block, when nobody knows the version", "kprobe:f* { if (pid) { $x = 1; } print($x); }", [], ""],
    ["a declared variable", "kprobe:f* { let $x; if (pid) { $x = 1; } print($x); }", [], "0.22.0"],
    ["the variable of a loop, after it", "kprobe:f* { @m[1] = 1; for ($kv : @m) { $y = 1; print($kv.0); } print($kv); print($y); }", ["undefined-variable “$kv”", "undefined-variable “$y” → kprobe:f* { @m[1] = 1; let $y; for ($kv : @m) { $y = 1; print($kv.0); } print($kv); print($y); }"], "0.21.3"],
    ["one name in loops one after the other", "kprobe:f* { @m[1] = 1; for ($kv : @m) { print($kv.0); } for ($kv : @m) { print($kv.1); } }", [], "0.24.2"],
    ["one name in blocks beside each other", "kprobe:f* { if (pid) { let $x = 1; print($x); } else { let $x = 2; print($x); } let $x = 3; print($x); }", [], "0.22.0"],
    ["a variable before its value", "kprobe:f* { print($x); $x = 1; }", ["undefined-variable “$x”"], "0.9.4"],
    ["a variable in its own first value", "kprobe:f* { $x = $x + 1; $y += 1; $z++; }", ["undefined-variable “$x”", "undefined-variable “$y”", "undefined-variable “$z”"], "0.26.1"],
    ["a variable declared twice", "kprobe:f* { $x = 1; if (pid) { let $x = 2; print($x); } }", ["hidden-variable “$x”"], "0.22.0"],
    ["a loop over a variable that lives", "kprobe:f* { let $i = 1; for ($i : 1..5) { print($i); } print($i); }", ["hidden-variable “$i”"], "0.26.1"],
    ["a parameter and a variable of the same name", "fn f($a : int64) : int64 { let $a = 1; return $a; }", ["hidden-variable “$a”"], "0.26.1"],
    ["a value that is a block", "kprobe:f* { $a = { let $b = 3; $b + 1 }; print(($a, $b)); }", ["undefined-variable “$b”"], "0.24.2"],
    ["what find fills", "kprobe:f* { @m[1] = 2; let $v; if (find(@m, 1, $v)) { print($v); } }", [], "0.25.1"],
    ["questions about types", "kprobe:tcp_close { @ = sizeof(struct sock) + sizeof(uint32) + sizeof(arg0) + offsetof(struct sock, sk_rcvbuf) + offsetof(struct sock, __sk_common.skc_dport); }", [], "0.23.0"],
    ["sizeof an unknown structure", "kprobe:tcp_close { @ = sizeof(struct sokc); }", ["unknown-type “sokc” → kprobe:tcp_close { @ = sizeof(struct sock); }"]],
    ["offsetof an unknown field", "kprobe:tcp_close { @ = offsetof(struct sock, __sk_common.skc_dprt); }", ["unknown-field “skc_dprt” → kprobe:tcp_close { @ = offsetof(struct sock, __sk_common.skc_dport); }"], "0.23.0"],
    ["offsetof a field of a field, before 0.23", "kprobe:tcp_close { @ = offsetof(struct sock, __sk_common.skc_dport); }", ["version “skc_dport”"], "0.22.0"],
    ["offsetof before 0.18", "kprobe:tcp_close { @ = offsetof(struct sock, sk_rcvbuf); }", ["version “offsetof”"], "0.17.0"],
    ["typeof before 0.25", "kprobe:tcp_close { $a = 1; let $b : typeof($a) = 2; print($b); }", ["version “typeof”"], "0.24.2"],
    ["typeof", "kprobe:tcp_close { $a = 1; let $b : typeof($a) = 2; $c = (typeof($b))3; print($c); }", [], "0.25.0"],
    ["a declaration of an unknown type", "kprobe:tcp_close { let $b : struct sokc * = arg0; print($b); }", ["unknown-type “sokc” → kprobe:tcp_close { let $b : struct sock * = arg0; print($b); }"], "0.25.0"],
    ["many probes at once", "kprobe:tcp_* { @[probe] = count(); }", []],
  ];
  for (const [what, text, expected, version] of cases) it(what, () => assert.deepEqual(found(text, version), expected));

  it("a probe that the program itself allows to be missing is none of its mistakes", () => {
    const severities = (wish: string, version: string): string[] => findings(`${wish} kprobe:tcp_close,kprobe:tcp_shut { @ = 1; }`, version).map(({ code, severity }) => `${code} ${severity}`);
    assert.deepEqual(severities("", "0.23.5"), ["unknown-function warning"]);
    assert.deepEqual(severities("", "0.26.1"), ["unknown-function error"]);
    assert.deepEqual(severities("config = { missing_probes = ignore; }", "0.26.1"), ["unknown-function information"]);
    assert.deepEqual(severities('config = { missing_probes = "warn" }', "0.26.1"), ["unknown-function warning"]);
    assert.deepEqual(severities("config = { missing_probes=error }", "0.23.5"), ["unknown-function error"]);
  });

  it("says nothing that needs knowledge when there is none", () => {
    const text = "kprobe:nosuch { @ = ((struct nosuch *)arg0)->x; @b = SOME_ENUM; }";
    assert.deepEqual(check(new Analysis(parseProgram(text), { name: "no host" })), []);
  });

  it("names the other end of the version in words", () => assert.match(findings("fentry:tcp_close { @ = 1; }")[0]!.message, /fentry came with bpftrace 0\.20\.0; web1 has bpftrace 0\.17\.0\. Its name there is kfunc/));

  it("never fails, on any text and version", () => {
    fc.assert(fc.property(sample, fc.constantFrom("0.9.4", "0.17.0", "0.26.1"), (text, version) => {
      for (const { start, end } of findings(text, version)) assert.ok(start >= 0 && start <= end && end <= text.length);
    }));
    for (const text of Object.values(programs)) findings(text);
  });
});
