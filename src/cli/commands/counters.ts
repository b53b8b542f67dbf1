import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { counterRates, rateText, type CounterRate, type CountersSnapshot } from "../../collectors/counterRates";
import { known, paint, table, type Output } from "../output";
import { addHostOptions, parseDuration, withSockets, type HostFlags } from "../withHost";

interface CounterFlags extends HostFlags {
  readonly watch: boolean;
  readonly interval: number;
  readonly all: boolean;
}

export function countersCommand(): Command {
  const command = new Command("counters")
    .description("kernel counters that tell about listen queues, resets and drops, in every network namespace, with deltas and rates")
    .option("--watch", "go on until Ctrl-C, showing what rises", false)
    .option("--interval <duration>", "between two looks", parseDuration, 1000)
    .option("--all", "those too that are 0 or did not rise", false);
  return addHostOptions(command).action(async (flags: CounterFlags) => {
    await withSockets(flags, async (host, output, signal) => {
      let previous = await host.counters(signal);
      for (const note of previous.notes) output.note(note);
      do {
        output.progress(`Counting for ${flags.interval / 1000} s…`);
        const next = await sleep(flags.interval, undefined, { signal }).then(() => host.counters(signal)).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
        output.progress("");
        // Ctrl-C: what was shown is all there is.
        if (!next) return;
        show(output, next, previous, flags);
        previous = next;
      } while (flags.watch);
    });
  });
}

function show(output: Output, next: CountersSnapshot, previous: CountersSnapshot, { watch, all }: CounterFlags): void {
  const rates = counterRates(next, previous).filter(({ value, delta }) => all || (watch ? delta !== 0 : value !== 0));
  const seconds = (next.takenAt - previous.takenAt) / 1000;
  if (output.json) for (const rate of rates) output.object(counterJson(rate, next.takenAt, seconds));
  else {
    const time = new Date(next.takenAt).toLocaleTimeString(undefined, { hour12: false });
    if (watch) output.line(paint(output, "dim", rates.length === 0 ? `${time}  nothing rose` : time));
    if (rates.length > 0) print(output, rates);
  }
}

/** The fields are a contract with scripts; null means “not known”. */
export function counterJson({ netns, name, value, delta, rate, meaning }: CounterRate, takenAt: number, seconds: number): object {
  return { takenAt, seconds, netns: { inode: netns.inode, name: netns.name }, name, value, delta: delta ?? null, rate: rate ?? null, topic: meaning.topic, meaning: meaning.text };
}

const right = "right" as const;
const columns = [{ title: "NETNS" }, { title: "COUNTER" }, { title: "VALUE", align: right }, { title: "DELTA", align: right }, { title: "RATE", align: right }, { title: "MEANING" }];

function print(output: Output, rates: readonly CounterRate[]): void {
  const rows = rates.map(({ netns, name, value, delta, rate, meaning }) =>
    [netns.name, name, String(value), delta === 0 ? "" : delta === undefined ? "new" : `+${known(delta)}`, rate === undefined || rate === 0 ? "" : rateText(rate), meaning.text]);
  const [head = "", ...lines] = table(columns, rows);
  output.line(paint(output, "bold", head));
  lines.forEach((line, index) => {
    const { delta = 0, meaning } = rates[index] ?? { meaning: { normal: true } };
    output.line(delta > 0 && !meaning.normal ? paint(output, "yellow", line) : line);
  });
}
