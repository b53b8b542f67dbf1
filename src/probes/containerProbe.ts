/**
 * What the host knows of the containers of some processes: their cgroups, and the names that the runtimes keep in files: docker's
 * config.v2.json, the annotations of an OCI bundle (containerd, CRI-O), podman's containers.json. Files of others are left out where they may not be read.
 */
import { shellScript } from "../target/command";
import type { Probe } from "./probe";

export interface ContainerFacts {
  /** Text of /proc/PID/cgroup. */
  readonly cgroup: string;
  /** By kind: `docker`, `podman`, `io.kubernetes.cri.sandbox-name` … */
  readonly names: ReadonlyMap<string, string>;
}

/** Each sed is followed by an echo: a file may end without a newline, and sed then prints none. */
const script = String.raw`
for pid in "$@"; do
  [ -r "/proc/$pid/cgroup" ] || continue
  printf '@%s\n' "$pid"
  cat "/proc/$pid/cgroup" 2>/dev/null
  id=$(sed -n 's/.*[^0-9a-f]\([0-9a-f]\{64\}\).*/\1/p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1)
  [ -n "$id" ] || continue
  sed -n 's/.*"Name":"\/\([^"]*\)".*/=docker \1/p' "/var/lib/docker/containers/$id/config.v2.json" 2>/dev/null
  echo
  for file in /var/lib/containers/storage/overlay-containers/containers.json /home/*/.local/share/containers/storage/overlay-containers/containers.json; do
    [ -r "$file" ] && tr '{' '\n' <"$file" | sed -n "/\"id\": *\"$id\"/s/.*\"names\": *\[\"\([^\"]*\)\".*/=podman \1/p"
    echo
  done
  cat /run/containerd/io.containerd.runtime.v2.task/*/"$id"/config.json /run/containers/storage/overlay-containers/"$id"/userdata/config.json 2>/dev/null |
    tr ',{' '\n\n' | sed -n 's/^ *"\(io\.kubernetes\.[a-z.-]*name[a-z]*\|nerdctl\/name\)": *"\([^"]*\)".*/=\1 \2/p'
  echo
done
exit 0
`;

export function containerProbe(pids: readonly number[]): Probe<ReadonlyMap<number, ContainerFacts>> {
  return {
    command: { argv: shellScript(script, pids.map(String)) },
    parse: ({ stdout }) => parseContainers(new TextDecoder().decode(stdout)),
  };
}

/** By process. */
export function parseContainers(text: string): ReadonlyMap<number, ContainerFacts> {
  const found = new Map<number, ContainerFacts>();
  for (const part of text.split(/^@/m).slice(1)) {
    const lines = part.split("\n");
    const pid = Number(lines[0]);
    if (!Number.isInteger(pid)) continue;
    const names = lines.filter((line) => line.startsWith("=")).map((line) => line.slice(1).split(" ")).map(([kind = "", ...name]) => [kind, name.join(" ")] as const);
    found.set(pid, { cgroup: lines.slice(1).filter((line) => !line.startsWith("=")).join("\n"), names: new Map(names) });
  }
  return found;
}
