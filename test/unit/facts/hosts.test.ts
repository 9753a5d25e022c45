/** Facts of hosts of all kinds, from their files. */
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/facts/parse.js';
import { factAnswer } from '../../support/fact-answers.js';
import { DISTRIBUTIONS } from '../../support/fact-hosts.js';
import { FACT_MACHINES } from '../../support/fact-machines.js';

describe.each([...DISTRIBUTIONS, ...FACT_MACHINES])('$name', (host) => {
  test('has the facts that its files tell', () => {
    const facts = parseFacts(factAnswer(host));
    const told = Object.fromEntries(Object.keys(host.facts).map((name) => [name, facts[name]]));
    expect(told).toEqual(host.facts);
  });
});
