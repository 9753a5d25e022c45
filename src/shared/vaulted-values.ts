/** Which values of a file that was encrypted as a whole are to be kept from being shown. */
import { isIP } from 'node:net';
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { namesSecret } from './secrets.js';
import type { Vault } from './vaulted.js';

/** Devices of every host: that they stand in an encrypted file makes no secret of them. */
const DEVICE = /^(?:lo|(?:eth|en[opsx]|bond|br|vmbr|virbr|vlan|veth|tap|tun|wg|vxlan|dummy|ifb)[\w.-]*)$/;

/**
 * All values of a file of variables. Of a playbook, whose words are netplay's own, those of its variables and of keys that
 * say `password` and the like.
 */
export function hideValues(contents: unknown, vault: Vault): void {
  hide(contents, vault, isMap(contents));
}

/** @param all whether plain values here are secret, whatever their keys are */
function hide(node: unknown, vault: Vault, all: boolean): void {
  if (isMap(node)) hideMap(node, vault, all);
  else if (isSeq(node)) for (const item of node.items) hide(item, vault, all);
  else if (all && isScalar(node) && (typeof node.value === 'string' || typeof node.value === 'number')) {
    const text = node.source ?? String(node.value);
    if (!isOrdinary(text)) vault.hide(text);
  }
}

function hideMap(map: YAMLMap, vault: Vault, all: boolean): void {
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (namesSecret(name) && isScalar(value) && typeof value.value === 'string') vault.hide(value.value);
    else hide(value, vault, all || name === 'vars');
  }
}

/** The same for an inventory in INI: what stands behind each `=`. */
export function hideAssigned(text: string, vault: Vault): void {
  for (const [, value = ''] of text.matchAll(/=\s*("[^"]*"|'[^']*'|\S+)/g)) {
    const bare = value.replaceAll(/^["']|["']$/g, '');
    if (!isOrdinary(bare)) vault.hide(bare);
  }
}

/** Addresses, devices and numbers below a million: they stand in every output of a network. */
function isOrdinary(text: string): boolean {
  const [address = ''] = text.split('/', 1);
  return isIP(address) !== 0 || DEVICE.test(text) || /^\d{1,6}$/.test(text);
}
