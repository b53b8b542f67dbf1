import { errorCode } from "../base/errors";

/** When only permission was lacking, tries as root; if root is out of reach, the first error stands. */
export async function retryAsRoot<T>(error: unknown, again: () => Promise<T>): Promise<T> {
  if (errorCode(error) !== "target/permission-denied") throw error;
  return again().catch((second: unknown) => {
    throw ["target/no-sudo", "target/wrong-password"].includes(errorCode(second) ?? "") ? error : second;
  });
}
