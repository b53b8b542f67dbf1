/** Made when it is first needed: a context of its own is where V8 can be told to stop. */
let bounded: ((run: () => unknown, limitMs: number) => unknown) | undefined;

function makeBounded(): (run: () => unknown, limitMs: number) => unknown {
  const vm = process.getBuiltinModule("node:vm");
  const place: { run?: () => unknown } = vm.createContext({});
  const call = new vm.Script("run()");
  return (run, limitMs) => {
    place.run = run;
    try {
      return call.runInContext(place, { timeout: Math.ceil(limitMs) }) as unknown;
    } finally {
      delete place.run;
    }
  };
}

/**
 * What `run` gives; ended from outside when it takes longer, be it in an endless loop. For code of others that damaged input may lead astray.
 * Not to be nested.
 *
 * @param limitMs of wall clock
 * @throws Error `ERR_SCRIPT_EXECUTION_TIMEOUT`, and what `run` throws
 */
export function withinTime<T>(run: () => T, limitMs: number): T {
  bounded ??= makeBounded();
  return bounded(run, limitMs) as T;
}
