"""What every process of a run sets before any library loads."""

from __future__ import annotations

import os
import sys

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS")
# more threads than one change the last bits of sums, and so does the order of sets of strings inside libraries, which
# changes from process to process; results must be equal on every machine
PINNED = {**dict.fromkeys(THREADS, "1"), "PYTHONHASHSEED": "0"}


def prepare() -> None:
    """Pin numerical threads and, for children, the order of sets; and leave out a slow import.

    JupyterLab brings `rfc3987-syntax`, which builds a grammar for most of a second when `jsonschema` finds it, hence
    whenever altair, nbformat or papermill are imported. Only the format `iri` needs it, which none of our schemas has;
    None in `sys.modules` makes its import fail, which `jsonschema` takes for "not installed".
    """
    os.environ.update(PINNED)
    sys.modules.setdefault("rfc3987_syntax", None)
