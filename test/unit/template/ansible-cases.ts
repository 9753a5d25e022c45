/** Expressions, templates, files and loops on which Ansible is asked for its answer. */

/** Files beneath the judge's folder: a playbook's and a role's. */
export const files: Readonly<Record<string, string>> = {
  'files/motd': 'hello\nworld\n\n',
  'files/spaced': '  a  \n',
  'files/people.csv': 'ann,1,"x, y"\nbob,2,z\n',
  'files/tabs.csv': 'a\tone\nb\ttwo\n',
  'files/app.ini': '[global]\nuser=root\n\n[net]\n; comment\nmtu = 9000\nName: eth0\n',
  'files/app.properties': 'user.name=jo\nport=80\n',
  'files/conf.d/b.conf': 'b',
  'files/conf.d/a.conf': 'a',
  'files/conf.d/.hidden.conf': 'h',
  beside: 'beside the playbook',
  'roles/r/files/motd': 'of the role\n',
  'roles/r/templates/role.j2': 'role {{ name }}\n',
  'templates/part.j2': 'part of {{ name }}{% set inner = 1 %}\n',
  'templates/local.j2': '[{{ local | default("none") }}]',
  'templates/macros.j2': `{% macro nic(name, mtu=1500) %}
{{ name }}:{{ mtu }}
{%- endmacro %}
{% macro wrap() %}<{{ caller() }}>{% endmacro %}
{% set version = 3 %}
{% macro sees() %}{{ name | default('nothing') }}{% endmacro %}
`,
  'templates/base.j2': `head
{% block title %}base title{% endblock %}

{% block body %}
base {{ name }}
{% endblock %}
foot
`,
  'templates/mid.j2': `{% extends "base.j2" %}
{% block title %}mid {{ super() }}{% endblock %}
`,
  'templates/plain.j2': '{{ numbers | join(",") }} {{ nothing }}\n',
};

export const variables = {
  name: 'eth0',
  nothing: null,
  empty: '',
  numbers: [3, 1, 2],
  words: ['banana', 'Apple', 'cherry'],
  nic: { name: 'eth0', mtu: 1500 },
  nics: [
    { name: 'eth0', mtu: 1500, addresses: ['10.0.0.1/24', '10.0.0.2/24'] },
    { name: 'eth1', mtu: 9000, addresses: ['10.1.0.1/24'] },
  ],
  tables: { local100: 100, local200: 200 },
  tree: [{ n: 1, kids: [{ n: 2, kids: [{ n: 3 }] }, { n: 4 }] }],
  line: 'inet 192.168.1.1/24 brd 192.168.1.255 dev eth0',
  result: { changed: true, failed: false, rc: 0, stdout: 'x' },
  skipped: { changed: false, skipped: true },
  broken: { failed: true, rc: 1, unreachable: true },
};

