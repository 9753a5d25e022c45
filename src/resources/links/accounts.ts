/** Names of users and groups, looked up in the host's own files. */
import type { Problem } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { Read, Snapshot } from '../../snapshot/model.js';

const FILES = { owner: '/etc/passwd', group: '/etc/group' } as const;

type Account = keyof typeof FILES;

/** Numbers and root need no look. */
export function accountReads(account: Account, given: string | number | null | undefined): Read[] {
  const known = given === undefined || given === null || numberOf(given) !== undefined;
  return known ? [] : [{ kind: 'file', path: FILES[account] }];
}

/** The number of a user or group, null for none; undefined where it can't be told, which adds a problem. */
export function accountId(
  account: Account,
  given: string | number | null,
  snapshot: Snapshot,
  problems: Problem[],
): number | null | undefined {
  if (given === null) return null;
  const number = numberOf(given);
  if (number !== undefined) return number;
  const entries = (snapshot.files.get(FILES[account])?.content ?? '')
    .split('\n')
    .map((line) => line.split(':'));
  const found = entries.find(([name]) => name === given)?.[2];
  if (found !== undefined && /^\d+$/.test(found)) return Number(found);
  const near = nearest(
    String(given),
    entries.map(([name = '']) => name),
  );
  problems.push({
    message: `no ${account === 'owner' ? 'user' : 'group'} ${given} in ${FILES[account]} of this host`,
    hint: `${near ? `Did you mean ${near}? ` : ''}One that comes from elsewhere (LDAP) must be given as a number.`,
    path: [account],
  });
  return undefined;
}

function numberOf(given: string | number): number | undefined {
  if (typeof given === 'number') return given;
  if (given === 'root') return 0;
  return /^\d+$/.test(given) ? Number(given) : undefined;
}
