import { gunzipSync } from "node:zlib";
import { DomainError } from "../base/errors";
import { shellScript } from "../target/command";
import type { Probe } from "./probe";

/** The kernel's own types (`vmlinux`), or those of a module that is loaded. 4 to 6 MB for the kernel, a third of that on the wire where the host has gzip. */
export function btfProbe(name: string): Probe<Uint8Array> {
  return {
    command: { argv: shellScript('f=/sys/kernel/btf/$1; if command -v gzip >/dev/null 2>&1; then gzip -1 -c <"$f"; else cat "$f"; fi', [name]), timeoutMs: 60_000 },
    parse: ({ code, stdout, stderr }) => {
      if (code !== 0) throw new DomainError("probe/btf", stderr.trim() || "cannot be read", `/sys/kernel/btf/${name}`);
      return stdout[0] === 0x1f && stdout[1] === 0x8b ? gunzipSync(stdout) : stdout;
    },
  };
}
