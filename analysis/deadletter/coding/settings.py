"""A coding as flat settings, `key=value`: what notebooks receive, --set takes and attribution compares.

The reference of all keys is taken from the model.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deadletter.coding.model import Coding
from deadletter.coding.yaml_data import read_yaml
from deadletter.errors import InputError
from deadletter.patterns import words_of


def flatten(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one mapping with dotted keys."""
    flat: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, Mapping):
            flat.update(flatten(item, f"{name}."))
        else:
            flat[name] = item
    return flat


def to_flat(coding: Coding) -> dict[str, Any]:
    """Every field of a coding by dotted key."""
    return flatten(coding.model_dump(mode="python"))


def to_settings(coding: Coding) -> list[str]:
    """Every field as `key=value`, sorted; :func:`apply_settings` reads them back to an equal coding."""
    return sorted(f"{key}={_text(value)}" for key, value in to_flat(coding).items())


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_text(item) for item in value)}]"
    if isinstance(value, float):
        # YAML spells infinity with a leading point
        return repr(value).replace("inf", ".inf")
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    """Text in quotes, as both JSON and YAML read it: YAML folds separators of lines and knows no control characters."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted)


def digest(coding: Coding) -> str:
    """A hash of everything that a coding sets (except its title and reason)."""
    settings = [setting for setting in to_settings(coding) if not setting.startswith(("title=", "why="))]
    return hashlib.sha256("\n".join(settings).encode()).hexdigest()


def whole_digest(coding: Coding) -> str:
    """A hash of every field of a coding, title and reason included."""
    return hashlib.sha256("\n".join(to_settings(coding)).encode()).hexdigest()


def apply_settings(coding: Coding, settings: Iterable[str]) -> Coding:
    """A coding with some fields changed.

    Raises InputError: a setting without `=`, an unknown key, one that is set twice, or a value that the model refuses.
    """
    known, values = to_flat(coding), {}
    for setting in settings:
        where = f"setting {setting!r}"
        name, equals, text = setting.partition("=")
        if not equals:
            raise InputError("has no value", where=where, allowed="KEY=VALUE")
        key = name.strip()
        if key not in known:
            raise InputError("unknown key", where=where, found=key, allowed=sorted(known))
        if key in values:
            raise InputError("the key is set twice", where=where, allowed="one value")
        values[key] = read_yaml(text, where, allow_scalar=True)
    return changed(coding, values, "settings")


def changed(coding: Coding, values: Mapping[str, Any], where: str) -> Coding:
    """A coding with some of its dotted keys set to other values.

    Raises InputError: a value that the model refuses.
    """
    tree = coding.model_dump(mode="python")
    for key, value in values.items():
        put(tree, key, value)
    return build(tree, where)


def put(tree: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key of nested groups; a group that is missing is made."""
    *parents, leaf = key.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[leaf] = value


def build(tree: Mapping[str, Any], where: str) -> Coding:
    """A coding from nested plain values.

    Raises InputError: the first refusal of the model, with the key, what was found and what is allowed.
    """
    try:
        return Coding.model_validate(tuples(tree))
    except ValidationError as error:
        raise refusal(error, tree, where, Coding) from None


def tuples(value: Any) -> Any:
    """YAML gives lists; the frozen model holds tuples."""
    if isinstance(value, Mapping):
        return {key: tuples(item) for key, item in value.items()}
    return tuple(tuples(item) for item in value) if isinstance(value, list | tuple) else value


