/** What a playbook may say and had better not: each rule looks at what was read, and asks no host. */
import { formatPlace, type Place } from '../shared/place.js';
import { namesSecret } from '../shared/secrets.js';
import { stepTasks } from './listing.js';
import type { ActionTask, Play, Playbook, Task } from './model.js';

export interface Finding {
  rule: string;
  message: string;
  hint: string;
  place: Place;
}

export interface Rule {
  name: string;
  /** What is wrong, as a heading. */
  summary: string;
  find(play: Play, tasks: readonly Task[]): Finding[];
}

/** Commands that ask nothing but change something, and the resources that do it. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/\bip\b.*\bro(?:ute)?\s+(?:add|del|delete|replace|change|append|flush)\b/, 'route'],
  [/\bip\b.*\bru(?:le)?\s+(?:add|del|delete|flush)\b/, 'rule'],
  [/\bip\b.*\ba(?:ddr|ddress)?\s+(?:add|del|delete|replace|flush)\b/, 'address'],
  [/\bip\b.*\bn(?:eigh|eighbour|eighbor)?\s+(?:add|del|delete|replace|change|flush)\b/, 'neighbour'],
  [/\bip\b.*\bl(?:ink)?\s+set\b/, 'link'],
  [/\bip\b.*\bl(?:ink)?\s+add\b.*\btype\s+bridge\b/, 'bridge'],
  [
    /\bip\b.*\bl(?:ink)?\s+add\b.*\btype\s+(bond|vlan|veth|vxlan|macvlan|dummy|ifb|gre|gretap|ipip|vrf)\b/,
    '$1',
  ],
  [/\bip\b.*\bt(?:untap|ap)\s+(?:add|del|delete)\b/, 'tap'],
  [/\bbrctl\s+(?:addbr|delbr|addif|delif)\b/, 'bridge'],
  [/\bbridge\s+fdb\s+(?:add|del|append|replace)\b/, 'fdb'],
  [/\bbridge\s+vlan\s+(?:add|del)\b/, 'bridge_port'],
  [/\btc\b.*\bqdisc\s+(?:add|del|replace|change)\b/, 'qdisc'],
  [/\btc\b.*\bclass\s+(?:add|del|replace|change)\b/, 'class'],
  [/\btc\b.*\bfilter\s+(?:add|del|replace|change)\b/, 'filter'],
  [/\bsysctl\s+(?:-\w*w\w*\b|--write\b|[\w./-]+=)/, 'sysctl'],
  [/\bethtool\s+(?:-[KGLACs]\b|--(?:features|set-ring|set-channels|pause|coalesce|change)\b)/, 'ethtool'],
  [/\bovs-vsctl\b.*\b(?:add|del)-br\b/, 'ovs_bridge'],
  [/\bovs-vsctl\b.*\b(?:add|del)-(?:port|bond)\b/, 'ovs_port'],
  [/\bovs-ofctl\s+(?:add|del|mod)-flows?\b/, 'ovs_flow'],
  [/\b(?:vzctl|prlctl)\s+set\b.*--(?:ipadd|ipdel|netif_add|netif_del|device-(?:add|set|del))\b/, 've'],
  [/>>?\s*\/etc\/iproute2\/rt_tables\b/, 'rt_table'],
  [/>>?\s*\/proc\/sys\//, 'sysctl'],
];

const RUNS = ['command', 'shell', 'raw', 'script'];

/** The words that an action runs; empty where it runs none. */
function commandOf(task: Task): string {
  const { argv, cmd = '' } = paramsOf(task, RUNS) ?? {};
  return Array.isArray(argv) ? argv.join(' ') : String(cmd);
}

function resourceFor(command: string): string | undefined {
  for (const [pattern, name] of INSTEAD) {
    const match = pattern.exec(command);
    if (match !== null) return name === '$1' ? match[1] : name;
  }
  return undefined;
}

function perTask(
  name: string,
  summary: string,
  look: (task: Task) => Pick<Finding, 'message' | 'hint'> | undefined,
): Rule {
  const find = (_: Play, tasks: readonly Task[]): Finding[] =>
    tasks.flatMap((task) => {
      const found = look(task);
      return found === undefined ? [] : [{ rule: name, ...found, place: task.place }];
    });
  return { name, summary, find };
}

/** The parameters of one of these actions; undefined for any other task. */
function paramsOf(task: Task, names: readonly string[]): ActionTask['params'] | undefined {
  return task.kind === 'action' && names.includes(task.action) ? task.params : undefined;
}

function leavesMode(task: Task): boolean {
  const params = paramsOf(task, ['copy', 'template', 'file']);
  if (params === undefined || params.mode !== undefined) return false;
  return params.state === undefined
    ? paramsOf(task, ['file']) === undefined
    : ['directory', 'touch'].includes(String(params.state));
}

