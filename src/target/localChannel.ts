import { spawn } from "node:child_process";
import { DomainError } from "../base/errors";
import type { Channel, OpenChannel } from "./channel";
import type { ExitStatus } from "./command";

/**
 * Starts a program of this machine, in a session of its own: a terminal's ^C is meant for us, who then end
 * the program in order.
 */
export const openLocalChannel: OpenChannel = ([program, ...args]) =>
  new Promise<Channel>((resolve, reject) => {
    const child = spawn(program, args, { cwd: "/", detached: true, stdio: "pipe" });
    const closed = new Promise<ExitStatus>((done) => {
      child.once("close", (code, signal) => done({ ...(code !== null && { code }), ...(signal !== null && { signal }) }));
    });
    child.once("error", (error) => reject(new DomainError("target/cannot-start", error.message, `local: ${program}`, { cause: error })));
    child.once("spawn", () => {
      const { stdin, stdout, stderr } = child;
      resolve({ stdin, stdout, stderr, closed, destroy: () => [stdin, stdout, stderr].forEach((stream) => stream.destroy()) });
    });
  });
