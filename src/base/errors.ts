/**
 * The one error class of the core. It says what failed and where, neutrally; what to do about it is
 * the business of session/advice.ts, which every face asks with the `code`.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";

  /**
   * @param code   stable, `area/what`, e.g. `ssh/host-key-changed`, `elf/truncated`, `dwarf/bad-form`
   * @param where  the file with offset, the host, or the command it is about
   */
  constructor(
    readonly code: string,
    message: string,
    readonly where?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** By name: two bundles in one process have a class each. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "DomainError";
  }
}

/** The message of anything thrown, with its place when it has one. */
export function describeError(error: unknown): string {
  if (error instanceof DomainError && error.where !== undefined) return `${error.where}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

export const errorCode = (error: unknown): string | undefined => (error instanceof DomainError ? error.code : undefined);

/** For the default branch of a switch that must be exhaustive. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
