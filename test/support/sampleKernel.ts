import { KernelFunctions } from "../../src/bpflang/kernelFunctions";
import { parseVersion, type TargetKnowledge } from "../../src/bpflang/targetKnowledge";
import { Tracepoints } from "../../src/bpflang/tracepoints";
import { Btf } from "../../src/btf/btf";
import { TypeSet } from "../../src/btf/typeSet";
import { btfFile, type BtfType } from "./btfFile";

const word = 4;

/** A kernel in small: sockets, a packet, an enum, two functions. Numbers from 1 in this order. */
const types: readonly BtfType[] = [
  { kind: 1, name: "int", target: word, rest: [0x1000020] },
  { kind: 4, name: "", target: word, members: [["skc_dport", 1, 0], ["skc_num", 1, 16]] },
  { kind: 4, name: "sock_common", target: 12, members: [["skc_daddr", 1, 0], ["", 2, 32], ["skc_state", 1, 64]] },
  { kind: 4, name: "sock", target: 16, members: [["__sk_common", 3, 0], ["sk_rcvbuf", 1, 96]] },
  { kind: 2, name: "", target: 4 },
  { kind: 10, name: "", target: 4 },
  { kind: 2, name: "", target: 6 },
  { kind: 4, name: "sk_buff", target: 12, members: [["sk", 5, 0], ["len", 1, 64]] },
  { kind: 2, name: "", target: 8 },
  { kind: 4, name: "tcp_sock", target: 20, members: [["inet_conn", 4, 0], ["linger2", 1, 128]] },
  { kind: 6 | 0x80, name: "sk_rst_reason", target: word, members: [["SK_RST_REASON_NOT_SPECIFIED", 0], ["SK_RST_REASON_NO_SOCKET", 7]] },
  { kind: 13, name: "", target: 1, members: [["sk", 7], ["skb", 9], ["reason", 11]] },
  { kind: 12, name: "tcp_v4_send_reset", target: 12 },
  { kind: 13, name: "", target: 0, members: [["sk", 5]] },
  { kind: 12, name: "tcp_close", target: 14 },
  { kind: 12, name: "tcp_inlined", target: 14 },
];

const formats = `./tcp/tcp_probe/format:name: tcp_probe
./tcp/tcp_probe/format:\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
./tcp/tcp_probe/format:\tfield:__u8 saddr[28];\toffset:8;\tsize:28;\tsigned:0;
./tcp/tcp_probe/format:\tfield:const struct sock * skaddr;\toffset:40;\tsize:8;\tsigned:0;
./tcp/tcp_probe/format:\tfield:int reason;\toffset:48;\tsize:4;\tsigned:1;
./tcp/tcp_probe/format:print fmt: "%s", __print_symbolic(REC->reason, { 2, "NO_SOCKET" }, { 0x3, "CSUM" })
`;

/** What a server knows of that kernel with this bpftrace. */
export const sampleKnowledge = (version?: string): TargetKnowledge => ({
  name: "web1", release: "6.1.0-test",
  types: new TypeSet(Btf.parse(btfFile(types, "little"), "vmlinux")),
  functions: KernelFunctions.parse("tcp_v4_send_reset\ntcp_close\ntcp_send_active_reset\n__ftrace_invalid_address___64\nnf_ct_get [nf_conntrack]\n"),
  tracepoints: Tracepoints.parse(formats),
  ...(version === undefined ? {} : { version: parseVersion(version) }),
});
