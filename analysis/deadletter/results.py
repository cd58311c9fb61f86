"""The tables of results/: one function each, from dataset and coding to a frame of fixed columns and order."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import product
from typing import Any

import pandas as pd

from deadletter.alignment.declared import alignment_of, random_groups_of, rank_of_form, ranks_of
from deadletter.argument.forecast_rules import declared_rules
from deadletter.argument.forecasts import FORECAST, by_year, out_of_sample, score_forecasts
from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import COMPONENTS, completeness, density
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.formalisation import MEASURES, anchors, anchors_of, measure_of_formalisation
from deadletter.indices.functions import functions
from deadletter.indices.intervals import IndexValue
from deadletter.indices.placement import CELLS, Axis, place
from deadletter.indices.selection import ALL, Cell, Scope, check_coding, focal_of, periods_of, rows_of_lineage

INDEX_COLUMNS = [
    *("regime", "krasner", "component", "period", "index"),
    *("value", "low", "high", "n", "bound_low", "bound_high", "note"),
]
Row = tuple[Any, ...]
BASES = ("expectation", "compliance", "output")
PLACEMENT_COLUMNS = [
    *("regime", "component", "period", "measure", "basis", *CELLS, "label"),
    *("formalisation_low", "formalisation_high", "basis_low", "basis_high", "rank_low", "rank_high"),
    *("formalisation_crossover", "flips_formalisation", "flips_basis"),
]


def scopes(dataset: Dataset, coding: Coding) -> Iterator[Scope]:
    """Every focal regime and period, whole and by each component of its lineage's norms, outlooks or functions."""
    for focal in focal_of(dataset, coding):
        components = dataset.once(("components", focal), partial(_components, dataset, focal))
        for first, last in periods_of(dataset, coding, focal):
            for component in [ALL, *sorted(components - {ALL})]:
                yield Scope(focal, first, last, component)


def _components(dataset: Dataset, focal: str) -> set[str]:
    return {c for name in ("norms", "outlook", "functions") for c in rows_of_lineage(dataset, name, focal)["component"]}


