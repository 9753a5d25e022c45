/**
 * Files by which udev leaves a bond the MAC of its first port: on its own it gives whatever has none yet one made of its
 * name (99-default.link), which at boot comes before any port.
 */
import type { Snapshot } from '../snapshot/model.js';
import type { WrittenFile } from './backend.js';
import type { Entry } from './record.js';
import { fileText } from './systemd-file.js';

const FOLDER = '/etc/systemd/network';
const HEAD =
  '# Made by netplay: what it keeps over a reboot. What is changed here is lost with its next run.';

/** Whoever makes the bond at boot; those of bonds that are no more are taken away. */
export function udevLinks(entries: readonly Entry[], { boot, files }: Snapshot): WrittenFile[] {
  const bonds = entries.flatMap(({ kept }) =>
    kept.kind === 'link' && kept.item.kind === 'bond' && kept.item.mac === null ? [kept.item.name] : [],
  );
  const wanted = boot?.init === 'systemd' ? bonds.filter((name) => /^[\w.:-]+$/.test(name)) : [];
  const own = new Map(wanted.map((name) => [`${FOLDER}/50-netplay-${name}.link`, contentFor(name)]));
  const old = [...files].flatMap(([path, file]): WrittenFile[] => {
    const ours = path.startsWith(`${FOLDER}/50-netplay-`) && path.endsWith('.link');
    return ours && file?.content.startsWith(HEAD) && !own.has(path) ? [{ path, file: null, keys: [] }] : [];
  });
  return [...[...own].map(([path, content]) => ({ path, file: { content, mode: '644' }, keys: [] })), ...old];
}

function contentFor(name: string): string {
  return fileText(HEAD, [
    { name: 'Match', lines: [`OriginalName=${name}`] },
    { name: 'Link', lines: ['MACAddressPolicy=none'] },
  ]);
}
