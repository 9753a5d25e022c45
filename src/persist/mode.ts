/** How what a play sets survives a reboot. */

/** Those that write a host's own configuration, the most particular first, and `boot`, which every host has. */
export const BACKENDS = [
  'netplan',
  'networkmanager',
  'networkd',
  'ifupdown',
  'network-scripts',
  'boot',
] as const;
export type BackendName = (typeof BACKENDS)[number];

export const PERSIST_MODES = ['auto', 'off', ...BACKENDS] as const;
export type PersistMode = (typeof PERSIST_MODES)[number];

export function isPersistMode(word: unknown): word is PersistMode {
  return PERSIST_MODES.some((mode) => mode === word);
}
