"""Where templates run: what an override may do is the sandbox's to say, not the operating system's."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import fields
from typing import Any

from jinja2.sandbox import SandboxedEnvironment

from mailtix.render.context import Grid, GridLine, Link
from mailtix.render.words import Words

# The values of ours that templates get, and what each holds: texts, tuples and mappings of texts, never something that
# can be called. There is nothing to guard.
_HELD: Mapping[type, frozenset[str]] = {
    kind: frozenset(field.name for field in fields(kind)) for kind in (Words, Link, Grid, GridLine)
}


class Sandbox(SandboxedEnvironment):
    """Jinja2's sandbox, with a shorter way to what every mail asks for again and again: the fields of our own values,
    the entries of dicts, and the globals, which do not change once the templates are loaded."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}  # Jinja2's own is a ChainMap, gone through in Python for each include

    def getattr(self, obj: Any, attribute: str) -> Any:
        kind = type(obj)
        if attribute in _HELD.get(kind, ()):
            return getattr(obj, attribute)
        # as Jinja2 has it, where the method of a dict goes before the entry of that name
        if kind is dict and attribute in obj and not hasattr(dict, attribute):
            return obj[attribute]
        return super().getattr(obj, attribute)
