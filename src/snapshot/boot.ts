/** What a host boots its network with, as far as files and running daemons tell. */

/** Who starts the host's services; null where nobody that netplay knows does. */
export type Init = 'systemd' | 'openrc' | 'sysv' | null;

export interface Boot {
  init: Init;
  /** What the parts of boot-script.ts found, by their first two words: `networkd 3`, `tool netplan`, `unread /etc/netplan/a.yaml`. */
  facts: ReadonlyMap<string, string>;
}

/** What one kind of network configuration needs to be known of a host: a part of the probe. */
export interface BootPart {
  /** sh text that prints lines of `WORD KEY VALUE`: the fact `WORD KEY`, with VALUE or nothing. Starts as few processes as it can. */
  facts: string;
  /** Paths and patterns of the files that it reads, all of them; they come as the snapshot's `files`. */
  files: readonly string[];
  /** Functions that `facts` and `found` use. */
  functions?: string;
  /** sh text that adds files to the positional parameters, where a pattern would name too many. */
  found?: string;
}
