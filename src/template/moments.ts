/** Python's datetime and timedelta, as far as templates use them. No time zones: all is wall-clock time. */
import { OperationError } from './errors.js';

const DAY = 86_400_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** A time of the wall clock. `wall` is its milliseconds as if the clock were UTC's. */
export class Moment {
  readonly wall: number;

  constructor(wall: number) {
    this.wall = wall;
  }

  static now(utc: boolean): Moment {
    return Moment.of(Date.now(), utc);
  }

  /** The wall clock here, or in UTC, at a time in milliseconds since 1970. */
  static of(time: number, utc: boolean): Moment {
    return new Moment(utc ? time : time - new Date(time).getTimezoneOffset() * 60_000);
  }
}

/** A time between two moments, in milliseconds. */
export class Span {
  readonly length: number;

  constructor(length: number) {
    this.length = length;
  }

  get days(): number {
    return Math.floor(this.length / DAY);
  }

  get seconds(): number {
    return Math.floor((this.length - this.days * DAY) / 1000);
  }

  get microseconds(): number {
    return (((this.length % 1000) + 1000) % 1000) * 1000;
  }
}

function padded(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY) + 1;
}

/** ISO 8601's year and week. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

type Directive = (date: Date) => string;

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  '%': () => '%',
  a: (date) => (DAYS[date.getUTCDay()] ?? '').slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()] ?? '',
  b: (date) => (MONTHS[date.getUTCMonth()] ?? '').slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()] ?? '',
  d: (date) => padded(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  f: (date) => padded(date.getUTCMilliseconds() * 1000, 6),
  F: (date) => formatted(date.getTime(), '%Y-%m-%d'),
  H: (date) => padded(date.getUTCHours()),
  I: (date) => padded(date.getUTCHours() % 12 || 12),
  j: (date) => padded(dayOfYear(date), 3),
  m: (date) => padded(date.getUTCMonth() + 1),
  M: (date) => padded(date.getUTCMinutes()),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  R: (date) => formatted(date.getTime(), '%H:%M'),
  s: (date) =>
    String(Math.floor((date.getTime() + new Date(date.getTime()).getTimezoneOffset() * 60_000) / 1000)),
  S: (date) => padded(date.getUTCSeconds()),
  T: (date) => formatted(date.getTime(), '%H:%M:%S'),
  u: (date) => String(date.getUTCDay() || 7),
  U: (date) => padded(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  V: (date) => padded(isoWeek(date).week),
  G: (date) => String(isoWeek(date).year),
  w: (date) => String(date.getUTCDay()),
  W: (date) => padded(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7)),
  y: (date) => padded(date.getUTCFullYear() % 100),
  Y: (date) => padded(date.getUTCFullYear(), 4),
};

/** A wall-clock time by a format such as `%Y-%m-%d`. @throws OperationError for a directive that is not known */
export function formatted(wall: number, format: string): string {
  const date = new Date(wall);
  return format.replace(/%([\s\S]?)/g, (whole, letter: string) => {
    const directive = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined;
    if (directive === undefined) throw new OperationError(`'${whole}' is no known part of a time's format`);
    return directive(date);
  });
}

const READ: Readonly<Record<string, string>> = {
  '%': '%',
  Y: '(?<Y>\\d{4})',
  m: '(?<m>1[0-2]|0?[1-9])',
  d: '(?<d>3[01]|[12]\\d|0?[1-9])',
  H: '(?<H>2[0-3]|[01]?\\d)',
  I: '(?<I>1[0-2]|0?[1-9])',
  M: '(?<M>[0-5]?\\d)',
  S: '(?<S>6[01]|[0-5]?\\d)',
  f: '(?<f>\\d{1,6})',
  y: '(?<y>\\d{2})',
  p: '(?<p>am|pm)',
  b: `(?<b>${MONTHS.map((month) => month.slice(0, 3)).join('|')})`,
  B: `(?<B>${MONTHS.join('|')})`,
  a: `(?:${DAYS.map((day) => day.slice(0, 3)).join('|')})`,
  A: `(?:${DAYS.join('|')})`,
};

/** Reads a time by its format. @throws OperationError where it is none of that */
export function parsedMoment(text: string, format: string): Moment {
  const source = format.replace(/%([\s\S]?)|\s+|[\\^$.*+?()[\]{}|/-]/g, (whole, letter?: string) => {
    if (letter === undefined) return /\s/.test(whole) ? '\\s+' : `\\${whole}`;
    const known = Object.hasOwn(READ, letter) ? READ[letter] : undefined;
    if (known === undefined) throw new OperationError(`to_datetime can't read '${whole}'`);
    return known;
  });
  const groups = new RegExp(`^${source}$`, 'i').exec(text)?.groups;
  if (groups === undefined) throw new OperationError(`'${text}' is no time of the form '${format}'`);
  const number = (name: string, otherwise: number): number =>
    groups[name] === undefined ? otherwise : Number(groups[name]);
  const short = number('y', 0);
  const year = groups.y === undefined ? number('Y', 1900) : short + (short < 69 ? 2000 : 1900);
  const named = groups.b ?? groups.B;
  const month =
    named === undefined
      ? number('m', 1)
      : MONTHS.findIndex((name) => name.toLowerCase().startsWith(named.toLowerCase().slice(0, 3))) + 1;
  const half = groups.p?.toLowerCase() === 'pm' ? 12 : 0;
  const hour = groups.I === undefined ? number('H', 0) : (number('I', 12) % 12) + half;
  const milliseconds = Math.floor(Number((groups.f ?? '0').padEnd(6, '0')) / 1000);
  const day = number('d', 1);
  const wall = Date.UTC(year, month - 1, day, hour, number('M', 0), number('S', 0), milliseconds);
  if (new Date(wall).getUTCDate() !== day) throw new OperationError(`'${text}' is no day that there is`);
  return new Moment(wall);
}

/** As Python prints it: `2024-01-31 12:00:00`, with a fraction where there is one. */
export function printMoment({ wall }: Moment, between = ' '): string {
  const fraction = wall % 1000 === 0 ? '' : '.%f';
  return formatted(wall, `%Y-%m-%d${between}%H:%M:%S${fraction}`);
}

/** `1 day, 2:03:04`. */
export function printSpan(span: Span): string {
  const { days, seconds, microseconds } = span;
  const clock = `${Math.floor(seconds / 3600)}:${padded(Math.floor(seconds / 60) % 60)}:${padded(seconds % 60)}`;
  const fraction = microseconds === 0 ? '' : `.${padded(microseconds, 6)}`;
  return `${days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `}${clock}${fraction}`;
}

/** `now.year`, `(a - b).days`; undefined for what there is not. */
export function timeAttribute(value: Moment | Span, name: string): number | undefined {
  if (value instanceof Span) {
    if (name === 'days') return value.days;
    if (name === 'seconds') return value.seconds;
    return name === 'microseconds' ? value.microseconds : undefined;
  }
  const directive = {
    year: 'Y',
    month: 'm',
    day: 'd',
    hour: 'H',
    minute: 'M',
    second: 'S',
    microsecond: 'f',
  }[name];
  return directive === undefined ? undefined : Number(formatted(value.wall, `%${directive}`));
}
