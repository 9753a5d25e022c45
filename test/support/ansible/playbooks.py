"""Runs playbooks with ansible-core, two at a time, without starting Python anew for each.

Input, as JSON: {"inventory": [FILE], "cases": [{"name", "playbook", "args"}]}. Output, a line of JSON a case: its
name, exit code, what each task came to on each host in the order of events, and what it printed.
"""

import io
import json
import os
import sys
import tempfile

FOLDER = os.path.dirname(os.path.abspath(__file__))
os.environ.update(
    ANSIBLE_CALLBACK_PLUGINS=os.path.join(FOLDER, 'callback'),
    ANSIBLE_STDOUT_CALLBACK='judge',
    ANSIBLE_HOST_KEY_CHECKING='False',
    ANSIBLE_PIPELINING='True',
    ANSIBLE_FORKS='10',
    ANSIBLE_PYTHON_INTERPRETER='/usr/bin/python3',
    ANSIBLE_LOCALHOST_WARNING='False',
    ANSIBLE_DEPRECATION_WARNINGS='False',
    ANSIBLE_NOCOLOR='1',
)

from ansible.cli.playbook import PlaybookCLI  # noqa: E402
from ansible.executor.playbook_executor import PlaybookExecutor  # noqa: E402,F401


def run(case, inventory, events):
    os.environ['JUDGE_EVENTS'] = events
    os.chdir(os.path.dirname(case['playbook']))
    return PlaybookCLI(['ansible-playbook', *(word for source in inventory for word in ('-i', source)), *case['args'], case['playbook']]).run()


def begin(case, inventory):
    events = tempfile.NamedTemporaryFile(mode='w', suffix='.jsonl', delete=False).name
    printed = tempfile.NamedTemporaryFile(mode='w', suffix='.txt', delete=False).name
    child = os.fork()
    if child:
        return child, case, events, printed
    out = os.open(printed, os.O_WRONLY | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    try:
        code = run(case, inventory, events)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # pylint: disable=broad-except
        print(f'ERROR! {error}')
        code = getattr(error, '_exit_code', None) or (4 if 'Parser' in type(error).__name__ else 1)
    sys.stdout.flush()
    os._exit(code)


def end(begun):
    child, case, events, printed = begun
    _, status = os.waitpid(child, 0)
    with open(events) as file:
        lines = [json.loads(line) for line in file]
    with open(printed) as file:
        text = file.read()
    os.unlink(events)
    os.unlink(printed)
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({'name': case['name'], 'code': code, 'events': lines, 'printed': text}), flush=True)


job = json.load(sys.stdin)
running = []
for one in job['cases']:
    if len(running) == 2:
        end(running.pop(0))
    running.append(begin(one, job['inventory']))
for one in running:
    end(one)