def indices_table(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Every index of every scope: columns of :data:`INDEX_COLUMNS`; scopes without a row are left out.

    Raises
    ------
    InputError: the coding names a coder, a state or a lineage that the data do not know.
    """
    check_coding(dataset, coding)
    table = pd.DataFrame(index_rows(dataset, coding), columns=INDEX_COLUMNS)
    return _sorted(table, ["regime", "component", "period", "index", "krasner"])


def index_rows(dataset: Dataset, coding: Coding, only: Collection[Cell] | None = None) -> list[Row]:
    """The rows of :func:`indices_table`, in no order; ``only``: the cells that are wanted, all where it is None."""
    rows = []
    wanted = None if only is None else {cell[:3] for cell in only}
    for scope in scopes(dataset, coding):
        where = (scope.focal, scope.component, scope.period)
        if wanted is not None and where not in wanted:
            continue
        for (krasner, name), value in _indices_of(dataset, coding, scope).items():
            if (only is None or (*where, name, krasner) in only) and (found := value()).n > 0:
                rows.append(_row(scope, name, found, krasner))
    return rows


def _indices_of(dataset: Dataset, coding: Coding, scope: Scope) -> dict[tuple[str, str], Callable[[], IndexValue]]:
    """How each index of a scope is computed, by Krasner component and name."""
    chosen = coding.formalisation.measure
    found: dict[tuple[str, str], Callable[[], IndexValue]] = {}
    for krasner in (ALL, *COMPONENTS):
        measures = MEASURES if krasner == ALL else tuple(name for name in MEASURES if name != "conjunctive")
        placing = chosen if chosen in measures else "codification"
        for name, measure in (("formalisation", placing), *((name, name) for name in measures)):
            found[krasner, name] = cache(partial(measure_of_formalisation, measure, dataset, coding, scope, krasner))
    expected = cache(partial(expectation, dataset, coding, scope))
    sums = cache(partial(functions, dataset, coding, scope))
    whole: dict[str, Callable[[], IndexValue]] = {
        "completeness": partial(completeness, dataset, coding, scope),
        "expectation": lambda: expected().index,
        "expectation_level": lambda: expected().level,
        "convergence": lambda: expected().convergence,
        "expectation_overlap": lambda: expected().overlap,
        "compliance": partial(compliance, dataset, coding, scope),
        "output": partial(output, dataset, coding, scope),
        "output_substance": partial(output, dataset, coding, scope, "substance"),
        "output_procedure": partial(output, dataset, coding, scope, "procedure"),
        "functions_strategic": lambda: sums().strategic,
        "functions_communicative": lambda: sums().communicative,
        "functions_position": lambda: sums().position,
    }
    if scope.component == ALL:
        whole["density"] = partial(density, dataset, coding, scope)
    return {**found, **{(ALL, name): value for name, value in whole.items()}}


def _row(scope: Scope, name: str, v: IndexValue, krasner: str = ALL) -> Row:
    where = (scope.focal, krasner, scope.component, scope.period, name)
    return (*where, v.value, v.low, v.high, v.n, v.bound_low, v.bound_high, v.note)


def placement_table(dataset: Dataset, coding: Coding, indices: pd.DataFrame) -> pd.DataFrame:
    """Fuzzy placement of every scope by each measure of formalisation and each basis, from the table of indices.

    ``low`` and ``high`` of each axis are the bounds of the index; ``flips_formalisation`` and ``flips_basis`` are the
    crossover anchors at which the label would change; ``formalisation_crossover`` is the one in use. ``rank_low`` and
    ``rank_high``: where the founding instrument of the whole regime stands among its like
    (:func:`~deadletter.alignment.declared.rank_of_form`).
    """
    values = zip(*(indices[name] for name in INDEX_COLUMNS), strict=True)
    rows = placement_rows(dataset, coding, values, scopes(dataset, coding), MEASURES)
    return _sorted(pd.DataFrame(rows, columns=PLACEMENT_COLUMNS), PLACEMENT_COLUMNS[:5])


def placement_rows(
    dataset: Dataset, coding: Coding, indices: Iterable[Row], wanted: Iterable[Scope], measures: Sequence[str]
) -> list[Row]:
    """The rows of :func:`placement_table` for some scopes and measures of formalisation, from rows of indices."""
    found = {}
    for regime, krasner, component, period, index, value, _, _, _, least, most, _ in indices:
        if krasner == ALL:
            found[regime, component, period, index] = value, least, most
    nan = float("nan")
    nothing, rows = (nan, nan, nan), []
    known = anchors(dataset, coding)
    for scope in wanted:
        key = (scope.focal, scope.component, scope.period)
        ranks = rank_of_form(dataset, scope.focal, scope.day(coding)) if scope.component == ALL else (nan, nan)
        for measure, basis in product(measures, BASES):
            value, low, high = found.get((*key, measure), nothing)
            formal = Axis(value, low, high, known[measure])
            value, low, high = found.get((*key, basis), nothing)
            other = Axis(value, low, high, getattr(coding.calibration, basis))
            placed = place(formal, other, coding.calibration.log_odds)
            memberships = (placed.memberships[cell] for cell in CELLS)
            flips = (placed.flips_at_formalisation, placed.flips_at_basis)
            crossover = formal.anchors.crossover if formal.anchors else nan
            ends = (formal.low, formal.high, other.low, other.high, *ranks)
            rows.append((*key, measure, basis, *memberships, placed.label, *ends, crossover, *flips))
    return rows


def placebo(dataset: Dataset, coding: Coding, indices: pd.DataFrame, placement: pd.DataFrame) -> pd.DataFrame:
    """The tests of the account on shuffled ratings: columns of :data:`deadletter.argument.placebo.COLUMNS`."""
    from deadletter.argument.grounds import Grounds
    from deadletter.argument.placebo import placebo_table  # the tests load slowly

    grounds = Grounds(dataset, coding, indices, placement, trade=pd.DataFrame())
    return placebo_table(grounds, index_rows, placement_rows)


def alignment_tables(dataset: Dataset, coding: Coding) -> dict[str, pd.DataFrame]:
    """Votes and ranks, by file name: agreement and cohesion, groups among random groups, bodies among their like."""
    return {
        "alignment.csv": alignment_of(dataset, coding),
        "alignment_random.csv": random_groups_of(dataset, coding),
        "ranks.csv": ranks_of(dataset),
    }


def by_measure(placement: pd.DataFrame, coding: Coding) -> pd.DataFrame:
    """Placements under the measure of formalisation that a coding places regimes by."""
    return placement[placement["measure"] == coding.formalisation.measure].reset_index(drop=True)


def stated_percentages(figures: pd.DataFrame) -> pd.DataFrame:
    """Dated percentages among the figures that the article states, with ``year``; ranges go by their first year."""
    stated = figures[(figures["unit"] == "percent") & (figures["period"] != "")].reset_index(drop=True)
    return stated.assign(year=pd.to_numeric(stated["period"].str[:4]))


def forecast_tables(
    dataset: Dataset, coding: Coding, indices: pd.DataFrame, placement: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The article against later facts, by file name: forecasts on the coding's last known day and as they stood at the
    end of each year; findings that have a rule, and the model of the last coded period, out of sample."""
    rules, claims, facts, figures = (
        declared_rules(dataset), dataset["claims"], dataset["facts"], dataset["later_figures"]
    )  # fmt: skip
    formal = anchors_of(coding.formalisation.measure, dataset, coding)
    ruled = claims[claims["id"].isin({rule.claim for rule in rules}) & (claims["level"] != FORECAST)]
    findings = score_forecasts(ruled, facts, figures, rules, coding.as_of, ruled["level"].unique())
    return {
        "forecasts.csv": score_forecasts(claims, facts, figures, rules, coding.as_of),
        "forecasts_by_year.csv": by_year(claims, facts, figures, rules, coding.as_of),
        "out_of_sample.csv": out_of_sample(
            findings, indices, by_measure(placement, coding), facts, dataset["norm_tests"], coding, formal
        ),
    }


def _sorted(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return table.sort_values(by, kind="stable").reset_index(drop=True)


def to_csv(table: pd.DataFrame) -> str:
    """CSV text of a table of results: LF, ten significant digits, missing cells empty; negative zero is zero."""
    numbers = table.select_dtypes("float")
    return table.assign(**(numbers + 0.0)).to_csv(index=False, lineterminator="\n", float_format="%.10g")
