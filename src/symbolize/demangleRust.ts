/**
 * Names of Rust functions as people write them: the v0 scheme (`_RNv…`, Rust RFC 2603) and the older one that looks like C++
 * (`_ZN…17h…E`). Hashes and disambiguators are left out, generic arguments stay: `core::ptr::drop_in_place::<kernel::sync::Arc<T>>`.
 * Constants, lifetimes and what is not understood make the answer undefined, and the symbol is shown as it is.
 */
export function demangleRust(symbol: string): string | undefined {
  const [name, suffix] = splitSuffix(symbol);
  const plain = name.startsWith("_R") ? demangleV0(name) : name.startsWith("_ZN") ? demangleLegacy(name) : undefined;
  return plain && plain + suffix;
}

/** Suffixes of clones stay as they are. */
const splitSuffix = (symbol: string): readonly [string, string] => {
  const dot = symbol.indexOf(".", symbol.startsWith("_ZN") ? symbol.lastIndexOf("E") : 0);
  return dot < 0 ? [symbol, ""] : [symbol.slice(0, dot), symbol.slice(dot)];
};

/** `_ZN`, identifiers with their lengths, the last of which is a hash, `E`. */
function demangleLegacy(symbol: string): string | undefined {
  const parts: string[] = [];
  let at = 3;
  while (symbol[at] !== "E") {
    const digits = /^\d{1,4}/.exec(symbol.slice(at, at + 4))?.[0];
    if (digits === undefined) return undefined;
    const part = symbol.slice(at + digits.length, at + digits.length + Number(digits));
    if (part.length !== Number(digits) || part === "") return undefined;
    parts.push(part);
    at += digits.length + part.length;
  }
  if (at !== symbol.length - 1 || !/^h[0-9a-f]{16}$/.test(parts.pop() ?? "")) return undefined;
  return parts.length > 0 ? parts.map(unescapeLegacy).join("::") : undefined;
}

const legacyCodes: Readonly<Record<string, string>> = { SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: "," };

const unescapeLegacy = (part: string): string =>
  part
    .replace(/^_\$/, "$")
    .replace(/\$([A-Z]{1,2})\$/g, (whole, code: string) => legacyCodes[code] ?? whole)
    .replace(/\$u([0-9a-f]{1,6})\$/g, (whole, code: string) => (parseInt(code, 16) <= 0x10ffff ? String.fromCodePoint(parseInt(code, 16)) : whole))
    .replaceAll("..", "::");

