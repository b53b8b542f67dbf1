import type { Block, Expression, Item, Macro, Node, Span, Statement, Subprogram } from "./syntax";

/** The parts of a node that are nodes themselves, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "probe":
      return present<Expression | Block>(node.predicate, node.body);
    case "macro":
    case "subprogram":
      return present<Expression | Block>(...typeQueries(node), node.body);
    case "block":
      return node.statements;
    case "assign":
      return [node.target, node.value];
    case "let":
      return present<Expression>(node.type?.query, node.value);
    case "return":
    case "break":
    case "continue":
      return present(node.value);
    case "if":
      return present<Expression | Block | Statement>(node.condition, node.then, node.otherwise);
    case "while":
    case "unroll":
      return [node.condition, node.body];
    case "for":
      return present<Expression | Block>(node.from, node.to, node.body);
    case "expression":
      return [node.expression];
    default:
      return childrenOfExpression(node);
  }
}

function childrenOfExpression(node: Node): readonly Node[] {
  switch (node.kind) {
    case "map":
      return node.keys ?? [];
    case "call":
      return node.args;
    case "member":
      return [node.object];
    case "index":
      return [node.object, node.index];
    case "unary":
      return [node.operand];
    case "cast":
      return present<Expression>(node.type.query, node.operand);
    case "binary":
      return [node.left, node.right];
    case "conditional":
      return present(node.condition, node.then, node.otherwise);
    case "tuple":
      return node.items;
    case "record":
      return node.fields.map(({ value }) => value);
    case "query":
      return present(node.operand);
    case "blockValue":
      return [node.body];
    default:
      return [];
  }
}

const typeQueries = (item: Macro | Subprogram): readonly (Expression | undefined)[] => (item.kind === "macro" ? [] : [...item.parameters.map(({ type }) => type?.query), item.returns?.query]);

const present = <T extends Node>(...nodes: readonly (T | undefined)[]): readonly T[] => nodes.filter((node) => node !== undefined);

/** Every node from the root down, parents first. `visit` may answer false to leave out what is below. */
export function walk(root: Node, visit: (node: Node, parents: readonly Node[]) => unknown, parents: readonly Node[] = []): void {
  if (visit(root, parents) === false) return;
  const below = [...parents, root];
  for (const child of childrenOf(root)) walk(child, visit, below);
}

export const contains = ({ start, end }: Span, offset: number): boolean => start <= offset && offset <= end;

/** The nodes around an offset, the outermost first. The end of a node still belongs to it; of two neighbours the first wins. */
export function nodesAt(items: readonly Item[], offset: number): readonly Node[] {
  const path: Node[] = [];
  let level: readonly Node[] = items;
  for (;;) {
    const next = level.find((node) => contains(node, offset) && (node.end > node.start || node.kind === "missing"));
    if (!next) return path;
    path.push(next);
    level = childrenOf(next);
  }
}
