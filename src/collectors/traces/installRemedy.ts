import type { HostFacts } from "../../probes/hostFacts";
import type { Remedy } from "../capability";

const installers: readonly (readonly [RegExp, readonly [string, ...string[]]])[] = [
  [/^(?:debian|ubuntu|linuxmint|raspbian)$/, ["apt-get", "install", "-y"]],
  [/^(?:fedora|rhel|centos|rocky|almalinux|ol|amzn)$/, ["dnf", "install", "-y"]],
  [/suse/, ["zypper", "--non-interactive", "install"]],
  [/^alpine$/, ["apk", "add"]],
  [/^arch$/, ["pacman", "-S", "--noconfirm"]],
];

/** How this distribution installs a package; undefined where that is not known. */
export function installRemedy({ os }: HostFacts, name: string, price: string): Remedy | undefined {
  const installer = installers.find(([pattern]) => pattern.test(os.id))?.[1];
  if (!installer) return undefined;
  const argv: readonly [string, ...string[]] = [...installer, name];
  return { title: `Install ${name}`, argv, command: argv.join(" "), changesHost: true, price };
}
