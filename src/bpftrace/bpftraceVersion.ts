/** `bpftrace --version` prints `bpftrace v0.17.0`; distributions append a commit or a revision of their own. */
export interface BpftraceVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** undefined for builds before 0.9.1, which print no number. */
export function parseBpftraceVersion(text: string): BpftraceVersion | undefined {
  const match = /bpftrace v(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) } : undefined;
}

export const formatBpftraceVersion = ({ major, minor, patch }: BpftraceVersion): string => `${major}.${minor}.${patch}`;

export function isAtLeast(version: BpftraceVersion, wanted: BpftraceVersion): boolean {
  const difference = version.major - wanted.major || version.minor - wanted.minor || version.patch - wanted.patch;
  return difference >= 0;
}
