/** `date_time` from one call of `date`, in the shape of ansible-core 2.14. */

const FIELDS = [
  ...([
    'year',
    'month',
    'weekday',
    'weekday_number',
    'weeknumber',
    'day',
    'hour',
    'minute',
    'second',
  ] as const),
  ...(['epoch', 'tz', 'tz_offset'] as const),
];

/**
 * @param date what the script's `date` printed, parted by `|`
 * @param zone the last line of the host's zone file, a rule as in the variable TZ; empty where it has none
 */
export function dateFacts(date: string, zone: string): Record<string, unknown> {
  const values = date.trim().split('|');
  const told = Object.fromEntries(FIELDS.map((name, at) => [name, values[at] ?? '']));
  const { year, month, day, hour, minute, second, epoch, tz } = told;
  const utc = new Date(Number(epoch) * 1000).toISOString();
  const short = `${year}${month}${day}T${hour}${minute}${second}`;
  return {
    date_time: {
      ...told,
      epoch_int: epoch,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      iso8601: utc.replace('.000', ''),
      // No `date` but GNU's tells parts of a second.
      iso8601_micro: utc.replace('.000', '.000000'),
      iso8601_basic: `${short}000000`,
      iso8601_basic_short: short,
      tz_dst: summerName(zone) ?? tz,
    },
  };
}

/** The second name of `CET-1CEST,M3.5.0,M10.5.0/3` or `<+0330>-3:30`; the first where that is all. */
function summerName(rule: string): string | undefined {
  const NAME = '(<[^>]+>|[A-Za-z]{3,})';
  const match = new RegExp(`^${NAME}[-+]?[0-9:]+(?:${NAME}.*)?$`).exec(rule.trim());
  return (match?.[2] ?? match?.[1])?.replaceAll(/[<>]/g, '');
}
