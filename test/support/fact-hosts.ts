/**
 * Hosts of all kinds as the files that facts are made of, with what facts must say. The files are as those systems have
 * them; Ansible, run on the same files, is asked whether it says the same.
 */

export interface FactHost {
  name: string;
  /** By path. */
  files: Readonly<Record<string, string>>;
  /** Paths that are there besides; folders end in a slash. */
  exists?: readonly string[];
  /** Targets of symbolic links by path. */
  links?: Readonly<Record<string, string>>;
  /** Some of what facts must say. */
  facts: Readonly<Record<string, unknown>>;
  /** Where netplay says something else than Ansible on purpose, and why. */
  unlikeAnsible?: Readonly<Record<string, string>>;
}

const os = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

const distribution = (
  name: string,
  version: string,
  release: string,
  family: string,
): Record<string, unknown> => ({
  distribution: name,
  distribution_version: version,
  distribution_major_version: version.split('.')[0],
  distribution_release: release,
  os_family: family,
});

const redhat = (line: string): Record<string, string> => ({
  '/etc/redhat-release': `${line}\n`,
  '/etc/system-release': `${line}\n`,
});

const YUM = ['/usr/bin/yum', '/etc/init.d/'];
const DNF = ['/usr/bin/yum', '/usr/bin/dnf', '/run/systemd/system/', '/usr/bin/systemctl'];
const SYSTEMD = { '/proc/1/comm': 'systemd\n' };

