import type { Command } from "../target/command";

/** A command that prints frames (pumpFrames.ts). */
export interface Pump {
  readonly command: Command;
  /** What it is called in errors. */
  readonly where: string;
}
