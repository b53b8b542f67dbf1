import type { BuildId } from "../base/brands";
import type { Endianness } from "../base/byteReader";

/** What we know of a host after one round trip. */
export interface HostFacts {
  /** uname -r */
  readonly release: string;
  /** uname -v: carries the distribution's package version on Debian. */
  readonly version: string;
  /** uname -m */
  readonly machine: string;
  readonly endianness: Endianness;
  readonly wordSize: 4 | 8;
  /** PRETTY_NAME, ID and VERSION_ID of os-release. */
  readonly os: { readonly name: string; readonly id: string; readonly versionId: string };
  /** GNU build id of the running kernel, from /sys/kernel/notes. */
  readonly buildId?: BuildId;
  /** Changes with every boot. */
  readonly bootId: string;
  readonly uid: number;
  readonly user: string;
  /** Name → absolute path, for the programs we may use. An applet of a busybox that has no file of its own has its name only. */
  readonly programs: Readonly<Record<string, string>>;
}
