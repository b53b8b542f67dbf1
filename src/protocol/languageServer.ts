/** What the language server and the editor tell each other beyond the Language Server Protocol. */

/** Editor → server: the host that programs are written for now. */
export const targetNotification = "knetscope/target";
export interface TargetParams {
  /** As the user calls it. */
  readonly name: string;
  /** Folder with what is known of it, on the machine that both run on; undefined while nothing is. */
  readonly folder?: string;
}

/** Editor → server: have this document compiled on the target now. Answers how many problems there are. */
export const checkRequest = "knetscope/check";
export interface CheckParams {
  readonly uri: string;
}

/** Server → editor: where a function of the target's kernel is defined. */
export const functionPlaceRequest = "knetscope/functionPlace";
export interface FunctionPlaceParams {
  readonly name: string;
}
export interface FunctionPlace {
  readonly uri: string;
  /** From 0. */
  readonly line: number;
}

/** Server → editor: what the target's compiler says of a program. null: there is no host to ask. */
export const compileRequest = "knetscope/compile";
export interface CompileParams {
  readonly text: string;
}
export interface CompileResult {
  readonly findings: readonly { readonly start: number; readonly end: number; readonly severity: "error" | "warning" | "information"; readonly message: string }[];
}

/** Initialization option: the editor answers the requests above. Without it the server looks at this machine by itself. */
export interface ServerOptions {
  readonly knetscope?: boolean;
}
