/** The attributes that `ip link set dev X` changes, one value each: how to read, show, set and fold them in. */
import type { Change, Step } from '../../shared/change.js';
import type { Link } from '../../snapshot/model.js';
import { isToBe } from './device.js';

export interface Attribute<T> {
  /** In iproute2's words; ends the change's address: `link eth0 mtu`. */
  name: string;
  /** Undefined where the host's tools don't tell. */
  read(link: Link): T | undefined;
  /** Null where there is nothing to show: no alias, no master. */
  show(value: T): string | null;
  /** What follows `ip link set dev X`. */
  args(value: T): readonly string[];
  with(link: Link, value: T): Link;
}

/**
 * The change that gives a link's attribute this value. What the kernel will give a link that is yet to be made
 * is not known: it is set then, and goes with the link.
 * @returns undefined where it has that value already, and where the host's tools don't tell
 */
export function attributeChange<T>(
  resource: string,
  link: Link,
  attribute: Attribute<T>,
  value: T,
  more: { undo?: readonly Step[] } = {},
): Change | undefined {
  const current = attribute.read(link);
  if (current === value || (current === undefined && !isToBe(link))) return undefined;
  const back = current === undefined ? [] : [setLink(link.name, attribute.args(current))];
  return {
    resource,
    address: `link ${link.name} ${attribute.name}`,
    action: 'update',
    before: current === undefined ? null : attribute.show(current),
    after: attribute.show(value),
    do: [setLink(link.name, attribute.args(value))],
    undo: [...back, ...(more.undo ?? [])],
    effects: [{ kind: 'link', set: attribute.with(link, value) }],
  };
}

/** `ip link set dev NAME …`: always with `dev`, since a device may be called `up` or `dev`. */
export function setLink(name: string, args: readonly string[]): Step {
  return { kind: 'ip', args: ['link', 'set', 'dev', name, ...args] };
}

function withFlag(link: Link, flag: string, on: boolean): Link {
  const others = link.flags.filter((other) => other !== flag);
  return { ...link, flags: on ? [...others, flag] : others };
}

/** A switch that shows as a flag; `inverted` where the flag means that it is off (NOARP). */
function flagAttribute(name: string, flag: string, inverted = false): Attribute<boolean> {
  return {
    name,
    read: (link) => link.flags.includes(flag) !== inverted,
    show: onOff,
    args: (value) => [name, onOff(value)],
    with: (link, value) => withFlag(link, flag, value !== inverted),
  };
}

/** A number that only `ip -d` shows. */
function detailAttribute(name: string): Attribute<number> {
  return {
    name,
    read: (link) => (link.details[name] === undefined ? undefined : Number(link.details[name])),
    show: String,
    args: (value) => [name, String(value)],
    with: (link, value) => ({ ...link, details: { ...link.details, [name]: String(value) } }),
  };
}

export function onOff(value: boolean): string {
  return value ? 'on' : 'off';
}

export const state: Attribute<boolean> = {
  name: 'state',
  read: (link) => link.flags.includes('UP'),
  show: (up) => (up ? 'up' : 'down'),
  args: (up) => [up ? 'up' : 'down'],
  with: (link, up) => withFlag(link, 'UP', up),
};

export const mtu: Attribute<number> = {
  name: 'mtu',
  read: (link) => link.mtu,
  show: String,
  args: (value) => ['mtu', String(value)],
  with: (link, value) => ({ ...link, mtu: value }),
};

/** A MAC that a user sets stays: the kernel then calls it type 3. */
export const mac: Attribute<string> = {
  name: 'mac',
  read: (link) => link.mac ?? undefined,
  show: String,
  args: (value) => ['address', value],
  with: (link, value) => ({ ...link, mac: value, addrAssignType: 3 }),
};

export const broadcast: Attribute<string> = {
  name: 'broadcast',
  read: (link) => link.broadcast ?? undefined,
  show: String,
  args: (value) => ['broadcast', value],
  with: (link, value) => ({ ...link, broadcast: value }),
};

/** `ip` leaves the length of a queue out where it is 0. */
export const txqueuelen: Attribute<number> = {
  name: 'txqueuelen',
  read: (link) => link.txqueuelen ?? 0,
  show: String,
  args: (value) => ['txqueuelen', String(value)],
  with: (link, value) => ({ ...link, txqueuelen: value }),
};

export const alias: Attribute<string | null> = {
  name: 'alias',
  read: (link) => link.alias,
  show: (value) => value,
  args: (value) => ['alias', value ?? ''],
  with: (link, value) => ({ ...link, alias: value }),
};

export const master: Attribute<string | null> = {
  name: 'master',
  read: (link) => link.master,
  show: (value) => value,
  args: (value) => (value === null ? ['nomaster'] : ['master', value]),
  with: (link, value) => ({ ...link, master: value }),
};

export const group: Attribute<number> = {
  name: 'group',
  read: (link) => link.group,
  show: String,
  args: (value) => ['group', String(value)],
  with: (link, value) => ({ ...link, group: value }),
};

export const addrgenmode: Attribute<string> = {
  name: 'addrgenmode',
  read: (link) => link.addrgenmode ?? undefined,
  show: String,
  args: (value) => ['addrgenmode', value],
  with: (link, value) => ({ ...link, addrgenmode: value }),
};

export const protodown: Attribute<boolean> = {
  name: 'protodown',
  read: (link) => link.protodown,
  show: onOff,
  args: (value) => ['protodown', onOff(value)],
  with: (link, value) => ({ ...link, protodown: value }),
};

export const switches = {
  arp: flagAttribute('arp', 'NOARP', true),
  multicast: flagAttribute('multicast', 'MULTICAST'),
  allmulticast: flagAttribute('allmulticast', 'ALLMULTI'),
  promisc: flagAttribute('promisc', 'PROMISC'),
  dynamic: flagAttribute('dynamic', 'DYNAMIC'),
  trailers: flagAttribute('trailers', 'NOTRAILERS', true),
  protodown,
} as const;

export const gsoMaxSize = detailAttribute('gso_max_size');
export const gsoMaxSegs = detailAttribute('gso_max_segs');
export const groMaxSize = detailAttribute('gro_max_size');

/** By the name of the parameter that gives it, which is its own. */
export const BY_NAME = {
  ...{ state, mtu, mac, broadcast, txqueuelen, alias, group, addrgenmode },
  ...{ gso_max_size: gsoMaxSize, gso_max_segs: gsoMaxSegs, gro_max_size: groMaxSize, ...switches },
} as const;
