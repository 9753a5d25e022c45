/** A file's mode as the host's shell works it out: nothing is asked of the host beforehand. */

const SHIFT = { u: 6, g: 3, o: 0 } as const;
const SPECIAL = { u: 0o4000, g: 0o2000, o: 0o1000 } as const;
type Who = keyof typeof SHIFT;

/**
 * Whether a mode says nothing of what was there before.
 * @param mode octal digits or clauses of chmod
 */
export function absoluteMode(mode: string): number | undefined {
  return /^[0-7]+$/.test(mode) ? Number.parseInt(mode, 8) : undefined;
}

/**
 * The shell function `np_mode RAW`, which sets `np_new` to the permissions that a file of `st_mode` RAW shall have.
 * Without a mode they stay.
 */
export function modeFunction(mode: string | undefined): string {
  const lines = mode === undefined ? ['np_new=$np_p'] : assignments(mode);
  return `np_mode() {
  np_p=$(($1 & 4095)); np_X=0
  [ $(($1 & 61440)) -ne 16384 ] && [ $((np_p & 73)) -eq 0 ] || np_X=73
  ${lines.join('\n  ')}
}`;
}

function assignments(mode: string): string[] {
  const absolute = absoluteMode(mode);
  if (absolute !== undefined) return [`np_new=${absolute}`];
  return ['np_new=$np_p', ...mode.split(',').flatMap(clause)];
}

/** As Ansible: all clauses look at the mode that was there, and each changes what the last one left. */
function clause(text: string): string[] {
  const [, who = '', rest = ''] = /^([ugoa]*)(.*)$/.exec(text) ?? [];
  const users: Who[] = who === '' || who.includes('a') ? ['u', 'g', 'o'] : ([...who] as Who[]);
  return [...rest.matchAll(/([-+=])([rwxXstugo]*)/g)].flatMap(([, operator = '', letters = '']) =>
    users.map((user) => {
      const bits = [...letters].map((letter) => bitsOf(letter, user, who === '')).join(' | ') || '0';
      if (operator === '+') return `np_new=$((np_new | (${bits})))`;
      if (operator === '-') return `np_new=$((np_new & ~(${bits})))`;
      return `np_new=$(((np_new & ~${(7 << SHIFT[user]) | SPECIAL[user]}) | (${bits})))`;
    }),
  );
}

/** @param masked whether the umask keeps bits back: where nobody is named */
function bitsOf(letter: string, user: Who, masked: boolean): string {
  const shift = SHIFT[user];
  switch (letter) {
    case 'r':
    case 'w':
    case 'x': {
      const bit = { r: 4, w: 2, x: 1 }[letter] << shift;
      return masked ? `(${bit} & ~$(umask))` : String(bit);
    }
    case 'X':
      return `(np_X & ${1 << shift})`;
    case 's':
      return String(user === 'o' ? 0 : SPECIAL[user]);
    case 't':
      return String(user === 'o' ? SPECIAL.o : 0);
    default:
      return `(((np_p >> ${SHIFT[letter as Who]}) & 7) << ${shift})`;
  }
}
