"""How far a regime's gravity effect depends on chance and choices: placebo blocs, variants, specification curve."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial

import numpy as np
import pandas as pd

from deadletter.coding.model import Trade
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.trade.bloc.treated import BLOC, FLOW, LATER, Bloc, varied
from deadletter.trade.gravity.curve import LOG, specification_curve
from deadletter.trade.gravity.placebo_blocs import Randomisation, Study, placebo_dates
from deadletter.trade.gravity.treatment import bloc_dummy
from deadletter.trade.questions.gravity_rows import CLUSTER_NAMES, MODEL, THREE_WAY, main_fit
from deadletter.trade.questions.row import Row, attempt, row

PLACEBO_COLUMNS = ("regime", "test", "bloc", "start", "estimate", "score", "observed", "observed_score")
CURVE_COLUMNS = (
    "regime", "model", "outcome", "treatment", "controls", "effects", "sample", "estimate", "se", "low", "high", "p",
    "nobs", "note",
)  # fmt: skip


def placebo_questions(bloc: Bloc, choices: Trade, executor: Executor | None = None) -> tuple[list[Row], pd.DataFrame]:
    """Randomisation over placebo blocs among all candidates and among neighbours, and over bloc and earlier date.

    Real and placebo blocs share estimator and sample within each test. An ``executor`` shares their fits out.

    Returns rows of results, and a table with one row for each placebo and the columns of ``PLACEBO_COLUMNS``.
    """
    years, seed, draws = choices.placebo_years, choices.seed, choices.placebo_draws
    dates = range(int(bloc.panel["year"].min()) + years, bloc.start - years + 1)
    study = Study(bloc.panel, FLOW, bloc.founders, bloc.controls)
    earlier = _without(bloc.panel, bloc.later)
    tests: dict[str, Callable[[], Randomisation]] = {
        "all blocs": lambda: study.among(bloc.candidates, draws, seed, executor),
        "neighbours": lambda: study.among(bloc.neighbours, draws, seed, executor),
        "earlier dates": lambda: placebo_dates(
            earlier, FLOW, bloc.founders, bloc.candidates, dates, years=years, seed=seed, draws=draws, executor=executor
        ),
    }
    tables: list[pd.DataFrame] = []

    def answers(name: str) -> list[Row]:
        test = tests[name]()
        given = test.placebos.assign(regime=bloc.focal, test=name, bloc=test.placebos["bloc"].map(" ".join))
        tables.append(given.assign(observed=test.observed, observed_score=test.observed_score))
        return _placebo_rows(name, test)

    rows = [r for name in tests for r in attempt("gravity_placebo", name, answers, name)]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=list(PLACEBO_COLUMNS))
    return rows, table[list(PLACEBO_COLUMNS)]


def _placebo_rows(name: str, test: Randomisation) -> list[Row]:
    low, high = test.placebos["estimate"].quantile([0.025, 0.975])
    answer = partial(row, "gravity_placebo", n=test.n, convention=name)
    middle = f"{MODEL}, uncorrected; range: middle 95% of placebos"
    method = f"{MODEL}, uncorrected; (1 + k)/(1 + N) of {test.n} placebos"
    why = [f"smallest attainable p = {test.smallest_p:.4g}", *test.warnings]
    found = {"coefficient": (test.p, why), "score": (test.p_score, why), "smallest": (test.smallest_p, [])}
    return [
        answer(f"{name}, effect", test.observed, low=low, high=high, factor="effect", method=middle),
        *(
            answer(f"{name}, {factor}", p, why=notes, factor=factor, unit="p", method=method)
            for factor, (p, notes) in found.items()
        ),
    ]


def _without(panel: pd.DataFrame, economies: Iterable[str]) -> pd.DataFrame:
    return panel[~panel["exporter"].isin(list(economies)) & ~panel["importer"].isin(list(economies))]


# choices as a reader meets them
OTHERS = {"ignore": "ignored", "control": "controlled for", "drop": "left out"}
AGGREGATES = {"keep": "kept", "drop": "left out"}


def variant_rows(dataset: Dataset, choices: Trade, bloc: Bloc, level: float) -> list[Row]:
    """The founders' effect when one choice is made otherwise: sample end, step, other events, aggregates."""
    last = int(dataset["bilateral"]["year"].max())
    ends = {min(bloc.later.values(), default=bloc.end + 1) - 1, last} - {bloc.end}
    changes: Iterable[tuple[str, Mapping[str, object]]] = [
        *((f"sample to {end}", {"sample_end": end}) for end in sorted(ends) if end >= bloc.start),
        *((f"from {_step(name, bloc)}", {"event": name}) for name, year in bloc.steps.items() if year != bloc.start),
        *((f"other events {words}", {"others": value}) for value, words in OTHERS.items()),
        *((f"aggregates {words}", {"aggregates": value}) for value, words in AGGREGATES.items()),
    ]
    now = choices.model_dump()
    rows = []
    for term, change in changes:
        if any(now[key] != value for key, value in change.items()):
            changed = choices.model_copy(update=change)
            rows += attempt("gravity_variant", term, _variant, dataset, changed, bloc, term, level)
    return rows


