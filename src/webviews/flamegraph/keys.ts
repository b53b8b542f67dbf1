import type { FlameModel } from "./flameModel";

export interface KeyActions {
  move(node: number): void;
  open(node: number): void;
  zoom(node: number): void;
  find(): void;
  nextMatch(step: 1 | -1): void;
}

/** Arrows walk the tree, Enter opens the source, Space zooms in, Escape zooms out. @returns false for keys that are not ours */
export function onGraphKey(event: KeyboardEvent, model: FlameModel, active: number, actions: KeyActions): boolean {
  const first = (): number => model.children(model.zoom)[0] ?? model.zoom;
  const siblings = model.children(model.parent(active));
  const beside = (step: number): number => siblings[siblings.indexOf(active) + step] ?? active;
  if (event.key === "/" || (event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey))) actions.find();
  else if (event.ctrlKey || event.metaKey || event.altKey) return false;
  else if (event.key === "ArrowDown") actions.move(active < 0 ? first() : (model.children(active)[0] ?? active));
  else if (event.key === "ArrowUp") actions.move(model.parent(active) < 0 ? active : model.parent(active));
  else if (event.key === "ArrowRight") actions.move(active < 0 ? first() : beside(1));
  else if (event.key === "ArrowLeft") actions.move(active < 0 ? first() : beside(-1));
  else if (event.key === "Home") actions.move(model.children(-1)[0] ?? active);
  else if (event.key === "Enter" && active >= 0) actions.open(active);
  else if (event.key === " " && active >= 0) actions.zoom(active);
  else if (event.key === "Escape") actions.zoom(-1);
  else if (event.key === "n" || event.key === "N") actions.nextMatch(event.shiftKey ? -1 : 1);
  else return false;
  return true;
}
