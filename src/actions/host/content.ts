/** Bytes on their way to a host and back, through scripts that are text. */

/** What a here-document takes byte for byte in every shell. */
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;

/**
 * A shell function that prints `content` byte for byte. The content stands in a here-document: it is no
 * argument of any process, so that no list of processes shows it.
 */
export function contentFunction(name: string, content: Buffer): string {
  const text = content.toString('latin1');
  if (text === '') return `${name}() { :; }`;
  if (PLAIN.test(text) && text.endsWith('\n')) {
    const end = unusedLine(text);
    return `${name}() { cat <<'${end}'\n${text}${end}\n}`;
  }
  const lines = content.toString('base64').replace(/.{76}/g, '$&\n').trimEnd();
  return `${name}() { np_dec <<'NP_END'\n${lines}\nNP_END\n}`;
}

/** A word that is no line of the text: what ends a here-document. */
export function unusedLine(text: string): string {
  let end = 'NP_END';
  while (`\n${text}`.includes(`\n${end}\n`)) end += 'X';
  return end;
}

/**
 * `np_enc` prints its standard input as `b64:…` or `hex:…` on one line, `np_dec` turns base64 into bytes. A host may
 * have neither coreutils' base64 nor openssl: then od and awk do it.
 */
export const CODING = String.raw`np_enc() {
  if command -v base64 >/dev/null 2>&1; then printf b64:; base64 | tr -d '\n'
  elif command -v openssl >/dev/null 2>&1; then printf b64:; openssl base64 | tr -d '\n'
  else printf hex:; od -An -v -tx1 | tr -d ' \n'; fi
  echo
}
np_dec() {
  if command -v base64 >/dev/null 2>&1; then base64 -d
  elif command -v openssl >/dev/null 2>&1; then openssl base64 -d
  else awk 'BEGIN { a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" }
    { o = ""
      for (i = 1; i <= length($0); i += 4) {
        n = 0; k = 3
        for (j = 0; j < 4; j++) {
          c = substr($0, i + j, 1)
          if (c == "=") { k--; v = 0 } else v = index(a, c) - 1
          n = n * 64 + v
        }
        for (d = 65536; k > 0; k--) { o = o sprintf("\\%03o", int(n / d) % 256); d /= 256 }
      }
      print o }' | while read -r np_line; do printf "$np_line"; done
  fi
}`;

/** What `np_enc` printed, as bytes. */
export function decoded(text: string): Buffer {
  const [, form, body = ''] = /^(b64|hex):(.*)$/.exec(text) ?? [];
  if (form === undefined) throw new Error(`A host's answer is not encoded: ${text.slice(0, 40)}`);
  return Buffer.from(body, form === 'hex' ? 'hex' : 'base64');
}
