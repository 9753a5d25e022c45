/** One play: its hosts, keywords, variables, roles and tasks. */
import { isMap, isSeq, type YAMLMap } from 'yaml';
import { nearest } from '../shared/nearest.js';
import { PLAY_KEYWORDS, ROLE_KEYWORDS, refusedKeyword, SECTIONS, TASK_KEYWORDS } from './keywords.js';
import type { Around, Play, Step, Task } from './model.js';
import { unheard } from './notified.js';
import { readPlaySettings } from './play-settings.js';
import { readPlayVars } from './play-vars.js';
import type { Project } from './project.js';
import { type Entry, kindOf, type NodeReader } from './reader.js';
import { gatherAnew, type Reading } from './reading.js';
import { bringRole, readRoles } from './roles.js';
import { aroundPlay, type Entries, entriesOf, readKeywords, readName, readTags } from './shared-keywords.js';
import { readSection } from './steps.js';
import { namesSubject } from './subject.js';

/** What a playbook's import adds to the plays that it brings. */
export type PlayAround = Pick<Around, 'tags' | 'when' | 'vars'>;

/** The play, or undefined where it is none; whatever is wrong is noted. */
export async function readPlay(
  project: Project,
  reader: NodeReader,
  node: unknown,
  imported: PlayAround,
): Promise<Play | undefined> {
  const entries = checkPlay(reader, node);
  if (entries === undefined || !isMap(node)) return undefined;
  const meant = [...entries.values()].map((entry) => checkKey(reader, entry));
  // Misspelt hosts are told once.
  const hosts = meant.includes('hosts') ? '' : readHosts(reader, entries, node);
  const keywords = readKeywords(reader, entries);
  const tags = [...new Set([...imported.tags, ...readTags(reader, entries)])];
  const name = readName(reader, entries);
  const { vars, ...others } = readPlayVars(reader, entries);
  const around = { ...aroundPlay(keywords, tags), when: imported.when };
  return {
    ...keywords,
    name: name ?? hosts,
    hosts,
    vars: { ...vars, ...imported.vars },
    ...others,
    ...(await readWork(project, reader, entries, around)),
    ...readPlaySettings(reader, entries),
    tags,
    place: reader.place(node),
  };
}

/** The keys of a map that can be a play. */
function checkPlay(reader: NodeReader, node: unknown): Entries | undefined {
  if (!isMap(node)) {
    reader.refuse(`A play must be a map, not ${kindOf(node)}`, node, { hint: 'Begin it with "- hosts: …".' });
    return undefined;
  }
  const entries = entriesOf(reader, node);
  const isPlay = ['hosts', 'roles', ...SECTIONS].some((word) => entries.has(word));
  if (isPlay || !(entries.has('block') || namesSubject(reader, entries))) return entries;
  reader.refuse('This is a task, not a play', node, { hint: 'Put it below tasks: of a play with hosts:.' });
  return undefined;
}

/** What the play does, in the order in which it does it. */
async function readWork(
  project: Project,
  reader: NodeReader,
  entries: Entries,
  around: Around,
): Promise<Pick<Play, 'steps' | 'handlers' | 'roles'>> {
  const gathered = gatherAnew();
  const reading: Reading = { project, gathered, bringRole, handlers: false, open: [] };
  const section = (word: string): Promise<Step[]> => readSection(reading, reader, entries.get(word), around);
  const { steps: roleSteps, roles } = await readRoles(reading, reader, entries.get('roles'), around);
  const fromRoles = gathered.handlers.splice(0);
  // An import's condition is none of the handlers': they run where a task told them to.
  const unconditional: Around = { ...around, when: [] };
  const listed = entries.get('handlers');
  const own = await readSection({ ...reading, handlers: true }, reader, listed, unconditional);
  const before = await section('pre_tasks');
  const main = [...roleSteps, ...(await section('tasks'))];
  const after = await section('post_tasks');
  const handlers = [...fromRoles, ...own.filter(isTask), ...gathered.handlers];
  const isToldLater = handlers.length > 0 || [before, main, after].some(mayBringHandlers);
  const steps = [before, main, after].flatMap((part): Step[] =>
    part.length > 0 && isToldLater ? [...part, { kind: 'flush' }] : part,
  );
  for (const error of unheard({ steps, handlers })) project.note(error);
  return { steps, handlers, roles: [...roles, ...gathered.roles] };
}

function isTask(step: Step): step is Task {
  return step.kind !== 'block' && step.kind !== 'flush';
}

/** Roles that are included bring handlers only as the play runs; so may files of tasks, by the roles that they use. */
function mayBringHandlers(steps: readonly Step[]): boolean {
  return steps.some((step) =>
    step.kind === 'block'
      ? [step.block, step.rescue, step.always].some(mayBringHandlers)
      : step.kind === 'include',
  );
}

/** Notes a key that a play can't have, and gives the keyword that was most likely meant by it. */
function checkKey(reader: NodeReader, { key, keyNode }: Entry): string | undefined {
  if (PLAY_KEYWORDS.includes(key)) return undefined;
  const refused = refusedKeyword(key);
  if (refused !== undefined) {
    reader.refuse(`${key}: netplay does not have it`, keyNode, { hint: refused });
    return undefined;
  }
  const isOfTasks = [...TASK_KEYWORDS, ...ROLE_KEYWORDS, 'block', 'rescue', 'always'].includes(key);
  if (isOfTasks || reader.known.meaning(key) !== undefined) {
    reader.refuse(`${key}: belongs to a task, not to a play`, keyNode, { hint: 'Put it below tasks:.' });
    return undefined;
  }
  const near = nearest(key, PLAY_KEYWORDS);
  const hint = near === undefined ? `A play takes ${PLAY_KEYWORDS.join(', ')}.` : `Did you mean ${near}?`;
  reader.refuse(`Unknown keyword '${key}' in a play`, keyNode, { hint });
  return near;
}

/** The host pattern; the patterns of a list are joined as a pattern joins them itself. */
function readHosts(reader: NodeReader, entries: Entries, play: YAMLMap): string {
  const entry = entries.get('hosts');
  if (entry === undefined) {
    reader.refuse('This play has no hosts', play, { hint: 'Add hosts: with a group, a host or all.' });
    return '';
  }
  if (!isSeq(entry.node) || entry.node.items.length === 0) return reader.text(entry) ?? '';
  return entry.node.items.flatMap((node) => reader.text({ ...entry, node }) ?? []).join(',');
}
