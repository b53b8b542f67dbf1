import { connectSsh } from "../../src/ssh/connectSsh";
import type { Target } from "../../src/target/target";
import type { LabState } from "../lab/labState";

/** A lab target over SSH as one of its users, whose password answers every question for one. */
export function connectLab(state: LabState, user = "root"): Promise<Target> {
  const password = state.users.find(({ name }) => name === user)?.password;
  const answer = (): Promise<string | undefined> => Promise.resolve(password);
  return connectSsh(user === "root" ? state.alias : `${state.alias}-${user}`, {
    configFile: state.sshConfigFile,
    knownHostsFile: state.knownHostsFile,
    prompts: {
      acceptHostKey: () => Promise.resolve("no"),
      passphrase: () => Promise.resolve(undefined),
      password: answer,
      keyboardInteractive: () => Promise.resolve(undefined),
      sudoPassword: ({ attempt }) => (attempt === 1 ? answer() : Promise.resolve(undefined)),
    },
  });
}
