import { element } from "../element";
import type { FlameBox, FlameModel } from "./flameModel";
import { readPalette, type Palette } from "./palette";

const rowHeight = 20;

export interface CanvasEvents {
  /** A click on a box. */
  onSelect(node: number, withModifier: boolean): void;
  onHover(node: number | undefined): void;
  /** A click beside all boxes. */
  onReset(): void;
}

/** Paints the boxes of the model, callers above what they called. */
export class FlameCanvas {
  readonly root = element("div", { class: "graph" });
  private readonly canvas = element("canvas");
  private readonly context = this.canvas.getContext("2d");
  private palette: Palette = readPalette();
  private boxes: readonly FlameBox[] = [];
  private pending = 0;
  active = -1;

  constructor(
    private readonly model: FlameModel,
    private readonly events: CanvasEvents,
  ) {
    this.root.append(this.canvas);
    new ResizeObserver(() => this.drawSoon()).observe(this.root);
    // The theme of the window changes with the classes of the page's body.
    new MutationObserver(() => {
      this.palette = readPalette();
      this.drawSoon();
    }).observe(document.body, { attributes: true, attributeFilter: ["class", "data-vscode-theme-id"] });
    this.canvas.addEventListener("mousemove", (event) => this.events.onHover(this.nodeAt(event)));
    this.canvas.addEventListener("mouseleave", () => this.events.onHover(undefined));
    this.canvas.addEventListener("click", (event) => {
      const node = this.nodeAt(event);
      if (node === undefined) this.events.onReset();
      else this.events.onSelect(node, event.ctrlKey || event.metaKey || event.altKey);
    });
  }

  drawSoon(): void {
    if (this.pending !== 0) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.draw();
    });
  }

  reveal(node: number): void {
    const top = this.model.row(node) * rowHeight;
    if (top < this.root.scrollTop) this.root.scrollTop = top;
    else if (top + rowHeight > this.root.scrollTop + this.root.clientHeight) this.root.scrollTop = top + rowHeight - this.root.clientHeight;
  }

  private draw(): void {
    const { context, canvas, model, palette } = this;
    if (!context) return;
    const width = this.root.clientWidth;
    this.boxes = model.boxes(width);
    const rows = this.boxes.reduce((most, { row }) => Math.max(most, row + 1), 1);
    const height = Math.max(rows * rowHeight, this.root.clientHeight - 1);
    const scale = window.devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    context.scale(scale, scale);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
    context.font = `12px ${getComputedStyle(document.body).getPropertyValue("--vscode-editor-font-family") || "monospace"}`;
    context.textBaseline = "middle";
    for (const box of this.boxes) this.drawBox(context, box);
  }

  private drawBox(context: CanvasRenderingContext2D, { node, x, width, row }: FlameBox): void {
    const { model, palette } = this;
    const { name, module, inlined } = model.functionOf(node);
    const isMatch = model.isMatch(node);
    const top = row * rowHeight;
    const fill = model.data?.comparison ? palette.change(model.greatestChange === 0 ? 0 : model.change(node) / model.greatestChange) : palette.fill(module, inlined === true, row);
    context.fillStyle = isMatch ? palette.match : fill;
    context.fillRect(x, top, Math.max(width - 1, 0.6), rowHeight - 1);
    if (palette.highContrast && width > 3) outline(context, x, top, width, isMatch ? palette.matchText : palette.outline, isMatch ? 2 : 1);
    if (node === this.active) outline(context, x, top, width, palette.focus, 2);
    if (width < 24) return;
    context.fillStyle = isMatch && palette.highContrast ? palette.matchText : palette.foreground;
    context.save();
    context.beginPath();
    context.rect(x, top, width - 4, rowHeight);
    context.clip();
    const sign = model.data?.comparison ? signOf(model.change(node)) : "";
    context.fillText(`${sign}${inlined ? "⤷ " : ""}${name}`, x + 4, top + rowHeight / 2);
    context.restore();
  }

  private nodeAt(event: MouseEvent): number | undefined {
    const row = Math.floor(event.offsetY / rowHeight);
    return this.boxes.find((box) => box.row === row && event.offsetX >= box.x && event.offsetX < box.x + box.width)?.node;
  }
}

/** Colour alone must not carry the direction. */
const signOf = (change: number): string => (change > 0 ? "+ " : change < 0 ? "− " : "");

function outline(context: CanvasRenderingContext2D, x: number, top: number, width: number, colour: string, thickness: number): void {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.strokeRect(x + thickness / 2, top + thickness / 2, Math.max(width - 1 - thickness, 1), rowHeight - 1 - thickness);
}
