import { expect, test } from 'vitest';
import { actions } from '../../../src/actions/registry.js';
import { lint, lintRules } from '../../../src/playbook/lint.js';
import { loadPlaybook } from '../../../src/playbook/load.js';
import type { Playbook } from '../../../src/playbook/model.js';
import { resources } from '../../../src/resources/registry.js';
import { createTemplates } from '../../../src/template/templates.js';

function load(text: string): Promise<Playbook> {
  const templates = createTemplates();
  return loadPlaybook('site.yml', resources, { templates, actions, readText: async () => text });
}

async function found(tasks: string, play = ''): Promise<string[]> {
  const text = `- hosts: all\n${play}  tasks:\n${tasks.replace(/^/gm, '    ').trimEnd()}\n`;
  return lint(await load(text)).map(
    ({ rule, place }) => `${place.line - 2 - play.split('\n').length + 1} ${rule}`,
  );
}

/** A command, and the resource that it should be. */
test.each<[string, string | undefined]>([
  ['ip route add 10.0.0.0/8 via 10.1.1.1', 'route'],
  ['ip -6 route replace default via fe80::1 dev eth0', 'route'],
  ['/sbin/ip ro del 10.0.0.0/8', 'route'],
  ['ip rule add from 10.0.0.1 table 100', 'rule'],
  ['ip ru del pref 100', 'rule'],
  ['ip addr add 10.0.0.1/24 dev eth0', 'address'],
  ['ip a del 10.0.0.1/24 dev eth0', 'address'],
  ['ip neigh replace 10.0.0.2 lladdr 02::1 dev eth0', 'neighbour'],
  ['ip link set eth0 mtu 9000', 'link'],
  ['ip link add br0 type bridge', 'bridge'],
  ['ip link add link eth0 name eth0.5 type vlan id 5', 'vlan'],
  ['ip tuntap add tap0 mode tap', 'tap'],
  ['brctl addif br0 eth1', 'bridge'],
  ['bridge fdb append 02::1 dev vx0', 'fdb'],
  ['bridge vlan add vid 5 dev eth1', 'bridge_port'],
  ['tc qdisc replace dev eth0 root fq', 'qdisc'],
  ['tc class add dev eth0 classid 1:1 htb rate 1mbit', 'class'],
  ['tc filter add dev eth0 matchall', 'filter'],
  ['sysctl -w net.ipv4.ip_forward=1', 'sysctl'],
  ['sysctl net.ipv4.ip_forward=1', 'sysctl'],
  ['echo 1 > /proc/sys/net/ipv4/ip_forward', 'sysctl'],
  ['echo "100 isp1" >> /etc/iproute2/rt_tables', 'rt_table'],
  ['ethtool -K eth0 tso off', 'ethtool'],
  ['ovs-vsctl --may-exist add-br br0', 'ovs_bridge'],
  ['ovs-vsctl add-port br0 eth1', 'ovs_port'],
  ['ovs-ofctl add-flow br0 actions=normal', 'ovs_flow'],
  ['vzctl set 101 --ipadd 10.0.0.5 --save', 've'],
  ['ip route show', undefined],
  ['ip -br link', undefined],
  ['sysctl net.ipv4.ip_forward', undefined],
  ['ethtool eth0', undefined],
  ['tc -s qdisc show', undefined],
  ['ovs-vsctl list-br', undefined],
  ['cat /proc/sys/net/ipv4/ip_forward', undefined],
])('%s', async (command, resource) => {
  const [first] = lint(
    await load(JSON.stringify([{ hosts: 'all', tasks: [{ shell: command, register: 'x' }] }])),
  );
  const told = first?.rule === 'use-resource' ? first.message : undefined;
  expect(told).toBe(resource === undefined ? undefined : `this is what the resource ${resource} does`);
  if (resource !== undefined) expect(resources.map(({ name }) => name)).toContain(resource);
});

test.each<[string, string, string[]]>([
  ['a command that counts as changed', '- command: /usr/local/bin/x', ['1 no-changed-when']],
  ['one with creates', '- command: {cmd: /usr/local/bin/x, creates: /x}', []],
  ['one with changed_when', '- {command: x, changed_when: false}', []],
  ['one whose result is looked at', '- {command: x, register: y}', []],
  ['a shell that is none', '- {shell: "uptime -p", changed_when: false}', ['1 command-not-shell']],
  [
    'a shell that is one',
    "- {shell: 'a | b', changed_when: false}\n- {shell: 'cd /x && y', changed_when: false}",
    [],
  ],
  [
    'braces of a template are no shell',
    '- {shell: "echo {{ x }}", changed_when: false}',
    ['1 command-not-shell'],
  ],
  ['ignored errors', '- {ping: , ignore_errors: true}', ['1 ignored-errors']],
  ['ignored errors that are looked at', '- {ping: , ignore_errors: true, register: x}', []],
  [
    'files without a mode',
    '- copy: {content: x, dest: /x}\n- template: {src: x, dest: /x}\n- file: {path: /x, state: directory}',
    ['1 file-mode', '2 file-mode', '3 file-mode'],
  ],
  ['files with one', "- copy: {content: x, dest: /x, mode: '0644'}\n- file: {path: /x, state: absent}", []],
  ['a user that nobody becomes', '- {ping: , become_user: joe}', ['1 become-user']],
  ['a user that is become', '- {ping: , become_user: joe, become: true}', []],
  [
    'a secret in the open',
    '- {ping: , vars: {db_password: x, a: {token: y}}}',
    ['1 plain-secret', '1 plain-secret'],
  ],
  ['a secret from elsewhere', "- {ping: , vars: {db_password: '{{ x }}', password_file: x}}", []],
  [
    'noqa',
    '- command: x # noqa\n- command: y # noqa: file-mode\n- command: z # noqa: no-changed-when',
    ['2 no-changed-when'],
  ],
  [
    'tasks of blocks',
    '- block:\n    - command: x\n  rescue:\n    - command: y',
    ['2 no-changed-when', '4 no-changed-when'],
  ],
])('%s', async (_, tasks, wanted) => expect(await found(tasks)).toEqual(wanted));

test('a play’s secret is told once, and a handler that nobody tells', async () => {
  const handlers =
    '  handlers:\n    - {name: told, ping: }\n    - {name: untold, ping: }\n    - {name: heard, ping: , listen: word}\n';
  const play = `  vars: {api_token: abc}\n${handlers}`;
  const all = lint(
    await load(`- hosts: all\n${play}  tasks:\n    - {ping: , notify: [told, word]}\n    - ping:\n`),
  );
  expect(all.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
    'plain-secret: the variable api_token holds a secret that anybody can read',
    "unused-handler: no task notifies the handler 'untold'",
  ]);
  const include = lint(await load(`- hosts: all\n${handlers}  tasks:\n    - include_tasks: '{{ x }}'\n`));
  expect(include).toEqual([]);
});

test('rules can be left out, and have names of their own', async () => {
  const playbook = await load('- {hosts: all, tasks: [{command: x}, {copy: {content: x, dest: /x}}]}\n');
  const rules = lintRules.filter(({ name }) => name !== 'file-mode');
  expect(lint(playbook, rules).map(({ rule }) => rule)).toEqual(['no-changed-when']);
  expect(new Set(lintRules.map(({ name }) => name)).size).toBe(lintRules.length);
});
