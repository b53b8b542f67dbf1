import type { LoggedPacket } from "../invalidModel";
import type { PathStep } from "./pathModel";

/** What one line of a tool says of one packet's way. */
export interface PathLine {
  /** Of the packet, as long as it is on its way. */
  readonly id: string;
  readonly packet?: LoggedPacket;
  /** Not of rules that are ours. */
  readonly step?: PathStep;
}

/** Reads what one tool prints, line by line. undefined: the line is of no packet. */
export interface PathReader {
  line(text: string, say: (words: string) => void): PathLine | undefined;
  /** What is worth saying after the last line. */
  end?(say: (words: string) => void): void;
}
