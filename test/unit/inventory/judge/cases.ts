/** Inventories of all kinds, as data: files, and what both programs are asked of them. */
export interface Case {
  /** By path; one that begins with `#!` may be run. */
  files: Readonly<Record<string, string>>;
  /** Words of a command line, each line one: `-i` and what is asked. */
  args: readonly string[];
  /** The folder that the command runs in. */
  cwd?: string;
}

const python = (body: string): string => `#!/usr/bin/python3\nimport json, sys\n${body}\n`;
const list = (inventory: string): string => python(`print(json.dumps(${inventory}))`);

/** `secret_port: 4242` and more, encrypted by ansible-vault with the password `swordfish`. */
const ENCRYPTED_FILE = `$ANSIBLE_VAULT;1.1;AES256
65633862633762383965343830356332323339613966303032303731323138383032313665653539
6434346264326639383939393935616265633566383062620a346239636161353362343163383663
34336634356239336163623964316335323736623464663133323061306665386635613132373935
3930636461373662630a353166333138366334343535383164383362313765396433373436346631
66376166373264343262333234633537323964336536343539613836333262366431643461383236
3165353931333262316164383663643162326162313335613462
`;
/** A value of the same password. */
const ENCRYPTED_VALUE = `inline: !vault |
          $ANSIBLE_VAULT;1.1;AES256
          32663565643062356365613661353932616266316261303934366336313839616532356533353831
          3263313733316162353764626133373566306666356563330a616364383263626161613165376666
          63306264383034373465616131313265373861383166313637353462636263363631353334616339
          3539613335666665620a366234373563323038326664346565373439646132393030346135663263
          6433
`;

const LEVELS = {
  'inv/hosts': [
    '[all:vars]',
    ...['v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9'].map((name) => `${name}=all`),
    '[g]',
    'h v7=line v8=line v9=line',
    '[g:vars]',
    ...['v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9'].map((name) => `${name}=group`),
  ].join('\n'),
  'inv/group_vars/all.yml': vars('inventory all', [3, 4, 5, 6, 7, 8, 9]),
  'play/group_vars/all.yml': vars('playbook all', [4, 5, 6, 7, 8, 9]),
  'inv/group_vars/g.yml': vars('inventory group', [5, 6, 7, 8, 9]),
  'play/group_vars/g.yml': vars('playbook group', [6, 7, 8, 9]),
  'inv/host_vars/h.yml': vars('inventory host', [8, 9]),
  'play/host_vars/h.yml': vars('playbook host', [9]),
};

function vars(value: string, numbers: readonly number[]): string {
  return numbers.map((number) => `v${number}: ${value}\n`).join('');
}