/** What a shell alone understands; in a template it is nothing that the shell sees. */
function needsShell(command: string): boolean {
  return /[|&;<>()$`*?[\]{}~#!\n\\]|^\s*\w+=|^\s*(cd|export|ulimit|umask|source|set|\.)\s/.test(
    command.replaceAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, 'x'),
  );
}

function secretsIn(vars: unknown, path: string): string[] {
  if (typeof vars !== 'object' || vars === null || Array.isArray(vars)) return [];
  const proto: unknown = Object.getPrototypeOf(vars);
  // What is encrypted is an object of its own class.
  if (proto !== Object.prototype && proto !== null) return [];
  return Object.entries(vars).flatMap(([name, value]) => {
    if (typeof value === 'string')
      return namesSecret(name) && value !== '' && !value.includes('{{') ? [path + name] : [];
    return secretsIn(value, `${path}${name}.`);
  });
}

const plainSecret: Rule = {
  name: 'plain-secret',
  summary: 'a variable that is called a secret, and is not encrypted',
  find(play, tasks) {
    const told = (name: string, place: Place): Finding => ({
      rule: 'plain-secret',
      message: `the variable ${name} holds a secret that anybody can read`,
      hint: 'netplay vault encrypt-string makes a !vault value of it',
      place,
    });
    const ofPlay = new Set(secretsIn(play.vars, ''));
    return [
      ...[...ofPlay].map((name) => told(name, play.place)),
      ...tasks.flatMap((task) =>
        secretsIn(task.vars, '')
          .filter((name) => !ofPlay.has(name))
          .map((name) => told(name, task.place)),
      ),
    ];
  },
};

const toldByNobody: Rule = {
  name: 'unused-handler',
  summary: 'a handler that no task notifies',
  find(play, tasks) {
    const told = tasks.flatMap(({ notify }) => notify);
    // What an include brings, and what a template comes to, may tell any of them.
    const anybody = tasks.some(({ kind }) => kind === 'include') || told.some((word) => word.includes('{{'));
    if (anybody) return [];
    return play.handlers
      .filter(({ name, listen, role }) => {
        const names = [name, ...listen, ...(role === undefined ? [] : [`${role.name} : ${name}`])];
        return !names.some((word) => told.includes(word));
      })
      .map(({ name, place }) => ({
        rule: 'unused-handler',
        message: `no task notifies the handler '${name}'`,
        hint: 'Notify it, or remove it.',
        place,
      }));
  },
};

/** All rules, in the order in which they are listed. */
export const lintRules: readonly Rule[] = [
  perTask('use-resource', 'a command that changes what a resource would', (task) => {
    const resource = resourceFor(commandOf(task));
    if (resource === undefined) return undefined;
    return {
      message: `this is what the resource ${resource} does`,
      hint: `Write ${resource}: it tells what differs, changes nothing else, and is undone where something fails (netplay doc ${resource}).`,
    };
  }),
  perTask('no-changed-when', 'a command that counts as changed each time', (task) => {
    const isTold = task.changedWhen !== undefined || task.register !== undefined;
    if (commandOf(task) === '' || isTold || resourceFor(commandOf(task)) !== undefined) return undefined;
    const { creates, removes } = paramsOf(task, RUNS) ?? {};
    if (creates !== undefined || removes !== undefined) return undefined;
    return {
      message: 'it counts as changed each time, and a check can not tell what it would do',
      hint: 'Say creates: or removes:, or changed_when:.',
    };
  }),
  perTask('command-not-shell', 'a shell for what needs none', (task) => {
    if (paramsOf(task, ['shell']) === undefined || needsShell(commandOf(task))) return undefined;
    return {
      message: 'nothing in it needs a shell',
      hint: 'Write command: nothing in it can be taken apart.',
    };
  }),
  perTask('ignored-errors', 'errors that are ignored and looked at by nobody', (task) => {
    if (task.ignoreErrors !== true || task.register !== undefined) return undefined;
    return {
      message: 'whatever goes wrong is ignored',
      hint: 'Say failed_when: which failures are none, or register what it comes to.',
    };
  }),
  perTask('file-mode', 'a file whose mode is left to the login', (task) => {
    if (!leavesMode(task)) return undefined;
    return { message: 'a file that it makes has the mode that the login has set', hint: "Say mode: '0644'." };
  }),
  perTask('become-user', 'a user to become, and no word to become him', ({ becomeUser, become }) =>
    becomeUser === undefined || become !== undefined
      ? undefined
      : { message: `become_user: ${becomeUser} has no effect`, hint: 'Say become: true beside it.' },
  ),
  plainSecret,
  toldByNobody,
];

/**
 * What the rules find, in the order of files and lines, each once though its role is used many times.
 * `# noqa` in a line leaves it out, `# noqa: RULE, RULE` those rules alone.
 * @param rules those that are asked
 */
export function lint({ plays }: Playbook, rules: readonly Rule[] = lintRules): Finding[] {
  const found = plays.flatMap((play) => {
    const tasks = [...stepTasks(play.steps), ...play.handlers];
    return rules.flatMap((rule) => rule.find(play, tasks));
  });
  const once = new Map(found.map((one) => [`${formatPlace(one.place)} ${one.rule} ${one.message}`, one]));
  return [...once.values()]
    .filter((one) => !isWaved(one))
    .toSorted((a, b) => a.place.file.localeCompare(b.place.file) || a.place.line - b.place.line);
}

function isWaved({ rule, place }: Finding): boolean {
  const match = /#\s*noqa\b(?::?\s*([\w ,-]+))?/.exec(place.source ?? '');
  if (match === null) return false;
  const named = (match[1] ?? '').split(/[ ,]+/).filter((word) => word !== '');
  return named.length === 0 || named.includes(rule);
}
