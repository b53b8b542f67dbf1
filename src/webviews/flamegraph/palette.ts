/** Colours of the boxes, from the theme of the window. A high-contrast theme has outlines and no fills; a match then has a thick outline. */
export interface Palette {
  readonly background: string;
  readonly foreground: string;
  readonly outline: string;
  readonly focus: string;
  readonly match: string;
  readonly matchText: string;
  readonly highContrast: boolean;
  /** The kernel itself, and modules by their names. */
  fill(module: string | undefined, inlined: boolean, depth: number): string;
  /** −1 to 1: less of it to more of it. */
  change(amount: number): string;
}

type Rgb = readonly [number, number, number];

export function readPalette(): Palette {
  const style = getComputedStyle(document.body);
  const variable = (name: string, fallback: string): string => style.getPropertyValue(`--vscode-${name}`).trim() || fallback;
  const rgb = (name: string, fallback: string): Rgb => toRgb(variable(name, fallback)) ?? toRgb(fallback) ?? [128, 128, 128];
  const kind = document.body.className;
  const highContrast = /high-contrast/.test(kind);
  const background = rgb("editor-background", /light/.test(kind) ? "#ffffff" : "#1e1e1e");
  const kernel = rgb("charts-orange", "#d18616");
  const modules = [rgb("charts-blue", "#3794ff"), rgb("charts-green", "#89d185"), rgb("charts-purple", "#b180d7"), rgb("charts-yellow", "#cca700")];
  const [more, less] = [rgb("charts-red", "#f14c4c"), rgb("charts-blue", "#3794ff")];
  return {
    background: css(background),
    foreground: variable("editor-foreground", "#cccccc"),
    outline: highContrast ? variable("contrastBorder", "#ffffff") : css(background),
    focus: variable("focusBorder", "#007fd4"),
    match: highContrast ? css(background) : variable("editor-findMatchBackground", "#9e6a03"),
    matchText: variable(highContrast ? "contrastActiveBorder" : "editor-foreground", "#f38518"),
    highContrast,
    fill: (module, inlined, depth) => {
      if (highContrast) return css(background);
      const own = module === undefined ? kernel : (modules[hash(module) % modules.length] ?? kernel);
      return css(mix(own, background, (inlined ? 0.22 : 0.42) + (depth % 2) * 0.06));
    },
    change: (amount) => (highContrast || amount === 0 ? css(highContrast ? background : mix(toRgb(variable("editor-foreground", "#888888")) ?? [128, 128, 128], background, 0.12)) : css(mix(amount > 0 ? more : less, background, 0.15 + 0.6 * Math.min(1, Math.abs(amount))))),
  };
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [0, 1, 2].map((at) => Math.round((a[at] ?? 0) * share + (b[at] ?? 0) * (1 - share))) as unknown as Rgb;
const css = ([red, green, blue]: Rgb): string => `rgb(${red}, ${green}, ${blue})`;

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (value * 31 + character.charCodeAt(0)) >>> 0;
  return value;
}

/** `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)`: what themes are written in. Transparency is not kept. */
export function toRgb(text: string): Rgb | undefined {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?$/i.exec(text);
  if (short) return [1, 2, 3].map((at) => parseInt((short[at] ?? "0").repeat(2), 16)) as unknown as Rgb;
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})(?:[0-9a-f]{2})?$/i.exec(text);
  if (long) return [1, 2, 3].map((at) => parseInt(long[at] ?? "0", 16)) as unknown as Rgb;
  const numbers = /^rgba?\(\s*(\d+)[,\s]+(\d+)[,\s]+(\d+)/.exec(text);
  return numbers ? ([1, 2, 3].map((at) => Number(numbers[at])) as unknown as Rgb) : undefined;
}
