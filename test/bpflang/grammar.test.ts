import assert from "node:assert/strict";
import { GrammarScopes } from "../support/grammarScopes";

describe("the bpftrace grammar", () => {
  let grammar: GrammarScopes;
  before(async () => {
    grammar = await GrammarScopes.load("bpftrace");
  });
  const scopes = (text: string): string[] => grammar.scopes(text);

  const cases: readonly (readonly [text: string, expected: readonly string[]])[] = [
    ["#!/usr/bin/env bpftrace", ["#!/usr/bin/env bpftrace comment.line.shebang"]],
    ["kprobe:tcp_v4_rcv {", ["kprobe keyword.control.probe", ": punctuation.separator.probe", "tcp_v4_rcv entity.name.function.probe", "{ punctuation.section.block.begin"]],
    ["tracepoint:tcp:tcp_* /pid == 1/ {", [
      "tracepoint keyword.control.probe", ": punctuation.separator.probe", "tcp entity.name.namespace.probe", ": punctuation.separator.probe", "tcp_ entity.name.function.probe", "* keyword.operator.wildcard",
      "/ keyword.operator.predicate.begin", "pid support.variable", "== keyword.operator", "1 constant.numeric", "/ keyword.operator.predicate.end", "{ punctuation.section.block.begin",
    ]],
    ["uprobe:/bin/bash:readline {", ["uprobe keyword.control.probe", ": punctuation.separator.probe", "/bin/bash string.unquoted.path", ": punctuation.separator.probe", "readline entity.name.function.probe", "{ punctuation.section.block.begin"]],
    ["interval:s:1 {", ["interval keyword.control.probe", ": punctuation.separator.probe", "s entity.name.namespace.probe", ": punctuation.separator.probe", "1 constant.numeric", "{ punctuation.section.block.begin"]],
    ["BEGIN {", ["BEGIN keyword.control.probe", "{ punctuation.section.block.begin"]],
    ["kprobe:f { $sk = (struct sock *)arg0;", [
      "kprobe keyword.control.probe", ": punctuation.separator.probe", "f entity.name.function.probe", "{ punctuation.section.block.begin", "$sk variable.other.readwrite", "= keyword.operator.assignment",
      "struct storage.type", "sock entity.name.type", "* keyword.operator", "arg0 variable.parameter.probe",
    ]],
    ["f:x { $sk->__sk_common.skc_daddr }", [
      "f keyword.control.probe", ": punctuation.separator.probe", "x entity.name.function.probe", "{ punctuation.section.block.begin", "$sk variable.other.readwrite", "-> punctuation.accessor", "__sk_common variable.other.member",
      ". punctuation.accessor", "skc_daddr variable.other.member", "} punctuation.section.block.end",
    ]],
    ["i:s:1 { @x[pid] = count(); printf(\"%-6d é\\n\", @); }", [
      "i keyword.control.probe", ": punctuation.separator.probe", "s entity.name.namespace.probe", ": punctuation.separator.probe", "1 constant.numeric", "{ punctuation.section.block.begin",
      "@x variable.other.global.map", "pid support.variable", "= keyword.operator.assignment", "count support.function", "printf support.function", "\" string.quoted.double", "%-6d constant.other.placeholder", "é string.quoted.double",
      "\\n constant.character.escape", "\" string.quoted.double", "@ variable.other.global.map", "} punctuation.section.block.end",
    ]],
    ["i:s:1 { if (1) { exit(); } else { $1 = 0x1fULL + 10ms; } }", [
      "i keyword.control.probe", ": punctuation.separator.probe", "s entity.name.namespace.probe", ": punctuation.separator.probe", "1 constant.numeric", "{ punctuation.section.block.begin", "if keyword.control", "1 constant.numeric",
      "{ punctuation.section.block.begin", "exit support.function", "} punctuation.section.block.end", "else keyword.control", "{ punctuation.section.block.begin", "$1 variable.parameter.positional", "= keyword.operator.assignment",
      "0x1fULL constant.numeric", "+ keyword.operator", "10ms constant.numeric", "} punctuation.section.block.end", "} punctuation.section.block.end",
    ]],
    ["#include <linux/tcp.h>", ["#include keyword.control.directive.include", "<linux/tcp.h> string.quoted.other.include"]],
    ["config = { stack_mode=perf; }", [
      "config keyword.other.config", "= keyword.operator.assignment", "{ punctuation.section.block.begin", "stack_mode variable.other.property", "= keyword.operator.assignment", "perf constant.language", "} punctuation.section.block.end",
    ]],
    ["struct pair { int a; };", ["struct storage.type", "pair entity.name.type", "{ punctuation.section.block.begin", "int storage.type.built-in", "a variable.other.member", "} punctuation.section.block.end"]],
    ["let @m = lruhash(10);", ["let storage.type", "@m variable.other.global.map", "= keyword.operator.assignment", "lruhash support.type"]],
    ["// a { b", ["// a { b comment.line.double-slash"]],
    ["/* a\n{ */ END {", ["/* comment.block", "a comment.block", "{ comment.block", "*/ comment.block", "END keyword.control.probe", "{ punctuation.section.block.begin"]],
  ];

  for (const [text, expected] of cases) it(text, () => assert.deepEqual(scopes(text), expected));

  it("finds its way back after a block, a comment and a string without an end", () => {
    assert.deepEqual(scopes("kprobe:f {\n  printf(\"abc\n  // }\n}\nEND {}").slice(-3), ["END keyword.control.probe", "{ punctuation.section.block.begin", "} punctuation.section.block.end"]);
  });
});
