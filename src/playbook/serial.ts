/** `serial`: how many hosts of a play a batch has. */

/** Hosts; or a share of all the play's hosts, in per cent. */
export type BatchSize = { hosts: number } | { percent: number };

/**
 * The sizes of the first batch, the second and so on, of which the last stands for all that follow.
 * @param value a whole number, `"30%"`, or a list of these; not a template
 * @returns undefined where it is none of these
 */
export function batchSizes(value: unknown): BatchSize[] | undefined {
  const sizes = (Array.isArray(value) ? value : [value]).map(batchSize);
  return sizes.every((size) => size !== undefined) ? sizes : undefined;
}

function batchSize(value: unknown): BatchSize | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { hosts: value } : undefined;
  const [, number = '', sign] = (typeof value === 'string' && /^\s*([+-]?\d{1,9})(%?)\s*$/.exec(value)) || [];
  if (number === '') return undefined;
  return sign === '%' ? { percent: Number(number) } : { hosts: Number(number) };
}

export const SERIAL_FORMS = 'a number of hosts, a percentage such as "30%", or a list of these';
