"""The reproducibility panel: what a page was made from, and whether it still is what it would be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from deadletter.coding import to_settings
from deadletter.pipeline.plan import Job
from deadletter.site.inputs import Material
from deadletter.site.markup import raw, text

REFERENCE = "baseline"


def stale_mark(reasons: Sequence[str]) -> str:
    """A mark at the head of a page whose results are not current; nothing where they are."""
    if not reasons:
        return ""
    told = text("; ".join(reasons))
    return f'<p class="stale" role="note"><strong>Stale.</strong> This page was published as it is: {told}.</p>\n'


def changed_settings(material: Material, settings: Sequence[str]) -> list[tuple[str, str, str]]:
    """Settings that differ from the reference coding: key, its value there, its value here."""
    reference = material.of(REFERENCE)
    base = dict(one.split("=", 1) for one in (to_settings(reference.coding) if reference else settings))
    here = dict(one.split("=", 1) for one in settings)
    keys = sorted((set(base) | set(here)) - {"title", "why"})
    return [(key, base.get(key, "–"), here.get(key, "–")) for key in keys if base.get(key) != here.get(key)]


def warnings_of(notebook: Any) -> list[str]:
    """What the kernel wrote to its error stream while the notebook ran."""
    return [
        output["text"].strip()
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("output_type") == "stream" and output.get("name") == "stderr"
    ]


def panel(material: Material, job: Job, up: str) -> str:
    """The panel as the last section of a notebook's page."""
    notebook = material.notebook(job)
    parameters = notebook.metadata.get("papermill", {}).get("parameters", {})
    settings = [str(one) for one in parameters.get("settings", [])]
    reasons = material.stale.get(job.name, ())
    warnings = warnings_of(notebook)
    content = hashlib.sha256(job.target(material.project).read_bytes()).hexdigest()
    rows = [
        ("Inputs", text("stale: " + "; ".join(reasons)) if reasons else "current: data, parameters, code and notebook"),
        ("Coding", _coding(material, job, settings)),
        ("Parameters", _parameters(parameters, settings)),
        ("Seed", _seeds(settings)),
        ("Packages", _packages(material, job)),
        ("Data", f'<code>{material.dataset.digest}</code>, <a href="{up}method/data.html">each table</a>'),
        ("Notebook", f"<code>{content}</code> (SHA-256 of the executed copy)"),
        ("Warnings", "".join(f"<pre>{text(one)}</pre>" for one in warnings) or "none"),
        ("Run again", f"<code>{text(_command(job))}</code>"),
    ]
    told = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in rows)
    return f"## How this page came about\n{raw(f'<dl class={chr(34)}panel{chr(34)}>{told}</dl>')}"


def _coding(material: Material, job: Job, settings: Sequence[str]) -> str:
    results = material.of(job.coding)
    if results is None:
        return "every coding that params/multiverse.yaml declares"
    head = f"<strong>{text(results.coding.title)}</strong> ({text(job.coding)}): {text(results.coding.why)}"
    if job.coding == REFERENCE or material.of(REFERENCE) is None:
        return head
    changes = "".join(
        f"<li><code>{text(key)}</code>: {text(base)} → <strong>{text(here)}</strong></li>"
        for key, base, here in changed_settings(material, settings)
    )
    return f"{head}<br>Differs from {REFERENCE} in:<ul>{changes}</ul>"


def _parameters(parameters: dict[str, Any], settings: Sequence[str]) -> str:
    told = "".join(
        f"<code>{text(key)} = {text(json.dumps(value, ensure_ascii=False))}</code> "
        for key, value in sorted(parameters.items())
        if key != "settings"
    )
    if not settings:
        return told or "none"
    every = "\n".join(text(one) for one in settings)
    return f"{told}<details><summary>all {len(settings)} settings</summary><pre>{every}</pre></details>"


def _seeds(settings: Sequence[str]) -> str:
    found = [one for one in settings if "seed" in one.partition("=")[0]]
    return ", ".join(f"<code>{text(one)}</code>" for one in found) or "declared with the branches"


def _packages(material: Material, job: Job) -> str:
    results = material.of(job.coding) or material.results[0]
    run = results.run
    told = ", ".join(f"{text(name)} {text(number)}" for name, number in sorted(run.get("packages", {}).items()))
    return f"Python {text(run.get('python', '?'))}; {told}; on {text(run.get('system', '?'))}"


def _command(job: Job) -> str:
    if not job.parameters:
        return "deadletter multiverse && deadletter run"
    return f"deadletter run {job.coding}" + (f" --regime {job.regime}" if job.regime else "")
