/** Expressions and templates on which Jinja2 is asked for its answer. */

export const variables = {
  yes: true,
  no: false,
  nothing: null,
  zero: 0,
  n: 7,
  big: 1500,
  half: 0.5,
  ratio: 2.25,
  name: 'eth0',
  empty: '',
  sentence: 'The quick brown fox',
  csv: 'a, b,c,,d',
  path: '/etc/network/interfaces',
  quoted: `it's "so"`,
  multi: 'one\ntwo\n\nthree',
  numbers: [3, 1, 2],
  words: ['banana', 'Apple', 'cherry'],
  mixed: [1, 'a', null, true, 2.5],
  nested: [[1, 2], [3, [4, 5]], []],
  none: [],
  nic: { name: 'eth0', mtu: 1500, addresses: ['192.168.1.1/24', 'fe80::1/64'], up: true, parent: null },
  nics: [
    { name: 'eth0', mtu: 1500, table: 'local100', up: true, addr: { ip: '192.168.1.1' } },
    { name: 'eth1', mtu: 9000, table: 'local200', up: false, addr: { ip: '192.168.1.2' } },
    { name: 'br0', mtu: 1500, table: 'Local100', up: true, addr: { ip: '10.0.0.1' } },
  ],
  tables: { local100: 100, local200: 200, Main: 254 },
  items_like: { items: [1], keys: 2 },
};

