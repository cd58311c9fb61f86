"""What every process of a run sets before any library loads."""

from __future__ import annotations

import os
import sys

# more threads than one change the last bits of sums, and results must be equal on every machine
PINNED = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


def prepare() -> None:
    """Pin numerical threads, for children too, and leave out a slow import.

    JupyterLab brings `rfc3987-syntax`, which builds a grammar for most of a second when `jsonschema` finds it, hence
    whenever altair, nbformat or papermill are imported. Only the format `iri` needs it, which none of our schemas has;
    None in `sys.modules` makes its import fail, which `jsonschema` takes for "not installed".
    """
    os.environ.update(PINNED)
    sys.modules.setdefault("rfc3987_syntax", None)
