"""Evaluates Jinja2 expressions and templates with Jinja2 itself: JSON in, JSON out, one answer a case."""
import collections.abc
import json
import sys
import types

from jinja2 import Environment, StrictUndefined, Undefined
from jinja2.nativetypes import NativeEnvironment


class Chained(StrictUndefined):
    """Attributes of what is undefined are undefined, as in Ansible; every other use is an error."""

    def __getattr__(self, name):
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def __getitem__(self, name):
        return self


def plain(value):
    """The value without generators and views."""
    if isinstance(value, Undefined):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, (list, range, types.GeneratorType, collections.abc.MappingView, collections.abc.Iterator)):
        return [plain(item) for item in value]
    return value


def printed(value):
    """A value within text: as Ansible has it, None is nothing there."""
    value = plain(value)
    return "" if value is None else value


OPTIONS = {"undefined": Chained, "trim_blocks": True}
NATIVE = NativeEnvironment(**OPTIONS)
TEXT = Environment(finalize=printed, **OPTIONS)


def with_line_ends(source, text):
    """As many line ends at the end as the template has, where the result has fewer, as Ansible does it."""
    count = lambda of: len(of) - len(of.rstrip("\n"))
    return text + "\n" * max(0, count(source) - count(text))



def answer(case):
    try:
        if case["kind"] == "template":
            text = TEXT.from_string(case["source"]).render(case["variables"])
            return {"text": with_line_ends(case["source"], text)}
        compiled = NATIVE.compile_expression(case["source"], undefined_to_none=False)
        value = plain(compiled(**case["variables"]))
        return {"value": json.loads(json.dumps(value)), "text": str(printed(value))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
