import type { Memento } from "vscode";
import { readLook, type TableLook } from "../../protocol/tableLook";

const key = "knetscope.socketTable";

/** How the user likes socket tables: as in this workspace, and in one that has none yet as in the workspace where they were last arranged. */
export class TableLooks {
  constructor(
    private readonly workspace: Memento,
    private readonly user: Memento,
  ) {}

  read(): TableLook {
    return readLook(this.workspace.get(key) ?? this.user.get(key));
  }

  async keep(look: TableLook): Promise<undefined> {
    await Promise.all([this.workspace.update(key, look), this.user.update(key, look)]);
    return undefined;
  }
}
