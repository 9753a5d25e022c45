import type { Setting } from './settings.js';
import { flag, oneOf, path } from './settings-kinds.js';

/** What is shown of a run, and what is kept. */
export const reporting: readonly Setting[] = [
  {
    name: 'display_skipped_hosts',
    kind: flag,
    description: 'false: a task that was skipped has no line',
    otherwise: 'true',
    ansible: ['ANSIBLE_DISPLAY_SKIPPED_HOSTS'],
  },
  {
    name: 'display_ok_hosts',
    kind: flag,
    description:
      'false: a task that changed nothing has no line, and neither has a host with such tasks alone',
    otherwise: 'true',
    ansible: ['ANSIBLE_DISPLAY_OK_HOSTS'],
  },
  {
    name: 'callback_result_format',
    kind: oneOf(['json', 'yaml']),
    description: 'how values are printed that are no text',
    otherwise: 'json',
    ansible: ['ANSIBLE_CALLBACK_RESULT_FORMAT'],
  },
  {
    name: 'timing',
    kind: flag,
    description: 'tell at the end where the time went: plays, the slowest tasks, the slowest hosts',
    flag: '--timing',
  },
  {
    name: 'junit_output_dir',
    key: 'junit',
    kind: path,
    description: "write a run's results as JUnit XML into this folder, for CI",
    flag: '--junit <folder>',
    ansible: ['JUNIT_OUTPUT_DIR'],
  },
  {
    name: 'log_path',
    kind: path,
    description: 'file to which all is appended that a run shows, each line with its time',
    ansible: ['ANSIBLE_LOG_PATH'],
  },
  {
    name: 'retry_files_enabled',
    kind: flag,
    description:
      'name the hosts that failed, or were not reached, in PLAYBOOK.retry, for `--limit @PLAYBOOK.retry`',
    otherwise: 'false',
    ansible: ['ANSIBLE_RETRY_FILES_ENABLED'],
  },
  {
    name: 'retry_files_save_path',
    kind: path,
    description: 'folder of these files',
    otherwise: "the playbook's",
    ansible: ['ANSIBLE_RETRY_FILES_SAVE_PATH'],
  },
];
