"""YAML as data only: no tags, no aliases, no duplicate keys, no NaN, dates as strings."""

import math
import re
from typing import Any

import yaml

from deadletter.errors import InputError

LARGEST = 64 * 1024
DEEPEST = 20


class _DataLoader(yaml.SafeLoader):
    """SafeLoader without timestamps; what it still lets through is refused in :func:`_check_node`."""


# PyYAML follows YAML 1.1, to which 1e-3 is a word, 010 eight, 1:30 ninety, NO false and = no text. True and
# false are here those of YAML 1.2; a number is what every reader takes for one, narrower than in YAML 1.2 as well, so
# that ruamel.yaml would need the same rules, and it loads five times as slowly
_OURS = tuple(f"tag:yaml.org,2002:{name}" for name in ("timestamp", "int", "float", "bool", "value"))
_DataLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OURS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_FLOAT = r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.inf|\.nan"
_DataLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"({_FLOAT})$"), list("-+.0123456789"))
_DataLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
_DataLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read_yaml(text: str, where: str, *, allow_scalar: bool = False) -> Any:
    """Plain values of a YAML document.

    Raises InputError: the text is too long, not YAML, empty, not a mapping (unless ``allow_scalar``), or holds a tag,
    an alias, a duplicate key or NaN.
    """
    if len(text) > LARGEST:
        raise InputError("is too long", where=where, found=f"{len(text)} characters", allowed=f"at most {LARGEST}")
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_DataLoader):
            _check_event(event, where)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:  # the parser's own cost grows with the square of the depth
                raise InputError("is nested too deeply", where=where, allowed=f"at most {DEEPEST} levels")
        loader = _DataLoader(text)
        node = loader.get_single_node()
        if node is not None:
            _check_node(node, where)
        value = loader.construct_document(node) if node is not None else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("is not YAML", where=where, found=" ".join(str(error).split())[:200]) from None
    if value is None and not allow_scalar:
        raise InputError("is empty", where=where, allowed="a mapping of keys to values")
    if not isinstance(value, dict) and not allow_scalar:
        raise InputError("is not a mapping", where=where, found=value, allowed="keys and values")
    return value


def _check_event(event: yaml.Event, where: str) -> None:
    at = f"{where} line {event.start_mark.line + 1}" if event.start_mark else where
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise InputError("aliases and anchors are not allowed", where=at)
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise InputError("YAML tags are not allowed", where=at, found=tag)


def _check_node(node: yaml.Node, where: str) -> None:
    at = f"{where} line {node.start_mark.line + 1}"
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            here = f"{where} line {key.start_mark.line + 1}"
            if name is None or key.tag != "tag:yaml.org,2002:str":
                raise InputError("key is not a string", where=here, found=name)
            if name in seen:
                raise InputError("duplicate key", where=here, found=name)
            seen.add(name)
            _check_node(key, where)
            _check_node(value, where)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_node(item, where)
    elif not node.value.isascii() and any("\ud800" <= ch <= "\udfff" for ch in node.value):
        raise InputError("contains half of a character", where=at, found=node.value)
    elif isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:float":
        number = _DataLoader("").construct_yaml_float(node)
        if math.isnan(number):
            raise InputError("NaN is not a value", where=at, found=node.value)
        if math.isinf(number) and "inf" not in node.value.lower():
            raise InputError("is too large a number", where=at, found=node.value)
