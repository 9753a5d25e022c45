/** NetworkManager's profiles: GLib's key files, changed line by line, so that all else stays as somebody wrote it. */

interface Place {
  /** The section's name as it stands there. */
  section: string;
  /** Undefined for what is no key: a heading, a comment, an empty line. */
  key?: string;
  value?: string;
  text: string;
}

/** Names that NetworkManager takes, and writes itself in one version or another, for the same. */
const SECTIONS: Readonly<Record<string, string>> = { '802-3-ethernet': 'ethernet' };
const KEYS: Readonly<Record<string, string>> = { controller: 'master', 'port-type': 'slave-type' };

export function sectionName(name: string): string {
  return SECTIONS[name] ?? name;
}

function keyName(section: string, key: string): string {
  return sectionName(section) === 'connection' ? (KEYS[key] ?? key) : key;
}

export class Keyfile {
  #places: Place[];

  constructor(content: string) {
    let section = '';
    this.#places = content
      .replace(/\n$/, '')
      .split('\n')
      .filter((_, at, all) => all.length > 1 || all[at] !== '')
      .map((text) => {
        section = /^\[(.*)\]\s*$/.exec(text)?.[1] ?? section;
        const [, key, value] = /^([^#[=][^=]*?)\s*=\s*(.*)$/.exec(text) ?? [];
        return key === undefined ? { section, text } : { section, key, value: value ?? '', text };
      });
  }

  get text(): string {
    return this.#places.length === 0 ? '' : `${this.#places.map(({ text }) => text).join('\n')}\n`;
  }

  /** The keys of a section with their values, as they stand there. */
  keys(section: string): [key: string, value: string][] {
    return this.#places.flatMap(({ section: of, key, value }): [string, string][] =>
      key !== undefined && sectionName(of) === section ? [[keyName(of, key), value ?? '']] : [],
    );
  }

  has(section: string): boolean {
    return this.#places.some(({ section: of }) => sectionName(of) === section);
  }

  /** The last one counts, as it does to GLib. */
  get(section: string, key: string): string | undefined {
    return this.keys(section).findLast(([name]) => name === key)?.[1];
  }

  /** In its place where it is there, else at the end of its section, which is made at the file's end. */
  set(section: string, key: string, value: string): void {
    const is = (place: Place): boolean => this.#is(place, section, key);
    const at = this.#places.findLastIndex(is);
    const old = this.#places[at];
    const place = { section: old?.section ?? section, key: old?.key ?? key, value };
    const made = { ...place, text: `${place.key}=${value}` };
    if (old !== undefined) {
      this.#places[at] = made;
      return;
    }
    if (!this.has(section)) {
      if (this.#places.length > 0)
        this.#places.push({ section: this.#places.at(-1)?.section ?? '', text: '' });
      this.#places.push({ section, text: `[${section}]` });
    }
    const last = this.#places.findLastIndex(
      ({ section: of, text }) => sectionName(of) === section && text.trim() !== '',
    );
    this.#places.splice(last + 1, 0, made);
  }

  /** The section goes along where nothing else is left in it, and it is one that means nothing then. */
  remove(section: string, key: string): void {
    this.#places = this.#places.filter((place) => !this.#is(place, section, key));
    if (MEANINGFUL.has(section)) return;
    const rest = this.#places.filter(({ section: of }) => sectionName(of) === section);
    if (rest.some(({ text }) => text.trim() !== '' && !text.startsWith('['))) return;
    this.#places = this.#places.filter((place) => !rest.includes(place));
    if (this.#places.at(-1)?.text === '') this.#places.pop();
  }

  #is({ section: of, key: named }: Place, section: string, key: string): boolean {
    return named !== undefined && sectionName(of) === section && keyName(of, named) === key;
  }
}

/** Sections that say something by being there. */
const MEANINGFUL: ReadonlySet<string> = new Set(['connection', 'ipv4', 'ipv6']);
