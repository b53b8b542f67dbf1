/**
 * Whether a text may hold a frame in any notation. Cheap and generous: it only keeps the language server from being
 * started for texts that have nothing for it.
 */
export const mayHoldStack = (text: string): boolean => marks.test(text);

const marks = /[A-Za-z_][\w.$]*(?:\+|&#43;)(?:0x[0-9a-f]|\d+\b)|[Cc]all [Tt]race:|<stack trace|^\s*=> \S|^\s*#\d+\s+\S|kernel BUG at |\[<[0-9a-f]+>\]|\[kernel\.kallsyms\]|\d\)[^\n|]*\|[^\n]*\w\(\)(?:;| \{)|(?:^|\n)[ |`-]*-+\d*[\d.%-]*-?-[a-z_]\w+|^[^\n;]+(?:;[\w.]+)+ \d+$/m;
