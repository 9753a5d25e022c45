/** An OpenVZ node and its containers, as its files and tools tell them. */

export interface OpenVz {
  /** vzctl 4 (`NEIGHBOUR_DEVS`, ids that are numbers) or OpenVZ 7 (UUIDs). */
  version: 'legacy' | '7';
  /** `prlctl` is there. */
  prlctl: boolean;
  /** vz.conf: KEY to value, without its quotes. */
  conf: ReadonlyMap<string, string>;
  /** Whether vzlist told what runs; without it vzctl says that, and the addresses are as the files have them. */
  listed: boolean;
  /** Every container that there is and that has a file, in order of its id. */
  ves: readonly Ve[];
}

/** A container (CT, VE). */
export interface Ve {
  /** A number, or a UUID. */
  id: string;
  name: string | null;
  hostname: string | null;
  /** Null where nothing tells. */
  running: boolean | null;
  /** Of its venet0, canonical and without a length: those that it has now where it runs. */
  addresses: readonly string[];
  /** The file's IP_ADDRESS: those that it has after its next start. Canonical, without a length. */
  configured: readonly string[];
  /** The words of `configured` as the file has them: with a length where it gives one. */
  written?: readonly string[];
  /** In order of their ifname. */
  netifs: readonly VeNetif[];
  nameservers: readonly string[];
  searchdomains: readonly string[];
  onboot: boolean;
}

/** One of the file's NETIF: a pair of veth. */
export interface VeNetif {
  /** Inside. */
  ifname: string;
  mac: string | null;
  hostIfname: string | null;
  hostMac: string | null;
  bridge: string | null;
  /** Where the file says whether packets with another MAC may pass: `on` or `off`. */
  macFilter?: string;
}
