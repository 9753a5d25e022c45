import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderTemplateReference } from '../../../src/template/reference.js';

describe('docs/functions.md', () => {
  it('is what `npm run docs` writes', () => {
    const page = readFileSync(new URL('../../../docs/functions.md', import.meta.url), 'utf8');
    expect(page).toBe(renderTemplateReference());
  });
});
