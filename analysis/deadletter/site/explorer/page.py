"""The coding explorer: a page on which the reader moves a coding's settings and sees what follows from them.

The page is static: what Python renders stands without scripts; ``assets/explorer.js`` computes the rest from the rows.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from html import escape
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from deadletter.charts.plane import CELL_NAMES
from deadletter.coding.model import Coding
from deadletter.coding.settings import to_flat
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.intervals import IndexValue
from deadletter.indices.legalisation import DIMENSIONS, formalisation
from deadletter.indices.placement import place
from deadletter.indices.selection import ALL
from deadletter.results import BASES, scopes
from deadletter.site.explorer.data import explorer_data, known_weights

INDICES = ("formalisation", *BASES)
ANCHORS = ("exclusion", "crossover", "inclusion")
EXPONENTS = {
    "1": "1: arithmetic mean",
    "0": "0: geometric mean",
    "-1": "−1: harmonic mean",
    "-.inf": "−∞: minimum, the weakest link",
}
# groups of controls, each a list of (kind, legend, keys); values of a bundle hang together and are reset together
Bundle = tuple[str, str, list[str]]
GROUPS: dict[str, list[Bundle]] = {
    "Thresholds": [
        ("anchors", f"Anchors of {index}", [f"calibration.{index}.{anchor}" for anchor in ANCHORS]) for index in INDICES
    ],
    "Formalisation": [
        ("weights", "Weights of dimensions", [f"formalisation.dimension_weights.{d}" for d in DIMENSIONS]),
        ("weights", "Weights of components", [f"formalisation.component_weights.{c}" for c in COMPONENTS]),
        (
            "single",
            "Means, and which norms count",
            ["formalisation.dimension_exponent", "formalisation.component_exponent", "formalisation.aspect"],
        ),
    ],
    "Expectation": [
        (
            "single",
            "How it is measured",
            [f"expectation.{k}" for k in ("definition", "aggregate", "state_weights", "overlap")],
        )
    ],
    "Compliance and output": [
        ("single", "Compliance", ["compliance.ambiguous", "compliance.exits", "compliance.aspect"]),
        ("single", "Output", ["output.partly", "output.aspect"]),
    ],
    "Coder": [("single", "Whose ratings count", ["coder"])],
}
MOVED = [key for bundles in GROUPS.values() for _, _, keys in bundles for key in keys]


def explorer_page(dataset: Dataset, coding: Coding, name: str = "baseline") -> str:
    """The explorer as a fragment of HTML, to stand in a page that links ``explorer.css`` and ``explorer.js``.

    Parameters
    ----------
    coding: what the page starts from and compares with; ``name`` is its name on the command line.
    """
    start = {key: _start(key, value) for key, value in to_flat(coding).items() if key in MOVED}
    data = explorer_data(dataset, coding, start) | {"coding": name}
    options = {"coder": [*data["coders"], "mean"], "expectation.state_weights": known_weights(data)}
    groups = "".join(_group(group, bundles, start, options) for group, bundles in GROUPS.items())
    parts = "".join(_option(c, "whole regime" if c == ALL else c, ALL) for c in _components(data))
    bases = "".join(_option(basis, basis, BASES[0]) for basis in BASES)
    return _FRAGMENT.format(
        title=escape(coding.title),
        name=escape(name),
        groups=groups,
        parts=parts,
        bases=bases,
        head="".join(f'<th scope="col">{text}</th>' for text in ("Period", *map(str.capitalize, INDICES), *_BY)),
        bodies="".join(_bodies(dataset, coding)),
        data=_inert(data),
    )


def _start(key: str, value: Any) -> float | str:
    """A setting as the script holds it: a number, or the text of the option where one chooses from a list."""
    if key.endswith("_exponent"):
        return next((text for text in EXPONENTS if float(text.replace(".inf", "inf")) == value), repr(float(value)))
    return value if isinstance(value, str) else float(value)


def _inert(data: dict[str, Any]) -> str:
    """JSON that no parser of HTML can take for a tag."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _components(data: dict[str, Any]) -> list[str]:
    found = {part["component"] for part in data["scopes"]}
    return [ALL, *sorted(found - {ALL})]


def _group(title: str, bundles: list[Bundle], start: dict[str, float | str], options: dict[str, list[str]]) -> str:
    inside = "".join(
        f'<fieldset class="explorer-bundle" data-bundle="{kind}" disabled><legend>{escape(legend)}</legend>'
        + "".join(_control(key, start, options) for key in keys)
        + "</fieldset>"
        for kind, legend, keys in bundles
    )
    return f'<details class="explorer-group"><summary>{escape(title)}</summary>{inside}</details>'


