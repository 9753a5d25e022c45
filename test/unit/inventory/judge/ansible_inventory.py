"""Runs ansible-inventory for many cases in one process: [{"cwd": DIR, "args": [WORD, ...]}, ...] on stdin, what each printed on stdout."""
import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from ansible.cli.inventory import InventoryCLI
from ansible.plugins.vars import host_group_vars
from ansible.utils.context_objects import GlobalCLIArgs


def printed(cwd, args):
    # Each command line is a process of its own elsewhere: what they keep for its time is forgotten.
    GlobalCLIArgs._Singleton__instance = None
    host_group_vars.FOUND.clear()
    os.chdir(cwd)
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            InventoryCLI(["ansible-inventory", *args]).run()
    except SystemExit:
        pass
    except Exception as error:
        return {"error": str(error)}
    return {"text": out.getvalue()}


print(json.dumps([printed(case["cwd"], case["args"]) for case in json.load(sys.stdin)]))
