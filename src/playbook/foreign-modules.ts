/** Modules of Ansible that netplay does not have, and what does their work here. */

const TOOL = 'Write command with the tool for it, and creates, removes or changed_when.';

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
  ...same(['openvswitch_port'], 'Write ovs_port.'),
  ...same(['openvswitch_bond'], 'Write ovs_port with its bond settings.'),
  ...same(
    ['openvswitch_db'],
    'Write ovs_bridge, ovs_port, ovs_interface or ovs_qos: each has the columns that it is about.',
  ),
  ...same(
    ['iptables', 'iptables_state', 'nftables', 'firewalld', 'firewalld_info', 'ufw', 'shorewall'],
    'netplay filters no packets: put the rules in a file with template, and load it in a handler with command: nft -f FILE (or iptables-restore).',
  ),
  ...same(['ip_netns'], 'Write command: ip netns add NAME, with creates: /run/netns/NAME.'),
  ...same(
    ['modprobe', 'kernel_blacklist'],
    'Write command: modprobe NAME, and copy a file to /etc/modules-load.d for the next boot.',
  ),
  ...same(['wireguard'], 'Write command: wg setconf DEV FILE; copy the file with mode 0600.'),
  ...same(['net_ping'], 'Write the probe ping below probes or verify of the play.'),
  ...same(['listen_ports_facts'], 'Write shell: ss -Hltun, and register what it prints.'),
  ...same(['wakeonlan'], 'Write command: wakeonlan MAC, with delegate_to a host of that network.'),
  ...same(['nsupdate'], 'Write command: nsupdate, with the updates as its stdin.'),
  ...same(['lldp'], 'Write command: lldpcli -f json show neighbors, register it, and use from_json.'),
  ...same(['sysctl_facts'], 'Write command: sysctl -n NAME, and register what it prints.'),
  ...same(['tuned'], 'Write command: tuned-adm profile NAME.'),
  ...same(['include'], 'Write include_tasks, or import_tasks for what shall be read at once.'),
  ...same(
    ['get_url'],
    'Write command: curl -fsSL -o FILE URL, with creates: FILE; or keep the file and copy it.',
  ),
  ...same(['uri', 'fetch_url'], 'Write command: curl -fsS URL, and register what it prints.'),
  ...same(['cron', 'cronvar'], 'Put a file in /etc/cron.d with copy or template.'),
  ...same(['at'], 'Write command: at TIME, with the command line as its stdin.'),
  ...same(['mount'], 'Write lineinfile for /etc/fstab, and command: mount PATH in a handler.'),
  ...same(
    ['filesystem', 'lvol', 'lvg', 'parted', 'open_iscsi'],
    'netplay sets up no disks: write command with the tool for it (mkfs, lvcreate, vgcreate, parted, iscsiadm), with creates.',
  ),
  ...same(['replace'], 'Write lineinfile with regexp, or command: sed -i with changed_when.'),
  ...same(['ini_file'], 'Write lineinfile with insertafter for its section, or template for the whole file.'),
  ...same(
    ['assemble', 'xml', 'pamd', 'htpasswd'],
    'Write lineinfile or blockinfile, or template for the whole file.',
  ),
  ...same(['sudoers'], 'Put a file in /etc/sudoers.d with copy, mode 0440 and validate: visudo -cf %s.'),
  ...same(['find'], 'Write command: find FOLDER -name PATTERN, register it, and use stdout_lines.'),
  ...same(['tempfile'], 'Write command: mktemp, and register what it prints.'),
  ...same(['getent'], 'Write command: getent DATABASE KEY, and register what it prints.'),
  ...same(
    ['service_facts'],
    'Write command: systemctl list-units --type=service --plain --no-legend, and register what it prints.',
  ),
  ...same(['package_facts'], 'Write command: dpkg-query -W (or rpm -qa), and register what it prints.'),
  ...same(['mount_facts', 'pids', 'ipify_facts'], 'Write command or shell, and register what it prints.'),
  ...same(
    ['user', 'group'],
    'Write command: useradd NAME (or groupadd, usermod), with creates: /home/NAME or changed_when.',
  ),
  ...same(
    ['authorized_key', 'known_hosts'],
    'Write lineinfile with the key as its line, and the file of keys as its path.',
  ),
  ...same(['hostname'], 'Write command: hostnamectl set-hostname NAME, with when: ansible_facts.hostname.'),
  ...same(
    ['timezone'],
    'Write command: timedatectl set-timezone ZONE, or file for a link at /etc/localtime.',
  ),
  ...same(
    [
      'locale_gen',
      'debconf',
      'dpkg_selections',
      'alternatives',
      'sysrc',
      'dconf',
      'capabilities',
      'acl',
      'patch',
    ],
    TOOL,
  ),
  ...same(['selinux'], 'Write lineinfile for /etc/selinux/config, and command: setenforce.'),
  ...same(['seboolean'], 'Write command: setsebool -P NAME on, with changed_when.'),
  ...same(['sefcontext'], 'Write command: semanage fcontext, and command: restorecon behind it.'),
  ...same(
    ['unarchive', 'archive'],
    'Write command: tar -xf FILE -C FOLDER, with creates; copy brings the file.',
  ),
  ...same(['git', 'subversion'], 'Write command: git clone URL FOLDER, with creates: FOLDER.'),
  ...same(['synchronize', 'rsync'], 'Write copy, which takes folders, or local_action: command rsync.'),
  ...same(['pip', 'npm', 'make', 'gem'], TOOL),
  ...same(
    ['apt_key', 'apt_repository', 'yum_repository', 'rpm_key', 'deb822_repository'],
    'Put the file in its place with copy or template, and tell apt or dnf in a handler.',
  ),
  ...same(['dnf5'], 'Write dnf, or package.'),
  ...same(['zypper', 'apk'], 'Write package, which works with it.'),
  ...same(['pacman', 'homebrew', 'snap', 'flatpak', 'portage', 'opkg'], TOOL),
  ...same(['sysvinit', 'runit', 'openrc'], 'Write service.'),
  ...same(['supervisorctl', 'monit'], TOOL),
  ...same(
    ['mail', 'slack', 'telegram', 'mattermost'],
    'Write local_action: command with the tool for it (sendmail, curl).',
  ),
  ...same(
    ['set_stats', 'expect', 'validate_argument_spec'],
    'There is nothing like it; `netplay doc` lists what there is.',
  ),
  ...same(
    ['cli_config', 'cli_command', 'cli_parse', 'validate'],
    'netplay works on hosts with Linux and a shell, not on appliances.',
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
    'netplay works on the network of hosts: write command with the tool for it. For containers of OpenVZ there are ve and ve_pin, for others container_pin.',
  ),
]);

