/** A lab as its file describes it, before ranges are expanded and addresses handed out. */

/** A file laid into a host's own copy of the file system. */
export interface FileSpec {
  content?: string;
  /** A file to copy, relative to the lab file. */
  source?: string;
  /** Octal, as for chmod; default 644. */
  mode?: string;
}

export interface NicSpec {
  switch: string;
  /** Default: made from the names of lab, host and NIC, the same at each start. */
  mac?: string;
  /** With prefix lengths: `192.168.1.1/24`. */
  addresses?: readonly string[];
  /** Bytes; default 1500. */
  mtu?: number;
  /** Default true. */
  up?: boolean;
}

/** A route by iproute2's words; `dst` is the only one that must be there. */
export interface RouteSpec {
  dst: string;
  type?: string;
  via?: string;
  dev?: string;
  src?: string;
  /** By number: names are the host's own affair. */
  table?: string | number;
  metric?: number;
  scope?: string | number;
  proto?: string | number;
  tos?: string | number;
  mtu?: number;
  onlink?: boolean;
}

export interface HostSpec {
  groups?: readonly string[];
  vars?: Readonly<Record<string, unknown>>;
  nics?: Readonly<Record<string, NicSpec>>;
  /** Words of `ip route add`, as a map or as one line. */
  routes?: readonly (RouteSpec | string)[];
  sysctls?: Readonly<Record<string, string | number>>;
  files?: Readonly<Record<string, FileSpec | string>>;
  /** Lines for `sh`, run inside when all else is there. */
  run?: readonly string[];
  /** false: no sshd, not in the inventory. An address: the one that the controller connects to. */
  ssh?: boolean | string;
}

export interface ControllerSpec {
  switch: string;
  address: string;
  routes?: readonly (RouteSpec | string)[];
}

export interface LabSpec {
  name?: string;
  switches?: readonly string[];
  /** May be left out where others are included. */
  hosts?: Readonly<Record<string, HostSpec>>;
  /** Further lab files, relative to this one, whose hosts and switches become part of this lab. */
  include?: readonly string[];
  /** Network of the hidden management switch, or false for none. Default 10.213.0.0/16. */
  management?: string | false;
  controller?: ControllerSpec;
}

/** What kernel and lab call things that a lab file therefore can't. */
export const RESERVED = {
  hosts: ['controller', 'fabric'],
  switches: ['management', 'lo'],
  nics: ['mgmt0', 'lo'],
} as const;

export const DEFAULT_MANAGEMENT = '10.213.0.0/16';
