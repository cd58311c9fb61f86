"""Plain values as YAML, every text in quotes, so that none is taken for a number."""

from __future__ import annotations

from typing import Any

import yaml


class _Quoted(yaml.SafeDumper):
    """SafeDumper that leaves no text plain."""


_Quoted.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def dump_yaml(value: Any) -> str:
    """A document of nested plain values."""
    return yaml.dump(value, Dumper=_Quoted, sort_keys=False, allow_unicode=True)
