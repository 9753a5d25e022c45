/** Every backend, in the order in which they are asked whose a device is. Adding one is adding its file and a line here. */
import type { Backend } from './backend.js';
import { boot } from './boot.js';
import { ifupdown } from './ifupdown.js';
import { netplan } from './netplan.js';
import { networkManager } from './network-manager.js';
import { networkScripts } from './network-scripts.js';
import { networkd } from './networkd.js';

export const backends: readonly Backend[] = [
  netplan,
  networkManager,
  networkd,
  ifupdown,
  networkScripts,
  boot,
];
