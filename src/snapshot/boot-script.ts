/** Reads what a host boots its network with: facts by the shell alone, then the files, each by one `cat`. */
import { bootPart } from './boot/boot.js';
import { ifupdownPart } from './boot/ifupdown.js';
import { netplanPart } from './boot/netplan.js';
import { networkManagerPart } from './boot/network-manager.js';
import { networkScriptsPart } from './boot/network-scripts.js';
import { networkdPart } from './boot/networkd.js';
import type { Boot, BootPart, Init } from './boot.js';
import { SECRET_FUNCTIONS } from './boot-secrets.js';
import type { Section } from './sections.js';

const PARTS: readonly BootPart[] = [
  bootPart,
  ifupdownPart,
  networkdPart,
  networkManagerPart,
  netplanPart,
  networkScriptsPart,
];

const INIT = `if [ -d /run/systemd/system ]; then echo 'init systemd'
elif [ -e /run/openrc/softlevel ]; then echo 'init openrc'
elif [ -e /etc/rc.local ] || [ -e /etc/rc.d/rc.local ]; then echo 'init sysv'; fi`;

const FILES = PARTS.flatMap(({ files }) => files).join(' ');

/** Those that only root may read, and somebody else asks. */
const UNREAD = `for f in ${FILES}; do if [ -f "$f" ] && [ ! -r "$f" ]; then echo "unread $f"; fi; done`;

/** The part of the probe's script; `section` and `$T` are those of `beginSections`. */
export const BOOT_SCRIPT = `${[...PARTS.flatMap(({ functions = [] }) => functions), SECRET_FUNCTIONS].join('\n')}
boot_facts() {
${[INIT, UNREAD, ...PARTS.map(({ facts }) => facts)].join('\n')}
}
section boot boot_facts
set --
for f in ${FILES}; do
  if [ -f "$f" ] && [ -r "$f" ]; then set -- "$@" "$f"; fi
done
${PARTS.flatMap(({ found = [] }) => found).join('\n')}
secret=
if [ $# -gt 0 ]; then
  section boot-modes ls -ldL "$@"
  secret=$(secret_files "$@")
fi
for f do
  case "
$secret
" in
    *"
$f
"*) section "boot-secret:$f" without_secrets "$f" ;;
    *) section "boot:$f" cat "$f" ;;
  esac
done`;

/** What the script's section `boot` says. */
export function parseBoot(content: string): Boot {
  const facts = new Map<string, string>();
  for (const line of content.split('\n')) {
    const [, key, value] = /^(\S+ \S+) ?(.*)$/.exec(line) ?? [];
    if (key !== undefined) facts.set(key, value ?? '');
  }
  const init = (['systemd', 'openrc', 'sysv'] as const).find((name) => facts.has(`init ${name}`));
  return { init: init ?? (null satisfies Init), facts };
}

/** A file that only root may read; undefined where all could be read. */
export function unreadFile({ facts }: Boot): string | undefined {
  return [...facts.keys()].find((key) => key.startsWith('unread '))?.slice('unread '.length);
}

/** The files that were read, by path; `hidden`: without the secrets in them. */
export function bootFiles(
  sections: ReadonlyMap<string, Section>,
): { path: string; section: Section; hidden: boolean }[] {
  return [...sections].flatMap(([name, section]) => {
    const [, secret, path] = /^boot(-secret)?:(.*)$/s.exec(name) ?? [];
    return path === undefined ? [] : [{ path, section, hidden: secret !== undefined }];
  });
}
