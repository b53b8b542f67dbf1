/**
 * The container that a process lives in, by the path of its cgroup: what the runtimes make of it. Docker and podman: moby's and libpod's
 * `docker-ID.scope`, `libpod-ID.scope` (systemd) or `/docker/ID`, `/libpod_parent/libpod-ID` (cgroupfs); Kubernetes: `…pod<uid>…/cri-containerd-ID.scope`,
 * `crio-ID.scope`, or the plain ID (kubelet's cgroup manager); systemd: `machine.slice/…` (systemd.special(7)); LXC: `lxc/NAME`, `lxc.payload.NAME`.
 */
export interface Container {
  readonly runtime: "docker" | "podman" | "k8s" | "containerd" | "nspawn" | "machine" | "lxc";
  /** 64 hexadecimal digits, where the runtime has such a thing. */
  readonly id?: string;
  readonly name?: string;
}

/** @param text /proc/PID/cgroup: lines `ID:CONTROLLERS:PATH` */
export function containerOf(text: string): Container | undefined {
  for (const line of text.split("\n")) {
    const path = /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1];
    const found = path === undefined ? undefined : containerOfPath(path);
    if (found) return found;
  }
  return undefined;
}

const id = "([0-9a-f]{64})";

const patterns: readonly (readonly [RegExp, (match: RegExpExecArray) => Container])[] = [
  [new RegExp(`/kubepods.*[/-]${id}(?:\\.scope)?(?:/|$)`), (match) => withId("k8s", match)],
  [new RegExp(`/(?:docker/|docker-)${id}`), (match) => withId("docker", match)],
  [new RegExp(`/(?:[^/]*/)*libpod-${id}`), (match) => withId("podman", match)],
  [new RegExp(`/(?:nerdctl-|cri-containerd-|containerd-)${id}`), (match) => withId("containerd", match)],
  [/\/systemd-nspawn@([^/]+)\.service/, (match) => ({ runtime: "nspawn", name: unescapeUnit(match[1] ?? "") })],
  [/\/machine\.slice\/machine-([^/]+)\.scope/, (match) => ({ runtime: "machine", name: unescapeUnit(match[1] ?? "") })],
  [/\/lxc\.payload[./]([^/]+)/, (match) => ({ runtime: "lxc", name: match[1] ?? "" })],
  [/^\/lxc\/([^/]+)/, (match) => ({ runtime: "lxc", name: match[1] ?? "" })],
  [new RegExp(`[/-]${id}(?:\\.scope)?$`), (match) => withId("containerd", match)],
];

export function containerOfPath(path: string): Container | undefined {
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(path);
    if (match) return make(match);
  }
  return undefined;
}

const withId = (runtime: Container["runtime"], match: RegExpExecArray): Container => ({ runtime, id: match[1] ?? "" });

/** `\x2d` is how systemd writes a dash inside a name. */
const unescapeUnit = (text: string): string => text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/** `docker:web`, `k8s:shop/cart-7d9 cart`, `docker:3f2a1b0c9d8e` where only the id is known. */
export function containerLabel({ runtime, id: full, name }: Container): string {
  return `${runtime}:${name ?? full?.slice(0, 12) ?? "?"}`;
}
