import { gunzipSync } from "node:zlib";
import { DomainError } from "../base/errors";
import { shellScript } from "../target/command";
import type { Probe } from "./probe";

/** /proc/kallsyms: 4 MB of text, a fifth of that on the wire where the host has gzip. Without root, addresses read as zero. */
export const kallsymsProbe: Probe<Uint8Array> = {
  command: {
    argv: shellScript("if command -v gzip >/dev/null; then gzip -1 -c /proc/kallsyms; else cat /proc/kallsyms; fi"),
    privilege: "root",
    timeoutMs: 60_000,
  },
  parse: ({ code, stdout, stderr }) => {
    if (code !== 0) throw new DomainError("probe/kallsyms", stderr.trim() || "cannot be read", "/proc/kallsyms");
    const zipped = stdout[0] === 0x1f && stdout[1] === 0x8b;
    return zipped ? gunzipSync(stdout) : stdout;
  },
};

/** Changes when a module comes or goes, and at boot: what kallsyms was read for. */
export const moduleStateProbe: Probe<string> = {
  command: { argv: shellScript("cat /proc/sys/kernel/random/boot_id; cut -d' ' -f1 /proc/modules") },
  parse: ({ stdout }) => new TextDecoder().decode(stdout),
};
