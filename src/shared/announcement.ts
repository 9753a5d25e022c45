/** Which neighbours are to be told, by a gratuitous ARP, who has an address now. */
export interface Announcement {
  dev: string;
  /** IPv4. */
  address: string;
  /** The host answers for it by proxy ARP and does not have it itself. */
  foreign: boolean;
}
