import type { Command } from "../target/command";

/** A command that prints the frames (pumpFrames.ts) of one pass. */
export interface Pump {
  readonly command: Command;
  /** What it is called in errors. */
  readonly where: string;
}

/** A program that stays on the target and prints the frames of a pass for each `passBytes` that it gets. */
export interface ResidentPump {
  readonly argv: Command["argv"];
  readonly where: string;
}
