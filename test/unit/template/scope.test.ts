import { describe, expect, it } from 'vitest';
import type { NetplayError } from '../../../src/shared/errors.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';

const templates = createTemplates();

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as NetplayError).message;
  }
  throw new Error('expected an error');
}

describe('a scope', () => {
  it('resolves values through one another, later layers first', () => {
    const scope = createScope(
      [{ base: '10.0', address: '{{ base }}.{{ n }}', n: 1 }, { n: 2 }, { base: '192.168' }],
      templates,
    );
    expect(scope.get('address')).toBe('192.168.2');
  });

  it('keeps types', () => {
    const scope = createScope([{ list: [1, '{{ two }}'], two: 2, all: '{{ list }}' }], templates);
    expect(scope.get('all')).toEqual([1, 2]);
  });

  it('renders what is used, and once', () => {
    const rendered: unknown[] = [];
    const counting = new Proxy(templates, {
      get: (target, name: keyof typeof templates) =>
        name === 'render'
          ? (...args: Parameters<typeof templates.render>) => {
              rendered.push(args[0]);
              return target.render(...args);
            }
          : target[name].bind(target),
    });
    const scope = createScope([{ a: '{{ b }}', b: '{{ 1 + 1 }}', broken: '{{ nope }}' }], counting);
    const child = scope.child({ item: 1 });
    expect([scope.get('a'), scope.get('a'), child.get('a'), scope.child({}).get('b')]).toEqual([2, 2, 2, 2]);
    expect(rendered).toEqual(['{{ b }}', '{{ 1 + 1 }}']);
  });

  it.each([
    [{ a: '{{ a }}' }, 'a', "'a' is defined through itself: a → a"],
    [{ a: '{{ b }}', b: '{{ c }}', c: '{{ a }}' }, 'a', "'a' is defined through itself: a → b → c → a"],
    [{ x: '{{ a }}', a: '{{ b }}', b: ['{{ a }}'] }, 'x', "'a' is defined through itself: a → b → a"],
  ])('finds circles: %j', (variables, name, message) => {
    const scope = createScope([variables], templates);
    expect(messageOf(() => scope.get(name))).toBe(message);
    expect(messageOf(() => scope.get(name))).toBe(message);
  });

  it('says in which variable an error is, and where', () => {
    const place = { file: 'site.yml', line: 3, column: 1 };
    const scope = createScope([{ a: '{{ b }}', b: '{{ nope }}' }], templates, { place });
    expect(messageOf(() => scope.get('a'))).toBe(`'nope' is undefined, in "{{ nope }}": the value of 'b'`);
    expect(() => scope.get('a')).toThrowError(expect.objectContaining({ code: 'template', place }));
  });

  it('a variable made from an undefined one is undefined', () => {
    const scope = createScope([{ a: '{{ nope }}', bad: '{{ 1 / 0 }}' }], templates);
    expect(templates.render('{{ a | default(5) }} {{ a is defined }}', scope)).toBe('5 False');
    expect(messageOf(() => templates.render('{{ bad | default(5) }}', scope))).toContain('division by zero');
  });

  it('names each variable once', () => {
    const scope = createScope([{ a: 1, b: 2 }, { b: 3 }], templates).child({ b: 4, c: 5 });
    expect([...scope.names()].sort()).toEqual(['a', 'b', 'c']);
    expect([scope.has('a'), scope.has('c'), scope.has('toString'), scope.has('__proto__')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a child', () => {
  it('hides names of its parent, which does not change', () => {
    const scope = createScope([{ dev: 'eth0', name: 'if-{{ dev }}' }], templates);
    const child = scope.child({ dev: 'eth1' });
    expect([scope.get('name'), child.get('name'), child.get('dev'), scope.get('dev')]).toEqual([
      'if-eth0',
      'if-eth1',
      'eth1',
      'eth0',
    ]);
  });

  it("lets a task's variables see the loop's item, through others too", () => {
    const task = createScope([{ prefix: 'p' }], templates).child({
      label: '{{ prefix }}-{{ item.name }}',
      title: '<{{ label }}>',
    });
    const titles = ['a', 'b'].map((name) => task.child({ item: { name } }).get('title'));
    expect(titles).toEqual(['<p-a>', '<p-b>']);
    expect(messageOf(() => task.get('title'))).toContain("'item' is undefined");
  });

  it('renders its values, unless they are results', () => {
    const scope = createScope([{ n: 1 }], templates);
    expect(scope.child({ item: '{{ n }}' }).get('item')).toBe(1);
    expect(scope.child({ item: '{{ n }}' }, { rendered: true }).get('item')).toBe('{{ n }}');
  });

  it('finds circles through its parent', () => {
    const scope = createScope([{ a: '{{ b }}', b: 1 }], templates);
    expect(messageOf(() => scope.child({ b: '{{ a }}' }).get('a'))).toBe(
      "'a' is defined through itself: a → b → a",
    );
    expect(scope.get('a')).toBe(1);
  });
});
