/** Which style a text needs in YAML 1.1, by libyaml's rules, which Ansible's `to_yaml` follows. */

export interface ScalarAnalysis {
  multiline: boolean;
  flowPlain: boolean;
  blockPlain: boolean;
  singleQuoted: boolean;
}

/** Texts that would be read as something else: booleans, numbers, nulls, times, `<<` and `=`. */
const NO_TEXT = [
  /^(?:yes|no|true|false|on|off)$/i,
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*)$/,
  /^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/,
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][\d_]*|0x[\da-fA-F_]+|[1-9][\d_]*(?::[0-5]?\d)+)$/,
  /^(?:~|null|Null|NULL|)$/,
  /^\d{4}-\d{2}-\d{2}$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d{2})?))?$/,
  /^(?:<<|=)$/,
];
const MIXED_CASE = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+)$/;

/** Whether a plain text would be read back as that text. */
export function readsAsText(text: string): boolean {
  return !NO_TEXT.some((pattern, at) => pattern.test(text) && (at > 0 || MIXED_CASE.test(text)));
}

const PRINTABLE = /^[\n\x20-\x7e\x85\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;
const BREAK = '[\\n\\x85\\u2028\\u2029]';
const LEADING_OR_TRAILING = new RegExp(`^(?: |${BREAK})|(?: |${BREAK})$`);
const BREAK_SPACE = new RegExp(`${BREAK} `);
const SPACE_BREAK = new RegExp(` ${BREAK}`);
const LINE_BREAK = new RegExp(BREAK);
/** What makes a plain text in a block something else: at its beginning, and further on. */
const BLOCK_INDICATOR = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:-](?:[\s\0]|$)|.:(?:[\s\0]|$)|[\s\0]#/s;
const FLOW_INDICATOR = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`?:]|^-(?:[\s\0]|$)|.[,?[\]{}:]|[\s\0]#/s;

/** What a text allows. */
export function analysed(text: string): ScalarAnalysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true };
  const multiline = LINE_BREAK.test(text);
  const special = !PRINTABLE.test(text) || SPACE_BREAK.test(text);
  const breakSpace = BREAK_SPACE.test(text);
  const plain = !LEADING_OR_TRAILING.test(text) && !breakSpace && !special && !multiline;
  return {
    multiline,
    flowPlain: plain && !FLOW_INDICATOR.test(text),
    blockPlain: plain && !BLOCK_INDICATOR.test(text),
    singleQuoted: !breakSpace && !special,
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

/** A character within double quotes. */
export function escapedCharacter(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return `\\${known}`;
  if (/[\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const [letter, width] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(width, '0')}`;
}
