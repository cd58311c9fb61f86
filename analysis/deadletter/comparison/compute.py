"""What moves between two codings, and which decision moved it."""

import json
from dataclasses import dataclass, field, replace

import pandas as pd

from deadletter.argument.ledger_tables import claims_table
from deadletter.chapter.opened import decided
from deadletter.coding import Coding, apply_settings, to_settings
from deadletter.dataset.load import Dataset
from deadletter.labels import LEVELS
from deadletter.results import by_measure

INDEX_KEY = ["regime", "krasner", "component", "period", "index"]
PLACEMENT_KEY = ["regime", "component", "period", "basis"]
SMALLEST = 1e-9
# sums without an upper bound; every other index is a share
SUMS = ("functions_strategic", "functions_communicative")
_RISING = ("argument.partly", "argument.holds")


@dataclass(frozen=True)
class Tables:
    """The tables of one coding: indices, placements under its measure of formalisation, and claims."""

    indices: pd.DataFrame
    placement: pd.DataFrame
    claims: pd.DataFrame


@dataclass(frozen=True)
class Comparison:
    """``indices`` holds every index with both values and ``change``, largest first; ``placements`` every placement with
    both labels and ``moved``; ``verdicts`` every claim with both verdicts and ``flipped``; ``attribution`` one row for
    each differing key, applied alone to the base."""

    indices: pd.DataFrame
    placements: pd.DataFrame
    verdicts: pd.DataFrame
    attribution: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def moved(self) -> pd.DataFrame:
        """Indices that differ by more than rounding, largest change first."""
        return self.indices[self.indices["change"].abs() > SMALLEST]

    @property
    def placed(self) -> pd.DataFrame:
        """Placements that move."""
        return self.placements[self.placements["moved"]]

    @property
    def flipped(self) -> pd.DataFrame:
        """Verdicts that flip."""
        return self.verdicts[self.verdicts["flipped"]]


def tables_of(dataset: Dataset, coding: Coding) -> Tables:
    """Indices, placements and claims of a coding."""
    indices, placement, ledger = decided(dataset, coding)
    return Tables(indices, by_measure(placement, coding), claims_table(ledger))


def differing_settings(base: Coding, other: Coding) -> list[str]:
    """Settings of ``other`` that differ from ``base``; title and reason are none.

    Keys of one group that only hold together (weights that sum to one, anchors that rise) stay together.
    """
    known = set(to_settings(base))
    return [s for s in to_settings(other) if s not in known and not s.startswith(("title=", "why="))]


def compare(dataset: Dataset, base: Coding, other: Coding) -> Comparison:
    """Lay two codings side by side.

    The attribution is one at a time: each group of differing keys is applied alone to the base. Effects need not add
    up to the whole, for keys may act together.
    """
    first, second = tables_of(dataset, base), tables_of(dataset, other)
    rows = []
    for group in [*_groups(differing_settings(base, other)), *_single_overrides(base, other)]:
        alone = _side_by_side(first, tables_of(dataset, apply_settings(base, group)))
        largest = float(alone.moved["change"].abs().max()) if len(alone.moved) else 0.0
        rows.append((", ".join(group), len(alone.moved), largest, len(alone.placed), len(alone.flipped)))
    columns = ["settings", "indices_moved", "largest_change", "placements_moved", "verdicts_flipped"]
    attribution = pd.DataFrame(rows, columns=columns)
    by = ["placements_moved", "largest_change", "settings"]
    attribution = attribution.sort_values(by, ascending=[False, False, True], ignore_index=True)
    return replace(_side_by_side(first, second), attribution=attribution)


def _side_by_side(first: Tables, second: Tables) -> Comparison:
    """Two codings without an attribution."""
    return Comparison(moved_indices(first, second), moved_placements(first, second), flipped_verdicts(first, second))


def _single_overrides(base: Coding, other: Coding) -> list[list[str]]:
    """Each override of the other coding alone, on top of those of the base; those that it lacks, together."""
    more = [text for text in other.overrides if text not in base.overrides]
    kept = tuple(text for text in base.overrides if text in other.overrides)
    changed = [(*base.overrides, text) for text in more] + ([kept] if kept != base.overrides else [])
    return [[f"overrides={json.dumps(list(texts), ensure_ascii=False)}"] for texts in changed]


def _groups(settings: list[str]) -> list[list[str]]:
    """Settings one by one, but weights, anchors and thresholds that bound each other together: alone they may be
    refused."""
    groups: dict[str, list[str]] = {}
    for setting in settings:
        if setting.startswith("overrides="):
            continue
        key = setting.partition("=")[0]
        parent = key.rpartition(".")[0]
        together = parent.endswith("weights") or parent.startswith("calibration.") or key in _RISING
        groups.setdefault(parent if together else key, []).append(setting)
    return list(groups.values())


def moves_by_index(found: Comparison) -> pd.DataFrame:
    """For each index how many of its values move and how far at most: columns index, moved, values, largest."""
    changes = found.indices.assign(size=found.indices["change"].abs().fillna(0), moved=lambda t: t["size"] > SMALLEST)
    table = changes.groupby("index").agg(moved=("moved", "sum"), values=("moved", "size"), largest=("size", "max"))
    return table.reset_index().sort_values(["moved", "index"], ascending=[False, True], ignore_index=True)


def moved_indices(first: Tables, second: Tables) -> pd.DataFrame:
    """Every index of both: base, other, change (NaN where one has no value), largest absolute change first."""
    both = _both(first.indices, second.indices, INDEX_KEY, "value")
    both["change"] = both["other"] - both["base"]
    order = both["change"].abs().fillna(-1)
    return both.assign(order=-order).sort_values(["order", *INDEX_KEY], ignore_index=True).drop(columns="order")


def moved_placements(first: Tables, second: Tables) -> pd.DataFrame:
    """Every placement of both: base and other label, and whether it moved; those that moved first."""
    both = _both(first.placement, second.placement, PLACEMENT_KEY, "label").fillna("missing")
    both["moved"] = both["base"] != both["other"]
    by = ["moved", *PLACEMENT_KEY]
    return both.sort_values(by, ascending=[False] + [True] * 4, ignore_index=True)


def flipped_verdicts(first: Tables, second: Tables) -> pd.DataFrame:
    """Every claim of both: both verdicts with basis and reason, and whether they differ; those first, theses on top."""
    columns = ["verdict", "basis", "reason"]
    both = first.claims[["id", "level", "regime", "claim"]]
    for name, tables in (("base", first), ("other", second)):
        both = both.merge(tables.claims.set_index("id")[columns].add_prefix(f"{name}_"), on="id")
    both.insert(4, "flipped", both["base_verdict"] != both["other_verdict"])
    by = ["flipped", "order", "id"]
    both = both.assign(order=both["level"].map(LEVELS.index))
    return both.sort_values(by, ascending=[False, True, True], ignore_index=True).drop(columns="order")


def _both(first: pd.DataFrame, second: pd.DataFrame, key: list[str], column: str) -> pd.DataFrame:
    """One column of two tables as ``base`` and ``other``; a row that one of them lacks is missing there."""
    left, right = (
        table[[*key, column]].rename(columns={column: name}) for table, name in ((first, "base"), (second, "other"))
    )
    return left.merge(right, on=key, how="outer", validate="one_to_one")
