"""Writes each result of a run as a line of JSON."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = 'name: judge\ntype: stdout\nshort_description: results as lines of JSON\ndescription: results as lines of JSON\n'


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'judge'

    def _write(self, event):
        with open(os.environ['JUDGE_EVENTS'], 'a') as file:
            file.write(json.dumps(event, default=str) + '\n')

    def _result(self, result, status):
        # pylint: disable=protected-access
        self._write(
            {
                'task': result._task.get_name().strip(),
                'action': result._task.action,
                'host': result._host.get_name(),
                'status': status,
                'result': result._result,
            }
        )

    def v2_runner_on_ok(self, result):
        self._result(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result(result, 'ignored' if ignore_errors else 'failed')

    def v2_runner_on_skipped(self, result):
        self._result(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self._result(result, 'unreachable')

    def v2_playbook_on_stats(self, stats):
        self._write({'stats': {host: stats.summarize(host) for host in stats.processed}})
