/** Tasks that netplay's actions and Ansible's modules are both given. `{D}` is a folder of their own. */
export interface ActionCase {
  name: string;
  /** Ansible's module. */
  module: string;
  args: Readonly<Record<string, unknown>>;
  /** Shell that runs in the folder first. */
  before?: string;
  /** Keys of the result besides those that are compared for every module. */
  compare?: readonly string[];
  /** What differs on purpose: these keys are not compared. */
  apart?: readonly string[];
  /** netplay's parameters, where they are others. */
  own?: Readonly<Record<string, unknown>>;
  /** A second run can not be compared. */
  once?: boolean;
}

const FILE = 'printf "one\\ntwo\\nthree\\n" > f';

const files: ActionCase[] = [
  { name: 'a new folder', module: 'file', args: { path: '{D}/a/b/c', state: 'directory', mode: '0750' } },
  {
    name: 'a folder that is there',
    module: 'file',
    args: { path: '{D}/a', state: 'directory', mode: 'u=rwx,g=rx,o=' },
    before: 'mkdir a',
  },
  {
    name: 'a folder where a file is',
    module: 'file',
    args: { path: '{D}/f', state: 'directory' },
    before: FILE,
  },
  { name: 'mode by digits', module: 'file', args: { path: '{D}/f', mode: '0600' }, before: FILE },
  { name: 'mode by clauses', module: 'file', args: { path: '{D}/f', mode: 'u+x,g=u,o-r' }, before: FILE },
  { name: 'mode with nobody named', module: 'file', args: { path: '{D}/f', mode: '+x' }, before: FILE },
  { name: 'mode with X on a file', module: 'file', args: { path: '{D}/f', mode: 'a+X' }, before: FILE },
  {
    name: 'mode with X on a folder',
    module: 'file',
    args: { path: '{D}/a', mode: 'a=rX' },
    before: 'mkdir -m 700 a',
  },
  {
    name: 'set-user-id and owner',
    module: 'file',
    args: { path: '{D}/f', mode: '4755', owner: 'daemon', group: 'daemon' },
    before: FILE,
  },
  {
    name: 'owner by number',
    module: 'file',
    args: { path: '{D}/f', owner: '1', group: '12345' },
    before: FILE,
  },
  {
    name: 'an owner that is not there',
    module: 'file',
    args: { path: '{D}/f', owner: 'nosuchuser' },
    before: FILE,
  },
  { name: 'the mode that it has', module: 'file', args: { path: '{D}/f', mode: '0644' }, before: FILE },
  { name: 'a file that is missing', module: 'file', args: { path: '{D}/f', state: 'file' } },
  { name: 'nothing said of a file that is missing', module: 'file', args: { path: '{D}/f' } },
  { name: 'a touched file', module: 'file', args: { path: '{D}/t', state: 'touch', mode: '0600' } },
  {
    name: 'a touched file, times kept',
    module: 'file',
    args: { path: '{D}/f', state: 'touch', modification_time: 'preserve', access_time: 'preserve' },
    before: FILE,
  },
  {
    name: 'a time',
    module: 'file',
    args: { path: '{D}/f', state: 'file', modification_time: '202001311200.30' },
    before: FILE,
  },
  {
    name: 'a time in another form',
    module: 'file',
    args: {
      path: '{D}/f',
      state: 'file',
      access_time: '2020-01-31 12:00',
      access_time_format: '%Y-%m-%d %H:%M',
    },
    before: FILE,
  },
  { name: 'a link', module: 'file', args: { path: '{D}/l', src: 'f', state: 'link' }, before: FILE },
  {
    name: "a link with a mode, which is its target's",
    module: 'file',
    args: { path: '{D}/l', src: 'f', state: 'link', mode: '0600' },
    before: FILE,
  },
  {
    name: 'a link to another place',
    module: 'file',
    args: { path: '{D}/l', src: 'g', state: 'link' },
    before: `${FILE}; : >g; ln -s f l`,
  },
  { name: 'a link to nothing', module: 'file', args: { path: '{D}/l', src: 'nothing', state: 'link' } },
  {
    name: 'a link to nothing, forced',
    module: 'file',
    args: { path: '{D}/l', src: 'nothing', state: 'link', force: true, follow: false },
  },
  {
    name: 'a link where a file is',
    module: 'file',
    args: { path: '{D}/l', src: 'f', state: 'link' },
    before: `${FILE}; : >l`,
  },
  {
    name: 'a link where a file is, forced',
    module: 'file',
    args: { path: '{D}/l', src: 'f', state: 'link', force: true },
    before: `${FILE}; : >l`,
  },
  {
    name: 'a link to a folder, where such a link is',
    module: 'file',
    args: { path: '{D}/l', src: 'b', state: 'link' },
    before: 'mkdir a b; ln -s a l',
  },
  {
    name: 'a link where a folder is, forced',
    module: 'file',
    args: { path: '{D}/l', src: '{D}/f', state: 'link', force: true },
    before: `${FILE}; mkdir l`,
  },
  {
    name: 'a link where a folder is that holds something',
    module: 'file',
    args: { path: '{D}/l', src: '{D}/f', state: 'link', force: true },
    before: `${FILE}; mkdir l; : >l/x`,
  },
  { name: 'a hard link', module: 'file', args: { path: '{D}/h', src: '{D}/f', state: 'hard' }, before: FILE },
  {
    name: 'a hard link where a file is',
    module: 'file',
    args: { path: '{D}/h', src: '{D}/f', state: 'hard' },
    before: `${FILE}; : >h`,
  },
  {
    name: 'a hard link where a file is, forced',
    module: 'file',
    args: { path: '{D}/h', src: '{D}/f', state: 'hard', force: true },
    before: `${FILE}; : >h`,
  },
  {
    name: 'through a link',
    module: 'file',
    args: { path: '{D}/l', mode: '0600', state: 'file' },
    before: `${FILE}; ln -s f l`,
  },
  { name: 'a file away', module: 'file', args: { path: '{D}/f', state: 'absent' }, before: FILE },
  {
    name: 'a folder away',
    module: 'file',
    args: { path: '{D}/a', state: 'absent' },
    before: 'mkdir -p a/b; : >a/b/c',
  },
  {
    name: 'a link away, and not what it leads to',
    module: 'file',
    args: { path: '{D}/l', state: 'absent' },
    before: `${FILE}; ln -s f l`,
  },
  { name: 'what is away already', module: 'file', args: { path: '{D}/f', state: 'absent' } },
  {
    name: 'all below by digits',
    module: 'file',
    args: { path: '{D}/a', state: 'directory', recurse: true, mode: '0700', owner: 'daemon' },
    before: 'mkdir -p a/b; : >a/b/c; ln -s b/c a/l',
  },
  {
    name: 'all below by clauses',
    module: 'file',
    args: { path: '{D}/a', state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' },
    before: 'mkdir -p "a/b b"; : >"a/b b/c"; : >a/.d; chmod +x a/.d',
  },
  {
    name: 'odd names',
    module: 'file',
    args: {
      path: '{D}/a b\'"$(x)`y`*',
      state: 'touch',
      modification_time: 'preserve',
      access_time: 'preserve',
    },
  },
  { name: 'recursion of a file', module: 'file', args: { path: '{D}/f', recurse: true }, before: FILE },
];

const line = (name: string, args: Record<string, unknown>, before = FILE): ActionCase => ({
  name,
  module: 'lineinfile',
  args: { path: '{D}/f', ...args },
  before,
  compare: ['msg', 'found'],
});

const lines: ActionCase[] = [
  line('a new line', { line: 'four' }),
  line('a line that is there', { line: 'two' }),
  line('a line in place of another', { line: 'TWO', regexp: '^tw' }),
  line('the last of several', { line: 'X', regexp: 'e$' }),
  line('the first of several', { line: 'X', regexp: 'e$', firstmatch: true }),
  line('with what was found', { line: '\\1-\\g<rest>', regexp: '^(t)(?P<rest>.*)$', backrefs: true }),
  line('with nothing found', { line: '\\1', regexp: '^(nothing)', backrefs: true }),
  line('by plain text', { line: 'X', search_string: 'hre' }),
  line('behind a line', { line: 'X', insertafter: '^o' }),
  line('behind the last line', { line: 'X', insertafter: '^three' }),
  line('before a line', { line: 'X', insertbefore: '^t' }),
  line('before the first such line', { line: 'X', insertbefore: '^t', firstmatch: true }),
  line('at the beginning', { line: 'X', insertbefore: 'BOF' }),
  line('behind nothing', { line: 'X', insertafter: 'nothing' }),
  line('no line end at the end', { line: 'X' }, 'printf "one\\ntwo" > f'),
  line('the last line, which has no end', { line: 'two' }, 'printf "one\\ntwo" > f'),
  line('a file that is missing', { line: 'X' }, ':'),
  line('a file that is made', { line: 'X', create: true, mode: '0600' }, ':'),
  line('a file in a folder that is made', { path: '{D}/a/b/f', line: 'X', create: true }, ':'),
  line('a folder', { path: '{D}/f', line: 'X' }, 'mkdir f'),
  line('lines away', { regexp: '^t', state: 'absent' }),
  line('a line away', { line: 'two', state: 'absent' }),
  line('a line away that is not there', { line: 'four', state: 'absent' }),
  line('away from a file that is missing', { line: 'four', state: 'absent' }, ':'),
  line('a mode', { line: 'two', mode: '0600', owner: 'daemon' }),
  line('a line and a mode', { line: 'X', mode: '0600' }),
  line('a copy of what was', { line: 'X', backup: true }),
  line('validated', { line: 'X', validate: 'grep -q X %s' }),
  line('not validated', { line: 'X', validate: 'grep -q Y %s' }),
  line('through a link', { path: '{D}/l', line: 'X' }, `${FILE}; ln -s f l`),
  line('bytes that are no UTF-8', { line: 'hä', regexp: '^tw' }, 'printf "one\\377\\ntwo\\n" > f'),
  line('ends with carriage returns', { line: 'X', insertafter: '^one' }, 'printf "one\\r\\ntwo\\r\\n" > f'),
  line('an owner and mode that stay', { line: 'X' }, `${FILE}; chmod 640 f; chown daemon:daemon f`),
];

const block = (name: string, args: Record<string, unknown>, before = FILE): ActionCase => ({
  name,
  module: 'blockinfile',
  args: { path: '{D}/f', ...args },
  before,
  compare: ['msg'],
});

const OLD = 'printf "a\\n# BEGIN ANSIBLE MANAGED BLOCK\\nold\\n# END ANSIBLE MANAGED BLOCK\\nb\\n" > f';

const blocks: ActionCase[] = [
  block('a new block', { block: 'x\ny' }),
  block('a block in place of the old', { block: 'x\ny\n' }, OLD),
  block('the same block', { block: 'old' }, OLD),
  block('a block away', { state: 'absent' }, OLD),
  block('an empty block', { block: '' }, OLD),
  block('a block that is not there, away', { state: 'absent' }),
  block('away from a file that is missing', { state: 'absent' }, ':'),
  block('markers of its own', { block: 'x', marker: '; {mark} lab', marker_begin: 'A', marker_end: 'Z' }),
  block('behind a line', { block: 'x', insertafter: '^one' }),
  block('before a line', { block: 'x', insertbefore: '^three' }),
  block('at the beginning', { block: 'x', insertbefore: 'BOF' }),
  block('behind nothing', { block: 'x', insertafter: 'nothing' }),
  block('no line end at the end', { block: 'x' }, 'printf one > f'),
  block('a file that is made', { block: 'x', create: true, mode: '0640' }, ':'),
  block('a file that is missing', { block: 'x' }, ':'),
  block('a copy of what was', { block: 'x', backup: true }),
  block('a mode', { block: 'old', mode: '0600' }, OLD),
];

const stats: ActionCase[] = [
  { name: 'a file', module: 'stat', args: { path: '{D}/f' }, before: FILE },
  { name: 'a folder', module: 'stat', args: { path: '{D}' } },
  { name: 'a link', module: 'stat', args: { path: '{D}/l' }, before: `${FILE}; ln -s f l` },
  {
    name: 'what a link leads to',
    module: 'stat',
    args: { path: '{D}/l', follow: true, checksum_algorithm: 'sha256' },
    before: `${FILE}; ln -s f l`,
  },
  { name: 'a link to nothing', module: 'stat', args: { path: '{D}/l' }, before: 'ln -s nothing l' },
  {
    name: 'a link to nothing, followed',
    module: 'stat',
    args: { path: '{D}/l', follow: true },
    before: 'ln -s nothing l',
  },
  { name: 'nothing', module: 'stat', args: { path: '{D}/nothing' } },
  { name: 'a device', module: 'stat', args: { path: '/dev/null', get_checksum: false } },
  {
    name: 'an owner without a name',
    module: 'stat',
    args: { path: '{D}/f' },
    before: `${FILE}; chown 54321:54321 f; chmod 6751 f`,
  },
  { name: 'a fifo', module: 'stat', args: { path: '{D}/p', get_mime: false }, before: 'mkfifo p' },
].map((one) => ({ ...one, compare: ['stat'] }));

const slurps: ActionCase[] = [
  { name: 'a file', module: 'slurp', args: { src: '{D}/f' }, before: FILE },
  { name: 'all bytes', module: 'slurp', args: { src: '{D}/f' }, before: 'head -c 3000 /bin/true > f' },
  { name: 'nothing', module: 'slurp', args: { src: '{D}/nothing' } },
  { name: 'a folder', module: 'slurp', args: { src: '{D}' } },
];

const run = (name: string, args: Record<string, unknown>, more: Partial<ActionCase> = {}): ActionCase => ({
  name,
  module: 'command',
  args,
  ...more,
});
const shell = (cmd: string): Record<string, unknown> => ({ _raw_params: cmd, _uses_shell: true });

const commands: ActionCase[] = [
  run('words', { _raw_params: 'printf "%s|" a "b  c" \'d e\' f\\ g ""' }),
  run('no shell', { _raw_params: 'printf %s; a > {D}/x && $(y) *' }),
  run('variables and homes', {
    _raw_params: 'printf "%s|" $HOME ${HOME}/x ~ ~/y ~root ~nosuch a~ $NOSUCH ${NOSUCH}z \'$HOME\'',
  }),
  run('a builtin is no program', { _raw_params: 'export a' }),
  run('no such program', { _raw_params: '{D}/nothing' }),
  run('may not be run', { _raw_params: '{D}/f' }, { before: FILE }),
  run('a code', shell('echo out; echo err >&2; exit 3')),
  run('a signal', shell('kill -9 $$'), { apart: ['rc', 'stderr', 'stderr_lines'] }),
  run('argv', { argv: ['printf', '%s|', 'a b', '$HOME', '', 7] }),
  run('a folder', { _raw_params: 'pwd', chdir: '{D}/a' }, { before: 'mkdir a' }),
  run('no such folder', { _raw_params: 'pwd', chdir: '{D}/nothing' }, { apart: ['rc'] }),
  run(
    'creates, there',
    { _raw_params: 'touch {D}/x', creates: '{D}/f*' },
    { before: FILE, apart: ['stdout', 'stdout_lines'] },
  ),
  run('creates, not there', { _raw_params: 'touch {D}/x', creates: '{D}/nothing*' }),
  run(
    'removes, there',
    { _raw_params: 'rm {D}/f', removes: '{D}/f' },
    { before: FILE, apart: ['stdout', 'stdout_lines'] },
  ),
  run('input', { ...shell('od -c'), stdin: 'hä\n$x' }),
  run('input without an end', { ...shell('od -c'), stdin: 'x', stdin_add_newline: false }),
  run('no input', shell('cat; echo $?')),
  run('ends kept', { ...shell('printf "a\\n\\n"; printf "b\\n" >&2'), strip_empty_ends: false }),
  run('lines of all kinds', shell('printf "a\\r\\nb\\n\\nc"')),
  run('a shell of many lines', shell('for i in 1 2\ndo\n  echo "$i" # one\ndone')),
  run('a syntax error', shell('echo a; if'), {
    apart: ['rc', 'stderr', 'stderr_lines', 'stdout', 'stdout_lines'],
  }),
  run('another shell', { ...shell('echo ${BASH_VERSION:+bash} $0'), executable: '/bin/bash' }),
  run('here-documents and quotes', shell("cat <<'EOF'\nit's $HOME\nEOF\necho \"a'b\"")),
];

const SOURCE = 'mkdir .s; printf "plain\\n" > .s/plain; chmod 754 .s/plain';
const OLD_FILE = 'printf "old\\n" > f; chmod 640 f; chown daemon:daemon f';

/** Ansible's module gets what its other half would have brought to the host; it moves that away, so it runs once. */
const copied = (
  name: string,
  args: Record<string, unknown>,
  before = ':',
  more: Partial<ActionCase> = {},
): ActionCase => ({
  name,
  module: 'copy',
  args: { src: '{D}/.s/plain', dest: '{D}/f', ...args, _original_basename: 'plain' },
  own: { src: '{D}/.s/plain', dest: '{D}/f', ...args },
  before: `${SOURCE}; ${before}`,
  once: true,
  ...more,
  apart: ['src', 'md5sum', ...(more.apart ?? [])],
});
const text = (name: string, args: Record<string, unknown>, before?: string): ActionCase => {
  const one = copied(name, args, before);
  const { src: _, ...own } = one.own ?? {};
  return { ...one, own: { ...own, content: 'plain\n' } };
};
const onHost = (
  name: string,
  args: Record<string, unknown>,
  before: string,
  apart: readonly string[] = [],
): ActionCase => ({
  name,
  module: 'copy',
  args: { remote_src: true, ...args },
  before,
  apart,
});

const copies: ActionCase[] = [
  text('text', { mode: '0600' }),
  text('text in place of a file, whose owner and mode stay', {}, OLD_FILE),
  copied('a copy of what was', { backup: true }, OLD_FILE),
  copied('not where a file is', { force: false }, OLD_FILE, { apart: ['checksum'] }),
  copied('a file', { owner: 'daemon', group: '7' }),
  copied('a file with its mode', { mode: 'preserve' }),
  copied('a file with a mode by clauses', { mode: 'u=rw,g=r' }),
  copied('a file into a folder', { dest: '{D}/d' }, 'mkdir d'),
  copied('a file into a folder that is missing', {
    dest: '{D}/x/y/',
    directory_mode: '0750',
    owner: 'daemon',
  }),
  copied('a file in a folder that is missing', { dest: '{D}/x/f' }),
  copied('a file in place of a link', { dest: '{D}/l' }, `${OLD_FILE}; ln -s f l`),
  copied('a file through a link', { dest: '{D}/l', follow: true }, `${OLD_FILE}; ln -s f l`),
  copied('a file in place of a link to nothing', { dest: '{D}/l' }, 'ln -s nothing l'),
  copied('the same file with another mode', { mode: 'g+w' }, 'cp .s/plain f'),
  copied('the same file', {}, 'cp .s/plain f'),
  copied('validated', { validate: 'grep plain %s' }),
  copied('not validated', { validate: 'grep other %s' }, OLD_FILE),
  copied('with set-user-id', { mode: '4755', owner: 'daemon' }, OLD_FILE),
  onHost('a file of the host', { src: '{D}/f', dest: '{D}/g' }, OLD_FILE),
  onHost('a file of the host with its mode', { src: '{D}/f', dest: '{D}/g', mode: 'preserve' }, OLD_FILE),
  onHost('a file of the host into a folder', { src: '{D}/f', dest: '{D}/d' }, `${OLD_FILE}; mkdir d`),
  onHost('nothing of the host', { src: '{D}/nothing', dest: '{D}/g' }, ':'),
  ...['{D}/a', '{D}/a/'].flatMap((src) =>
    ['', 'mkdir b', 'mkdir -p b/a/c b/c; echo y >b/c/d; echo z >b/a/c/d'].map((there) =>
      onHost(
        `a folder of the host: ${src.slice(4)} ${there}`,
        { src, dest: '{D}/b' },
        `mkdir -p a/c; echo x > a/c/d; chmod 750 a/c/d; ${there || 'ln -s d a/c/l'}`,
        ['dest', 'mode', 'size', 'state', 'uid', 'gid', 'owner', 'group', 'checksum', 'md5sum'],
      ),
    ),
  ),
];

export const actionCases: readonly ActionCase[] = [
  ...copies,
  ...files,
  ...lines,
  ...blocks,
  ...stats,
  ...slurps,
  ...commands,
];
