import type { HostFacts } from "../probes/hostFacts";

/** How to get debuginfo: a command that the user runs, where they want it installed. */
export interface DebuginfoRemedy {
  readonly title: string;
  readonly command: string;
  readonly changesHost: boolean;
}

/** By the ID of os-release; derivatives that are not listed have debuginfod at best. */
const distributions: readonly { readonly ids: readonly string[]; readonly package: (release: string) => string; readonly install: (name: string) => string }[] = [
  { ids: ["debian", "raspbian"], package: (release) => `linux-image-${release}-dbg`, install: (name) => `sudo apt-get install ${name}` },
  // Ubuntu keeps them in an archive of their own, which has to be enabled first.
  { ids: ["ubuntu", "linuxmint", "pop"], package: (release) => `linux-image-unsigned-${release}-dbgsym`, install: (name) => `sudo apt-get install ${name}` },
  { ids: ["fedora", "rhel", "centos", "rocky", "almalinux", "ol", "amzn"], package: (release) => `kernel-${release}`, install: (name) => `sudo dnf debuginfo-install ${name}` },
  {
    ids: ["opensuse-leap", "opensuse-tumbleweed", "sles", "sled"],
    package: (release) => `kernel-${release.split("-").at(-1) ?? "default"}-debuginfo`,
    install: (name) => `sudo zypper --plus-content debug install ${name}`,
  },
];

export function debuginfoRemedy(facts: HostFacts): DebuginfoRemedy | undefined {
  const known = distributions.find(({ ids }) => ids.includes(facts.os.id));
  if (known && isRelease(facts.release)) {
    const name = known.package(facts.release);
    return { title: `Install ${name}`, command: known.install(name), changesHost: true };
  }
  if (facts.buildId === undefined) return undefined;
  return { title: "Fetch the debuginfo from your distribution's debuginfod", command: `debuginfod-find debuginfo ${facts.buildId}`, changesHost: false };
}

/** The release comes from the host and becomes part of a command that people copy. */
const isRelease = (release: string): boolean => /^[\w.+~-]+$/.test(release);
