import type { BuildId } from "../base/brands";
import type { HostFacts } from "../probes/hostFacts";

/** How to get debuginfo: a command that the user runs, where they want it installed; or, where no command helps, what to do. */
export interface DebuginfoRemedy {
  readonly title: string;
  readonly command?: string;
  readonly changesHost: boolean;
}

interface Distribution {
  /** ID of os-release(5). */
  readonly ids: readonly string[];
  /** Name of the package of a release, `uname -r`. undefined: there is none. */
  readonly package?: (release: string) => string;
  readonly install?: (name: string, versionId: string) => string;
  /** Public debuginfod server that has its kernels. Named in advice only; nobody is asked who was not configured. */
  readonly server?: string;
  /** What its releases look like, where that is its own. */
  readonly release?: RegExp;
}

const dnf = (name: string, versionId: string): string => `sudo ${/^[67](\.|$)/.test(versionId) || versionId === "2" ? "" : "dnf "}debuginfo-install ${name}`;
const redHat = { package: (release: string) => `kernel${release.includes("uek") ? "-uek" : ""}-${release}`, install: dnf };

const distributions: readonly Distribution[] = [
  // Ubuntu keeps them in an archive of their own, which has to be enabled first.
  { ids: ["ubuntu", "linuxmint", "pop"], package: (release) => `linux-image-unsigned-${release}-dbgsym`, install: (name) => `sudo apt-get install ${name}`, server: "https://debuginfod.ubuntu.com", release: /-(generic|lowlatency|aws|azure|gcp|oracle|kvm)(-\w+)?$/ },
  { ids: ["debian", "raspbian"], package: (release) => `linux-image-${release}-dbg`, install: (name) => `sudo apt-get install ${name}`, server: "https://debuginfod.debian.net", release: /^\d+\.\d+\.\d+(-\d+|\+deb\d+)(-[a-z][\w-]*)+$|\+rpt-rpi-|-pve$/ },
  { ids: ["fedora"], ...redHat, server: "https://debuginfod.fedoraproject.org", release: /\.fc\d+\./ },
  { ids: ["centos"], ...redHat, server: "https://debuginfod.centos.org" },
  { ids: ["rhel", "rocky", "almalinux", "ol", "amzn"], ...redHat, release: /\.(el\d+|amzn\d+)(_\d+)?(uek)?\./ },
  {
    ids: ["opensuse-leap", "opensuse-tumbleweed", "sles", "sled"],
    package: (release) => `kernel-${release.split("-").at(-1) ?? "default"}-debuginfo`,
    install: (name) => `sudo zypper --plus-content debug install ${name}`,
    server: "https://debuginfod.opensuse.org",
    release: /-default$/,
  },
  { ids: ["arch", "manjaro"], server: "https://debuginfod.archlinux.org", release: /[.-]arch\d/ },
];

export function debuginfoRemedy(facts: HostFacts): DebuginfoRemedy | undefined {
  const known = distributions.find(({ ids }) => ids.includes(facts.os.id));
  if (known?.package && known.install && isRelease(facts.release)) {
    // A kernel that was built by hand has no package, and a command for one would lead nowhere.
    if (known.release?.test(facts.release) === false) return builtByHand(facts);
    const name = known.package(facts.release);
    return { title: `Install ${name}`, command: known.install(name, facts.os.versionId), changesHost: true };
  }
  if (facts.buildId === undefined) return undefined;
  const server = known?.server === undefined ? "" : `DEBUGINFOD_URLS=${known.server} `;
  return { title: "Fetch the debuginfo from your distribution's debuginfod", command: `${server}debuginfod-find debuginfo ${facts.buildId}`, changesHost: false };
}

function builtByHand({ release, os }: HostFacts): DebuginfoRemedy {
  return { title: `${release} is not named as the kernels of ${os.name} are: name the vmlinux of its build (setting knetscope.debuginfo.vmlinux, command line: --vmlinux), or lay it into /usr/lib/debug/boot/vmlinux-${release} there or here`, changesHost: false };
}

/** The same for a kernel of which only a text tells: by its build id where the text has one, else where to get its vmlinux. */
export function remedyOfTrace({ build = "", buildId }: { readonly build?: string; readonly buildId?: BuildId }): string {
  const known = distributions.find(({ release }) => release?.test(build));
  if (buildId !== undefined) return `Name the file (--vmlinux, --modules, settings knetscope.debuginfo), or fetch it and resolve again: DEBUGINFOD_URLS=${known?.server ?? anyServer} debuginfod-find debuginfo ${buildId}`;
  const from = known?.package && isRelease(build) ? ` (package ${known.package(build)})` : "";
  return `The text names no build id, so nothing proves which file is of that build. Connect to a host that runs it, or, with its vmlinux at hand${from}: knetscope resolve --vmlinux FILE < TEXT`;
}

/** Asks the servers of many distributions. */
const anyServer = "https://debuginfod.elfutils.org";

/** The release comes from the host and becomes part of a command that people copy. */
const isRelease = (release: string): boolean => /^[\w.+~-]+$/.test(release);
