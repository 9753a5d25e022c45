/** A play of many routes, in both families and several tables, as lists and by loops, and of many rules. */
export function scalePlay(routes, rules) {
  const part = Math.floor(routes / 4);
  const many = (count, line) => Array.from({ length: count }, (_, i) => `        - ${line(i)}\n`).join('');
  const net = (first, i) => `${first}.${i >> 8}.${i & 255}.0/24`;
  return `- hosts: all
  tasks:
    - routes:
${many(part, (i) => `{ dst: ${net(11, i)}, via: 10.1.0.254, dev: eth0 }`)}
    - routes:
${many(part, (i) => `{ dst: ${net(12, i)}, via: 10.2.0.254, dev: eth1, table: ${1000 + (i % 8)} }`)}
    - routes:
${many(part, (i) => `{ dst: "2001:db8:${i.toString(16)}::/48", via: "fd01::fe", dev: eth0, table: ${1000 + (i % 8)} }`)}
    - route: { dst: "13.{{ item // 256 }}.{{ item % 256 }}.0/24", via: 10.1.0.254, dev: eth0, table: 2000 }
      loop: "{{ range(${routes - 3 * part}) | list }}"
    - rules:
${many(Math.ceil(rules / 2), (i) => `{ from: 14.0.${i >> 8}.${i & 255}, table: ${1000 + (i % 8)}, priority: ${1000 + i} }`)}
    - rule: { from: "14.1.{{ item // 256 }}.{{ item % 256 }}", table: 1001 }
      loop: "{{ range(${Math.floor(rules / 2)}) | list }}"
`;
}
