/** What the facts' script would print on a host that is given as data. */
import { COLLECTOR_NAMES, type Collector } from '../../src/facts/subsets.js';
import type { FactHost } from './fact-hosts.js';

const MARK = '0123456789abcdef0123456789abcdef';

export interface AnswerParts extends Partial<Pick<FactHost, 'files' | 'exists' | 'links'>> {
  /** All of them where left out. */
  collectors?: readonly Collector[];
  subset?: readonly string[];
  /** Contents of sections of their own. */
  sections?: Readonly<Record<string, string>>;
  /** Exit codes and error words of sections, where they are not 0. */
  failures?: Readonly<Record<string, readonly [code: number, errors: string]>>;
}

export function factAnswer(parts: AnswerParts): string {
  const { files = {}, exists = [], links = {}, sections = {}, failures = {} } = parts;
  const asked = {
    collectors: parts.collectors ?? COLLECTOR_NAMES,
    subset: parts.subset ?? ['all'],
    factPath: '/etc/ansible/facts.d',
  };
  const cpuinfo = (files['/proc/cpuinfo'] ?? '').split('\n').filter((line) => !/^(cpu family|$)/.test(line));
  const environment = (files['/proc/1/environ'] ?? '').split('\0').filter((line) => /^container=/.test(line));
  const all: Record<string, string> = {
    asked: JSON.stringify(asked),
    uname: 'host x86_64',
    files: Object.entries(files)
      .flatMap(([path, text]) =>
        text === ''
          ? []
          : text
              .replace(/\n$/, '')
              .split('\n')
              .map((line) => `${path}:${line}`),
      )
      .join('\n'),
    exists: [
      ...Object.keys(files),
      ...exists,
      ...exists.map((path) => path.replace(/^\/(usr\/)?s?bin\//, '')),
    ]
      .flatMap((path) => [path, path.replace(/\/$/, '')])
      .join('\n'),
    links: Object.entries(links)
      .map(([path, target]) => `lrwxrwxrwx 1 root root 0 Nov 21 16:37 ${path} -> ${target}`)
      .join('\n'),
    cpuinfo: cpuinfo.join('\n'),
    'initial-environment': environment.join('\n'),
    chroot: 'no',
    date: '2026|11|Saturday|6|46|21|16|42|18|1795279338|UTC|+0000',
    ...sections,
  };
  const framed = Object.entries(all).map(([name, content]) => {
    const [code, errors] = failures[name] ?? [0, ''];
    return `\n${MARK} ${name}\n${content}\n${MARK} = ${code} ${errors}`;
  });
  return `netplay-probe ${MARK}${framed.join('')}\n${MARK} end\n`;
}