export const CASES: Readonly<Record<string, Case>> = {
  'INI: one host': { files: { hosts: 'h1\n' }, args: ['-i', 'hosts', '--list'] },
  'INI: ungrouped hosts, groups, children declared later, variables before the group': {
    files: {
      hosts: `lone\n[p:children]\nb\na\n[x:vars]\nk=1\n[a]\na1\n[b]\nb[1:3]\n[x:children]\np\n[c]\n`,
    },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: kinds of values': {
    files: {
      hosts: [
        `h1 a=1 b=1.5 c=True d=true e=None f="'1'" g=0x1F h=007 i=1_000 j=[1,'two'] k="{'a': None}" l=a#b`,
        `h2 a='two words' b="it\\"s" c=a\\ b d='a\\b' e=1,2 f=() g=u'x' h="r'a\\\\b'" i=b'x' j=- k=+5 l="'''t'''"`,
        '[all:vars]',
        "a=8080\nb = 'x' \nc=80 # comment\nd=text # no comment\ne=\nf=a=b\ng='a' \"b\"\nh=yes\ni=[1, 2\nj=1:2",
        "k={{ a }}/24\nl='\\x41\\u00e9'\nm='\\x4'\nn=['a', ('b',), {1: 2}]\no=\t7\np=10.0.0.1\nq=00:11:22:33:44:55",
      ].join('\n'),
    },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: ranges': {
    files: {
      hosts:
        'w[1:3]\nz[01:03].x\ns[1:9:4]\nl[a:c]\nl[x:B]\nm[1:2]-[a:b]\nd[:2]\n10.0.0.[1:3]\nfe80::[a:c]\n[1:2]x',
    },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: ports, and names that look like them': {
    files: {
      hosts:
        'a:2222\nb[1:2]:23 x=1\n[2001:db8::1]:24\n2001:db8::2\n[c]:25\n10.0.0.1:26\n[g]\na:9999\nnew:27 ansible_port=28\n',
    },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: comments, blanks, tabs, Windows line ends': {
    files: { hosts: '# c\r\n; c\r\n\r\n  h1\ta=1\r\n[g] # c\r\n\th2 b=2 # c\r\n[g:vars]\r\n  c = 3 \r\n' },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: unicode in names and values': {
    files: { hosts: 'höst1 größe=groß 名=值\n[gruppe_ä]\nhöst1\nпривет emoji=😀\n' },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: group names that are no variables': {
    files: { hosts: '[web-servers]\nh1\n[10.0.0.0/24]\nh2\n[a.b:children]\nweb-servers\n' },
    args: ['-i', 'hosts', '--list'],
  },
  'INI: a later line for a host adds to it': {
    files: { hosts: 'h a=1 b=1\n[g]\nh b=2 c=2\n[k]\nh c=3\n' },
    args: ['-i', 'hosts', '--list'],
  },
  'YAML: hosts, variables, children, in any order': {
    files: {
      'hosts.yml': `all:
  children:
    web:
      vars: {a: web, n: 1}
      hosts:
        w[1:2]:
        w3: {a: w3, list: [1, {x: ~}], map: {k: v}}
      children:
        inner:
          hosts: {w3: , w4: {b: true}}
          vars: {a: inner}
    empty:
  hosts:
    lone: {text: "multi\\nline"}
  vars: {a: all, d: 1.5}
`,
    },
    args: ['-i', 'hosts.yml', '--list'],
  },
  'YAML: groups at the top, one named twice, a host as a bare word': {
    files: {
      'hosts.yaml': `web:
  hosts: w1
  children: {deep: {hosts: {d1: {x: 1}}}}
db:
  hosts: {d1: {y: 2}}
  children: {web: {vars: {late: 1}}}
ungrouped:
  hosts: {u1: , w1: }
`,
    },
    args: ['-i', 'hosts.yaml', '--list'],
  },
  'YAML: anchors, merges and folded text': {
    files: {
      'hosts.yml': `all:
  hosts:
    a: &base {x: 1, y: [1, 2]}
    b: {<<: *base, x: 2}
    c: {t: *none_of_these}
`.replace('*none_of_these', '"*text"'),
      'group_vars/all': 'folded: >-\n  two\n  lines\nliteral: |\n  a\n  b\n',
    },
    args: ['-i', 'hosts.yml', '--list'],
  },
  'YAML: ports and IPv6 addresses as keys': {
    files: { 'h.yml': 'g:\n  hosts:\n    "a:2222":\n    "[fe80::1]:22": {x: 1}\n    "2001:db8::[1:2]":\n' },
    args: ['-i', 'h.yml', '--list'],
  },
  'JSON as YAML': {
    files: { 'h.json': '{"web": {"hosts": {"w1": {"a": [1, null, true, "x"]}}, "vars": {"b": {"c": {}}}}}' },
    args: ['-i', 'h.json', '--list'],
  },
  'a file of no extension in YAML': {
    files: { hosts: '---\nweb:\n  hosts:\n    w1: {a: 1}\n' },
    args: ['-i', 'hosts', '--list'],
  },
  'a list of hosts': {
    files: {},
    args: ['-i', 'a,b:2222, 10.0.0.1 ,,2001:db8::1,[2001:db8::2]:23', '--list'],
  },
  'several sources: the later one wins, and adds no port to a host that is known': {
    files: {
      a: '[web]\nh1 x=1 y=1\n[web:vars]\nz=1\n',
      'b.yml': 'web: {hosts: {h1: {x: 2}, "h2:23": }, vars: {z: 2}, children: {db: {hosts: {d1: }}}}\n',
    },
    args: ['-i', 'a', '-i', 'b.yml', '-i', 'h1:9,h3:24,', '--list'],
  },
  'several folders of variables: a whole folder stands over the one before': {
    files: {
      'a/hosts': '[top:children]\nlow\n[low]\nh\n',
      'b/hosts': 'h\n',
      'a/group_vars/low.yml': 'x: a low\ny: a low\n',
      'b/group_vars/top.yml': 'x: b top\n',
      'a/host_vars/h.yml': 'z: a\n',
      'b/host_vars/h.yml': 'z: b\n',
    },
    args: ['-i', 'a/hosts', '-i', 'b/hosts', '-i', 'a/hosts', '--list'],
  },
  'several folders of variables, the other way round': {
    files: {
      'a/hosts': '[top:children]\nlow\n[low]\nh\n',
      'b/hosts': 'h\n',
      'a/group_vars/low.yml': 'x: a low\n',
      'b/group_vars/top.yml': 'x: b top\n',
      'a/group_vars/all.yml': 'w: a\n',
      'b/group_vars/all.yml': 'w: b\n',
    },
    args: ['-i', 'b/hosts', '-i', 'a/hosts', '--list'],
  },
  'a folder: sorted, ignored names left out, folders within': {
    files: {
      'inv/10-first': 'h1 a=1 b=1\n[g]\nh1\n',
      'inv/20-second.yml': 'g: {hosts: {h2: {a: 2}}, vars: {c: 2}}\n',
      'inv/9-last': '[g:vars]\nc=9\n[g]\n',
      'inv/hosts.ini': 'ignored\n',
      'inv/README.md': 'not an inventory\n',
      'inv/x.cfg': 'ignored',
      'inv/old~': 'ignored',
      'inv/site.retry': 'ignored',
      'inv/.hidden': 'ignored',
      'inv/sub/more': 'h3\n',
      'inv/sub/group_vars/all.yml': 'never: read\n',
      'inv/group_vars/g.yml': 'd: 1\n',
      'inv/host_vars/h3': 'e: 1\n',
    },
    args: ['-i', 'inv', '--list'],
  },
  'a folder of files of variables': {
    files: {
      hosts: '[web]\nh1\nh2\n',
      'group_vars/web/20.yml': 'a: 20\nb: 20\n',
      'group_vars/web/100.yml': 'a: 100\n',
      'group_vars/web/sub/x.yml': 'c: sub\n',
      'group_vars/web/sub.d/x.yml': 'no: no\n',
      'group_vars/web/README.txt': 'no: no\n',
      'group_vars/web/.hidden.yml': 'no: no\n',
      'group_vars/web/b.yml~': 'no: no\n',
      'group_vars/web/plain': 'd: plain\n',
      'group_vars/web/j.json': '{"e": 1}',
      'group_vars/web.yml': 'no: no\n',
      'host_vars/h1.yml': 'f: yml\n',
      'host_vars/h1.yaml': 'f: yaml\n',
      'host_vars/h2': '',
      'host_vars/h3.yml': 'no: no\n',
    },
    args: ['-i', 'hosts', '--list'],
  },
  'all levels of variables': { files: LEVELS, args: ['-i', 'inv/hosts', '--playbook-dir', 'play', '--list'] },
  'all levels, in the folder of the playbook': {
    files: LEVELS,
    cwd: 'play',
    args: ['-i', '../inv/hosts', '--list'],
  },
  'extra variables stand over all': {
    files: { ...LEVELS, 'e.yml': 'v8: file\n' },
    args: ['-i', 'inv/hosts', '-e', 'v9=extra', '-e', '{"v7": {"a": [1]}}', '-e', '@e.yml', '--list'],
  },
  'precedence of groups: depth, priority, name': {
    files: {
      hosts: [
        '[a]\nh\n[b]\nh\n[c]\nh\n[deep]\nh\n[mid:children]\ndeep\n[top:children]\nmid\n[z:children]\nmid',
        '[a:vars]\nx=a\ny=a\nz=a\n[b:vars]\nx=b\ny=b\n[c:vars]\nx=c\nansible_group_priority=0',
        '[deep:vars]\nz=deep\n[mid:vars]\nz=mid\nw=mid\n[top:vars]\nw=top\nu=top\nansible_group_priority=10\n[z:vars]\nu=z',
      ].join('\n'),
    },
    args: ['-i', 'hosts', '--list'],
  },
  'a priority from a file of variables is none': {
    files: {
      'h.yml': 'a: {hosts: {h: }, vars: {x: a}}\nb: {hosts: {h: }, vars: {x: b}}\n',
      'group_vars/a.yml': 'ansible_group_priority: 10\n',
    },
    args: ['-i', 'h.yml', '--list'],
  },
  'groups in a diamond': {
    files: {
      hosts:
        '[top:children]\nl\nr\n[l:children]\nb\n[r:children]\nb\nq\n[q:children]\nb\n[b]\nh\n[l:vars]\nx=l\n[r:vars]\nx=r\n[q:vars]\nx=q\n',
    },
    args: ['-i', 'hosts', '--list'],
  },
  'empty groups, and groups of empty groups': {
    files: { hosts: '[a]\n[b:children]\na\n[c]\n[c:vars]\nx=1\n' },
    args: ['-i', 'hosts', '--list'],
  },
  'a script with _meta': {
    files: {
      'inv.py': list(
        `{"_meta": {"hostvars": {"a": {"x": 1, "n": None}, "stray": {"y": 1}}},
          "web": {"hosts": ["a", "b"], "vars": {"v": [1, True]}, "children": ["inner"]},
          "inner": {"hosts": ["c[1:2]"]}, "all": {"hosts": ["d"], "children": ["ungrouped", "web"], "vars": {"all": 1}}}`,
      ),
    },
    args: ['-i', 'inv.py', '--list'],
  },
  'a script without _meta is asked for each host': {
    files: {
      inv: python(
        `print(json.dumps({"web": {"hosts": ["a", "b"]}} if sys.argv[1] == "--list" else {"name": sys.argv[2], "words": sys.argv[1:]}))`,
      ),
    },
    args: ['-i', 'inv', '--list'],
  },
  'a script in the older form: lists of hosts, and hosts with variables': {
    files: { inv: list(`{"web": ["a", "b"], "single": {"x": 1}, "none": [], "_meta": {"hostvars": {}}}`) },
    args: ['-i', 'inv', '--list'],
  },
  'a script, a file and files of variables together': {
    files: {
      'inv/10-script': list(
        `{"_meta": {"hostvars": {"a": {"x": "script", "y": "script"}}}, "web": {"hosts": ["a"], "vars": {"z": "script"}}}`,
      ),
      'inv/20-static': '[web:vars]\nz=static\n[web]\na y=static\n[site:children]\nweb\n',
      'inv/group_vars/site.yml': 's: 1\n',
      'inv/host_vars/a.yml': 'w: file\n',
    },
    args: ['-i', 'inv', '--list'],
  },
  'an inventory that may be run, and is none that can': {
    files: { 'hosts.yml': 'web: {hosts: {a: {x: 1}}}\n# may be run\n' },
    args: ['-i', 'hosts.yml', '--list'],
  },
  'export: variables where they are set': {
    files: LEVELS,
    args: ['-i', 'inv/hosts', '--list', '--export'],
  },
  'export, with the folder of a playbook and a priority': {
    files: { ...LEVELS, more: '[g:vars]\nansible_group_priority=5\n[g]\n' },
    args: ['-i', 'inv/hosts', '-i', 'more', '--list', '--export', '--playbook-dir', 'play'],
  },
  'YAML as output': {
    files: {
      hosts: `lone a=yes b=0o17 c=1e3 d="'1'"\n[web]\nw1 t='x: y' m=00:11:22:33:44:55 n=10:20\nw2 n=~ o=null p=no\n[p:children]\nweb\n[q:children]\nweb\n`,
      'group_vars/all.yml': 'folded: "a\\nb\\n"\nempty: {}\nlist: []\nnum: "12"\ndate: "2024-01-01"\n',
    },
    args: ['-i', 'hosts', '--list', '--yaml'],
  },
  'TOML: groups within groups, types and text': {
    files: {
      hosts:
        '[p:children]\nb\na\n[a]\na1 n=1 f=1.5 t=True s="x \\"y\\" z" l="[1, 2]"\n[b]\nb1\na1\n[b:vars]\nmap={"a b": {"c": 1}, "d": "é"}\n',
    },
    args: ['-i', 'hosts', '--list', '--toml'],
  },
  'TOML, ungrouped hosts': {
    files: { hosts: 'lone x=1\n[g]\nh\n' },
    args: ['-i', 'hosts', '--list', '--toml'],
  },
  'TOML, exported': { files: LEVELS, args: ['-i', 'inv/hosts', '--list', '--toml', '--export'] },
  'TOML of one host': { files: LEVELS, args: ['-i', 'inv/hosts', '--host', 'h', '--toml'] },
  'YAML, exported': { files: LEVELS, args: ['-i', 'inv/hosts', '--list', '--yaml', '--export'] },
  graph: {
    files: { hosts: 'lone\n[web]\nw1\nw2\n[p:children]\nweb\n[q:children]\nweb\n[e]\n' },
    args: ['-i', 'hosts', '--graph'],
  },
  'graph of a group': {
    files: { hosts: 'lone\n[web]\nw1\nw2\n[p:children]\nweb\n' },
    args: ['-i', 'hosts', '--graph', 'p'],
  },
  'graph with variables': {
    files: {
      hosts: `lone a=1\n[web]\nw1 t=True l="[1, 'a', None]" m="{'k': 'v'}" s="it's"\n[web:vars]\nx=text\n[p:children]\nweb\n`,
      'group_vars/all.yml': 'n: ~\nb: false\nq: "a\\"b"\n',
    },
    args: ['-i', 'hosts', '--graph', '--vars'],
  },
  'one host': { files: LEVELS, args: ['-i', 'inv/hosts', '--host', 'h', '--playbook-dir', 'play'] },
  'one host in YAML, by a pattern': {
    files: { hosts: 'web1 a=1\nweb2 a=2\n' },
    args: ['-i', 'hosts', '--host', 'all:!web1', '--yaml'],
  },
  'a host of one group by the name of the group': {
    files: { hosts: '[g]\nh a=1\n' },
    args: ['-i', 'hosts', '--host', 'g'],
  },
  'localhost, which nobody names': {
    files: {
      hosts: 'h\n[all:vars]\na=1\nb=1\n[ungrouped:vars]\nc=1\n',
      'group_vars/all.yml': 'b: file\n',
      'host_vars/localhost.yml': 'd: 1\n',
    },
    args: ['-i', 'hosts', '--host', 'localhost'],
  },
  'localhost, named by its address': {
    files: { hosts: '127.0.0.1 a=1\n' },
    args: ['-i', 'hosts', '--host', 'localhost'],
  },
  'encrypted files are opened, encrypted values stay closed': {
    files: {
      hosts: '[web]\nw1\nw2\n',
      pw: 'swordfish\n',
      'group_vars/web.yml': ENCRYPTED_FILE,
      'host_vars/w1.yml': ENCRYPTED_VALUE,
    },
    args: ['-i', 'hosts', '--list', '--vault-password-file', 'pw'],
  },
};
