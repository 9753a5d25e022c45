/** Where a host keeps what was done to it; on disk, so that a reboot does not lose it. */
export const JOURNAL = '/var/lib/netplay/journal';

/** sh text that sets `newest` to what tells one state of the journal from the next. */
export const NEWEST_ENTRY = `newest= n=0
for e in ${JOURNAL}/*; do
  if [ -e "$e" ]; then n=$((n + 1)); newest=$n-\${e##*/}; fi
done`;

/** What the mark of a host that another transaction has at this moment ends with. */
export const HELD = '+held';

/** sh text that adds it to `newest`: what is read now is not what will be when that transaction has ended. */
export const MARK_HELD = `for e in /run/netplay/lock /var/run/netplay/lock; do
  if [ -e "$e" ]; then newest=$newest${HELD}; break; fi
done`;
