"""Asks Ansible's own collectors for facts of hosts that are folders of files, and what other things of its mean.

Reads a JSON object from standard input: `roots`, folders; `subsets`, lists as gather_subset takes them; `filters`, pairs
of names and patterns; `inis`, texts. Prints the answers, in the same order, as JSON. Needs root, for chroot.
"""
import codecs
import configparser
import json
import os
import platform
import sys

from ansible.module_utils.facts import ansible_collector, collector, default_collectors
from ansible.module_utils.facts.hardware.linux import LinuxHardware
from ansible.module_utils.facts.system import (apparmor, cmdline, distribution, dns, fips, lsb, pkg_mgr, service_mgr,
                                               ssh_pub_keys)
from ansible.module_utils.facts.virtual.linux import LinuxVirtual

COLLECTORS = [distribution.DistributionFactCollector, lsb.LSBFactCollector, pkg_mgr.PkgMgrFactCollector,
              service_mgr.ServiceMgrFactCollector, cmdline.CmdLineFactCollector, dns.DnsFactCollector,
              fips.FipsFactCollector, apparmor.ApparmorFactCollector, ssh_pub_keys.SshPubKeyFactCollector]
MINIMAL = frozenset(['apparmor', 'caps', 'cmdline', 'date_time', 'distribution', 'dns', 'env', 'fips', 'local', 'lsb',
                     'pkg_mgr', 'platform', 'python', 'selinux', 'service_mgr', 'ssh_pub_keys', 'user'])


class Module:
    """What collectors ask of a module: where programs are, and to run them, of which there are none."""

    params = {}

    def get_bin_path(self, name, *args, **kwargs):
        paths = [os.path.join(folder, name) for folder in ('/usr/bin', '/bin', '/usr/sbin', '/sbin')]
        return next((path for path in paths if os.path.exists(path)), None)

    def run_command(self, *args, **kwargs):
        return 1, '', ''

    def debug(self, *args):
        pass

    warn = debug


def facts_of(root):
    os.chroot(root)
    os.chdir('/')
    module = Module()
    known = {'ansible_system': 'Linux', 'ansible_architecture': 'x86_64'}
    for kind in COLLECTORS:
        for name, value in kind().collect(module, known).items():
            known['ansible_' + name] = value
    facts = {name[len('ansible_'):]: value for name, value in known.items()}
    hardware = LinuxHardware(module)
    for found in (LinuxVirtual(module).get_virtual_facts(), hardware.get_cpu_facts(collected_facts=known),
                  hardware.get_memory_facts(), hardware.get_dmi_facts(), hardware.get_uptime_facts()):
        facts.update(found)
    return {name: sorted(value) if isinstance(value, set) else value for name, value in facts.items()}


def apart(root):
    """In a process of its own, which does not come back from its chroot."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        with os.fdopen(writer, 'w') as answer:
            json.dump(facts_of(root), answer)
            answer.flush()
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        return json.load(answer)


def collectors_of(subset):
    try:
        return sorted(kind.name for kind in collector.collector_classes_from_gather_subset(
            all_collector_classes=default_collectors.collectors, minimal_gather_subset=MINIMAL,
            gather_subset=subset, platform_info={'system': 'Linux'}))
    except TypeError:
        return None


def filtered(names, patterns):
    gatherer = ansible_collector.AnsibleFactCollector()
    found = gatherer._filter({'ansible_' + name: 1 for name in names}, patterns)
    return sorted(name[len('ansible_'):] for name in dict(found))


def ini(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return {name: dict(parser.items(name)) for name in parser.sections()}
    except configparser.Error:
        return None


asked = json.load(sys.stdin)
# Loaded before there is nothing left to load from.
platform.system(), platform.release(), platform.version()
for encoding in ('ascii', 'utf-8', 'latin-1'):
    codecs.lookup(encoding)
print(json.dumps({
    'facts': [apart(root) for root in asked['roots']],
    'subsets': [collectors_of(subset) for subset in asked['subsets']],
    'filters': [filtered(names, patterns) for names, patterns in asked['filters']],
    'inis': [ini(text) for text in asked['inis']],
}))
