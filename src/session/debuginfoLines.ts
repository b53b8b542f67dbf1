import { costText } from "../symbolize/readCost";
import type { DebuginfoUse } from "./host";

/** Where debuginfo was looked for and what it cost, one line a place: for `--verbose` and for logs. */
export const debuginfoLines = ({ what, attempts, cost }: DebuginfoUse): readonly string[] => [
  `debuginfo of ${what}:`,
  ...attempts.map(({ place, outcome, cost: spent }) => `  ${place}: ${outcome} (${costText(spent)})`),
  ...(cost ? [`  read so far: ${costText(cost)}`] : []),
];
