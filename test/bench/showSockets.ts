import { execFileSync } from "node:child_process";
import { join } from "node:path";

const settings = ["net.ipv4.ip_local_port_range=20000 65535", "net.core.somaxconn=8192"];

/** Compares with ss on this many TCP sockets, in namespaces that end with it. Needs root; a million take 4 GB and some minutes. */
export function showSockets(count: number): void {
  const inside = ["npx", "tsx", join(__dirname, "socketBench.ts"), String(count)];
  const script = `ip link set lo up && ${settings.map((setting) => `sysctl -qw '${setting}'`).join(" && ")} && exec "$@"`;
  execFileSync("unshare", ["-n", "-p", "-f", "--mount-proc", "--kill-child", "sh", "-c", script, "bench", ...inside], { stdio: "inherit" });
}
