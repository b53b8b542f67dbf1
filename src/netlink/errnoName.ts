/** Errnos that netlink and sockets answer with, by the numbers of asm-generic (all architectures but alpha, mips, parisc, sparc). */
const names: Readonly<Record<number, readonly [name: string, words: string]>> = {
  1: ["EPERM", "operation not permitted"],
  2: ["ENOENT", "no such handler"],
  3: ["ESRCH", "no such process"],
  4: ["EINTR", "interrupted"],
  11: ["EAGAIN", "no answer in time"],
  12: ["ENOMEM", "out of memory"],
  13: ["EACCES", "permission denied"],
  22: ["EINVAL", "invalid argument"],
  24: ["EMFILE", "too many open files"],
  38: ["ENOSYS", "not implemented"],
  93: ["EPROTONOSUPPORT", "protocol not supported"],
  95: ["EOPNOTSUPP", "operation not supported"],
  97: ["EAFNOSUPPORT", "address family not supported"],
  105: ["ENOBUFS", "no buffer space"],
};

export const EPERM = 1;
export const ENOENT = 2;
export const EINVAL = 22;
export const EPROTONOSUPPORT = 93;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;

/** `ENOENT`, or `errno 71`. */
export const errnoName = (errno: number): string => names[errno]?.[0] ?? `errno ${errno}`;

/** `ENOENT (no such handler)`. */
export function errnoText(errno: number): string {
  const known = names[errno];
  return known ? `${known[0]} (${known[1]})` : `errno ${errno}`;
}