def refusal(error: ValidationError, tree: Mapping[str, Any], where: str, model: type[BaseModel]) -> InputError:
    """The first refusal of a model as one message: the key, what was found, what is allowed."""
    # an unknown key explains a missing one, so it is reported first
    first = min(error.errors(), key=lambda e: (e["type"] != "extra_forbidden", e["type"] != "missing"))
    key = ".".join(str(part) for part in first["loc"])
    at = f"{where} key {key}" if key else where
    if first["type"] == "extra_forbidden":
        return InputError("unknown key", where=where, found=key, allowed=_siblings(model, first["loc"]))
    if first["type"] == "missing":
        return InputError("key is missing", where=at)
    if first["type"] in ("model_type", "model_attributes_type"):
        named = None if first["input"] is None else first["input"]
        return InputError("must be a mapping", where=at, found=named, allowed=_siblings(model, (*first["loc"], "")))
    message = first["msg"].removeprefix("Value error, ")
    found = None if not key or isinstance(first["input"], Mapping | BaseModel) else first["input"]
    if first["input"] is None:
        found = "null"
    expected = first.get("ctx", {}).get("expected")
    if first["type"] == "literal_error" and expected:
        allowed = [part.strip().strip("'") for part in str(expected).replace(" or ", ", ").split(",")]
        return InputError("is not allowed", where=at, found=found, allowed=allowed)
    if first["type"] == "string_pattern_mismatch":
        return InputError("is not allowed", where=at, found=found, allowed=words_of(first["ctx"]["pattern"]))
    return InputError(message[0].lower() + message[1:], where=at, found=found)


def _siblings(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the model knows in the group where an unknown one was found."""
    group: Any = model
    for part in location[:-1]:
        if hasattr(group, "model_fields"):
            group = group.model_fields[str(part)].annotation
        else:  # a mapping of names to groups, or a list of groups
            group = [argument for argument in get_args(group) if argument is not Ellipsis][-1]
    prefix = "".join(f"{part}." for part in location[:-1])
    return [prefix + name for name in group.model_fields]


_PAGE = """# Parameters

Every decision of measurement that a coding can set, taken from the model by `deadletter params --markdown`; do not edit
by hand. A coding is one file of `params/`; it takes what it leaves out from the file that it `extends`, or from here.
`--set KEY=VALUE` changes one key for a run. An unknown key, a wrong type or a value out of range is refused before
anything runs. [codings.md](codings.md) explains how to write, compare and vary codings.

| key | default | allowed | meaning |
| --- | --- | --- | --- |"""


def reference(
    model: type[BaseModel] = Coding, prefix: str = "", group: BaseModel | None = None
) -> Iterator[tuple[str, str, str, str]]:
    """Rows of key, default, allowed values and meaning, one for each field that holds a value.

    ``group`` is the default of a group of fields, which may set what its model leaves open.
    """
    for name, field in model.model_fields.items():
        kind = field.annotation
        default = getattr(group, name) if group else field.get_default(call_default_factory=True)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from reference(kind, f"{prefix}{name}.", default)
        else:
            yield f"{prefix}{name}", _shown(default), _allowed(field), field.description or ""


def reference_page() -> str:
    """The reference as Markdown: docs/parameters.md."""
    lines = [_PAGE]
    for key, *cells in reference():
        default, allowed, meaning = (cell.replace("|", "\\|") for cell in cells)
        lines.append(f"| `{key}` | {default} | {allowed} | {meaning} |")
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    if value is PydanticUndefined:
        return "set by the file"
    if value in ("", ()):
        return "empty" if value == "" else "none"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _allowed(field: FieldInfo) -> str:
    if str(get_origin(field.annotation)) == "typing.Literal":
        return ", ".join(map(str, get_args(field.annotation)))
    bounds = [_bound(m) for m in _flat(field.metadata)]
    kinds: dict[object, str] = {str: "text", int: "whole number", float: "number"}
    kind = kinds.get(field.annotation, "list")
    for pattern in (found for m in _flat(field.metadata) if (found := getattr(m, "pattern", None))):
        return words_of(pattern)
    return f"{kind} {' and '.join(filter(None, bounds))}".strip()


def _flat(metadata: list[Any]) -> Iterator[Any]:
    for item in metadata:
        yield from _flat(item.metadata) if isinstance(item, FieldInfo) else [item]


def _bound(item: Any) -> str:
    signs = {annotated_types.Ge: ("≥", "ge"), annotated_types.Gt: (">", "gt")}
    signs |= {annotated_types.Le: ("≤", "le"), annotated_types.Lt: ("<", "lt")}
    for kind, (sign, attribute) in signs.items():
        if isinstance(item, kind):
            bound = getattr(item, attribute)
            return f"{sign} {bound if isinstance(bound, int) else f'{bound:g}'}"
    return ""
