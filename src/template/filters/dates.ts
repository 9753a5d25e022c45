/** Filters of times. */
import { define, type Registry, text } from '../functions.js';
import { formatted, Moment, parsedMoment } from '../moments.js';
import { truthy } from '../operators.js';

export const dateFilters: Registry = {
  to_datetime: define('format', (value, [format]) =>
    parsedMoment(text(value), format === undefined ? '%Y-%m-%d %H:%M:%S' : text(format)),
  ),
  strftime: define('second utc', (value, [second, utc]) => {
    const time = second === undefined || second === null ? Date.now() : Number(text(second)) * 1000;
    return formatted(Moment.of(time, truthy(utc ?? false)).wall, text(value));
  }),
};