/** One a line. */
export const expressions: readonly string[] = String.raw`
nics | ansible.builtin.map(attribute='name') | list
name is ansible.builtin.match('eth')
tables | dict2items
tables | dict2items(key_name='k', value_name='v') | items2dict(key_name='k', value_name='v')
nics | items2dict(key_name='name', value_name='mtu')
nic | combine({'mtu': 9000})
{'a': {'b': [1]}} | combine({'a': {'b': [2], 'c': 3}}, recursive=true, list_merge='append_rp')
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='prepend_rp')
{'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='keep')
[{'a': 1}, {'b': 2}] | combine
numbers | union([9]) | list
numbers | difference([1])
numbers | intersect([1, 2, 7])
numbers | symmetric_difference([1, 7])
[1, 1.0, '1', true] | unique
nics | unique(attribute='mtu') | map(attribute='name') | list
numbers | permutations | list
numbers | permutations(2) | list
numbers | combinations(2) | list
[1, 2, 3, 4] | combinations(3) | list
numbers | product(['a', 'b']) | list
numbers | zip(words) | list
[1] | zip_longest(words, fillvalue='x') | list
[[1, [2]], 3] | flatten(levels=1)
[1, none, [2, [none, 3]]] | flatten
nics | subelements('addresses') | list
nics | subelements('nope', skip_missing=true)
nics | subelements('nope')
nics | subelements(['addresses']) | length
{'x': nics[0], 'y': nics[1]} | subelements('addresses') | map('last') | list
nics | rekey_on_member('name') | dict2items | map(attribute='key') | list
{'a': nics[0], 'b': nics[0]} | rekey_on_member('name')
{'a': nics[0], 'b': nics[0]} | rekey_on_member('name', duplicates='overwrite') | list
'eth1' | extract({'eth1': {'mtu': 5}}, 'mtu')
[0, 2] | map('extract', ['a', 'b', 'c']) | list
'x' | extract({'x': {'y': {'z': 1}}}, ['y', 'z'])
line | regex_search('([0-9.]+)/(\\d+)', '\\1', '\\2')
line | regex_search('dev (?P<dev>\\w+)', '\\g<dev>')
line | regex_search('nope')
line | regex_search('(nope)', '\\1')
line | regex_findall('\\d+')
line | regex_findall('(\\w+) ([0-9.]+)')
line | regex_replace('^inet (\\S+).*', '\\1')
'a.b' | regex_replace('\\.', '-')
'aBc' | regex_replace('(?i)b', 'x')
'abc' | regex_replace('(?P<x>b)', '<\\g<x>>')
'foo\nbar' | regex_replace('^(.)', '-\\1', multiline=true)
'a+b' | regex_escape
'^a[b]' | regex_escape('posix_basic')
'yes' | bool
'0' | bool
'TRUE' | bool
'maybe' | bool
1 | bool
1.0 | bool
none | bool
'off' | bool
true | ternary('a', 'b')
'' | ternary('a', 'b')
none | ternary('a', 'b', 'c')
none | ternary('a', 'b')
nope | default('x') | ternary(1, 2)
nope | mandatory
name | mandatory
nope | mandatory('say it')
nic | to_json
nic | to_json(indent=2)
[1, 'é', none, true, 1.5] | to_json
nic | to_nice_json
nic | to_nice_json(indent=2, sort_keys=false)
[] | to_nice_json
{} | to_nice_json
{'b': [], 'a': {}} | to_nice_json
'{"a": [1, 2.5, null, true]}' | from_json
'nope' | from_json
'a: 1\nb: [x, y]' | from_yaml
'a: 1' | from_yaml | to_json
'--- 1\n--- {a: 2}\n' | from_yaml_all | list
nic | to_yaml
nic | to_nice_yaml
nics | to_nice_yaml
nics | to_yaml
nics | to_nice_yaml(indent=2)
{'a': none, 'b': true, 'c': 'yes', 'd': '1', 'e': '', 'f': 'x: y', 'g': '- z', 'h': 'a#b', 'i': 'no', 'j': '1.5', 'k': 'null', 'l': '~', 'm': '10.0.0.1/24', 'n': '52:54:00:12:34:56', 'o': "it's", 'p': ' lead', 'q': '*x', 'r': 'a: b', 's': '@x', 't': '12e3', 'u': '0x1f', 'v': '1_000', 'w': '2001-01-01', 'x': '10:20'} | to_nice_yaml
'line one\nline two\n' | to_nice_yaml
{'text': 'line one\nline two\n'} | to_nice_yaml
'plain' | to_yaml
[1, 2.0, 1.5, none, true] | to_yaml
[[1, 2], [3]] | to_nice_yaml
{'a': [], 'b': {}} | to_nice_yaml
{'list': [{'x': 1, 'y': [1, 2]}, {'z': {'w': 1}}]} | to_nice_yaml
{'list': [{'x': 1, 'y': [1, 2]}, {'z': {'w': 1}}]} | to_yaml
{'z': 1, 'a': 2} | to_nice_yaml(sort_keys=false)
{'k': 'word ' * 40 ~ 'end'} | to_nice_yaml
{'k': ('word ' * 40 ~ 'end: x')} | to_nice_yaml
{'k': ('wo\tord ' * 30)} | to_nice_yaml
{'k': ('x' * 100 ~ ' ' ~ 'y' * 100)} | to_yaml
range(60) | list | to_yaml
{'a': range(40) | list, 'b': 'x'} | to_yaml
dict(range(30) | map('string') | zip(range(30))) | to_yaml
{'a': {'b': dict(range(30) | map('string') | zip(range(30)))}} | to_yaml
{'k': 'a\n\nb\n  c\n'} | to_nice_yaml
{'k': 'tab\there', 'l': 'bell\x07', 'm': 'a \nb', 'n': '  ', 'o': '\n', 'p': 'é\u2028x', 'q': '🚀'} | to_nice_yaml
{'': 1, 'a b': 2, 'yes': 3, '1': 4, 'x: y': 5, 'multi\nline': 6} | to_nice_yaml
{('k' * 130): 1, 'x': [{('l' * 140): [1]}]} | to_nice_yaml
[[], {}, [[]], [{}], {'a': [{}]}] | to_nice_yaml
[[], {}, [[]], [{}], {'a': [{}]}] | to_yaml
[{'a': {'b': [{'c': 1}]}}] | to_nice_yaml(indent=3)
['-', '- x', '--- x', '?', '? x', ':x', 'x:', 'x #y', 'x#y', '%x', '@x', '!x', '&x', '{x', 'a,b', 'a]b', '"x"', "it's", '...', '<<', '=', 'Yes', 'yEs', 'oN', 'NULL', 'nUll', '.inf', '1.', '.5', '1e5', '1.0e+5', '0o7', '07', '0b1', '1:30', '2001-1-1', '2001-12-14 21:59:43.10', '-', ''] | to_nice_yaml
['-', '? x', ':x', 'a,b', 'a]b', 'a?b', 'a:b', 'x#y', '[', ''] | to_yaml
[1e20, 1.5e-7, 1e16, 123456789.123, -0.0] | to_yaml'netplan': 'ethernets': 'eth0': 'addresses': ['10.0.0.1/24', 'fe80::1/64'], 'dhcp4': false, 'macaddress': '52:54:00:12:34:56', 'routes': ['to': 'default', 'via': '10.0.0.254', 'metric': 100], 'version': 2| to_nice_yaml(indent=2)
7 | to_yaml
none | to_yaml
[] | to_yaml
'x: y' | to_yaml
'é ü 日本' | to_nice_yaml
'é ü 日本' | to_yaml
'abc' | b64encode
'w6k=' | b64decode
'abc' | hash('sha256')
'abc' | md5
'abc' | sha1
'abc' | checksum
'abc' | hash('nope')
'www.example.com' | to_uuid
'x' | to_uuid(namespace='11111111-2222-3333-4444-555555555555')
'/etc/a.conf' | basename
'/etc/a/' | basename
'/etc/a.conf' | dirname
'/etc/a/' | dirname
'a.tar.gz' | splitext
'.bashrc' | splitext
'/a/.b/c' | splitext
['/etc', 'a', 'b.conf'] | path_join
['/etc', '/a'] | path_join
'x' | path_join
'/a/b/c' | relpath('/a/d')
'/nope/../x' | realpath
'~/x' | expanduser
'$HOME/x $NOPE_X' | expandvars
'C:\\Users\\x.txt' | win_basename
'C:\\Users\\x.txt' | win_dirname
'C:\\Users\\x.txt' | win_splitdrive
'it\'s' | quote
'plain' | quote
'' | quote
'two words' | quote
'x' | comment
'a\nb' | comment('c')
'a\n\nb' | comment('cblock')
'a' | comment('xml')
'a' | comment('erlang')
'a' | comment('plain', prefix='##', postfix='##', decoration='# ')
'a' | comment(decoration='! ')
'a\nb' | comment('plain', prefix_count=2, postfix_count=0)
'a b c' | split
'a,b' | split(',')
nic | type_debug
numbers | type_debug
1.5 | type_debug
none | type_debug
'x' | type_debug
1.5 | log
8 | log(2)
100 | log(10)
2 | pow(5)
2.0 | pow(0.5)
16 | root
27 | root(3)
[1, 5, 3] | max
[1, 5, 3] | min
nics | max(attribute='mtu')
1024 | human_readable
1500 | human_readable
10 | human_readable
1048576 | human_readable(unit='K')
1500 | human_readable(isbits=true)
123456789 | human_readable
'1 KB' | human_to_bytes
'1.5M' | human_to_bytes
'10' | human_to_bytes
'10' | human_to_bytes('G')
'1Mb' | human_to_bytes(isbits=true)
'1 XB' | human_to_bytes
'http://u:p@h.example:8080/p/a?q=1#f' | urlsplit
'http://u:p@h.example:8080/p/a?q=1#f' | urlsplit('hostname')
'http://u:p@h.example:8080/p/a?q=1#f' | urlsplit('port')
'https://[2001:db8::1]:443/' | urlsplit
'file:///etc/x' | urlsplit
'http://x/' | urlsplit('nope')
'a b/c?d=é' | urlencode'a': 1, 'b': 'x y'| urlencode
[['k', 'v&w']] | urlencode
'a%20b+c%C3%A9' | urldecode
'<b> & "x"' | escape
"it's <i>" | e
'<b>x</b> <!-- c --> &amp; y' | striptags
'x' | center(7)
'ab' | center(7)
'the quick brown fox jumps' | truncate(12)
'the quick brown fox jumps' | truncate(12, true)
'the quick brown fox jumps' | truncate(12, false, '…')
'the quick brown' | truncate(12)
'the quick brown fox jumps over the lazy dog' | wordwrap(12)
'averyveryverylongword and more' | wordwrap(8)
'averyveryverylongword and more' | wordwrap(8, false)
'well-known self-made words' | wordwrap(7)
'one\n\ntwo three' | wordwrap(5)
13 | filesizeformat
1 | filesizeformat
1500 | filesizeformat
1500000 | filesizeformat
1500000 | filesizeformat(true)
999999 | filesizeformat'class': 'x', 'id': none, 'n': 1| xmlattr
nic | pprint
'x' | pprint
numbers | pprint
numbers | shuffle(seed='a') | sort
numbers | random(seed='a') in numbers
result is changed
result is failed
result is succeeded
result is success
result is skipped
skipped is skipped
skipped is not changed
broken is failed
broken is unreachable
broken is reachable'results': ['changed': false, 'changed': true]is changed'finished': 1is finished'started': 0is started
name is changed
'1.10' is version('1.9', '>')
'1.10' is version('1.9', 'lt')
'1.2.3' is version('1.2.3')
'1.2' is version('1.2.0', '==')
'2.14.18' is version('2.9', '>=')
'1.2.3-rc1' is version('1.2.3', '<', version_type='semver')
'1.2.3-rc.2' is version('1.2.3-rc.10', '<', version_type='semver')
'1.2' is version('1.2.0', '==', strict=true)
'1.2b1' is version('1.2', 'lt', strict=true)
'1.x' is version('1.2', '>')
'5.10.0-21-amd64' is version('5.4', '>=')
'9.0.3e' is version('9.0.3', '>')
'' is version('1')
'1' is version('2', '~')
'ETH0' is match('eth', ignorecase=true)
'my eth0' is search('eth[0-9]')
'eth0' is regex('^eth\\d$')
'eth0' is regex('eth', match_type='fullmatch')
numbers is contains 1
numbers is subset([1, 2, 3, 4])
numbers is superset([1])
[true, 1] is all
[false, 0] is any
'' is falsy
'yes' is truthy(convert_bool=true)
'no' is truthy(convert_bool=true)
'x' is truthy
'/etc' is directory
'/etc/passwd' is file
'/etc/passwd' is exists
'/nope' is exists
'/nope' is file
'/proc' is mount
'/etc' is mount
'/etc' is abs
'etc' is abs
'/etc' is same_file('/etc/.')
'/etc' is link
'http://h/x' is url
'http:' is url
'mailto:x@y.z' is uri
'https://h/' is uri(['http'])
'urn:isbn:1' is urn
'upper' is filter
'nope' is filter
'odd' is test
'$ANSIBLE_VAULT;1.1;AES256' is vault_encrypted
'x' is vault_encrypted
'nan' | float is nan
lookup('file', 'motd')
lookup('file', 'spaced')
lookup('file', 'spaced', rstrip=false, lstrip=true)
lookup('file', 'motd', 'spaced')
query('file', 'motd', 'spaced')
q('file', 'motd')
lookup('file', 'motd', wantlist=true)
lookup('ansible.builtin.file', 'motd')
lookup('file', 'nope')
lookup('file', 'nope', errors='ignore')
query('file', 'nope', errors='ignore')
lookup('file', 'nope', errors='ignore') is none
lookup('file', 'beside')
lookup('env', 'HOME')
lookup('env', 'NOPE_X')
lookup('env', 'NOPE_X', default='d')
lookup('vars', 'name')
lookup('vars', 'nope')
lookup('vars', 'nope', default='d')
lookup('vars', 'name', 'empty')
query('vars', 'name', 'numbers')
query('varnames', '^n.c') | sort
lookup('pipe', 'echo a; echo b')
lookup('pipe', 'exit 3')
lookup('pipe', 'pwd') is match('/')
query('lines', 'echo a; echo b')
lookup('lines', 'printf "a\nb\n"')
lookup('dict', tables)
query('dict', {'a': 1})
lookup('dict', [1])
lookup('items', [1, [2, [3]]])
query('items', [1], [2, [3]])
query('list', [1, [2]], 3)
query('indexed_items', ['a', 'b'])
query('together', ['a', 'b'], [1, 2, 3])
query('nested', ['a', 'b'], [1, 2])
query('nested', [['a'], ['b']], [[1, 2]])
query('subelements', nics, 'addresses')
query('subelements', nics, 'nope', {'skip_missing': true})
query('subelements', nics, 'nope')
query('sequence', 'start=1 end=4')
query('sequence', 'end=3 format=eth%d')
query('sequence', 'start=0 end=6 stride=2')
query('sequence', 'count=3')
query('sequence', 'start=4 count=2 stride=3')
query('sequence', '1-5')
query('sequence', '5')
query('sequence', '2-10/2')
query('sequence', '4:host%02d')
query('sequence', 'start=0x0f end=0x11 format=%x')
query('sequence', 'start=5 end=1 stride=-2')
query('sequence', 'start=5 end=1')
query('sequence', 'nope')
query('sequence', start=1, end=3)
query('sequence', count=0)
query('first_found', 'nope', 'motd') | map('basename') | list
query('first_found', ['nope', 'motd']) | map('basename') | list
query('first_found', {'files': ['x', 'motd'], 'paths': ['nope', 'files']}) | map('basename') | list
query('first_found', 'nope')
query('first_found', {'files': ['nope'], 'skip': true})
query('first_found', 'nope', skip=true)
query('first_found', files=['nope', 'motd']) | map('basename') | list
query('fileglob', 'conf.d/*.conf') | map('basename') | sort
query('fileglob', 'nope*')
query('random_choice', 'a')
lookup('csvfile', 'bob file=people.csv delimiter=,')
lookup('csvfile', 'ann file=people.csv delimiter=, col=2')
lookup('csvfile', 'b', file='tabs.csv')
lookup('csvfile', 'nope', file='tabs.csv')
lookup('csvfile', 'nope', file='tabs.csv', default='d')
lookup('ini', 'user', file='app.ini')
lookup('ini', 'mtu section=net file=app.ini')
lookup('ini', 'name', section='net', file='app.ini')
lookup('ini', 'nope', section='net', file='app.ini')
lookup('ini', 'nope', section='net', file='app.ini', default='d')
lookup('ini', 'user', section='nope', file='app.ini')
lookup('ini', 'user.name', type='properties', file='app.properties')
lookup('template', 'plain.j2')
lookup('template', 'role.j2')
lookup('template', 'role.j2', template_vars={'name': 'mine'})
lookup('template', 'nope.j2')
lookup('nope', 1)
lookup('file', 'motd', nope=1)
('2024-03-01 10:20:30' | to_datetime).year
('2024-03-01 10:20:30' | to_datetime) | string
(('2024-03-01 00:00:00' | to_datetime) - ('2024-02-27 12:00:00' | to_datetime)).days
(('2024-03-01 00:00:00' | to_datetime) - ('2024-02-27 12:00:00' | to_datetime)).seconds
(('2024-03-01 00:00:00' | to_datetime) - ('2024-02-27 12:00:00' | to_datetime)).total_seconds()
(('2024-03-01 00:00:00' | to_datetime) - ('2024-02-27 12:00:01' | to_datetime)) | string
(('2024-02-27 00:00:00' | to_datetime) - ('2024-02-27 12:00:01' | to_datetime)) | string
('2024-03-01 00:00:00' | to_datetime) > ('2024-02-27 12:00:01' | to_datetime)
('2024-03-01' | to_datetime('%Y-%m-%d')).strftime('%d.%m.%y %j %A %a %B %b %U %W %V %G %u %w %p %I')
('2023-01-01' | to_datetime('%Y-%m-%d')).strftime('%U %W %V %G %u %w %j')
('2024-12-31' | to_datetime('%Y-%m-%d')).strftime('%U %W %V %G %F %T')
('3 Mar 24 01:05 PM' | to_datetime('%d %b %y %I:%M %p')).isoformat()
('2024-03-01 10:20:30.250' | to_datetime('%Y-%m-%d %H:%M:%S.%f')) | string
'2024-02-30' | to_datetime('%Y-%m-%d')
'nope' | to_datetime
('2024-03-01' | to_datetime('%Y-%m-%d')).weekday()
('2024-03-01' | to_datetime('%Y-%m-%d')) | type_debug
'%Y-%m-%d %H:%M:%S' | strftime(1700000000)
'%Y-%m-%dT%H:%M:%SZ' | strftime(1700000000, utc=true)
'%s' | strftime(1700000000)
now(fmt='%Y') | int > 2000
now().year > 2000
now(utc=true) | type_debug
lookup()
vars['name']
vars.numbers | length
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

/** Values of variables and parameters, compared as text. */
export const templates: readonly string[] = [
  'x={{ nothing }}.',
  'x={{ name }}\n',
  '{{ name }}\n\n',
  '{% if false %}x{% endif %}\n',
  '{% if true %}\nx\n{% endif %}\n',
  '{% set x %}a{{ name }}{% endset %}<{{ x }}>',
  '{% set x | upper | replace("ETH", "e") %}a{{ name }}{% endset %}<{{ x }}>',
  '{% macro m(a, b=2) %}({{ a }}{{ b }}){% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=4, a=5) }}',
  '{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}',
  '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}',
  '{% macro m(a) %}{{ a }}{{ varargs | length }}{{ kwargs.x }}{% endmacro %}{{ m(1, 2, 3, x=4) }}',
  '{% macro m() %}{{ name }}{% endmacro %}{{ m() }}',
  '{% macro m() %}{{ y }}{% endmacro %}{% set y = 3 %}{{ m() }}',
  '{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(4) }}',
  '{% macro b(t) %}<{{ t }}>{{ caller() }}</{{ t }}>{% endmacro %}{% call b("x") %}in {{ name }}{% endcall %}',
  '{% macro e(l) %}{% for i in l %}{{ caller(i) }};{% endfor %}{% endmacro %}{% call(i) e([1, 2]) %}={{ i }}{% endcall %}',
  '{% macro b() %}{{ caller() }}{% endmacro %}{{ b() }}',
  '{% filter upper %}a {{ name }}{% endfilter %}',
  '{% filter replace("a", "b") | indent(2, true) %}a\na{% endfilter %}',
  '{% with a = 1, b = name %}{{ a }}{{ b }}{% endwith %}{{ a | default("gone") }}',
  '{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z | default("gone") }}',
  '{% for t in tree recursive %}{{ t.n }}@{{ loop.depth }}{% if t.kids %}({{ loop(t.kids) }}){% endif %}{% endfor %}',
  '{% for a in [1, 2] %}{{ loop.index }}{{ loop.depth0 }}{% else %}no{% endfor %}',
  '{% for a in [] %}x{% else %}{% set k = 1 %}{{ k }}{% endfor %}',
  '{% for a in [1, 2, 3] if a is odd %}{{ loop.length }}{{ a }} {% endfor %}',
  '{% for k, v in tables | dictsort %}{{ k }}={{ v }} {% endfor %}',
  '{% block a %}x{% endblock %}{% block b %}{{ name }}{% endblock b %}',
  '{% for i in [1] %}{% block c scoped %}{{ i }}{% endblock %}{% endfor %}',
  '{% raw %}{{ name }}{% endraw %}',
  '{% macro m() %}x{% endmacro x %}',
  '{% call 1 %}{% endcall %}',
  '{% break %}',
  'line\r\nend {{ name }}',
  '{{ numbers | map("int") }}.',
  '{{ dict(a=1).items() }}.',
  '{{ range(3) }}.',
  '{% set c = cycler("a", "b") %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{% set x = c.reset() %}{{ c.current }}',
  '{% set j = joiner("|") %}{% for i in numbers %}{{ j() }}{{ i }}{% endfor %}',
];

/** Files as the `template` action renders them, with its settings. */
export const templateFiles: readonly { source: string; settings?: Readonly<Record<string, unknown>> }[] = [
  { source: 'a\n{% if true %}\nb\n{% endif %}\nc\n' },
  { source: 'a\n  {% if true %}\n  b\n  {% endif %}\nc\n' },
  { source: 'a\n  {% if true %}\n  b\n  {% endif %}\nc\n', settings: { lstrip_blocks: true } },
  { source: '  {# c #}\n  {%+ if true %}\n  b {% endif %}\nc\n', settings: { lstrip_blocks: true } },
  { source: '{% if true %}\nb\n{% endif %}\n', settings: { trim_blocks: false } },
  { source: '{% if true +%}\nb\n{% endif +%}\nc' },
  { source: '#jinja2: trim_blocks: False\n{% if true %}\nb\n{% endif %}\nx\n' },
  { source: '#jinja2: lstrip_blocks: True, trim_blocks: True\nx\n  {% if true %}\n  b\n  {% endif %}\n' },
  { source: "#jinja2: variable_start_string: '[%', variable_end_string: '%]'\n[% name %] {{ name }}\n" },
  {
    source: '[[ name ]] {{ x }} <% if true %>y<% endif %><# c #>',
    settings: {
      variable_start_string: '[[',
      variable_end_string: ']]',
      block_start_string: '<%',
      block_end_string: '%>',
      comment_start_string: '<#',
      comment_end_string: '#>',
    },
  },
  { source: 'a\nb {{ name }}\n', settings: { newline_sequence: '\r\n' } },
  { source: '{{ numbers }}' },
  { source: '{{ nothing }}|{{ 7 }}|{{ 1.0 }}|{{ true }}|{{ nic }}\n' },
  { source: '{% if false %}x{% endif %}' },
  { source: 'x\n\n\n' },
  { source: '' },
  { source: 'no templates\n' },
  { source: '{% include "part.j2" %}!\n' },
  { source: '{% include "part.j2" %}\n{{ inner | default("no") }}\n' },
  { source: '{% include "role.j2" %}\n' },
  { source: '{% include "nope.j2" %}\n' },
  { source: '{% include "nope.j2" ignore missing %}x\n' },
  { source: '{% include ["nope.j2", "part.j2"] %}\n' },
  { source: '{% set local = 5 %}{% include "local.j2" %}{% include "local.j2" without context %}\n' },
  { source: '{% for local in [1, 2] %}{% include "local.j2" %}{% endfor %}\n' },
  { source: '{% import "macros.j2" as m %}{{ m.nic("a") }} {{ m.nic("b", mtu=9) }} {{ m.version }}\n' },
  { source: '{% import "macros.j2" as m %}{{ m.sees() }}\n' },
  { source: '{% import "macros.j2" as m with context %}{{ m.sees() }}\n' },
  { source: '{% from "macros.j2" import nic, version as v %}{{ nic("a") }}{{ v }}\n' },
  { source: '{% from "macros.j2" import sees with context %}{{ sees() }}\n' },
  { source: '{% from "macros.j2" import nope %}{{ nope }}\n' },
  { source: '{% from "macros.j2" import wrap %}{% call wrap() %}{{ name }}{% endcall %}\n' },
  { source: '{% extends "base.j2" %}{% block body %}mine {{ name }} {{ super() }}{% endblock %}\n' },
  {
    source:
      '{% extends "mid.j2" %}{% set who = "w" %}{% block body %}{{ who }}{{ self.title() }}{% endblock %}\n',
  },
  { source: '{% extends "mid.j2" %}{% block title %}top/{{ super() }}{% endblock %}ignored\n' },
  { source: '{% macro m(a) %}{{ a + 1 }}{% endmacro %}{{ m(1) ~ m(2) }}\n' },
  {
    source:
      '{% for n in nics %}\n{{ n.name }}:\n{% for a in n.addresses %}\n  - {{ a }}\n{% endfor %}\n{% endfor %}\n',
  },
  { source: '{{ lookup("file", "motd") }}\n' },
  { source: '{{ nope }}\n' },
  { source: 'a\n{% nope %}\n' },
  { source: '{% include "../secret" %}\n' },
];

/** `with_<source>: terms`. */
export const loops: readonly { source: string; terms: unknown }[] = [
  { source: 'items', terms: [1, [2, 3], [[4]]] },
  { source: 'items', terms: '{{ numbers }}' },
  { source: 'items', terms: ['{{ numbers }}', 'x'] },
  { source: 'items', terms: 'lone' },
  { source: 'list', terms: [1, [2, 3]] },
  { source: 'dict', terms: '{{ tables }}' },
  { source: 'dict', terms: { a: { b: 1 } } },
  { source: 'dict', terms: [1] },
  { source: 'together', terms: ['{{ numbers }}', '{{ words }}'] },
  { source: 'together', terms: [[1, 2, 3], ['a']] },
  { source: 'nested', terms: ['{{ numbers }}', ['a', 'b']] },
  { source: 'nested', terms: [['a', 'b'], [1, 2], ['x']] },
  { source: 'sequence', terms: 'start=1 end=3 format=eth%d' },
  { source: 'sequence', terms: 'count={{ numbers | length }}' },
  { source: 'subelements', terms: ['{{ nics }}', 'addresses'] },
  { source: 'subelements', terms: ['{{ nics }}', 'nope', { skip_missing: true }] },
  { source: 'indexed_items', terms: '{{ words }}' },
  { source: 'indexed_items', terms: [['a'], 'b'] },
  { source: 'file', terms: ['motd', 'spaced'] },
  { source: 'lines', terms: ['echo a; echo b', 'echo c'] },
  { source: 'random_choice', terms: ['only'] },
  { source: 'nope', terms: [] },
];
