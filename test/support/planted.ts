/** Secrets planted one in each place that a playbook has for one, and how they may stand in a text. */

/** What a vault keeps, each used in another place. */
export const PLANTED = {
  of_link: 'Lnk-s3cret of two words',
  of_lone_link: 'Lone-s3cret-link',
  of_shell: 'Shl-s3cret-1',
  of_stdin: "Stdin s3cret's $(id)",
  of_environment: "Env-s3cret's-2",
  of_template: 'Tpl"s3cret\\3{x}',
  of_item: 'Itm-s3cret-4',
  of_fact: 'Fct-s3cret-5',
  of_failure: 'Fal-s3cret-6',
  of_path: 'Pth-s3cret-7',
  encoded: 'Enc-s3cret & /é+8?',
  key: `-----BEGIN KEY-----\nKeyS3cretOfLines/+x==\nAnd"s3cret'of$more\n-----END KEY-----\n`,
  shell_words: 'a$(s3cret)`x`;"\'\\ *',
  json_words: '{"s3cret": ["a\\b", 1]}',
  short: 'k9z',
  digits: '83641',
} as const;

/** What `no_log` alone keeps; it stands in the playbook itself. */
export const HIDDEN = 'NoLog-s3cret';

/** A playbook that has each of them somewhere, and prints what it can. */
export const PLANTED_PLAY = `- name: planted {{ of_fact }}
  hosts: watched
  gather_facts: false
  tasks:
    - link: { name: eth1, alias: "{{ of_link }}" }
    - shell: "cat >/dev/null; echo got '{{ of_shell }}'; echo {{ shell_words | quote }}"
      register: said
    - debug: { var: said }
    - shell: cat
      args: { stdin: "{{ of_stdin }}" }
      register: read
    - debug: { msg: "{{ read.stdout_lines }} {{ read }} {{ read | to_json | to_json }}" }
    - shell: 'echo "$TOKEN"; sleep 0.2'
      environment: { TOKEN: "{{ of_environment }}" }
      register: said
    - debug: { msg: "{{ said.stdout }} {{ said | to_nice_yaml }}" }
    - template: { src: planted.j2, dest: /tmp/planted, mode: "0600" }
    - lineinfile: { path: /tmp/planted, line: "line {{ of_template }}", regexp: "^line" }
    - blockinfile: { path: /tmp/planted, block: "{{ key }}" }
    - copy: { content: "{{ json_words }}{{ key }}", dest: /tmp/planted.copy, mode: "0600" }
    - slurp: { src: /tmp/planted.copy }
      register: slurped
    - debug: { var: slurped }
    - debug: { msg: "{{ slurped.content | b64decode }}" }
    - shell: "true {{ item | quote }}"
      loop: ["{{ of_item }}", "{{ shell_words }}"]
    - debug: { msg: "{{ item }}" }
      loop: ["{{ of_item }}"]
    - set_fact: { fact: { "{{ of_fact }}": "{{ of_fact }}", list: ["{{ of_fact }}"], number: "{{ digits | int }}" } }
    - debug: { var: fact }
    - debug: { msg: "{{ fact.number }} {{ [digits | int] }}" }
    - fail: { msg: "no {{ of_failure }}" }
      ignore_errors: true
    - shell: "echo {{ of_failure }} >&2; exit 3"
      ignore_errors: true
    - assert: { that: ["of_failure == 'x'"], fail_msg: "not {{ of_failure }}" }
      ignore_errors: true
    - command: "/bin/no-such-{{ of_path }}"
      ignore_errors: true
    - debug: { msg: "{{ encoded | b64encode }} {{ ('me:' ~ encoded) | b64encode }} {{ ('m:' ~ encoded ~ '!') | b64encode }}" }
    - debug: { msg: "{{ encoded | urlencode }} {{ encoded | quote }} {{ encoded | to_json }} {{ encoded | upper }} {{ encoded | lower }}" }
    - debug: { msg: "{{ encoded | hash('sha256') }} {{ encoded | e }}" }
    - debug: { var: key }
    - debug: { msg: "{{ key }} {{ json_words }} {{ json_words | from_json }} {{ shell_words | to_json }}" }
    - debug: { msg: "short {{ short }} {{ short | to_json }}" }
    - command: echo ${HIDDEN}-result
      no_log: true
      register: hidden
    - debug: { msg: "{{ hidden.stdout | length }}" }
    - shell: "echo ${HIDDEN}-{{ item }}; exit 1"
      loop: [one, two]
      no_log: true
      ignore_errors: true
    - copy: { content: "${HIDDEN}-file", dest: /tmp/planted.hidden }
      no_log: true
    - link: { name: eth2, alias: "${HIDDEN}-alias" }
      no_log: true
    - command: "true"
    - link: { name: eth3, alias: "{{ of_lone_link }}" }
`;

export const PLANTED_TEMPLATE = 'conf {{ of_template }}\n{{ key }}';

/** Each line of a secret as it is and as others write it; without what is too short to be told from other text. */
export function formsOf(secret: string): string[] {
  const lines = secret.split('\n').filter((line) => line.length > 2);
  return lines.flatMap((line) => {
    const json = JSON.stringify(line).slice(1, -1);
    const encoded = [0, 1, 2].map((before) => {
      const text = Buffer.from(`${'x'.repeat(before)}${line}`).toString('base64');
      return text.slice(before === 0 ? 0 : 4, -4);
    });
    const forms = [line, json, line.toUpperCase(), line.toLowerCase(), encodeURIComponent(line)];
    const long = encoded.filter((text) => text.length > 7);
    return [...forms, JSON.stringify(json).slice(1, -1), line.replaceAll("'", `'\\''`), ...long];
  });
}

/** The secrets of which a form stands in a text, with what stands around it. */
export function foundIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).flatMap((form) => {
      const at = text.indexOf(form);
      return at < 0 ? [] : [`${name}: …${text.slice(Math.max(0, at - 40), at + form.length + 20)}…`];
    }),
  );
}

/** Where `WATCH_PROGRAMS` keeps what it saw. */
export const PROGRAMS_LOG = '/var/log/programs';

/**
 * Has a host write down the arguments of each program that is started by its name: sampling its processes would miss those
 * that live for a millisecond.
 */
export const WATCH_PROGRAMS = `cat >/usr/local/sbin/.watch <<'END'
#!/bin/sh
{ printf '%s' "\${0##*/}"; printf ' <%s>' "$@"; echo; } >>${PROGRAMS_LOG}
for folder in /usr/sbin /usr/bin; do [ ! -x "$folder/\${0##*/}" ] || exec "$folder/\${0##*/}" "$@"; done
END
chmod 755 /usr/local/sbin/.watch
: >${PROGRAMS_LOG} && chmod 666 ${PROGRAMS_LOG}
for tool in ip tc bridge sh cat cp mv rm sed awk grep chmod chown mkdir sleep base64 sha1sum stat env setsid sudo mktemp tee; do
  ln -s .watch /usr/local/sbin/$tool
done`;