/** Collections of whose modules none is here, and what to do with hosts by another way. */
const OTHERS =
  /^(?:amazon|azure|google|kubernetes|community\.(?:aws|crypto|docker|kubernetes|libvirt|mysql|postgresql|zabbix|grafana|hashi_vault|general|rabbitmq|mongodb|vmware|okd)|containers|openstack|frr|ansible\.(?:utils|netcommon))\./;

/** Collections for appliances, which have no shell. */
const APPLIANCES =
  /^(cisco|arista|junipernetworks|vyos|dellemc|f5networks|fortinet|paloaltonetworks|mikrotik|community\.(routeros|network))\.|^(ios|nxos|iosxr|eos|junos|vyos|asa|routeros)_/;

const ANY = `${TOOL} \`netplay doc\` lists all resources and actions.`;

function same(names: readonly string[], hint: string): (readonly [string, string])[] {
  return names.map((name) => [name, hint] as const);
}

/** @returns what to write instead of a module; undefined where the word is no module that this table knows */
export function insteadOf(module: string): string | undefined {
  if (/^(ansible|community)\.windows\.|^win_/.test(module)) return 'netplay works on hosts with Linux.';
  if (APPLIANCES.test(module)) return 'netplay works on hosts with Linux and a shell, not on appliances.';
  return INSTEAD.get(module.split('.').at(-1) ?? module) ?? (OTHERS.test(module) ? ANY : undefined);
}