def _control(key: str, start: dict[str, float | str], options: dict[str, list[str]]) -> str:
    """A labelled slider with its number, or a list to choose from; what it was at the start shows when it is moved."""
    field, identity = _field(key), "explorer-" + key.replace(".", "-").replace("_", "-")
    choices = options.get(key) or get_args(field.annotation)
    about = f'aria-describedby="{identity}-hint"'
    if key.endswith("_exponent"):
        texts = {str(start[key]): str(start[key])} | EXPONENTS
        entry = _select(identity, about, texts, str(start[key]))
    elif isinstance(start[key], str):
        entry = _select(identity, about, {c: c.replace("_", " ") for c in choices}, str(start[key]))
    else:
        shared = f'min="0" max="1" step="0.01" value="{start[key]:.4g}"'
        entry = (
            f'<input type="range" {shared} aria-labelledby="{identity}-label" {about}>'
            f'<input type="number" id="{identity}" {shared} {about}>'
        )
    label = key.rsplit(".", 1)[-1].replace("_", " ").capitalize()
    return (
        f'<div class="explorer-control" data-key="{key}"><label id="{identity}-label" for="{identity}">{label}</label>'
        f'{entry}<p class="explorer-hint" id="{identity}-hint">{escape(field.description or "")}</p>'
        f'<p class="explorer-moved" hidden><span></span> '
        f'<button type="button">Reset<span class="explorer-quiet"> {label}</span></button></p></div>'
    )


def _select(identity: str, about: str, texts: dict[str, str], chosen: str) -> str:
    inside = "".join(_option(value, text, chosen) for value, text in texts.items())
    return f'<select id="{identity}" {about}>{inside}</select>'


def _option(value: str, text: str, chosen: str) -> str:
    selected = " selected" if value == chosen else ""
    return f'<option value="{escape(value)}"{selected}>{escape(text)}</option>'


def _field(key: str) -> FieldInfo:
    """The model's field of a dotted key."""
    model: type[BaseModel] = Coding
    *parents, leaf = key.split(".")
    for parent in parents:
        model = model.model_fields[parent].annotation
    return model.model_fields[leaf]


_BY = [f"By {basis}" for basis in BASES]


def _bodies(dataset: Dataset, coding: Coding) -> Iterator[str]:
    """Values and labels of the whole regimes as Python computes them: one body of the table a regime."""
    rows: dict[str, list[str]] = {}
    for scope in scopes(dataset, coding):
        if scope.component != ALL:
            continue
        values = {
            "formalisation": formalisation(dataset, coding, scope),
            "expectation": expectation(dataset, coding, scope).index,
            "compliance": compliance(dataset, coding, scope),
            "output": output(dataset, coding, scope),
        }
        formal = values["formalisation"].value
        labels = [
            CELL_NAMES[place(formal, values[basis].value, getattr(coding.calibration, basis), coding).label]
            for basis in BASES
        ]
        cells = "".join(f"<td>{_told(values[index])}</td>" for index in INDICES)
        cells += "".join(f"<td>{label}</td>" for label in labels)
        rows.setdefault(scope.focal, []).append(f'<tr><th scope="row">{scope.period}</th>{cells}</tr>')
    for regime, lines in rows.items():
        span = 1 + len(INDICES) + len(BASES)
        heading = f'<tr><th scope="rowgroup" colspan="{span}">{escape(regime)}</th></tr>'
        yield f"<tbody>{heading}{''.join(lines)}</tbody>"


def _told(index: IndexValue) -> str:
    if not math.isnan(index.value):
        return f"{index.value:.2f}"
    return f"too few rows ({index.n})" if index.n else "no rows"


_FRAGMENT = """
<div class="explorer" id="explorer">
<p class="explorer-off">Scripts are off or have not loaded: the controls do nothing, and the table shows the coding
“{title}” as Python computed it. Without scripts, other settings can be tried on the command line.</p>
<div class="explorer-columns">
<div class="explorer-controls" role="group" aria-label="Settings of the coding">
{groups}
</div>
<div class="explorer-results">
<div class="explorer-views">
<label>Part shown <select id="explorer-part" disabled>{parts}</select></label>
<label>Plane and memberships by <select id="explorer-basis" disabled>{bases}</select></label>
</div>
<div class="explorer-beside">
<figure class="explorer-figure" hidden><div id="explorer-plane"></div>
<figcaption>Way of each regime through the plane, period by period; the large mark is the last period, the hollow one
where it stood under “{name}”. Dashed: crossover anchors, which part the four cells. Shaded: between the outer anchors,
neither fully out nor fully in.</figcaption></figure>
<div class="explorer-words">
<div class="explorer-changed" hidden><strong>Labels that differ from “{name}”</strong>
<ul id="explorer-changes"></ul></div>
<p><strong>The same on the command line</strong>, with the intervals, notebooks and verdicts that this page leaves
out:</p>
<pre class="explorer-command" tabindex="0"><code id="explorer-command">deadletter run {name}</code></pre>
<p class="explorer-hint">Every value here comes from rows coded from the article: it shows what follows from the coding,
not whether the article is right.</p>
</div>
</div>
<div class="explorer-scroll" tabindex="0" role="region" aria-label="Indices and labels">
<table id="explorer-table"><caption>Indices (0–1) and labels by period</caption><thead><tr>{head}</tr></thead>
{bodies}</table></div>
<div class="explorer-scroll" tabindex="0" role="region" aria-label="Memberships" id="explorer-memberships-box" hidden>
<table id="explorer-memberships"></table></div>
</div>
</div>
<div class="explorer-bar"><p id="explorer-status" role="status" aria-live="polite">The coding “{title}”.</p>
<button type="button" id="explorer-reset" disabled>Reset all</button></div>
<script type="application/json" id="explorer-data">{data}</script>
</div>
"""
