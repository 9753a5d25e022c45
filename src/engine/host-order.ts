/** In which order a play goes through its hosts. */
import type { Play } from '../playbook/model.js';

/** @param hosts in the inventory's order */
export function inOrder(hosts: readonly string[], { order = 'inventory' }: Play): string[] {
  const sorted = [...hosts].sort();
  switch (order) {
    case 'inventory':
      return [...hosts];
    case 'reverse_inventory':
      return [...hosts].reverse();
    case 'sorted':
      return sorted;
    case 'reverse_sorted':
      return sorted.reverse();
    case 'shuffle':
      return shuffled(hosts);
  }
}

function shuffled(hosts: readonly string[]): string[] {
  return hosts
    .map((host) => ({ host, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ host }) => host);
}
