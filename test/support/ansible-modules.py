"""Runs modules of ansible-core in one process, a fork each: a JSON list of cases in, a list of their results out.

A case is {"module", "args", "cwd", "before"}; `before` is shell that runs first. With each result comes what the folder holds
then. What a module does to the machine is real.
"""
import hashlib
import importlib
import io
import json
import os
import stat
import subprocess
import sys

from ansible.module_utils import basic


def tree(folder):
    """As treeOf in trees.ts."""
    found = []
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(at, name)
            about = os.lstat(path)
            kind = stat.S_IFMT(about.st_mode)
            held = ''
            if kind == stat.S_IFLNK:
                held = os.readlink(path)
            elif kind == stat.S_IFREG:
                with open(path, 'rb') as content:
                    held = hashlib.sha1(content.read()).hexdigest()
            found.append('%s %o %d %d %s' % (os.path.relpath(path, folder), about.st_mode, about.st_uid, about.st_gid, held))
    return sorted(found)


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
    return {'result': json.loads(text.strip().splitlines()[-1]), 'tree': tree(case['cwd'])}


cases = json.load(sys.stdin)
for name in {case['module'] for case in cases}:
    importlib.import_module('ansible.modules.' + name)
json.dump([run(case) for case in cases], sys.stdout)
