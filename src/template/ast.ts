import type { Span } from './errors.js';

/** An expression. Offsets are into the template's text. */
export type Expression = Span &
  (
    | { kind: 'constant'; value: unknown }
    | { kind: 'name'; name: string }
    | { kind: 'attribute'; target: Expression; name: string }
    | { kind: 'item'; target: Expression; index: Expression }
    | {
        kind: 'slice';
        target: Expression;
        from: Expression | undefined;
        to: Expression | undefined;
        step: Expression | undefined;
      }
    | { kind: 'call'; target: Expression; args: Arguments }
    | { kind: 'filter'; target: Expression; name: string; args: Arguments }
    | { kind: 'test'; target: Expression; name: string; args: Arguments; negated: boolean }
    | { kind: 'list'; items: readonly Expression[] }
    | { kind: 'tuple'; items: readonly Expression[] }
    | { kind: 'dict'; entries: readonly (readonly [Expression, Expression])[] }
    | { kind: 'unary'; operator: '-' | '+' | 'not'; operand: Expression }
    | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
    | { kind: 'concat'; parts: readonly Expression[] }
    | { kind: 'and' | 'or'; left: Expression; right: Expression }
    | {
        kind: 'compare';
        first: Expression;
        rest: readonly { operator: CompareOperator; operand: Expression }[];
      }
    | { kind: 'conditional'; test: Expression; then: Expression; otherwise: Expression | undefined }
  );

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Arguments {
  positional: readonly Expression[];
  named: readonly (readonly [string, Expression])[];
  /** `*rest` and `**rest`. */
  spread: Expression | undefined;
  namedSpread: Expression | undefined;
}

/** What `{% for %}` and `{% set %}` bind: a name, several, or an attribute of a namespace. */
export type Target =
  | { kind: 'name'; name: string }
  | { kind: 'names'; names: readonly string[] }
  | { kind: 'attribute'; name: string; attribute: string };

export type Statement = Span &
  (
    | { kind: 'text'; text: string }
    | { kind: 'output'; expression: Expression }
    | {
        kind: 'if';
        branches: readonly { test: Expression; body: readonly Statement[] }[];
        otherwise: readonly Statement[];
      }
    | {
        kind: 'for';
        target: Target;
        iterable: Expression;
        filter: Expression | undefined;
        body: readonly Statement[];
        otherwise: readonly Statement[];
        /** Its body may call `loop(…)`, which runs it for the items of another list. */
        recursive: boolean;
      }
    | { kind: 'set'; target: Target; value: Expression }
    | { kind: 'capture'; target: Target; body: readonly Statement[]; filter: Expression | undefined }
    | ({ kind: 'macro'; name: string } & MacroParts)
    | ({ kind: 'call'; call: Expression } & MacroParts)
    | { kind: 'filtered'; filter: Expression; body: readonly Statement[] }
    | {
        kind: 'with';
        bindings: readonly { target: Target; value: Expression }[];
        body: readonly Statement[];
      }
    | { kind: 'include'; template: Expression; ignoreMissing: boolean; withContext: boolean }
    | { kind: 'import'; template: Expression; name: string; withContext: boolean }
    | {
        kind: 'from';
        template: Expression;
        names: readonly { name: string; alias: string }[];
        withContext: boolean;
      }
    | { kind: 'extends'; template: Expression }
    | { kind: 'block'; name: string; scoped: boolean; required: boolean; body: readonly Statement[] }
  );

/** What a macro takes and does; the body of `{% call %}` is one too. */
export interface MacroParts {
  parameters: readonly { name: string; fallback: Expression | undefined }[];
  body: readonly Statement[];
}

/** The name that the filters of a block are applied to. No template can write it. */
export const CAPTURED = '(captured)';
