/** Colours of the terminal, or none: where output is no terminal, or NO_COLOR is set. */
export interface Style {
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  red(text: string): string;
  /** Ansible's for what can't be reached. */
  brightRed(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

const plain = (text: string): string => text;

/** @param color whether to use ANSI escapes */
export function createStyle(color: boolean): Style {
  const wrap = (open: number, close: number) =>
    color ? (text: string): string => `\u001B[${open}m${text}\u001B[${close}m` : plain;
  return {
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
    red: wrap(31, 39),
    brightRed: wrap(91, 39),
    bold: wrap(1, 22),
    dim: wrap(2, 22),
  };
}

/** Whether text on this stream may hold colours: a terminal, unless NO_COLOR is set; FORCE_COLOR says always. */
export function wantsColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true;
}
