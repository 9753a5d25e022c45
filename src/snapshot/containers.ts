/** Containers and guests of a host that is no OpenVZ node, as its own tools tell them. */

export const CONTAINER_TYPES = ['lxc', 'nspawn', 'libvirt', 'netns'] as const;
export type ContainerType = (typeof CONTAINER_TYPES)[number];

export interface Containers {
  /** By type, in the order in which its tool lists them; those that do not run as well, where it knows them. */
  all: readonly Container[];
  /** Tools that are there and failed. */
  failures: readonly ToolFailure[];
}

export interface ToolFailure {
  type: ContainerType;
  /** Its own words. */
  message: string;
}

export interface Container {
  type: ContainerType;
  name: string;
  running: boolean;
  /** It uses the host's own network. */
  shared: boolean;
  /** `lo` is not among them. */
  devices: readonly ContainerDevice[];
}

/** A network device of a container. */
export interface ContainerDevice {
  /** Inside; null for a guest's. */
  name: string | null;
  /** Inside: veth, macvlan, …; null for a NIC that was moved in, and for a guest's. */
  kind: string | null;
  mac: string | null;
  /** The host's end: of a pair of veth, or a guest's tap. Null where the host has none. */
  host: string | null;
  /** Canonical, without a length; link-local ones are not among them. */
  addresses: readonly string[];
}
