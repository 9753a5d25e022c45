import type { Action, ActionResult, FileDiff } from './action.js';
import { type Answer, ask } from './host/answer.js';
import {
  type Attributes,
  attributeProperties,
  attributesDiff,
  attributesScript,
  infoOf,
  warningsOf,
} from './host/attributes.js';
import { type FileState, fileScript } from './host/file-script.js';
import { touchTime } from './host/time.js';

export interface FileParams extends Attributes {
  path: string;
  state?: FileState;
  src?: string;
  recurse?: boolean;
  follow?: boolean;
  force?: boolean;
  modification_time?: string;
  modification_time_format?: string;
  access_time?: string;
  access_time_format?: string;
}

const TIME_FORMAT = '%Y%m%d%H%M.%S';

function resultOf(answer: Answer, params: FileParams, diff: boolean): ActionResult {
  const path = answer.text('path') ?? params.path;
  const attributes = diffOf(answer, path);
  const changed =
    attributes !== undefined || answer.has('changed') || (answer.has('src_after') && changesLink(answer));
  const state = answer.word('state') ?? '';
  return {
    changed,
    [['touch', 'hard', 'link'].includes(state) ? 'dest' : 'path']: path,
    ...(params.src === undefined || !['hard', 'link'].includes(state) ? {} : { src: params.src }),
    ...infoOf(answer),
    ...(diff && attributes !== undefined ? { diff: [attributes] } : {}),
    ...warningsOf(answer),
  };
}

function changesLink(answer: Answer): boolean {
  return answer.text('src_before') !== answer.text('src_after');
}

/** What differs, its link's target included. */
function diffOf(answer: Answer, path: string): FileDiff | undefined {
  const attributes = attributesDiff(answer, path);
  const [before, after] = [answer.text('src_before'), answer.text('src_after')];
  if (after === undefined) return attributes;
  const side = (attribute: FileDiff['before'] | undefined, src: string | undefined): string =>
    `${typeof attribute === 'string' ? attribute : ''}${src === undefined ? '' : `src: ${src}\n`}`;
  return { path, before: side(attributes?.before, before), after: side(attributes?.after, after) };
}

function time(params: FileParams, which: 'modification' | 'access'): string {
  const given = params[`${which}_time`];
  if (given !== undefined)
    return touchTime(given, params[`${which}_time_format`] ?? TIME_FORMAT) ?? 'invalid';
  return params.state === 'touch' ? 'now' : 'preserve';
}

function contradiction(params: FileParams): { path: string[]; message: string } | undefined {
  const { src, state, recurse } = params;
  if (src !== undefined && state !== 'link' && state !== 'hard')
    return { path: ['src'], message: 'src: is for state link and hard only' };
  if (recurse && state !== undefined && state !== 'directory')
    return { path: ['recurse'], message: 'recurse: is for state directory only' };
  for (const which of ['modification', 'access'] as const)
    if (time(params, which) === 'invalid')
      return {
        path: [`${which}_time`],
        message: `${which}_time: '${params[`${which}_time`]}' is not of the form ${params[`${which}_time_format`] ?? TIME_FORMAT}`,
      };
  return undefined;
}

const timeProperty = (what: string) => ({
  type: 'string',
  description: `The time of the last ${what}: now, preserve, or a time in the host's time zone. Default: now for touch, else preserve.`,
  examples: ['preserve', '202601311200.00'],
});
const formatProperty = {
  type: 'string',
  default: TIME_FORMAT,
  description: 'How that time is written: of %Y, %m, %d, %H, %M and %S.',
};

/** A file, folder or link: that it is there or not, and its owner, group, mode and times. */
export const file: Action<FileParams> = {
  name: 'file',
  summary: 'Makes folders, links and empty files, removes them, and sets owner, group, mode and times.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description: 'The path on the host.',
        examples: ['/etc/netplay'],
      },
      state: {
        enum: ['file', 'directory', 'link', 'hard', 'touch', 'absent'],
        description:
          'file: it must be there. directory: with all folders above it. link, hard: a link to src. touch: an empty file, or new times. absent: removed, a folder with all that is in it. Left out: what it is, else file.',
      },
      src: {
        type: 'string',
        minLength: 1,
        description: 'What a link leads to.',
        examples: ['/etc/netplay/current'],
      },
      recurse: {
        type: 'boolean',
        default: false,
        description: 'Sets owner, group and mode of all that is in a folder as well.',
      },
      follow: { type: 'boolean', default: true, description: 'Whether a link stands for what it leads to.' },
      force: {
        type: 'boolean',
        default: false,
        description:
          'For links: takes the place of a file or an empty folder, and may lead to what does not exist.',
      },
      ...attributeProperties,
      modification_time: timeProperty('modification'),
      modification_time_format: formatProperty,
      access_time: timeProperty('access'),
      access_time_format: formatProperty,
    },
  },
  parameterAliases: { dest: 'path', name: 'path' },
  examples: [
    { file: { path: '/etc/netplay', state: 'directory', mode: '0755' } },
    { file: { path: '/etc/netplay/current', src: 'v2', state: 'link' } },
    { file: { path: '/var/log/netplay', state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' } },
    { file: { path: '/tmp/old', state: 'absent' } },
  ],
  check: 'predicts',
  background: true,
  contradiction,
  async run(params, context) {
    const wish = { ...params, mtime: time(params, 'modification'), atime: time(params, 'access') };
    const answer = await ask(context, `${attributesScript(params)}\n${fileScript(wish)}`);
    return 'changed' in answer ? { ...answer, path: params.path } : resultOf(answer, params, context.diff);
  },
};
