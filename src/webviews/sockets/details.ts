import type { SocketDetails } from "../../protocol/socketTable";
import { button, element } from "../element";

export interface DetailsEvents {
  /** The pane is gone. */
  onHide(): void;
  /** Its socket is to be read again. */
  onAgain(position: number): void;
  /** The user wants the socket closed. */
  onCloseSocket(position: number): void;
}

/** The pane with everything known of one socket. */
export class Details {
  readonly root = element("section", { class: "details", "aria-label": "Socket details", hidden: true });

  private position = 0;

  constructor(private readonly events: DetailsEvents) {
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** More may be known of the socket that is shown. */
  again(): void {
    if (!this.root.hidden) this.events.onAgain(this.position);
  }

  show(position: number, details: SocketDetails): void {
    this.position = position;
    const groups = details.flatMap(({ title, fields }) => [
      element("h2", {}, [title]),
      element("dl", {}, fields.flatMap(([name, value]) => [element("dt", {}, [name]), element("dd", {}, [value])])),
    ]);
    const buttons = element("div", { class: "actions" }, [
      button("Close Socket…", () => this.events.onCloseSocket(position), { title: "Close this socket on the host, after a question" }),
      button("Hide", () => this.close(), { "aria-label": "Hide socket details" }),
    ]);
    this.root.replaceChildren(buttons, ...groups);
    this.root.hidden = details.length === 0;
  }

  hide(): void {
    this.root.hidden = true;
  }

  private close(): void {
    this.hide();
    this.events.onHide();
  }
}
