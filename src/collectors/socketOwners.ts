/** Which process holds which socket: inode → processes. */
import type { SocketProcess } from "./socketModel";

export type SocketOwners = ReadonlyMap<number, readonly SocketProcess[]>;

class OwnerMap extends Map<number, SocketProcess[]> {
  add(inode: number, process: SocketProcess): void {
    const known = this.get(inode);
    if (known) known.push(process);
    else this.set(inode, [process]);
  }
}

/** Lines `.PID NAME`, each followed by its lines `FD INODE`. */
export function parseOwners(text: string): SocketOwners {
  const owners = new OwnerMap();
  let [pid, name] = [0, ""];
  for (const line of text.split("\n")) {
    if (line.startsWith(".")) {
      const space = line.indexOf(" ");
      [pid, name] = [Number(line.slice(1, space)), line.slice(space + 1)];
    } else if (line !== "") {
      const [fd, inode] = line.split(" ");
      owners.add(Number(inode), { pid, name, fd: Number(fd) });
    }
  }
  return owners;
}

/** What `find -printf '%p %l'` or `ls -l` says about /proc/PID/fd, and `grep -H . /proc/PID/comm` about names. */
export function parseOwnersOfShell(fds: string, comms: string): SocketOwners {
  const names = new Map<number, string>();
  for (const match of comms.matchAll(/^\/proc\/(\d+)\/comm:(.*)$/gm)) if (!names.has(Number(match[1]))) names.set(Number(match[1]), match[2] ?? "");
  const owners = new OwnerMap();
  let folder = 0;
  for (const line of fds.split("\n")) {
    folder = Number(/^\/proc\/(\d+)\/fd:$/.exec(line)?.[1] ?? folder);
    const match = /^\/proc\/(\d+)\/fd\/(\d+) socket:\[(\d+)\]$/.exec(line) ?? /()\s(\d+) -> socket:\[(\d+)\]$/.exec(line);
    if (!match) continue;
    const pid = match[1] === "" ? folder : Number(match[1]);
    owners.add(Number(match[3]), { pid, name: names.get(pid) ?? "", fd: Number(match[2]) });
  }
  return owners;
}

export const ownersOf = (owners: SocketOwners, inode: number | undefined): readonly SocketProcess[] => (inode === undefined ? [] : (owners.get(inode) ?? []));
