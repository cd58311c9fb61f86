"""The reproducibility panel: what a page was made from, and whether it still is what it would be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from deadletter.coding import to_settings
from deadletter.pipeline.plan import Job
from deadletter.site.inputs import Material
from deadletter.templating import render

REFERENCE = "baseline"


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
    results = material.of(job.coding)
    differs = results is not None and job.coding != REFERENCE and material.of(REFERENCE) is not None
    run = (results or material.results[0]).run
    return render(
        "site/templates/panel.md",
        stale=material.stale.get(job.name, ()),
        name=job.coding,
        coding=results.coding if results else None,
        reference=REFERENCE,
        changes=changed_settings(material, settings) if differs else [],
        parameters=[(k, json.dumps(v, ensure_ascii=False)) for k, v in sorted(parameters.items()) if k != "settings"],
        settings=settings,
        seeds=[one for one in settings if "seed" in one.partition("=")[0]],
        run=run,
        packages=", ".join(f"{name} {number}" for name, number in sorted(run.get("packages", {}).items())),
        digest=material.dataset.digest,
        up=up,
        content=hashlib.sha256(job.target(material.project).read_bytes()).hexdigest(),
        warnings=warnings_of(notebook),
        command=_command(job),
    )


def _command(job: Job) -> str:
    if not job.parameters:
        return "deadletter multiverse && deadletter run"
    return f"deadletter run {job.coding}" + (f" --regime {job.regime}" if job.regime else "")
