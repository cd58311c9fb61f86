"""Placebo: how many tests of the account hold when the ratings are shuffled among the coded units."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.argument.found import Found
from deadletter.argument.grounds import Grounds
from deadletter.argument.kinds import Test, run_test
from deadletter.argument.ledger import declarations
from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset, derived
from deadletter.indices.selection import RECONCILED, Cell, Scope
from deadletter.labels import ACCOUNT
from deadletter.tracing import recording

# rows of indices of some cells, and of placements of some scopes, as deadletter.results computes them
Row = tuple[Any, ...]
Indices = Callable[[Dataset, Coding, Collection[Cell]], list[Row]]
Placements = Callable[[Dataset, Coding, Iterable[Row], Iterable[Scope], Sequence[str]], list[Row]]
# indices that no rating enters
UNRATED = ("codification", "conjunctive", "completeness", "density")
COLUMNS = ["claim", "observed", "share", "draws", "by_chance"]
HOLDS, OPEN = "holds", "open"
WORDS = {1.0: HOLDS, 0.5: "in part", 0.0: "fails"}
# bootstrap draws of an index that is computed anew from shuffled ratings: its interval decides few tests
_BOOTSTRAP = 99
_RATED_TABLES = ("ratings", "reconciliation")


def placebo_table(grounds: Grounds, indices_of: Indices, placements_of: Placements) -> pd.DataFrame:
    """Every test of the account, run again on shuffled ratings.

    Ratings are shuffled among the units of each table, variable by variable and for all coders alike, in seeded draws.
    The indices that tests read are computed anew, with fewer bootstrap draws. Tests that read no rating (dates,
    memberships, legal instruments) stay as they are and are not repeated.

    Returns
    -------
    columns of :data:`COLUMNS`, by claim: ``observed`` is what the test says on the ratings as they are (holds, in part,
    fails, open); ``share`` of the draws in which it holds, NaN without draws; ``by_chance`` is yes where it holds and
    ``share`` is at least the coding's ``argument.placebo_share``, else no, or ``unrated``.
    """
    chosen = grounds.coding.argument
    tests = {
        claim: (row.test, row.where)
        for (claim, source), row in declarations(grounds.dataset).items()
        if row.test is not None and source == ACCOUNT
    }
    found, rated = _observed(grounds, tests)
    repeated = {claim: tests[claim] for claim in tests if claim in rated}
    held = dict.fromkeys(repeated, 0)
    for shuffled in _draws(grounds, [found[claim] for claim in repeated], indices_of, placements_of):
        for claim, (test, where) in repeated.items():
            held[claim] += run_test(test, shuffled.seen_by(claim), where).score == 1
    rows = []
    for claim in sorted(tests):
        observed, draws = WORDS.get(found[claim].score, OPEN), chosen.placebo_draws if claim in held else 0
        share = held[claim] / draws if draws else float("nan")
        by_chance = "yes" if observed == HOLDS and share >= chosen.placebo_share else "no"
        rows.append((claim, observed, share, draws, by_chance if draws else "unrated"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _observed(grounds: Grounds, tests: Mapping[str, tuple[Test, str]]) -> tuple[dict[str, Found], set[str]]:
    """What the tests find on the ratings as they are, and those that read a rating or an index made of ratings."""
    paths = {grounds.dataset.sources.get(name, (name, ""))[0] for name in _RATED_TABLES}
    found, rated = {}, set()
    for claim, (test, where) in tests.items():
        with recording() as seen:
            found[claim] = run_test(test, grounds.seen_by(claim), where)
        cells = _cells_of(found[claim])
        if any(kind == "data" and path in paths for kind, path, _ in seen) or any(
            index not in UNRATED for *_, index, _ in cells
        ):
            rated.add(claim)
    return found, rated


def _draws(grounds: Grounds, found: list[Found], indices_of: Indices, placements_of: Placements) -> Iterator[Grounds]:
    """The grounds under each shuffle, with the indices and placements that the tests read."""
    coding = grounds.coding
    few = coding.intervals.model_copy(update={"draws": min(_BOOTSTRAP, coding.intervals.draws)})
    # the ratings that are shuffled have any overrides in place already
    quick = coding.model_copy(update={"intervals": few, "overrides": ()})
    cells = {cell for one in found for cell in _cells_of(one)}
    placed = sorted({cell[:3] for one in found for cell in _cells_of(one, "placement.csv")})
    scopes = [Scope(regime, int(period[:4]), int(period[5:]), component) for regime, component, period in placed]
    kept, blank, anew = _parted(grounds.indices, cells, coding)
    if anew:  # what no rating enters is derived once, and kept by every draw
        indices_of(grounds.dataset, quick, anew)
    rng = np.random.default_rng(coding.intervals.seed)
    for _ in range(coding.argument.placebo_draws):
        dataset = shuffled_ratings(grounds.dataset, rng, with_judgements=coding.coder == RECONCILED)
        if not anew:
            yield replace(grounds, dataset=dataset, coding=quick)
            continue
        # a shuffle may leave an index without a row
        found_anew = {_cell(row): row for row in indices_of(dataset, quick, anew)}
        rows = [*kept, *({**blank, **found_anew}).values()]
        placements = placements_of(dataset, quick, rows, scopes, (coding.formalisation.measure,))
        # one block of objects is made and read far faster than a column of each kind
        indices, placement = (
            pd.DataFrame(made_rows, columns=like.columns, dtype=object)
            for made_rows, like in ((rows, grounds.indices), (placements, grounds.placement))
        )
        yield Grounds(dataset, quick, indices, placement, grounds.trade)


def _parted(indices: pd.DataFrame, cells: set[Cell], coding: Coding) -> tuple[list[Row], dict[Cell, Row], set[Cell]]:
    """The rows of indices that shuffling leaves as they are, those that it changes with NaN for their numbers, and the
    cells of the latter."""
    unrated = {*UNRATED, *(["formalisation"] if coding.formalisation.measure != "legalisation" else [])}
    numbers = [name for name in ("value", "low", "high", "bound_low", "bound_high") if name in indices]
    without = indices.assign(**dict.fromkeys(numbers, float("nan")))
    rows, blank = (
        {_cell(row): row for row in frame.itertuples(index=False, name=None)} for frame in (indices, without)
    )
    changing = {cell for cell in cells if cell[3] not in unrated}
    return (
        [rows[cell] for cell in cells - changing if cell in rows],
        {cell: blank[cell] for cell in changing if cell in rows},
        changing,
    )


def _cell(row: Row) -> Cell:
    """The cell of a row of the table of indices."""
    regime, krasner, component, period, index, *_ = row
    return regime, component, period, index, krasner


def _cells_of(found: Found, table: str = "") -> list[Cell]:
    """The cells of the table of indices behind what a test found (with ``table``, by what it read there alone); a
    placement counts as its two axes."""
    cells: list[Cell] = []
    for name in found.cells:
        file, _, place = name.partition(" ")
        if table not in ("", file):
            continue
        parts = place.split("/")
        if file == "indices.csv":
            regime, krasner, component, first, last, index = parts
            cells.append((regime, component, f"{first}/{last}", index, krasner))
        elif file == "placement.csv":
            regime, component, first, last, measure, basis = parts
            cells += [(regime, component, f"{first}/{last}", index, "all") for index in (measure, basis)]
    return cells


def shuffled_ratings(dataset: Dataset, rng: np.random.Generator, *, with_judgements: bool = False) -> Dataset:
    """A dataset in which each variable's ratings belong to other units, the same ones for every coder.

    ``with_judgements`` moves the third judgements along, which reconciled ratings are made of.
    """
    ratings = dataset["ratings"]
    moved = np.empty(len(ratings), dtype=object)
    places: dict[tuple[str, str], str] = {}
    for variable, rows, known, position in _units_rated(dataset):
        drawn = known[rng.permutation(len(known))]
        moved[rows] = drawn[position]
        if with_judgements:
            places |= {(variable, one): other for one, other in zip(known, drawn, strict=True)}
    # objects of Python, as the other columns are
    tables = {"ratings": ratings.assign(unit=pd.Series(moved, index=ratings.index, dtype=object))}
    if with_judgements:
        judged = dataset["reconciliation"]
        pairs = zip(judged["variable"], judged["unit"], strict=True)
        tables["reconciliation"] = judged.assign(unit=[places[pair] for pair in pairs])
    return dataset.with_tables(**tables)


@derived
def _units_rated(dataset: Dataset) -> list[tuple[str, NDArray[np.intp], NDArray[np.object_], NDArray[np.intp]]]:
    """Each rated variable, sorted, with its rows among the ratings, the units that they rate, sorted, and the position
    of each row's unit among these."""
    ratings, found = dataset["ratings"], []
    units, variables = (ratings[name].to_numpy(dtype=object) for name in ("unit", "variable"))
    for variable in sorted(set(variables)):
        rows = np.flatnonzero(variables == variable)
        known, position = np.unique(units[rows].astype(str), return_inverse=True)
        found.append((variable, rows, known.astype(object), position))
    return found