def _step(event: str, bloc: Bloc) -> str:
    """A step of integration in words, with the regime's name as it is written."""
    return " ".join(bloc.focal if word == bloc.focal.lower() else word for word in event.split("_"))


def _variant(dataset: Dataset, choices: Trade, bloc: Bloc, term: str, level: float) -> list[Row]:
    fit = main_fit(varied(dataset, choices, bloc), choices.cluster)
    method = f"{MODEL}; {CLUSTER_NAMES[choices.cluster]}"
    found = {"se": fit.se[BLOC], "level": level}
    return [row("gravity_variant", term, fit.coef[BLOC], n=fit.nobs, method=method, why=fit.warnings, **found)]


def curve_questions(dataset: Dataset, choices: Trade, bloc: Bloc) -> tuple[list[Row], pd.DataFrame]:
    """Every combination of step, controls and sample by least squares, and each step and sample also by PPML.

    Returns rows that sum up the curve, and the curve itself with the columns of ``CURVE_COLUMNS``.
    """
    tables = []
    for label, sample in _samples(dataset, choices, bloc):
        try:
            tables.append(_curve(label, sample))
        except InputError as error:
            note = {"sample": label, "model": "none", "note": str(error), "estimate": np.nan}
            tables.append(pd.DataFrame([note]))
    table = pd.concat(tables, ignore_index=True).assign(regime=bloc.focal).reindex(columns=list(CURVE_COLUMNS))
    rows = []
    for model, part in table.dropna(subset=["estimate"]).groupby("model", sort=True):
        answer = partial(row, "gravity_curve", n=len(part))
        low, middle, high = part["estimate"].quantile([0.05, 0.5, 0.95])
        method = "median of specifications; range: 5th to 95th percentile"
        rows.append(answer(f"median, {model}", middle, low=low, high=high, method=method))
        for term, share in (("positive", part["estimate"] > 0), ("significant at 5 per cent", part["p"] < 0.05)):
            method = "share of specifications"
            rows.append(answer(f"{term}, {model}", 100 * share.mean(), unit="percent", method=method))
    return rows, table


def _samples(dataset: Dataset, choices: Trade, bloc: Bloc) -> Iterator[tuple[str, Bloc]]:
    last = int(dataset["bilateral"]["year"].max())
    ends = {min(bloc.later.values(), default=bloc.end + 1) - 1, bloc.end, last}
    for end in sorted(end for end in ends if end >= bloc.start):
        for aggregates in ("keep", "drop"):
            change = {"sample_end": end, "aggregates": aggregates, "others": "control"}
            found = varied(dataset, choices.model_copy(update=change), bloc)
            yield f"to {end}" + ("" if aggregates == "keep" else ", states only"), found


def _curve(label: str, bloc: Bloc) -> pd.DataFrame:
    years = sorted({year for year in bloc.steps.values() if year <= bloc.end})
    treatments = {f"from {year}": bloc_dummy(bloc.panel, dict.fromkeys(bloc.founders, year)) for year in years}
    later = tuple(name for name in bloc.controls if name == LATER)
    table = specification_curve(
        bloc.panel.assign(**treatments),
        FLOW,
        list(treatments),
        bloc.controls,
        absorb=THREE_WAY,
        cluster="exporter^importer",
        ppml=sorted({later, bloc.controls}),
    )
    outcome = table["model"].map(lambda model: FLOW if model == "PPML" else LOG)
    return table.assign(outcome=outcome, effects="three-way", sample=label)
