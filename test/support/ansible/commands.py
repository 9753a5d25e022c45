"""Calls ansible-core's programs, two at a time, without starting Python anew for each.

Input, as JSON: {"cwd", "calls": [[PROGRAM, ARGUMENT, ...]]}. Output, a line of JSON a call: its exit code and what it printed
on standard output.
"""

import json
import os
import shutil
import sys
import tempfile

os.environ.update(
    ANSIBLE_PIPELINING='True',
    ANSIBLE_PYTHON_INTERPRETER='/usr/bin/python3',
    ANSIBLE_LOCALHOST_WARNING='False',
    ANSIBLE_DEPRECATION_WARNINGS='False',
    ANSIBLE_NOCOLOR='1',
)

from ansible import constants  # noqa: E402
from ansible.cli.adhoc import AdHocCLI  # noqa: E402
from ansible.cli.playbook import PlaybookCLI  # noqa: E402
from ansible.executor.task_queue_manager import TaskQueueManager  # noqa: E402,F401

PROGRAMS = {'ansible': AdHocCLI, 'ansible-playbook': PlaybookCLI}


def begin(call):
    printed = tempfile.NamedTemporaryFile(mode='w', suffix='.txt', delete=False).name
    # Two calls that share one build the same module there, and one takes it away from under the other.
    own_tmp = tempfile.mkdtemp()
    child = os.fork()
    if child:
        return child, printed, own_tmp
    constants.DEFAULT_LOCAL_TMP = own_tmp
    os.dup2(os.open(printed, os.O_WRONLY | os.O_TRUNC), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        code = PROGRAMS[call[0]](call).run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # pylint: disable=broad-except
        code = 1
    sys.stdout.flush()
    os._exit(code)


def end(begun):
    child, printed, own_tmp = begun
    _, status = os.waitpid(child, 0)
    shutil.rmtree(own_tmp, ignore_errors=True)
    with open(printed) as file:
        text = file.read()
    os.unlink(printed)
    print(json.dumps({'code': os.waitstatus_to_exitcode(status), 'stdout': text}), flush=True)


job = json.load(sys.stdin)
os.chdir(job['cwd'])
running = []
for one in job['calls']:
    if len(running) == 2:
        end(running.pop(0))
    running.append(begin(one))
for one in running:
    end(one)
