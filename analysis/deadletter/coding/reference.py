"""The reference of parameters, read off the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deadletter.coding.model import Coding

_PAGE = """# Parameters

Every decision of measurement that a coding can set, read off the model by `deadletter params --markdown`; do not edit
by hand. A coding is one file of `params/`; what it leaves out it has from the file that it `extends`, or from here.
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
        kind, like, pattern = allowed.partition(" like ")
        lines.append(f"| `{key}` | {default} | {f'{kind}{like}`{pattern}`' if like else kind} | {meaning} |")
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
    return " ".join([kind, *(bound for bound in bounds if bound)])


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
    pattern = getattr(item, "pattern", None)
    return f"like {pattern}" if pattern else ""
