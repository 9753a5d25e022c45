/** INI files of a host's own facts with what they hold; null where they can't be read. Python's configparser judges. */
export const INIS: readonly {
  name: string;
  text: string;
  holds: Readonly<Record<string, unknown>> | null;
}[] = [
  { name: 'nothing', text: '', holds: {} },
  {
    name: 'sections',
    text: '[a]\nx = 1\nY: two words\n[b]\n',
    holds: { a: { x: '1', y: 'two words' }, b: {} },
  },
  {
    name: 'comments and empty lines',
    text: '# c\n[a]\n; d\n\nx = 1 # no comment\n\ny=2\n',
    holds: { a: { x: '1 # no comment', y: '2' } },
  },
  {
    name: 'a value of several lines',
    text: '[a]\nx = 1\n  2\n\n  3\ny =\n',
    holds: { a: { x: '1\n2\n\n3', y: '' } },
  },
  { name: 'an indented name', text: '[a]\n  x = 1\n', holds: { a: { x: '1' } } },
  {
    name: 'defaults',
    text: '[DEFAULT]\nx = 1\ny = 2\n[a]\ny = 3\n',
    holds: { a: { x: '1', y: '3' } },
  },
  {
    name: 'references',
    text: '[a]\nhome = /srv\ndir = %(HOME)s/x\ndeep = %(dir)s/y 100%%\n',
    holds: { a: { home: '/srv', dir: '/srv/x', deep: '/srv/x/y 100%' } },
  },
  { name: 'the first of = and :', text: '[a]\nx: 1 = 2\ny = a:b\n', holds: { a: { x: '1 = 2', y: 'a:b' } } },
  {
    name: 'a name of an object',
    text: '[__proto__]\n__proto__ = 1\n',
    holds: Object.fromEntries([['__proto__', Object.fromEntries([['__proto__', '1']])]]),
  },
  { name: 'no section', text: 'x = 1\n', holds: null },
  { name: 'a word alone', text: '[a]\nx\n', holds: null },
  { name: 'a section twice', text: '[a]\n[a]\n', holds: null },
  { name: 'a name twice', text: '[a]\nx = 1\nX = 2\n', holds: null },
  { name: 'a reference to nothing', text: '[a]\nx = %(y)s\n', holds: null },
  { name: 'a percent sign alone', text: '[a]\nx = 50%\n', holds: null },
  { name: 'a reference to itself', text: '[a]\nx = %(x)s\n', holds: null },
];
