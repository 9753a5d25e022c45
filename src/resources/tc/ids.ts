/** Handles and ids of classes in the kernel's spelling: hexadecimal without zeros in front. */

function hex(text: string): string {
  return Number.parseInt(text, 16).toString(16);
}

/** `0x0a` of 10. */
export function hexNumber(value: number): string {
  return `0x${value.toString(16)}`;
}

/** `1:` of `1:`, `01` or the number 1: digits are hexadecimal, as in tc. */
export function handleOf(value: string | number): string {
  return `${hex(String(value).replace(':', ''))}:`;
}

/** `1:10` of `01:010`. */
export function classIdOf(value: string): string {
  const [major = '', minor = ''] = value.split(':');
  return `${hex(major)}:${hex(minor)}`;
}

/** `root`, `ingress`, …, a handle or a class's id. */
export function parentOf(value: string | number): string {
  const text = String(value);
  if (/^(root|ingress|egress|clsact)$/.test(text)) return text;
  return /:./.test(text) ? classIdOf(text) : handleOf(text);
}
