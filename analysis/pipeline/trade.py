"""The trade tables as a step of its own: they cost most and depend on few settings, so they are kept by those."""

from __future__ import annotations

import hashlib
from pathlib import Path

from analysis.coding import Coding, to_settings
from analysis.evidence.load import Evidence
from analysis.files import write_atomically

TRADE_FILES = ("trade.csv", "trade_placebo.csv", "trade_curve.csv")
LEVEL = "intervals.level="


def trade_texts(cache: Path, evidence: Evidence, coding: Coding, code: str, *, force: bool) -> dict[str, str]:
    """CSV text of the trade tables by file name, from the cache where data, trade settings and code are the same.

    Raises
    ------
    InputError: a trade setting that the data cannot meet.
    """
    settings = [setting for setting in to_settings(coding) if setting.startswith(("trade.", LEVEL))]
    key = hashlib.sha256("\n".join([evidence.digest, code, *settings]).encode()).hexdigest()
    folder = cache / f"trade-{key[:16]}"
    done = folder / "done"
    if done.is_file() and not force:
        return {name: (folder / name).read_text(encoding="utf-8") for name in TRADE_FILES}
    from analysis.tables import to_csv
    from analysis.trade.results import trade_tables

    found = trade_tables(evidence, coding).files
    texts = {name: to_csv(found[name]) for name in TRADE_FILES}
    for name, text in texts.items():
        write_atomically(folder / name, text)
    write_atomically(done, key + "\n")
    return texts
