"""Prints what ansible-core makes of inventories, as the tests expect it: judge.py SOURCE... > NAME.json"""
import json
import sys

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager

OWN = {"ansible_playbook_python", "ansible_version", "group_names", "groups", "inventory_dir", "inventory_file",
       "inventory_hostname", "inventory_hostname_short", "omit", "playbook_dir", "ansible_config_file", "ansible_facts"}

loader = DataLoader()
inventory = InventoryManager(loader=loader, sources=sys.argv[1:])
manager = VariableManager(loader=loader, inventory=inventory)
expected = {"groups": {name: sorted(hosts) for name, hosts in inventory.get_groups_dict().items()}, "hosts": {}}
for host in inventory.get_hosts():
    found = manager.get_vars(host=host)
    expected["hosts"][host.name] = {
        "groupNames": found["group_names"],
        "vars": {key: value for key, value in found.items() if key not in OWN},
    }
json.dump(expected, sys.stdout, indent=1, sort_keys=True)
print()