/** Distributions, with their package and service managers. */
export const DISTRIBUTIONS: readonly FactHost[] = [
  {
    name: 'RHEL 6',
    files: {
      ...redhat('Red Hat Enterprise Linux Server release 6.10 (Santiago)'),
      '/proc/1/stat': '1 (init) S 0 1 1 0 -1 4202752\n',
    },
    exists: [...YUM, '/etc/init/', '/sbin/initctl'],
    facts: {
      ...distribution('RedHat', '6.10', 'Santiago', 'RedHat'),
      distribution_file_path: '/etc/redhat-release',
      distribution_file_variety: 'RedHat',
      distribution_file_search_string: 'Red Hat',
      pkg_mgr: 'yum',
      service_mgr: 'upstart',
    },
  },
  {
    name: 'RHEL 7',
    files: {
      ...redhat('Red Hat Enterprise Linux Server release 7.9 (Maipo)'),
      ...SYSTEMD,
      '/etc/os-release': os({
        NAME: '"Red Hat Enterprise Linux Server"',
        VERSION: '"7.9 (Maipo)"',
        ID: '"rhel"',
        ID_LIKE: '"fedora"',
        VERSION_ID: '"7.9"',
        PRETTY_NAME: '"Red Hat Enterprise Linux Server 7.9 (Maipo)"',
      }),
    },
    exists: YUM,
    facts: { ...distribution('RedHat', '7.9', 'Maipo', 'RedHat'), pkg_mgr: 'yum', service_mgr: 'systemd' },
  },
  {
    name: 'RHEL 9',
    files: {
      ...redhat('Red Hat Enterprise Linux release 9.4 (Plow)'),
      ...SYSTEMD,
      '/etc/os-release': os({
        NAME: '"Red Hat Enterprise Linux"',
        VERSION: '"9.4 (Plow)"',
        ID: '"rhel"',
        VERSION_ID: '"9.4"',
        PRETTY_NAME: '"Red Hat Enterprise Linux 9.4 (Plow)"',
      }),
    },
    exists: DNF,
    facts: { ...distribution('RedHat', '9.4', 'Plow', 'RedHat'), pkg_mgr: 'dnf', service_mgr: 'systemd' },
  },
  {
    name: 'CentOS 6',
    files: {
      ...redhat('CentOS release 6.10 (Final)'),
      '/etc/centos-release': 'CentOS release 6.10 (Final)\n',
      '/proc/1/comm': 'init\n',
    },
    exists: YUM,
    facts: {
      ...distribution('CentOS', '6.10', 'Final', 'RedHat'),
      distribution_file_path: '/etc/redhat-release',
      pkg_mgr: 'yum',
      service_mgr: 'sysvinit',
    },
  },
  {
    name: 'CentOS 7',
    files: {
      ...redhat('CentOS Linux release 7.9.2009 (Core)'),
      ...SYSTEMD,
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)\n',
      '/etc/os-release': os({
        NAME: '"CentOS Linux"',
        VERSION: '"7 (Core)"',
        ID: '"centos"',
        ID_LIKE: '"rhel fedora"',
        VERSION_ID: '"7"',
        PRETTY_NAME: '"CentOS Linux 7 (Core)"',
      }),
    },
    exists: YUM,
    facts: { ...distribution('CentOS', '7.9', 'Core', 'RedHat'), pkg_mgr: 'yum' },
  },
  {
    name: 'CentOS Stream 9',
    files: {
      ...redhat('CentOS Stream release 9'),
      ...SYSTEMD,
      '/etc/centos-release': 'CentOS Stream release 9\n',
      '/etc/os-release': os({
        NAME: '"CentOS Stream"',
        VERSION: '"9"',
        ID: '"centos"',
        VERSION_ID: '"9"',
        PRETTY_NAME: '"CentOS Stream 9"',
      }),
    },
    exists: DNF,
    facts: {
      ...distribution('CentOS', '9', 'Stream', 'RedHat'),
      distribution_file_path: '/etc/centos-release',
      pkg_mgr: 'dnf',
    },
  },
  {
    name: 'AlmaLinux 9',
    files: {
      ...redhat('AlmaLinux release 9.4 (Seafoam Ocelot)'),
      ...SYSTEMD,
      '/etc/almalinux-release': 'AlmaLinux release 9.4 (Seafoam Ocelot)\n',
      '/etc/os-release': os({
        NAME: '"AlmaLinux"',
        VERSION: '"9.4 (Seafoam Ocelot)"',
        ID: '"almalinux"',
        VERSION_ID: '"9.4"',
        PRETTY_NAME: '"AlmaLinux 9.4 (Seafoam Ocelot)"',
      }),
    },
    exists: DNF,
    facts: { ...distribution('AlmaLinux', '9.4', 'Seafoam Ocelot', 'RedHat'), pkg_mgr: 'dnf' },
  },
  {
    name: 'Oracle Linux 8',
    files: {
      ...redhat('Red Hat Enterprise Linux release 8.10 (Ootpa)'),
      ...SYSTEMD,
      '/etc/oracle-release': 'Oracle Linux Server release 8.10\n',
      '/etc/os-release': os({
        NAME: '"Oracle Linux Server"',
        VERSION: '"8.10"',
        ID: '"ol"',
        VERSION_ID: '"8.10"',
        PRETTY_NAME: '"Oracle Linux Server 8.10"',
      }),
    },
    exists: DNF,
    facts: distribution('OracleLinux', '8.10', 'NA', 'RedHat'),
  },
  {
    name: 'Fedora 39',
    files: {
      ...redhat('Fedora release 39 (Thirty Nine)'),
      ...SYSTEMD,
      '/etc/fedora-release': 'Fedora release 39 (Thirty Nine)\n',
      '/etc/os-release': os({
        NAME: '"Fedora Linux"',
        VERSION: '"39 (Server Edition)"',
        ID: 'fedora',
        VERSION_ID: '39',
        VERSION_CODENAME: '""',
        PRETTY_NAME: '"Fedora Linux 39 (Server Edition)"',
      }),
    },
    exists: DNF,
    facts: { ...distribution('Fedora', '39', '', 'RedHat'), pkg_mgr: 'dnf' },
  },
  {
    name: 'Amazon Linux 2',
    files: {
      ...SYSTEMD,
      '/etc/system-release': 'Amazon Linux release 2 (Karoo)\n',
      '/etc/os-release': os({
        NAME: '"Amazon Linux"',
        VERSION: '"2"',
        ID: '"amzn"',
        ID_LIKE: '"centos rhel fedora"',
        VERSION_ID: '"2"',
        PRETTY_NAME: '"Amazon Linux 2"',
      }),
    },
    exists: YUM,
    facts: { ...distribution('Amazon', '2', 'NA', 'RedHat'), pkg_mgr: 'yum' },
  },
  {
    name: 'an OpenVZ 7 node',
    files: {
      ...redhat('Virtuozzo Linux release 7.9'),
      ...SYSTEMD,
      '/etc/virtuozzo-release': 'OpenVZ release 7.0.20 (1)\n',
      '/etc/os-release': os({
        NAME: '"Virtuozzo"',
        VERSION: '"7.9"',
        ID: '"virtuozzo"',
        ID_LIKE: '"rhel fedora"',
        VERSION_ID: '"7"',
        PRETTY_NAME: '"OpenVZ release 7.0.20"',
      }),
    },
    exists: [...YUM, '/proc/vz/', '/proc/bc/'],
    facts: {
      ...distribution('Virtuozzo', '7', 'NA', 'RedHat'),
      virtualization_type: 'openvz',
      virtualization_role: 'host',
      virtualization_tech_host: ['openvz'],
    },
  },
  {
    name: 'Debian 7',
    files: {
      '/etc/debian_version': '7.11\n',
      '/proc/1/comm': 'init\n',
      '/etc/os-release': os({
        PRETTY_NAME: '"Debian GNU/Linux 7 (wheezy)"',
        NAME: '"Debian GNU/Linux"',
        VERSION_ID: '"7"',
        VERSION: '"7 (wheezy)"',
        ID: 'debian',
      }),
    },
    exists: ['/usr/bin/apt-get', '/etc/init.d/'],
    facts: {
      ...distribution('Debian', '7.11', 'wheezy', 'Debian'),
      distribution_minor_version: '11',
      pkg_mgr: 'apt',
      service_mgr: 'sysvinit',
    },
  },
  {
    name: 'Debian 12',
    files: {
      ...SYSTEMD,
      '/etc/debian_version': '12.5\n',
      '/etc/os-release': os({
        PRETTY_NAME: '"Debian GNU/Linux 12 (bookworm)"',
        NAME: '"Debian GNU/Linux"',
        VERSION_ID: '"12"',
        VERSION: '"12 (bookworm)"',
        VERSION_CODENAME: 'bookworm',
        ID: 'debian',
      }),
    },
    // A package manager of others that is installed besides.
    exists: ['/usr/bin/apt-get', '/usr/bin/dnf', '/usr/bin/pacman'],
    facts: {
      ...distribution('Debian', '12.5', 'bookworm', 'Debian'),
      pkg_mgr: 'apt',
      service_mgr: 'systemd',
    },
  },
  {
    name: 'Ubuntu 14.04',
    files: {
      '/proc/1/comm': 'init\n',
      '/etc/debian_version': 'jessie/sid\n',
      '/etc/lsb-release': os({
        DISTRIB_ID: 'Ubuntu',
        DISTRIB_RELEASE: '14.04',
        DISTRIB_CODENAME: 'trusty',
        DISTRIB_DESCRIPTION: '"Ubuntu 14.04.6 LTS"',
      }),
      '/etc/os-release': os({
        NAME: '"Ubuntu"',
        VERSION: '"14.04.6 LTS, Trusty Tahr"',
        ID: 'ubuntu',
        ID_LIKE: 'debian',
        PRETTY_NAME: '"Ubuntu 14.04.6 LTS"',
        VERSION_ID: '"14.04"',
      }),
    },
    exists: ['/usr/bin/apt-get', '/sbin/initctl', '/etc/init/'],
    facts: {
      ...distribution('Ubuntu', '14.04', 'trusty', 'Debian'),
      service_mgr: 'upstart',
      lsb: {
        id: 'Ubuntu',
        release: '14.04',
        codename: 'trusty',
        description: 'Ubuntu 14.04.6 LTS',
        major_release: '14',
      },
    },
    unlikeAnsible: { distribution_release: 'Ansible asks lsb_release, which is not on these files' },
  },
  {
    name: 'Ubuntu 22.04',
    files: {
      ...SYSTEMD,
      '/etc/debian_version': 'bookworm/sid\n',
      '/etc/os-release': os({
        PRETTY_NAME: '"Ubuntu 22.04.4 LTS"',
        NAME: '"Ubuntu"',
        VERSION_ID: '"22.04"',
        VERSION: '"22.04.4 LTS (Jammy Jellyfish)"',
        VERSION_CODENAME: 'jammy',
        ID: 'ubuntu',
        ID_LIKE: 'debian',
        UBUNTU_CODENAME: 'jammy',
      }),
    },
    exists: ['/usr/bin/apt-get'],
    facts: { ...distribution('Ubuntu', '22.04', 'jammy', 'Debian'), pkg_mgr: 'apt' },
  },
  {
    name: 'Alpine',
    files: {
      '/etc/alpine-release': '3.18.4\n',
      '/proc/1/comm': 'init\n',
      '/etc/os-release': os({
        NAME: '"Alpine Linux"',
        ID: 'alpine',
        VERSION_ID: '3.18.4',
        PRETTY_NAME: '"Alpine Linux v3.18"',
      }),
    },
    exists: ['/sbin/apk', '/sbin/openrc', '/etc/init.d/'],
    facts: { ...distribution('Alpine', '3.18.4', 'NA', 'Alpine'), pkg_mgr: 'apk', service_mgr: 'openrc' },
  },
  {
    name: 'SLES 11',
    files: {
      '/proc/1/comm': 'init\n',
      '/etc/SuSE-release': 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
    },
    exists: ['/usr/bin/zypper', '/etc/init.d/'],
    facts: {
      ...distribution('SLES', '11.4', '4', 'Suse'),
      distribution_file_path: '/etc/SuSE-release',
      pkg_mgr: 'zypper',
    },
  },
  {
    name: 'SLES 15 for SAP',
    files: {
      ...SYSTEMD,
      '/etc/os-release': os({
        NAME: '"SLES"',
        VERSION: '"15-SP4"',
        VERSION_ID: '"15.4"',
        PRETTY_NAME: '"SUSE Linux Enterprise Server 15 SP4"',
        ID: '"sles"',
        ID_LIKE: '"suse"',
      }),
      '/etc/products.d/SLES_SAP.prod': 'x\n',
    },
    links: { '/etc/products.d/baseproduct': 'SLES_SAP.prod' },
    exists: ['/usr/bin/zypper'],
    facts: distribution('SLES_SAP', '15.4', '4', 'Suse'),
  },
  {
    name: 'openSUSE Leap',
    files: {
      ...SYSTEMD,
      '/etc/os-release': os({
        NAME: '"openSUSE Leap"',
        VERSION: '"15.5"',
        ID: '"opensuse-leap"',
        ID_LIKE: '"suse opensuse"',
        VERSION_ID: '"15.5"',
        PRETTY_NAME: '"openSUSE Leap 15.5"',
      }),
    },
    exists: ['/usr/bin/zypper'],
    facts: distribution('openSUSE Leap', '15.5', '5', 'Suse'),
  },
  {
    name: 'Arch, whose release file is empty',
    files: {
      ...SYSTEMD,
      '/etc/arch-release': '',
      '/etc/os-release': os({
        NAME: '"Arch Linux"',
        ID: 'arch',
        PRETTY_NAME: '"Arch Linux"',
        BUILD_ID: 'rolling',
      }),
    },
    exists: ['/usr/bin/pacman'],
    facts: { ...distribution('Archlinux', 'NA', 'NA', 'Archlinux'), pkg_mgr: 'pacman' },
  },
  {
    name: 'OpenWrt',
    files: {
      '/proc/1/comm': 'procd\n',
      '/etc/openwrt_release': os({
        DISTRIB_ID: '"OpenWrt"',
        DISTRIB_RELEASE: '"19.07.10"',
        DISTRIB_CODENAME: '"openwrt-19.07"',
        DISTRIB_TARGET: '"ath79/generic"',
      }),
      '/etc/os-release': os({
        NAME: '"OpenWrt"',
        VERSION: '"19.07.10"',
        ID: '"openwrt"',
        VERSION_ID: '"19.07.10"',
      }),
    },
    exists: ['/bin/opkg'],
    facts: {
      distribution: 'OpenWrt',
      distribution_version: '19.07.10',
      distribution_release: 'openwrt-19.07',
      pkg_mgr: 'opkg',
      service_mgr: 'openwrt_init',
    },
  },
  {
    name: 'one that nobody knows',
    files: { '/etc/os-release': os({ NAME: '"Frobnix"', ID: 'frobnix', VERSION_ID: '3.1' }) },
    facts: {
      ...distribution('Frobnix', '3.1', 'NA', 'Frobnix'),
      distribution_file_variety: 'NA',
      pkg_mgr: 'unknown',
      service_mgr: 'service',
    },
  },
  {
    name: 'one without any such file',
    files: {},
    facts: {
      distribution: 'OtherLinux',
      distribution_version: 'NA',
      distribution_release: 'NA',
      os_family: 'OtherLinux',
    },
  },
];
