/** Where a host keeps what was done to it; on disk, so that a reboot does not lose it. */
export const JOURNAL = '/var/lib/netplay/journal';

/** sh text that sets `newest` to what tells one state of the journal from the next. */
export const NEWEST_ENTRY = `newest= n=0
for e in ${JOURNAL}/*; do
  if [ -e "$e" ]; then n=$((n + 1)); newest=$n-\${e##*/}; fi
done`;
