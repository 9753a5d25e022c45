/** Names of hosts for a person: all of a few, the first and a count of many. */
export function hostList(hosts: readonly string[], most = 8): string {
  if (hosts.length <= most) return hosts.join(', ');
  return `${hosts.slice(0, most).join(', ')} and ${hosts.length - most} more`;
}
