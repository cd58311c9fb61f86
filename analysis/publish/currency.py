"""Which outputs no longer fit the data, the parameters, the code or the notebooks as they are."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.coding import load_coding
from analysis.evidence.load import Evidence
from analysis.paths import Project
from analysis.pipeline.manifest import code_digest
from analysis.pipeline.run import table_key


def stale_outputs(project: Project, evidence: Evidence, codings: Sequence[str]) -> dict[str, list[str]]:
    """Reasons by output that is not current: the name of a coding stands for its tables, that of a job for itself."""
    code = code_digest()
    stale = {}
    for name in codings:
        stamp = project.cache / f"tables-{name}"
        key = table_key(evidence, load_coding(project.params, name), code)
        if not stamp.is_file() or stamp.read_text(encoding="utf-8").strip() != key:
            stale[name] = ["data, parameters or code have changed since"]
    return stale
