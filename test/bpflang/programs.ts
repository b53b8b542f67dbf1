import fc from "fast-check";

/** Programs of our own, which together use every construct of the language. */
export const programs = {
  "probes of every kind": `#!/usr/bin/env bpftrace
BEGIN { printf("start\\n"); } END { clear(@x); }
kprobe:tcp_v4_rcv,kretprobe:tcp_*,k:f+4,kprobe:mod:fn { @[probe] = count(); }
fentry:vmlinux:tcp_rcv_established, kfunc:x, fexit:y, kretfunc:z { print(args); }
tracepoint:tcp:tcp_probe, t:skb:*, rawtracepoint:sched_switch { @x = nsecs; }
uprobe:/usr/bin/bash:readline,uretprobe:/lib/x86_64-linux-gnu/libc.so.6:"malloc"+8,u:$1:f { exit(); }
usdt:./a.out:provider:name { }
profile:hz:99,p:ms:10,interval:s:1,i:us:5 { }
software:cpu-clock:1000,hardware:cache-misses:1e6 { }
watchpoint:0x10000000:8:w,asyncwatchpoint:f+arg1:1:x { }
iter:task_file:/sys/fs/bpf/f { } begin { } self:signal:SIGUSR1 { }
`,
  "predicates and expressions": `kprobe:f / pid == 1 && (comm != "x" || !@seen[tid]) / {
  $a = (1 + 2) * 3 / 4 % 5 - -6; $b = $a << 2 >> 1 & 0xff | 1 ^ ~3;
  $c = $a > 1 ? $b : $a < 2 ? 3 : 4; $d = $c ?: 7;
  $e = *(uint64 *)arg0; $f = &$a; $g = ++$a + $b--; @n++; --@n;
  $h = 1_000 + 0x1F + 017 + 10ULL + 1e6 + 100ms; $i = "esc \\" \\x41 \\101\\n";
  $j = true; $k = (1, "two", @x[1, $a]); $l = $k.1; $m = (a=1, b="x"); $o = ();
}
kprobe:g/arg0 / 2/{ @ = 1; }
`,
  "types and casts": `#include <linux/sched.h>
#define X(a) \\
  (a + 1)
struct pair { int a; char name[16]; struct sock *sk, *other; unsigned int flag:1; union { int u; long v; }; };
enum color { RED = 1, GREEN } ;
kprobe:f {
  $sk = (struct sock *)arg0; $p = ((struct inet_sock *)$sk)->inet_sport; $q = (uint32)-1; $r = (uint8[4])$q;
  $s = sizeof(struct sock) + sizeof($p) + offsetof(struct sock, sk_rcvbuf.x); $t = (struct pair)arg1; $u = (typeof($p))5;
  $v = ((pid_t)pid) + $sk->__sk_common.skc_daddr; $w = (*$sk).a[3].b->c; $x = (string[12])"abc";
  @m[(1, 2), $v]++; let $y : uint64 = 5; let $z; _ = f(1);
}
`,
  "statements": `config = { stack_mode=perf; max_map_keys=10; license = "GPL" }
import "stdlib/x.bt";
let @m = lruhash(100);
macro add($a, @b, c) { @b[$a] += c; $a }
macro plain { 1 }
fn twice($a : int64) : int64 { return $a * 2; }
tracepoint:a:b {
  if (pid == 1) { $a = 1; } else if pid == 2 { $a = 2; } else { $a = 3 }
  unroll (5) { @c++; } unroll ($1) { @c--; } while ($a < 10) { $a++; if ($a == 5) { break; } continue; }
  for ($kv : @m) { print(($kv.0, $kv.1)); } for $i : 0..ncpus { @s[$i] = sum($i); } for ($i : 1..(5)) { }
  $x = { let $b = 3; $b + 1 }; $y = if (1) { 2 } else { 3 }; if comptime is_str($x) { return; }
  add!($x, @m, 1); @h = hist(arg1); @l = lhist(1, 0, 10, 1); delete(@c); delete(@m, 1); return;
}
`,
  "comments everywhere": `// a
/* b
 c */ kprobe:f // d
/* e */ / pid /* f / */ / { /* g */ exit( /* h */ ); // i { }
}
`,
} as const;

/** Words and signs of the language. */
export const pieces = [
  "kprobe:", "tcp_v4_rcv", " { ", " }", "(", ")", "[", "]", "/", " / ", "$x", "@y", "@", "$", "->", ".", ";", ",", "\n", "\"", "\\", "arg0", "struct sock *", "if", "else",
  "for", "while", "unroll", "let", "macro", "config = {", "import", "sizeof(", "1", "0x", "1..2", "?", ":", "=", "==", "++", "*", "&", "#include <x>\n", "//", "/*", "*/", "é", "\t", "\0",
];

const all = Object.values(programs);

/** Half-typed programs, programs with a hole or a foreign piece, words of the language in any order, and any text at all. */
export const sample: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(fc.constantFrom(...all), fc.nat(3000)).map(([text, cut]) => text.slice(0, cut % (text.length + 1))),
  fc.tuple(fc.constantFrom(...all), fc.nat(3000), fc.nat(12), fc.constantFrom("", ...pieces)).map(([text, at, gone, piece]) => text.slice(0, at % text.length) + piece + text.slice((at % text.length) + gone)),
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 80 }),
);