function demangleV0(symbol: string): string | undefined {
  try {
    const reader = new V0Reader(symbol);
    return reader.path(true);
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}

class NotUnderstood extends Error {}

const basicTypes: Readonly<Record<string, string>> = {
  a: "i8", b: "bool", c: "char", d: "f64", e: "str", f: "f32", h: "u8", i: "isize", j: "usize", l: "i32", m: "u32", n: "i128", o: "u128", p: "_", s: "i16", t: "u16", u: "()",
  v: "...", x: "i64", y: "u64", z: "!",
};

/** Back references let a short name stand for a long one, and may make a loop. */
const longestAnswer = 10_000;
const deepest = 100;

class V0Reader {
  private at = 2;
  private depth = 0;
  private produced = 0;

  constructor(private readonly text: string) {}

  /** @param inValue `::` stands before generic arguments there */
  path(inValue: boolean): string {
    return this.nested(() => {
      const tag = this.next();
      switch (tag) {
        case "C":
          return this.identifier().name;
        case "M":
          this.implPath();
          return `<${this.type()}>`;
        case "X":
          this.implPath();
          return `<${this.type()} as ${this.path(false)}>`;
        case "Y":
          return `<${this.type()} as ${this.path(false)}>`;
        case "N":
          return this.nestedPath();
        case "I": {
          const path = this.path(inValue);
          return `${path}${inValue ? "::" : ""}<${this.list(() => this.genericArgument()).join(", ")}>`;
        }
        case "B":
          return this.backReference(() => this.path(inValue));
        default:
          throw new NotUnderstood();
      }
    });
  }

  private nestedPath(): string {
    const namespace = this.next();
    const parent = this.path(true);
    const { name, disambiguator } = this.identifier();
    // Upper case: what has no name of its own, such as a closure.
    if (/[A-Z]/.test(namespace)) {
      const kind = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
      return `${parent}::{${kind}${name === "" ? "" : `:${name}`}#${disambiguator}}`;
    }
    return name === "" ? parent : `${parent}::${name}`;
  }

  private implPath(): void {
    if (this.take("s")) this.base62();
    this.path(false);
  }

  private type(): string {
    return this.nested(() => {
      const tag = this.next();
      const basic = basicTypes[tag];
      if (basic !== undefined) return basic;
      switch (tag) {
        case "R":
        case "Q":
          if (this.take("L")) this.base62();
          return `&${tag === "Q" ? "mut " : ""}${this.type()}`;
        case "P":
          return `*const ${this.type()}`;
        case "O":
          return `*mut ${this.type()}`;
        case "S":
          return `[${this.type()}]`;
        case "A":
          return `[${this.type()}; ${this.constant()}]`;
        case "T": {
          const types = this.list(() => this.type());
          return types.length === 1 ? `(${types[0] ?? ""},)` : `(${types.join(", ")})`;
        }
        case "B":
          return this.backReference(() => this.type());
        case "F":
          return this.functionType();
        default:
          this.at--;
          return this.path(false);
      }
    });
  }

  private functionType(): string {
    if (this.take("G")) throw new NotUnderstood();
    const unsafe = this.take("U") ? "unsafe " : "";
    const abi = this.take("K") ? `extern "${this.take("C") ? "C" : this.identifier().name.replaceAll("_", "-")}" ` : "";
    const parameters = this.list(() => this.type());
    const result = this.type();
    return `${unsafe}${abi}fn(${parameters.join(", ")})${result === "()" ? "" : ` -> ${result}`}`;
  }

  private genericArgument(): string {
    if (this.take("L")) return this.base62() === 0 ? "'_" : "'a";
    return this.take("K") ? this.constant() : this.type();
  }

  /** Unsigned and signed numbers, bool and char; other constants are rare in names. */
  private constant(): string {
    if (this.take("p")) return "_";
    if (this.take("B")) return this.backReference(() => this.constant());
    const type = this.next();
    const [, sign = "", digits = ""] = /^(n?)([0-9a-f]*)_/.exec(this.text.slice(this.at)) ?? [];
    this.at += sign.length + digits.length;
    this.expect("_");
    const value = BigInt(`0x${digits || "0"}`);
    if (type === "b") return value === 0n ? "false" : "true";
    if (type === "c") return `'${value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : "?"}'`;
    if (!/[ahijlmnostxy]/.test(type)) throw new NotUnderstood();
    return `${sign === "" ? "" : "-"}${value}`;
  }

  private identifier(): { readonly name: string; readonly disambiguator: number } {
    const disambiguator = this.take("s") ? this.base62() + 1 : 0;
    if (this.take("u")) throw new NotUnderstood();
    const digits = /^(0|[1-9]\d{0,4})/.exec(this.text.slice(this.at, this.at + 5))?.[0];
    if (digits === undefined) throw new NotUnderstood();
    this.at += digits.length;
    this.take("_");
    const name = this.text.slice(this.at, this.at + Number(digits));
    if (name.length !== Number(digits)) throw new NotUnderstood();
    this.at += name.length;
    return { name, disambiguator };
  }

  /** RFC 2603, “base-62-number”: `_` is 0, and a digit n stands for n + 1. */
  private base62(): number {
    const digits = /^[0-9a-zA-Z]{0,16}(?=_)/.exec(this.text.slice(this.at))?.[0];
    if (digits === undefined) throw new NotUnderstood();
    this.at += digits.length + 1;
    if (digits === "") return 0;
    const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return Array.from(digits).reduce((value, digit) => value * 62 + alphabet.indexOf(digit), 0) + 1;
  }

  private backReference(read: () => string): string {
    const here = this.at - 1;
    const target = this.base62() + 2;
    if (target >= here) throw new NotUnderstood();
    const after = this.at;
    this.at = target;
    const answer = this.nested(read);
    this.at = after;
    return answer;
  }

  private list(read: () => string): string[] {
    const items: string[] = [];
    while (!this.take("E")) items.push(read());
    return items;
  }

  private nested(read: () => string): string {
    if (++this.depth > deepest) throw new NotUnderstood();
    const answer = read();
    this.depth--;
    if ((this.produced += answer.length) > longestAnswer) throw new NotUnderstood();
    return answer;
  }

  private next(): string {
    const character = this.text[this.at++];
    if (character === undefined) throw new NotUnderstood();
    return character;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private expect(character: string): void {
    if (!this.take(character)) throw new NotUnderstood();
  }
}