export const expressions: readonly string[] = String.raw`
1
-1
+n
1_000
0x1f
0o17
0b101
1.5
1.0
1e3
1.5e-7
1e16
123456789.0
1e22
0.1 + 0.2
1 + 2 * 3
(1 + 2) * 3
7 / 2
8 / 2
7 // 2
-7 // 2
7 % 3
-7 % 3
7 % -3
7.5 % 2
-7.5 % 2
1.0 // 0.1
2 ** 10
2 ** 3 ** 2
-2 ** 2
2 ** -1
2 ** 0.5
1 - 1.0
3 * 1.5
1 / 3
2 / 3 * 3
10 / 5 / 2
true + true
true * 3
-true
n - -n
1 / 0
1 // 0
1 % 0
'a' + 'b'
'a' 'b'
'a' * 3
3 * 'ab'
'a' * -1
[1] * 2
[1] + [2, 3]
(1, 2) + (3,)
[1] + (2,)
'a' + 1
1 + 'a'
[1] + 'a'
'a' ~ 1
'a' ~ 1.0 ~ none ~ true
1 ~ 2 + 3
'x' ~ [1, 'a', 2.0]
'%s-%d' % ('a', 3)
'%05d|%-5s|%5s|%x|%X|%o|%e|%.2f|%g|%%' % (42, 'ab', 'cd', 255, 255, 8, 12345.678, 3.14159, 0.0001)
'%(a)s and %(b)03d' % {'a': 'x', 'b': 7}
'%s' % [1, 2]
'%s' % nic.name
'%r' % 'a'
'%c' % 65
'%s %s' % ('a',)
'%d' % 'a'
'%i' % 3.9
'%.3s' % 'abcdef'
'%+d % d' % (3, 4)
'%#x' % 255
'%08.3f' % 3.14159
'%*d' % (5, 3)
1 < 2
1 < n < 10
10 > n > 8
1 == 1.0
1 == true
'1' == 1
[1, 2] == [1, 2]
(1, 2) == [1, 2]
{'a': 1} == {'a': 1.0}
none == nothing
nothing == false
'a' < 'b'
'B' < 'a'
'abc' < 'abd'
[1, 2] < [1, 3]
[1] < [1, 0]
(1, 'a') < (1, 'b')
1 < 'a'
nothing < 1
1 != 2
'a' != 'a'
n >= 7
n <= 6
1 in numbers
4 in numbers
1.0 in numbers
'x' not in words
'eth' in name
'' in name
1 in name
'mtu' in nic
'nope' in nic
'a' in n
1 in (1, 2)
not yes
not not yes
not n > 5
not 1 in numbers
yes and no
n and name
zero and name
zero or name
empty or none or 'last'
'' or 0
yes or undefined_one
no and undefined_one
1 if yes else 2
1 if no else 2
1 if no else 2 if no else 3
1 if no
(1 if no) is defined
'a' if n > 5 and name == 'eth0' else 'b'
nic.name
nic['name']
nic.addresses[0]
nic.addresses.0
nic.addresses[-1]
nic.addresses[9]
nic.nope
nic.nope.deeper | default('d')
nic['nope'] | default('d')
nope
nope | default('d')
nope.a.b | default('d')
nope['a'][0].c | default('d')
nope | default(nope2) | default(3)
empty | default('d')
empty | default('d', true)
nothing | default('d')
nothing | default('d', boolean=true)
zero | d(5, true)
n | default(1)
nope | default
numbers[0]
numbers[-1]
numbers[1:]
numbers[:1]
numbers[:-1]
numbers[::-1]
numbers[::2]
numbers[-2:]
numbers[5:]
numbers[1:1]
numbers[2:0:-1]
numbers[10:-10:-1]
numbers[::0]
(1, 2, 3)[1:]
name[0]
name[-1]
name[1:3]
name[::-1]
name[9]
n[1:]
[1, 2, 3]
[]
[1, 'two', 3.0, none, true, [4], {'a': 1}]
[1, 2,]
(1,)
()
(1, 2)
(1)
{}
{'a': 1, 'b': [1, 2]}
{'a': 1,}
{'a': {'b': {'c': 1}}}.a.b.c
{name: n}
{'b': 1, 'a': 2}
'tab\there'
'nl\nhere'
'\x41\u0042\101'
'back\\slash'
"it's"
'say "hi"'
quoted
[quoted]
["it's", 'say "hi"', 'both \' and "', 'tab\t', 'é', 'nl\n', '\x00\x7f', 'a\\b']
[1e16, 1e15, 0.0001, 0.00001, 1.0, 100000.0, 2.5e-8]
'\d'
name.upper()
name.upper().lower()
sentence.split()
sentence.split(' ', 1)
sentence.rsplit(' ', 1)
sentence.rsplit(none, 2)
sentence.split(none, 2)
csv.split(',')
csv.split(',', 2)
csv.rsplit(',', 2)
csv.split('')
'  a b '.split()
'a,b'.split(',')[1]
' x '.strip()
'xxabxx'.strip('x')
'xxabxx'.lstrip('x')
'xxabxx'.rstrip('x')
name.startswith('eth')
name.startswith(('wlan', 'eth'))
name.endswith('0')
name.startswith('h', 2)
name.replace('eth', 'ens')
'aaa'.replace('a', 'b', 2)
'aaa'.replace('', '-')
'aaa'.replace('', '-', 2)
name.find('h')
name.find('z')
name.index('h')
name.index('z')
'banana'.rfind('an')
'banana'.count('an')
'banana'.count('')
', '.join(words)
'-'.join(numbers)
'{} is {}'.format('a', 1)
'{0}{1}{0}'.format('a', 'b')
'{x:>5}|{x:<5}|{x:^5}|'.format(x='ab')
'{:05d} {:.2f} {:x} {:,} {:+d} {:e}'.format(42, 3.14159, 255, 1234567, 5, 12345.678)
'{a[name]} {a[mtu]}'.format(a=nic)
'{{}} {!r}'.format('q')
'{:#x} {:08.3f} {:b} {:%}'.format(255, 3.14159, 5, 0.25)
'{:*^9}'.format('mid')
'{:g} {} {}'.format(0.00001, 1.0, none)
'{}'.format()
'a-b-c'.partition('-')
'a-b-c'.rpartition('-')
'abc'.partition('-')
'7'.zfill(3)
'-7'.zfill(4)
'ab'.ljust(5) ~ '|'
'ab'.rjust(5, '.')
'ab'.center(7, '*')
'abc'.center(6, '*')
'12'.isdigit()
'1a'.isdigit()
''.isdigit()
'abc'.isalpha()
'ab1'.isalnum()
'AB'.isupper()
'hello world'.title()
"they're bill's".title()
'hELLO wORLD'.capitalize()
'Ab'.swapcase()
multi.splitlines()
'prefix-x'.removeprefix('prefix-')
'x.yml'.removesuffix('.yml')
nic.keys() | list
nic.values() | list
tables.items() | list
tables.items() | sort
nic.get('mtu')
nic.get('nope')
nic.get('nope', 5)
nic.get('parent', 5)
numbers.index(2)
numbers.index(9)
numbers.count(1)
n.upper()
name.nope()
name | upper
name | capitalize
sentence | lower
sentence | title
'foo-bar baz(qux' | title
'  x ' | trim
'xxaxx' | trim('x')
sentence | replace('quick', 'slow')
'aaa' | replace('a', 'b', 2)
sentence | wordcount
sentence | length
numbers | length
nic | length
n | length
numbers | count
numbers | first
numbers | last
none | first
none | first | default('x')
name | first
name | last
numbers | sort
numbers | sort(reverse=true)
words | sort
words | sort(case_sensitive=true)
nics | sort(attribute='mtu') | map(attribute='name') | list
nics | sort(attribute='mtu,name') | map(attribute='name') | list
nics | sort(attribute='addr.ip') | map(attribute='name') | list
mixed | sort
numbers | reverse | list
name | reverse
numbers | join
numbers | join(', ')
mixed | join('|')
nics | join(', ', attribute='name')
[1, 2, 1, 3] | unique | list
['a', 'A', 'b'] | unique | list
['a', 'A', 'b'] | unique(true) | list
nics | unique(attribute='mtu') | map(attribute='name') | list
numbers | sum
[1.5, 2] | sum
[0.5, 0.5] | sum
nics | sum(attribute='mtu')
nics | sum(attribute='mtu', start=10)
none | sum
words | sum
numbers | min
numbers | max
words | min
words | max
words | min(case_sensitive=true)
nics | max(attribute='mtu')
none | max | default('x')
-5 | abs
(-5) | abs
-5.0 | abs
2.5 | round
3.5 | round
2.4567 | round(2)
2.675 | round(2)
42.55 | round(1)
0.125 | round(2)
1234 | round(-2)
7 | round
2.1 | round(method='ceil')
2.9 | round(0, 'floor')
2.12345 | round(3, 'ceil')
'42' | int
'42.7' | int
'abc' | int
'abc' | int(7)
'abc' | int(none)
'ff' | int(base=16)
'0x1f' | int(0, 16)
'101' | int(base=2)
' 12 ' | int
3.99 | int
-3.99 | int
true | int
nothing | int
'1.5' | float
'x' | float
'x' | float(9)
3 | float
'1e3' | float
3 | string
none | string
1.0 | string
[1, 'a'] | string
name | list
nic | list
(1, 2) | list
numbers | batch(2) | list
numbers | batch(2, 0) | list
[1, 2, 3, 4, 5, 6, 7] | slice(3) | list
[1, 2, 3, 4, 5, 6, 7] | slice(3, 0) | list
nics | groupby('mtu') | list
nics | groupby('table') | map('first') | list
nics | groupby('addr.ip') | map(attribute='grouper') | list
(nics | groupby('mtu'))[0].list | map(attribute='name') | list
tables | dictsort
tables | dictsort(true)
tables | dictsort(by='value')
tables | dictsort(false, 'value', true)
tables | items | list
nics | map(attribute='name') | list
nics | map(attribute='addr.ip') | list
nics | map(attribute='nope') | list
nics | map(attribute='nope', default='x') | list
words | map('upper') | list
words | map('replace', 'a', 'o') | list
numbers | map('string') | join('-')
['1', 'x'] | map('int', default=5) | list
nested | map('length') | list
nested | map('first') | map('default', 'none') | list
nics | map(attribute='nope') | map('default', 0) | list
nics | map(attribute='nope') | select('defined') | list
numbers | select('odd') | list
numbers | reject('odd') | list
numbers | select('>', 1) | list
numbers | select('in', [1, 2]) | list
mixed | select | list
mixed | reject | list
mixed | select('string') | list
nics | selectattr('up') | map(attribute='name') | list
nics | rejectattr('up') | map(attribute='name') | list
nics | selectattr('mtu', 'eq', 1500) | map(attribute='name') | list
nics | selectattr('mtu', '>', 1500) | map(attribute='name') | list
nics | selectattr('nope', 'defined') | list
nics | rejectattr('nope', 'defined') | list | length
nics | selectattr('addr.ip', 'equalto', '10.0.0.1') | map(attribute='name') | first
multi | indent
multi | indent(2)
multi | indent(2, true)
multi | indent(2, blank=true)
multi | indent('> ')
'%s=%s' | format('a', 1)
'%(x)d' | format(x=3)
name | nofilter
[1, 2] | join('-') | upper
-1 | abs
n is defined
nope is defined
nope is not defined
nope is undefined
nic.nope is defined
nic.name is defined
nope.a.b is defined
nope.a.b is not defined
nothing is none
n is none
name is string
n is string
n is number
yes is number
half is number
n is integer
yes is integer
1.0 is integer
1.0 is float
n is float
yes is boolean
1 is boolean
nic is mapping
numbers is mapping
numbers is sequence
name is sequence
nic is sequence
numbers is iterable
n is iterable
4 is even
4 is odd
3 is odd
9 is divisibleby 3
9 is divisibleby(2)
n is eq 7
n is equalto(7)
n is ne 7
n is lt 8
n is le 7
n is gt 7
n is ge 7
n is == 7
2 is in numbers
2 is not in numbers
2 is in [1, 2]
nothing is sameas none
1 is sameas true
'ab' is lower
'aB' is lower
'AB' is upper
yes is true
1 is true
no is false
n is not none and n > 3
not n is none
n is even or n is odd
(n is odd) == true
range(3) | list
range(1, 4) | list
range(10, 0, -3) | list
range(0) | list
range(1, 2, 0)
dict(a=1, b=2)
dict([('a', 1)])
dict(nic, mtu=9000).mtu
namespace(a=1).a
range(5) | sum
range(3) | map('string') | join(',')
[1, 2, 3] | map('float') | list
'a' if 'b' in 'abc' else 'c'
[nic.name, n + 1] | join(':')
nic.addresses | map('replace', '/24', '') | first
(n + 1) * 2 ~ 'x'
n + 1 | string
[1, 2, 3][n - 6]
{'x': [1, {'y': 2}]}['x'][1].y
numbers | sort | first + 1
(numbers | sort | first) + 10
'1' ~ '2' == '12'
1 + 1 == 2 and 2 in [1 + 1]
[[1, 2], [3]] | sum(start=[])
nics[0].name ~ '.' ~ nics[0].mtu
nics[-1]['addr']['ip'].split('.')[0] | int
items_like['items']
dict(*[[('a', 1)]])
range(*[1, 4]) | list
dict(**{'k': 2})
'a' in ['a'] and 'b' not in ['a']
true and none
True == true
None is none
'x'.join(['a'])
('a', 'b') | join
'' is defined
nope == 1
nope ~ 'x'
[nope]
{'a': nope}
nope + 1
-nope
nope in numbers
nope | length
nope | upper
nope()
n()
1 2
1 +
(1
[1, 2
{'a' 1}
'unclosed
a b
| upper
n |
n is
n.
n[
1 = 2
#
n $ 2
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

export const templates: readonly string[] = [
  'plain text',
  '{{ n }}',
  'a{{ n }}b',
  '{{ n }}{{ name }}',
  '{{ 1, 2 }}',
  '{{ half }} {{ 4 / 2 }} {{ 1.0 }} {{ 1e20 }}',
  '{{ yes }} {{ no }} {{ nothing }}',
  '{{ numbers }} {{ nic }}',
  '{{ (1, "a") }} {{ (1,) }} {{ () }}',
  '{{ tables.items() }}',
  '  {{ n }}  \n',
  '{{- n -}}',
  'a  {{- n -}}  b',
  'a  {{ n -}}  b',
  'a\n{%- if yes %} x {% endif -%}\nb',
  '{% if yes %}yes{% endif %}',
  '{% if no %}yes{% endif %}-',
  '{% if no %}1{% elif n > 5 %}2{% else %}3{% endif %}',
  '{% if no %}1{% elif n > 50 %}2{% else %}3{% endif %}',
  '{% if yes %}\nline\n{% endif %}\nend\n',
  '{% for x in numbers %}{{ x }},{% endfor %}',
  '{% for x in none %}x{% else %}empty{% endfor %}',
  '{% for k, v in tables.items() %}{{ k }}={{ v }};{% endfor %}',
  '{% for k in tables %}{{ k }} {% endfor %}',
  '{% for x in numbers %}\n{{ loop.index }}/{{ loop.length }} {{ loop.first }} {{ loop.last }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.revindex0 }}\n{% endfor %}',
  '{% for x in numbers if x > 1 %}{{ loop.index }}:{{ x }} {% endfor %}',
  '{% for x in numbers if x > 9 %}{{ x }}{% else %}none{% endfor %}',
  "{% for x in numbers %}{{ loop.cycle('a', 'b') }}{% endfor %}",
  '{% for x in [1, 1, 2] %}{{ loop.changed(x) }} {% endfor %}',
  '{% for x in numbers %}{{ loop.previtem | default("-") }}{{ x }}{{ loop.nextitem | default("-") }} {% endfor %}',
  '{% for x in numbers %}{% for y in words %}{{ loop.index }}{{ x }}{{ y }} {% endfor %}{{ loop.index }}{% endfor %}',
  '{% for nic in nics %}{{ nic.name }}{% if not loop.last %}, {% endif %}{% endfor %} {{ nic.name }}',
  '{% for a, b in [[1, 2], [3, 4]] %}{{ a + b }} {% endfor %}',
  '{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}',
  '{% for (a, b) in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}',
  '{% for c in name %}{{ c }}.{% endfor %}',
  '{% for x in n %}{% endfor %}',
  '{% for x in nope %}{% endfor %}',
  '{% set x = 5 %}{{ x + 1 }}',
  '{% set x = 5 %}\n{{ x }}\n',
  '{% set a, b = 1, 2 %}{{ a }}{{ b }}',
  '{% set x = [1, 2] %}{{ x | sum }}',
  '{% set x %}hello {{ name }}{% endset %}{{ x | upper }}',
  '{% set x = 1 %}{% for y in numbers %}{% set x = y %}{% endfor %}{{ x }}',
  '{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}',
  '{% set ns = namespace(total=0) %}{% for y in numbers %}{% set ns.total = ns.total + y %}{% endfor %}{{ ns.total }}',
  '{% set nic.x = 1 %}',
  'a{# comment #}b',
  'a {#- comment -#} b',
  'a\n{# comment #}\nb',
  '{% raw %}{{ n }}{% endraw %}',
  '{% raw %}\n{{ n }}\n{% endraw %}\nx',
  'a {%- raw -%} {{ n }} {%- endraw -%} b',
  "{{ '}}' }}",
  "{{ '{{ n }}' }}",
  "{{ {'a': {'b': 1}} }}",
  "{{ {'a': {}}}}",
  '{% if "%}" == "x" %}a{% else %}b{% endif %}',
  '{',
  '{ { n } }',
  '}} %}',
  '{{ n',
  '{% if yes %}',
  '{% endif %}',
  '{% for x in numbers %}{% endif %}',
  '{% nope %}',
  '{% if yes %}a{% else %}b{% else %}c{% endif %}',
  '{{ nope }}',
  '{{ }}',
  '{% set x = nope %}{{ x | default("d") }}',
  '{%- set x = 1 -%}  {{ x }}',
  '{%+ if yes %}a{% endif +%}\nb',
  '{% if yes +%}\na{% endif %}\nb',
  '{{ "a" if no }}',
  '{% for x in numbers -%}\n  {{ x }}\n{%- endfor %}',
  'dev {{ nic.name }} mtu {{ nic.mtu }}{% if nic.up %} up{% endif %}\n',
];
