import type { SocketDetails } from "../../protocol/socketTable";
import { button, element } from "./element";

/** The pane with everything known of one socket. */
export class Details {
  readonly root = element("section", { class: "details", "aria-label": "Socket details", hidden: true });

  constructor(private readonly onClose: () => void) {
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  show(details: SocketDetails): void {
    const groups = details.flatMap(({ title, fields }) => [
      element("h2", {}, [title]),
      element("dl", {}, fields.flatMap(([name, value]) => [element("dt", {}, [name]), element("dd", {}, [value])])),
    ]);
    this.root.replaceChildren(button("Close", () => this.close(), { class: "close", "aria-label": "Close socket details" }), ...groups);
    this.root.hidden = false;
  }

  hide(): void {
    this.root.hidden = true;
  }

  private close(): void {
    this.hide();
    this.onClose();
  }
}
