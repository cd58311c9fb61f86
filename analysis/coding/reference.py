"""The reference of parameters, read off the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from analysis.coding.model import Coding


def reference(model: type[BaseModel] = Coding, prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Rows of key, default, allowed values and meaning, one for each field that holds a value."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from reference(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _default(field), _allowed(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "set by the file"
    value = field.default
    return f"{value:.4g}" if isinstance(value, float) else "none" if value == () else str(value)


def _allowed(field: FieldInfo) -> str:
    if str(get_origin(field.annotation)) == "typing.Literal":
        return ", ".join(map(str, get_args(field.annotation)))
    bounds = [_bound(m) for m in _flat(field.metadata)]
    kind = {str: "text", int: "whole number", float: "number"}.get(field.annotation, "list")
    return " ".join([kind, *(bound for bound in bounds if bound)])


def _flat(metadata: list[Any]) -> Iterator[Any]:
    for item in metadata:
        yield from _flat(item.metadata) if isinstance(item, FieldInfo) else [item]


def _bound(item: Any) -> str:
    signs = {annotated_types.Ge: ("≥", "ge"), annotated_types.Gt: (">", "gt")}
    signs |= {annotated_types.Le: ("≤", "le"), annotated_types.Lt: ("<", "lt")}
    for kind, (sign, attribute) in signs.items():
        if isinstance(item, kind):
            return f"{sign} {getattr(item, attribute):g}"
    pattern = getattr(item, "pattern", None)
    return f"like {pattern}" if pattern else ""
