/** The blocks of templates that extend each other. */
import type { Statement } from './ast.js';
import type { Evaluator } from './evaluate.js';

type Block = Statement & { kind: 'block' };

/** A definition of a block, and the evaluator of the template that it stands in. */
export interface BlockSource {
  block: Block;
  evaluator: Evaluator;
}

/** All definitions of all blocks, by name; those of the template that extends come before its parent's. */
export class Extended {
  readonly #sources = new Map<string, BlockSource[]>();

  add(source: BlockSource): void {
    const known = this.#sources.get(source.block.name) ?? [];
    known.push(source);
    this.#sources.set(source.block.name, known);
  }

  names(): string[] {
    return [...this.#sources.keys()];
  }

  of(name: string): readonly BlockSource[] {
    return this.#sources.get(name) ?? [];
  }
}

const found = new WeakMap<readonly Statement[], readonly Block[]>();

/** All blocks that a template defines, those within other statements too. */
export function blocksOf(statements: readonly Statement[]): readonly Block[] {
  const known = found.get(statements);
  if (known !== undefined) return known;
  const blocks = statements.flatMap((statement) => {
    const within = bodiesOf(statement).flatMap((body) => blocksOf(body));
    return statement.kind === 'block' ? [statement, ...within] : within;
  });
  found.set(statements, blocks);
  return blocks;
}

/** The bodies that a statement holds. */
export function bodiesOf(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case 'if':
      return [...statement.branches.map(({ body }) => body), statement.otherwise];
    case 'for':
      return [statement.body, statement.otherwise];
    case 'capture':
    case 'macro':
    case 'call':
    case 'filtered':
    case 'with':
    case 'block':
      return [statement.body];
    default:
      return [];
  }
}
