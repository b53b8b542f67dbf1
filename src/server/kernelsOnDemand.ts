import type { KernelPlaces, KernelsHere } from "../session/kernelsHere";

/** What answers in place of a client that does not. */
export type LocalKernels = Pick<KernelsHere, "answer" | "functionPlace" | "dispose">;

/** Debuginfo is a bundle of its own, read with the first question: where the extension is the client, never. */
export function kernelsOnDemand(places: KernelPlaces): LocalKernels {
  let opened: Promise<KernelsHere> | undefined;
  const open = (): Promise<KernelsHere> => (opened ??= import("../session/kernelsHere").then(({ KernelsHere }) => new KernelsHere(places)));
  return {
    answer: async (query, signal) => (await open()).answer(query, signal),
    functionPlace: async (symbol) => (await open()).functionPlace(symbol),
    dispose: async () => (await opened)?.dispose(),
  };
}
