"""Evaluates expressions, templates, files and loops with Ansible's own Templar: JSON in, JSON out, one answer a case."""
import collections.abc
import json
import os
import sys
import types

from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import AnsibleEnvironment, Templar
from jinja2 import Undefined


def plain(value):
    """The value without generators, views and what is not defined."""
    if isinstance(value, Undefined):
        str(value)
    if isinstance(value, collections.abc.Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, range, types.GeneratorType, collections.abc.MappingView, collections.abc.Iterator)):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value


request = json.load(sys.stdin)
root, variables = request["root"], request["variables"]
os.chdir(root)
loader = DataLoader()
loader.set_basedir(root)
variables["ansible_search_path"] = [os.path.join(root, "roles/r"), root]
templar = Templar(loader=loader, variables=variables)
# A bare expression has what the templar adds when it renders a whole template.
extras = {**templar.environment.globals, "lookup": templar._lookup, "query": templar._query_lookup, "q": templar._query_lookup, "vars": variables}


def expression(source):
    compiled = templar.environment.compile_expression(source, undefined_to_none=False)
    return plain(compiled(**variables, **extras))


def file(source, settings):
    folders = [os.path.join(path, kind) for path in variables["ansible_search_path"] for kind in ("templates", "")]
    options = {"trim_blocks": True, "lstrip_blocks": False, **settings}
    environment = templar.copy_with_new_env(
        environment_class=AnsibleEnvironment, searchpath=folders, available_variables=variables, **options
    )
    return environment.do_template(source, preserve_trailing_newlines=True, escape_backslashes=False)


def loop(name, terms):
    terms = templar.template(terms, fail_on_undefined=True)
    terms = terms if isinstance(terms, (list, dict)) else [terms]
    lookup = lookup_loader.get(name, loader=loader, templar=templar)
    return plain(lookup.run(terms=terms, variables=variables, wantlist=True))


def answer(case):
    try:
        kind, source = case["kind"], case["source"]
        if kind == "expression":
            value = expression(source)
            return {"value": json.loads(json.dumps(value))}
        if kind == "file":
            return {"value": file(source, case.get("settings", {}))}
        if kind == "with":
            return {"value": json.loads(json.dumps(loop(source, case["terms"])))}
        value = templar.template(source)
        return {"value": "" if value is None else value if isinstance(value, str) else str(value)}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(case) for case in request["cases"]], sys.stdout)
