import { describe, expect, test } from 'vitest';
import { factVars, isFactName } from '../../../src/facts/names.js';
import { parseFacts } from '../../../src/facts/parse.js';
import { factAnswer } from '../../support/fact-answers.js';
import { DISTRIBUTIONS } from '../../support/fact-hosts.js';
import { FACT_MACHINES } from '../../support/fact-machines.js';

describe('isFactName', () => {
  test.each([
    ...['ansible_facts', 'ansible_default_ipv4', 'ansible_hostname', 'ansible_eth0', 'ansible_br_lan'],
    ...['ansible_eth0.100', 'ansible_ssh_host_key_rsa_public', 'ansible_local', 'ansible_user_id'],
    ...['ansible_virtualization_type', 'ansible_system', 'ansible_docker_gwbridge', 'ansible_distribution'],
  ])('%s can be one', (name) => {
    expect(isFactName(name)).toBe(true);
  });

  test.each([
    ...[
      'ansible_host',
      'ansible_user',
      'ansible_port',
      'ansible_password',
      'ansible_connection',
      'ansible_become',
    ],
    ...['ansible_become_user', 'ansible_ssh_common_args', 'ansible_ssh_pass', 'ansible_python_interpreter'],
    ...[
      'ansible_check_mode',
      'ansible_diff_mode',
      'ansible_play_hosts',
      'ansible_play_batch',
      'ansible_version',
    ],
    ...[
      'ansible_loop',
      'ansible_loop_var',
      'ansible_index_var',
      'ansible_run_tags',
      'ansible_limit',
      'ansible_forks',
    ],
    ...[
      'ansible_failed_result',
      'ansible_role_name',
      'ansible_managed',
      'ansible_a_name_too_long_for_an_interface',
    ],
    ...['hostname', 'eth0', 'inventory_hostname', 'ansible_', 'ansible', 'my_ansible_facts', 'ansible_a/b'],
  ])('%s is none', (name) => {
    expect(isFactName(name)).toBe(false);
  });
});

describe('factVars', () => {
  test('has ansible_facts, and every fact by itself', () => {
    const facts = { hostname: 'a', eth0: { mtu: 1500 }, gather_subset: ['all'], module_setup: true };
    expect(factVars(facts)).toEqual({
      ansible_facts: facts,
      ansible_hostname: 'a',
      ansible_eth0: { mtu: 1500 },
    });
  });

  test('an interface can not become what says how a host is reached', () => {
    const net = ['user', 'host', 'password', 'become', 'check_mode', 'facts', 'ssh_args', 'eth0']
      .map((name) => `${name}/type:1`)
      .join('\n');
    const facts = parseFacts(factAnswer({ sections: { net } }));
    const vars = factVars(facts);
    expect(vars.ansible_eth0).toEqual({ device: 'eth0', type: 'ether' });
    expect(facts.user).toEqual({ device: 'user', type: 'ether' });
    for (const name of ['user', 'host', 'password', 'become', 'check_mode', 'ssh_args'])
      expect(`ansible_${name}` in vars).toBe(false);
    expect(vars.ansible_facts).toBe(facts);
  });

  test('every fact that any host has is known to be one', () => {
    for (const host of [...DISTRIBUTIONS, ...FACT_MACHINES]) {
      const account = 'root:x:0:0:root:/root:/bin/sh';
      const { gather_subset, module_setup, ...facts } = parseFacts(
        factAnswer({ ...host, sections: { account } }),
      );
      for (const name of Object.keys(facts))
        expect({ name, is: isFactName(`ansible_${name}`) }).toEqual({ name, is: true });
    }
  });
});
