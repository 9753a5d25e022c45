/** Modules of Ansible that netplay does not have, and what does their work here. */

/** By the last word of a module's name. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ...same(
    [
      'nmcli',
      'network_connections',
      'network_state',
      'interfaces_file',
      'netplan',
      'ifconfig',
      'ip_interface',
    ],
    'Say how the network shall be with link, address, route and rule, and with bridge, bond, vlan and tap.',
  ),
  ...same(['openvswitch_bridge'], 'Write ovs_bridge.'),
  ...same(['openvswitch_port', 'openvswitch_bond'], 'Write ovs_port.'),
  ...same(
    ['openvswitch_db'],
    'Write ovs_bridge, ovs_port, ovs_interface or ovs_qos: each has the columns that it is about.',
  ),
  ...same(
    ['iptables', 'iptables_state', 'nftables', 'firewalld', 'firewalld_info', 'ufw'],
    'netplay filters no packets: put the rules in a file with template, and load it in a handler with command: nft -f FILE (or iptables-restore).',
  ),
  ...same(['ip_netns'], 'Write command: ip netns add NAME, with creates: /run/netns/NAME.'),
  ...same(
    ['modprobe', 'kernel_blacklist'],
    'Write command: modprobe NAME, and copy a file to /etc/modules-load.d for the next boot.',
  ),
  ...same(['include'], 'Write include_tasks, or import_tasks for what shall be read at once.'),
  ...same(['uri', 'get_url', 'fetch_url'], 'Write command: curl -fsSL -o FILE URL, with creates: FILE.'),
  ...same(['cron', 'cronvar', 'at'], 'Put a file in /etc/cron.d with copy or template.'),
  ...same(
    ['mount', 'filesystem', 'lvol', 'lvg', 'parted'],
    'Write lineinfile for /etc/fstab, and command for mount and its like.',
  ),
  ...same(
    ['replace', 'ini_file', 'assemble', 'xml', 'pamd'],
    'Write lineinfile or blockinfile, or template for the whole file.',
  ),
  ...same(
    ['find', 'tempfile', 'getent', 'service_facts', 'package_facts'],
    'Write command or shell, and register what it prints.',
  ),
  ...same(
    [
      'user',
      'group',
      'authorized_key',
      'known_hosts',
      'hostname',
      'timezone',
      'locale_gen',
      'seboolean',
      'selinux',
    ],
    'Write command with the tool for it (useradd, hostnamectl, …), with creates or changed_when.',
  ),
  ...same(
    ['unarchive', 'archive', 'git', 'pip', 'npm', 'synchronize', 'rsync'],
    'Write command with the tool for it, with creates.',
  ),
  ...same(
    ['apt_key', 'apt_repository', 'yum_repository', 'rpm_key', 'deb822_repository'],
    'Put the file in its place with copy or template, and tell apt or dnf in a handler.',
  ),
  ...same(['zypper', 'pacman', 'apk', 'homebrew', 'snap'], 'Write package, or command with the tool for it.'),
  ...same(
    ['async_status', 'set_stats', 'expect', 'debconf', 'validate_argument_spec'],
    'There is nothing like it; `netplay doc` lists what there is.',
  ),
  ...same(
    [
      'docker_container',
      'docker_image',
      'docker_network',
      'podman_container',
      'virt',
      'virt_net',
      'lxc_container',
      'proxmox',
    ],
    'netplay works on the network of hosts: write command with the tool for it. For containers of OpenVZ there are ve and ve_pin.',
  ),
]);

/** Collections for appliances, which have no shell. */
const APPLIANCES =
  /^(cisco|arista|junipernetworks|vyos|dellemc|f5networks|fortinet|paloaltonetworks|mikrotik|community\.(routeros|network))\.|^(ios|nxos|iosxr|eos|junos|vyos|asa|routeros)_/;

function same(names: readonly string[], hint: string): (readonly [string, string])[] {
  return names.map((name) => [name, hint] as const);
}

/** @returns what to write instead of a module; undefined where the word is no module that this table knows */
export function insteadOf(module: string): string | undefined {
  if (/^(ansible|community)\.windows\.|^win_/.test(module)) return 'netplay works on hosts with Linux.';
  if (APPLIANCES.test(module)) return 'netplay works on hosts with Linux and a shell, not on appliances.';
  return INSTEAD.get(module.split('.').at(-1) ?? module);
}
