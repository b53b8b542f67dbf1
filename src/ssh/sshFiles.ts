import { DomainError, errorCode } from "../base/errors";
import { CommandFiles } from "../target/commandFiles";
import type { CommandRunner } from "../target/commandRunner";
import { retryAsRoot } from "../target/retryAsRoot";
import type { FileStat, TargetFile } from "../target/target";
import type { SftpFiles } from "./sftpFiles";

interface Files {
  stat(path: string): Promise<FileStat | undefined>;
  open(path: string): Promise<TargetFile>;
}

/** Files of the target by sftp; by commands where the server has none or channels are too few; as root where the user may not. */
export class SshFiles {
  private hasSftp = true;
  private readonly asUser: Files;
  private readonly asRoot: Files;

  constructor(
    name: string,
    private readonly sftp: SftpFiles,
    runner: CommandRunner,
    private readonly channelsAreFew: () => boolean,
  ) {
    this.asUser = new CommandFiles(name, (command) => runner.run(command), "user");
    this.asRoot = new CommandFiles(name, (command) => runner.run(command), "root");
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.attempt((files) => files.stat(path));
  }

  open(path: string): Promise<TargetFile> {
    return this.attempt((files) => files.open(path));
  }

  private async attempt<T>(work: (files: Files) => Promise<T>): Promise<T> {
    try {
      return await this.attemptAsUser(work);
    } catch (error) {
      return retryAsRoot(error, () => work(this.asRoot));
    }
  }

  private async attemptAsUser<T>(work: (files: Files) => Promise<T>): Promise<T> {
    if (!this.hasSftp || this.channelsAreFew()) return work(this.asUser);
    try {
      return await work(this.sftp);
    } catch (error) {
      if (!(error instanceof DomainError) || errorCode(error) !== "ssh/no-sftp") throw error;
      this.hasSftp = false;
      return work(this.asUser);
    }
  }
}
