import { randomBytes } from "node:crypto";

/** Apart from those of any other run on this machine: processes of two containers may have one number. */
const run = randomBytes(3).toString("hex");

/** Name of a target for the tests of this process, which no other run of the tests starts, meets or ends. */
export const ownTarget = (purpose: string): string => `${purpose}-${run}`;
