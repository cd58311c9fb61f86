"""The same chart for a telephone: plots below each other, words of rows above their rows, legends at the foot."""

from collections.abc import Mapping
from typing import Any

from deadletter.charts.channels import CHARACTER, LINE, in_lines, wrapped

# what a telephone shows of a plot, of the words beside it, and of those above a row, in pixels; the height of a bar
NARROW, BESIDE, ABOVE, ROW = 264, 100, 320, 12
_ABOVE = {"labelAlign": "left", "labelBaseline": "bottom", "labelPadding": -3, "ticks": False, "tickSize": 0}
_LEGEND = {"orient": "bottom", "columns": 2}

Spec = dict[str, Any]


def narrow(spec: Mapping[str, Any]) -> Spec | None:
    """A specification as it fits a telephone; none of one that fits as it is."""
    made = _part(dict(spec), spec.get("datasets", {}), [], aligned=False)
    if made == spec:
        return None
    config = spec.get("config", {})
    return {**made, "config": {**config, "padding": 5, "legend": {**config.get("legend", {}), **_LEGEND}}}


def _part(part: Spec, datasets: Mapping[str, Any], rows: list[Any], *, aligned: bool) -> Spec:
    """A plot, or several of them, with all that they hold.

    rows: the data that it has from outside. aligned: whether it is as wide as the plot above or below it.
    """
    part, rows = dict(part), datasets.get(part.get("data", {}).get("name"), rows)
    if "vconcat" in part:
        part["vconcat"] = [_part(one, datasets, rows, aligned=True) for one in part["vconcat"]]
    elif "spec" in part:
        inner = part["spec"]
        if "row" not in part["facet"]:
            part |= {"facet": part["facet"].get("column", part["facet"]), "columns": 1}
            inner = {**inner, "width": NARROW} if isinstance(inner.get("width"), int) else inner
        part["spec"] = _part(inner, datasets, rows, aligned=aligned)
    else:
        part = _plot(part, datasets, rows, aligned=aligned)
    return part


def _plot(part: Spec, datasets: Mapping[str, Any], rows: list[Any], *, aligned: bool) -> Spec:
    layers = [part, *part.get("layer", ())]
    rows = [row for one in layers for row in datasets.get(one.get("data", {}).get("name"), rows)]
    named = {y["field"] for one in layers if (y := one.get("encoding", {}).get("y", {})).get("type") == "nominal"}
    width, height = part.get("width"), part.get("height")
    if isinstance(width, int) and width > NARROW:
        part |= {"width": NARROW}
        part |= {"height": min(height, NARROW)} if isinstance(height, int) and not named else {}
    if column := part.get("encoding", {}).get("column"):
        others = {name: channel for name, channel in part["encoding"].items() if name != "column"}
        part["encoding"] = {**others, "facet": {**column, "columns": max(1, NARROW // (width or NARROW))}}
    labels = sorted({str(row[field]) for field in named for row in rows if row.get(field) is not None})
    if height and max(map(len, labels), default=0) * CHARACTER > BESIDE:
        return _above(part if aligned else {**part, "width": ABOVE}, rows, labels)
    return part


def _above(part: Spec, rows: list[Any], labels: list[str]) -> Spec:
    """The plot with the words of each row above it, as wide as the plot."""
    lines = wrapped(labels, ABOVE)
    most = max(map(len, lines.values()), default=1)
    if lines:  # the last line of each stands next to its row
        lines = {one: [""] * (most - len(found)) + found for one in labels for found in [lines.get(one, [one])]}
    room = LINE * most + 3
    offsets = [one.get("encoding", {}).get("yOffset", {}).get("field") for one in (part, *part.get("layer", ()))]
    beside = len({row[field] for field in offsets for row in rows if field in row}) or 1
    bar = ROW if beside == 1 else beside * part["height"]["step"]
    gap = room / (bar + room)
    axis = {**_ABOVE, **in_lines(lines), "labelOffset": -bar / 2 - 2 - LINE * (most - 1), "labelLimit": ABOVE}
    scale = {"type": "band", "paddingInner": gap, "paddingOuter": gap}

    def placed(one: Spec) -> Spec:
        y = one.get("encoding", {}).get("y", {})
        if y.get("type") != "nominal":
            return one
        given = {key: value for key, value in (y.get("axis") or {}).items() if key != "labelExpr"}
        y = {**y, "axis": {**given, **axis}, "scale": {**(y.get("scale") or {}), **scale}, "title": None}
        return {**one, "encoding": {**one["encoding"], "y": y}}

    part = placed(part)
    if "layer" in part:
        part["layer"] = [placed(one) for one in part["layer"]]
    return {**part, "height": (bar + room) * len(labels) + room}
