import type { TypeSet } from "../btf/typeSet";
import { FuzzyList } from "./fuzzyList";

type Keyword = "struct" | "union" | "enum";

const known = new WeakMap<TypeSet, Map<Keyword, FuzzyList>>();

/** Names of all types of a kind, each once. */
export function typeNames(types: TypeSet, keyword: Keyword): FuzzyList {
  const lists = known.get(types) ?? new Map<Keyword, FuzzyList>();
  known.set(types, lists);
  const existing = lists.get(keyword);
  if (existing) return existing;
  const made = new FuzzyList([...new Set([types.kernel, ...types.modules.values()].flatMap((btf) => [...btf.namesIn(keyword)]))]);
  lists.set(keyword, made);
  return made;
}
