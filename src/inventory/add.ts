import type { Inventory, Vars } from './model.js';
export function addHost(i: Inventory, _h: { name: string; groups: readonly string[]; vars: Vars }): Inventory { return i; }
export function groupBy(i: Inventory, _g: { host: string; group: string; parents: readonly string[] }): Inventory { return i; }
