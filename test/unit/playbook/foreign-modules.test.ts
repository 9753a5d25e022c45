/** Modules of Ansible that are not here: each is refused where it stands, with what to write in its place. */
import { describe, expect, test } from 'vitest';
import { actions } from '../../../src/actions/registry.js';
import { engineActions } from '../../../src/playbook/engine-actions.js';
import { insteadOf } from '../../../src/playbook/foreign-modules.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { resources } from '../../../src/resources/registry.js';
import { readPlaybookText } from '../../support/playbook-text.js';
import { fakeActions, fakes, templates } from './fakes.js';

/** What people meet in playbooks for Linux hosts, by the collection that has it. */
const POPULAR: Readonly<Record<string, string>> = {
  'ansible.builtin':
    'apt_key apt_repository assemble cron deb822_repository debconf dnf5 dpkg_selections expect find get_url getent git group hostname iptables known_hosts mount_facts package_facts pip replace rpm_key service_facts set_stats subversion sysvinit tempfile unarchive uri user yum_repository',
  'ansible.posix': 'acl at authorized_key firewalld firewalld_info mount patch seboolean selinux synchronize',
  'community.general':
    'alternatives apk archive capabilities cloudflare_dns filesystem haproxy htpasswd ini_file interfaces_file ip_netns ipify_facts iptables_state kernel_blacklist listen_ports_facts lldp locale_gen lvg lvol mail make modprobe nmcli npm nsupdate open_iscsi pacman pamd parted pids proxmox runit sefcontext slack snap sudoers supervisorctl sysrc timezone ufw wakeonlan xml zypper',
  'openvswitch.openvswitch': 'openvswitch_bridge openvswitch_port openvswitch_db openvswitch_bond',
  'fedora.linux_system_roles': 'network_connections network_state',
  'community.docker': 'docker_container docker_compose_v2',
  'community.mysql': 'mysql_db mysql_user',
  'community.crypto': 'openssl_privatekey x509_certificate',
  'kubernetes.core': 'k8s helm',
  'ansible.netcommon': 'cli_config net_ping',
  'cisco.ios': 'ios_config',
  'ansible.windows': 'win_ping',
};
const MODULES = Object.entries(POPULAR).flatMap(([collection, names]) =>
  names.split(' ').map((name) => `${collection}.${name}`),
);

const HERE = new Set([
  ...[...resources, ...actions, ...engineActions, ...probeKinds].map(({ name }) => name),
  ...['include_tasks', 'import_tasks'],
]);

describe('a module of Ansible that is not here', () => {
  test.each(MODULES)('%s', async (module) => {
    const text = `- hosts: all\n  tasks:\n    - debug:\n    - name: it\n      ${module}: { name: x }\n`;
    const { errors } = await readPlaybookText(text, 'site.yml', fakes, { templates, actions: fakeActions });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      message: `netplay does not have the module ${module}`,
      place: { file: 'site.yml', line: 5, column: 7 },
      hint: insteadOf(module),
    });
    expect(errors[0]?.hint).toMatch(/^(Write|Put|Say|netplay (filters|works|sets up)|There is nothing) /);
  });

  test('what is to be written in its place is here', () => {
    const written = MODULES.map(insteadOf).flatMap((hint = '') => {
      const [, word] = /^Write (?:the probe )?(\w+)/.exec(hint) ?? [];
      return word === undefined || word === 'local_action' ? [] : [word];
    });
    expect(written.length).toBeGreaterThan(50);
    expect([...new Set(written)].filter((word) => !HERE.has(word))).toEqual([]);
  });
});
