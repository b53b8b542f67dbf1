/**
 * Problems of a host's network stack over time. Counters since boot prove nothing about now, so looks are kept for some minutes and the newest is held against
 * the oldest of them: what happened within that time is found, and is forgotten when it has not happened again.
 */
import type { Finding } from "../collectors/capability";
import { evidenceBetween, evidenceFiles, readEvidence, type EvidenceLook } from "../collectors/networkEvidence";
import type { PumpOptions } from "../collectors/pumpLadder";
import { readNamespaceFiles } from "../collectors/takeCounters";
import { findProblems } from "../knowledge/findings/findProblems";
import type { HostFacts } from "../probes/hostFacts";
import type { Target } from "../target/target";

/** Milliseconds. */
const memory = 5 * 60_000;

interface Look {
  readonly takenAt: number;
  readonly namespaces: readonly EvidenceLook[];
}

export class HostFindings {
  private readonly looks: Look[] = [];

  constructor(
    private readonly target: Target,
    private readonly facts: HostFacts,
  ) {}

  /** Takes one more look. The first one finds only what is wrong at this moment. */
  async look(options: PumpOptions): Promise<readonly Finding[]> {
    const { takenAt, namespaces } = await readNamespaceFiles(this.target, this.facts, evidenceFiles, options);
    const look = { takenAt, namespaces: namespaces.map(({ netns, files }) => readEvidence(netns, files)) };
    return this.add(look);
  }

  /** @internal */
  add(look: Look): readonly Finding[] {
    this.looks.push(look);
    while (this.looks.length > 2 && look.takenAt - (this.looks[1]?.takenAt ?? look.takenAt) >= memory) this.looks.shift();
    return look.namespaces.flatMap((next) => {
      // A namespace that came later is held against the first look that had it.
      const from = this.looks.find(({ namespaces }) => namespaces.some(({ netns }) => netns.inode === next.netns.inode));
      const previous = from === look ? undefined : from?.namespaces.find(({ netns }) => netns.inode === next.netns.inode);
      return findProblems(evidenceBetween(previous, next, (look.takenAt - (from ?? look).takenAt) / 1000));
    });
  }
}
