import type { Action } from './action.js';
import { type Answer, ask, REAL } from './host/answer.js';
import { pathWord } from './host/words.js';

const ALGORITHMS = ['sha1', 'md5', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

export interface StatParams {
  path: string;
  follow?: boolean;
  get_checksum?: boolean;
  get_mime?: boolean;
  get_attributes?: boolean;
  get_md5?: boolean;
  checksum_algorithm?: (typeof ALGORITHMS)[number];
}

const SCRIPT = `${REAL}
if ! [ -e "$np_path" ] && { [ -n "$np_follow" ] || ! [ -L "$np_path" ]; }; then np_say gone; else
np_stat() { stat \${np_follow:+-L} -c "$1" "$np_path"; }
np_say stat "$(np_stat '%f %u %g %s %i %d %h %b %o %t %T %X %Y %Z')" || exit
np_say atime "$(np_stat %x)"; np_say mtime "$(np_stat %y)"; np_say ctime "$(np_stat %z)"
np_say names "$(np_stat '%U %G')"
np_may=; for np_t in r w x; do if [ -$np_t "$np_path" ]; then np_may=$np_may$np_t; fi; done
np_say may "$np_may"
if [ -L "$np_path" ] && [ -z "$np_follow" ]; then
  np_tell real "$(np_real "$np_path")"; np_tell target "$(readlink "$np_path")"
elif [ -f "$np_path" ] && [ -r "$np_path" ]; then
  np_digest() {
    if command -v "\${1}sum" >/dev/null 2>&1; then np_say "$2" "$("\${1}sum" <"$np_path" | cut -d' ' -f1)"
    elif command -v openssl >/dev/null 2>&1; then np_say "$2" "$(openssl dgst "-$1" <"$np_path" | sed 's/.*[= ]//')"; fi
  }
  if [ -n "$np_sum" ]; then np_digest "$np_sum" sum; fi
  if [ -n "$np_md5" ]; then np_digest md5 md5; fi
fi
if [ -n "$np_mime" ] && command -v file >/dev/null 2>&1; then np_tell mime "$(file --mime-type --mime-encoding "$np_path" 2>/dev/null)"; fi
if [ -n "$np_lsattr" ] && command -v lsattr >/dev/null 2>&1; then np_say lsattr "$(lsattr -vd "$np_path" 2>/dev/null)"; fi
fi`;

/** Of the flags that lsattr shows, what Ansible calls them. */
const FLAGS: Readonly<Record<string, string>> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
};

const FORMAT = 0o170000;
const TYPES = {
  isdir: 0o040000,
  ischr: 0o020000,
  isblk: 0o060000,
  isreg: 0o100000,
  isfifo: 0o010000,
  islnk: 0o120000,
  issock: 0o140000,
} as const;

const BITS = {
  rusr: 0o400,
  wusr: 0o200,
  xusr: 0o100,
  rgrp: 0o040,
  wgrp: 0o020,
  xgrp: 0o010,
  roth: 0o004,
  woth: 0o002,
  xoth: 0o001,
  isuid: 0o4000,
  isgid: 0o2000,
} as const;

function flagsOf<K extends string>(
  masks: Readonly<Record<K, number>>,
  holds: (mask: number) => boolean,
): object {
  return Object.fromEntries(Object.entries<number>(masks).map(([name, mask]) => [name, holds(mask)]));
}

/** Seconds with what `stat` prints behind the point of the clock's seconds. */
function seconds(whole: string | undefined, clock: string | undefined): number {
  const nanos = /\.(\d{9})/.exec(clock ?? '')?.[1];
  return Number(whole) + 1e-9 * Number(nanos ?? 0);
}

/** As the C library's makedev, of two hexadecimal numbers. */
function device(major = '0', minor = '0'): number {
  const [high, low] = [Number.parseInt(major, 16), Number.parseInt(minor, 16)];
  return (low & 0xff) | ((high & 0xfff) << 8) | ((low & ~0xff) << 12);
}

