import { type Disposable, TerminalLink, window } from "vscode";
import { terminalFrames, type TerminalFrame } from "./terminalFrames";

/** Makes kernel frames in every terminal clickable. `open` gets the frame that was clicked and the terminal's name. */
export function terminalLinks(open: (frame: TerminalFrame, terminalName: string) => unknown): Disposable {
  const frames = new WeakMap<TerminalLink, { readonly frame: TerminalFrame; readonly terminal: string }>();
  return window.registerTerminalLinkProvider({
    provideTerminalLinks: ({ line, terminal }) =>
      terminalFrames(line).map((frame) => {
        const link = new TerminalLink(frame.start, frame.length, "Open the kernel source of this frame");
        frames.set(link, { frame, terminal: terminal.name });
        return link;
      }),
    handleTerminalLink: (link) => {
      const known = frames.get(link);
      if (known) void open(known.frame, known.terminal);
    },
  });
}
