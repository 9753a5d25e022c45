"""Runs modules of ansible-core in one process, a fork each: a JSON list of cases in, a list of their results out.

A case is {"module", "args", "cwd", "before", "after"}; `before` and `after` are shell that runs around it, and what `after`
prints is in the result. What a module does to the machine is real.
"""
import importlib
import io
import json
import os
import subprocess
import sys

from ansible.module_utils import basic


def run(case):
    subprocess.run(['sh', '-c', case.get('before', ':')], cwd=case['cwd'], check=True)
    args = dict(case['args'], _ansible_diff=True,
                _ansible_remote_tmp='/tmp', _ansible_keep_remote_files=False)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.chdir(case['cwd'])
        basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': args}).encode()
        sys.stdout = io.StringIO()
        try:
            importlib.import_module('ansible.modules.' + case['module']).main()
        except SystemExit:
            pass
        except BaseException as error:
            print(json.dumps({'failed': True, 'crashed': repr(error)}))
        with os.fdopen(writer, 'w') as out:
            out.write(sys.stdout.getvalue())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    after = subprocess.run(['sh', '-c', case.get('after', ':')], cwd=case['cwd'], check=True, capture_output=True)
    return {'result': json.loads(text.strip().splitlines()[-1]), 'after': after.stdout.decode()}


cases = json.load(sys.stdin)
for name in {case['module'] for case in cases}:
    importlib.import_module('ansible.modules.' + name)
json.dump([run(case) for case in cases], sys.stdout)
