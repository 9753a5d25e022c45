import { expect, test } from 'vitest';
import { hideSecrets } from '../../../src/shared/secrets.js';

test.each([
  ['web1 ansible_password=hunter2 ansible_port=22', 'web1 ansible_password=******* ansible_port=22'],
  ['web1 ansible_become_pass="a b" x=1', 'web1 ansible_become_pass=***** x=1'],
  ['  ansible_ssh_pass: correct horse', '  ansible_ssh_pass: *************'],
  ['{"api_token": "abc"}', '{"api_token": ******'],
  ['DB_SECRET = xyz', 'DB_SECRET = ***'],
  ['ansible_password: "{{ lookup_of_it }}"', 'ansible_password: "{{ lookup_of_it }}"'],
  ['db_password: !vault |', 'db_password: !vault |'],
  ['ansible_ssh_private_key_file=/root/key', 'ansible_ssh_private_key_file=/root/key'],
  ['route: {dst: 10.0.0.0/8}', 'route: {dst: 10.0.0.0/8}'],
])('%s is shown as %s', (line, shown) => {
  expect(hideSecrets(line)).toBe(shown);
  expect(hideSecrets(line)).toHaveLength(line.length);
});
