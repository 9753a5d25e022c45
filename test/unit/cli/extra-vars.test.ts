import { describe, expect, test } from 'vitest';
import { readExtraVars } from '../../../src/cli/extra-vars.js';

describe('what -e takes', () => {
  test.each<[string, readonly string[], Record<string, unknown>]>([
    ['words make strings', ['a=1 b="two words" c=\'x y\''], { a: '1', b: 'two words', c: 'x y' }],
    ['JSON keeps its types', ['{"a": 1, "b": [true, null]}'], { a: 1, b: [true, null] }],
    ['a later one wins', ['a=1', '{"a": 2}', 'a=3'], { a: '3' }],
    ['an empty value', ['a='], { a: '' }],
  ])('%s', async (_name, options, vars) => expect(await readExtraVars(options)).toEqual(vars));

  test.each(['hunter2', 'db_key=hunter2 hunter2', 'db_key=hunter2"', '=hunter2', '[hunter2]'])(
    '%s is refused, and its text is not shown',
    async (option) => {
      const error: unknown = await readExtraVars([option]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('name=value') });
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    },
  );

  test('a file that never ends, or is bigger than any that is meant, is not read', async () => {
    await expect(readExtraVars(['@/dev/zero'])).rejects.toThrow(
      "can't read the extra variables in /dev/zero: it is bigger than 8 MiB",
    );
  });

  test('a file that is not there is named, with the reason', async () => {
    await expect(readExtraVars(['@/no/such/file'])).rejects.toThrow(
      /extra variables in \/no\/such\/file: ENOENT/,
    );
  });
});
