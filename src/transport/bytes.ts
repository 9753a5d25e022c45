/** What a host prints as text and back, byte for byte: nobody promises that its files are UTF-8. */

/** Well-formed UTF-8 beside ASCII, and last a byte that is none: RFC 3629, each byte as one character. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
/** A byte that is no UTF-8 is half of a surrogate pair, which no UTF-8 stands for: as Python's `surrogateescape` has it. */
const ESCAPE = 0xdc00;
const ESCAPED = /([\udc80-\udcff]+)/u;

export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  return bytes
    .toString('latin1')
    .replaceAll(SEQUENCE, (found) =>
      found.length === 1
        ? String.fromCharCode(ESCAPE + found.charCodeAt(0))
        : Buffer.from(found, 'latin1').toString('utf8'),
    );
}

/** The bytes that `textOf` made the text of. */
export function bytesOf(text: string): Buffer {
  const parts = text.split(ESCAPED);
  if (parts.length === 1) return Buffer.from(text);
  return Buffer.concat(
    parts.map((part, at) => {
      if (at % 2 === 0) return Buffer.from(part);
      return Buffer.from([...part].map((half) => half.charCodeAt(0) - ESCAPE));
    }),
  );
}