function statOf(
  answer: Answer,
  path: string,
  { get_mime: mime = true, get_attributes: attributes = true }: StatParams,
): object {
  const words = (answer.word('stat') ?? '').split(' ');
  const [raw = '0', uid, gid, size, inode, dev, nlink, blocks, block, major, minor, ...times] = words;
  const mode = Number.parseInt(raw, 16);
  const [owner, group] = (answer.word('names') ?? '').split(' ');
  const may = answer.word('may') ?? '';
  const [real, target] = [answer.text('real'), answer.text('target')];
  const [checksum, md5] = [answer.word('sum'), answer.word('md5')];
  return {
    exists: true,
    path,
    mode: (mode & 0o7777).toString(8).padStart(4, '0'),
    ...flagsOf(TYPES, (type) => (mode & FORMAT) === type),
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    inode: Number(inode),
    dev: Number(dev),
    nlink: Number(nlink),
    atime: seconds(times[0], answer.word('atime')),
    mtime: seconds(times[1], answer.word('mtime')),
    ctime: seconds(times[2], answer.word('ctime')),
    ...flagsOf(BITS, (bit) => (mode & bit) !== 0),
    blocks: Number(blocks),
    block_size: Number(block),
    device_type: device(major, minor),
    readable: may.includes('r'),
    writeable: may.includes('w'),
    executable: may.includes('x'),
    ...(target === undefined ? {} : { lnk_source: real, lnk_target: target }),
    ...(owner === 'UNKNOWN' ? {} : { pw_name: owner }),
    ...(group === 'UNKNOWN' ? {} : { gr_name: group }),
    ...(md5 === undefined ? {} : { md5 }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(mime ? mimeOf(answer.text('mime')) : {}),
    ...(attributes ? attributesOf(answer.word('lsattr')) : {}),
  };
}

function mimeOf(text = ''): object {
  const [, mimetype = 'unknown', charset = 'unknown'] = /: *([^:;]+); *charset=(\S+)\s*$/.exec(text) ?? [];
  return { mimetype, charset };
}

function attributesOf(text = ''): object {
  const [version, letters = ''] = text.trim().split(/\s+/);
  const flags = letters.replaceAll('-', '');
  const attributes = [...flags].flatMap((letter) => FLAGS[letter] ?? []);
  return { version: version === '' || version === undefined ? null : version, attributes, attr_flags: flags };
}

/** What a path is. */
export const stat: Action<StatParams> = {
  name: 'stat',
  summary:
    'Tells what a path of the host is: whether it exists, its type, owner, mode, size, times and checksum.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: { type: 'string', minLength: 1, description: 'The path on the host.', examples: ['/etc/hosts'] },
      follow: { type: 'boolean', default: false, description: 'Whether a link stands for what it leads to.' },
      get_checksum: { type: 'boolean', default: true, description: 'Whether a checksum of a file is made.' },
      checksum_algorithm: { enum: [...ALGORITHMS], default: 'sha1', description: 'Which one.' },
      get_md5: { type: 'boolean', default: false, description: 'Whether there is an MD5 sum besides.' },
      get_mime: {
        type: 'boolean',
        default: true,
        description: 'Whether file(1) is asked for the type of the content.',
      },
      get_attributes: { type: 'boolean', default: true, description: 'Whether lsattr is asked.' },
    },
  },
  parameterAliases: {
    dest: 'path',
    name: 'path',
    mime: 'get_mime',
    mime_type: 'get_mime',
    'mime-type': 'get_mime',
    attr: 'get_attributes',
    attributes: 'get_attributes',
    checksum: 'checksum_algorithm',
    checksum_algo: 'checksum_algorithm',
  },
  examples: [
    { stat: { path: '/etc/hosts' } },
    { stat: { path: '/etc/localtime', follow: true, get_checksum: false } },
  ],
  check: 'runs',
  background: true,
  async run(params, context) {
    const {
      path,
      follow,
      get_checksum: sum = true,
      checksum_algorithm: algorithm = 'sha1',
      get_md5: md5,
    } = params;
    const { get_mime: mime = true, get_attributes: attributes = true } = params;
    const flag = (wanted: unknown): string => (wanted ? '1' : '');
    const head = `np_path=${pathWord(path)} np_follow=${flag(follow)} np_sum=${sum ? algorithm : ''} np_md5=${flag(md5)} np_mime=${flag(mime)} np_lsattr=${flag(attributes)}`;
    const answer = await ask(context, `${head}\nnp_tell path "$np_path"\n${SCRIPT}`);
    if ('changed' in answer) return answer;
    if (answer.has('gone')) return { changed: false, stat: { exists: false } };
    return { changed: false, stat: statOf(answer, answer.text('path') ?? path, params) };
  },
};
