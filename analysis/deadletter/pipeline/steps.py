"""The steps that compute the tables of a coding: what each writes, which settings it may see, where its code starts."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deadletter.coding import Coding, to_settings
from deadletter.coding.narrowed import narrowed, within
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.indices.recoded import recoded
from deadletter.tracing import recording

# by file name: tables of results, and texts of other kinds
Tables = Mapping[str, pd.DataFrame | str]
INDEX_FILES = ("indices.csv", "placement.csv")
MEASURES = (
    *("overrides", "coder", "as_of", "drop_states", "periods", "formalisation", "expectation", "compliance", "output"),
    *("functions", "calibration", "intervals"),
)


@dataclass(frozen=True)
class Step:
    """A part of the tables that is computed by itself.

    files: what it writes into the folder of a coding. settings: the fields of a coding, dotted, that it depends on;
    it is handed a coding without any others, so that reading another fails. roots: the modules that it calls.
    compute: the tables; an executor may share parts of the work out.
    """

    name: str
    files: tuple[str, ...]
    settings: tuple[str, ...]
    roots: tuple[str, ...]
    compute: Callable[[Dataset, Coding, Executor | None], Tables]

    def parameters(self, coding: Coding) -> dict[str, str]:
        """The settings that the step depends on, as text by key."""
        pairs = (setting.partition("=") for setting in to_settings(coding))
        return {key: value for key, _, value in pairs if within(key, self.settings)}

    def narrowed(self, coding: Coding) -> Coding:
        """A coding without the fields of other steps: reading one raises AttributeError."""
        return narrowed(coding, self.settings)

    def texts(self, dataset: Dataset, coding: Coding, executor: Executor | None = None) -> dict[str, str]:
        """The content of each file that the step writes under a coding, with the cells that this decides otherwise."""
        from deadletter.results import to_csv

        found = self.compute(recoded(dataset, coding), self.narrowed(coding), executor)
        return {name: part if isinstance(part, str) else to_csv(part) for name, part in found.items()}


def _indices(dataset: Dataset, coding: Coding, _: Executor | None) -> Tables:
    return dict(zip(INDEX_FILES, _measured(dataset, coding), strict=True))


def _forecasts(dataset: Dataset, coding: Coding, _: Executor | None) -> Tables:
    from deadletter.results import forecast_tables

    return forecast_tables(dataset, coding, *_measured(dataset, coding))


def _claims(dataset: Dataset, coding: Coding, _: Executor | None) -> Tables:
    from deadletter.argument.grounds import Grounds
    from deadletter.argument.ledger import decide
    from deadletter.argument.ledger_tables import argument_graph, claims_table
    from deadletter.files import canonical_json
    from deadletter.trade.questions.answers import judged_statements

    judged = judged_statements(dataset, coding)
    ledger = decide(Grounds(dataset, coding, *_measured(dataset, narrowed(coding, MEASURES)), judged))
    return {"claims.csv": claims_table(ledger), "argument.json": canonical_json(argument_graph(ledger))}


def _placebo(dataset: Dataset, coding: Coding, _: Executor | None) -> Tables:
    from deadletter.results import placebo

    return {"placebo.csv": placebo(dataset, coding, *_measured(dataset, narrowed(coding, MEASURES)))}


def _alignment(dataset: Dataset, coding: Coding, _: Executor | None) -> Tables:
    from deadletter.results import alignment_tables

    return alignment_tables(dataset, coding)


def _overview(dataset: Dataset, coding: Coding, _: Executor | None) -> Tables:
    from deadletter.charts.plane import overview_svg

    return {"overview.svg": overview_svg(*_measured(dataset, coding), coding)}


def _trade(dataset: Dataset, coding: Coding, executor: Executor | None) -> Tables:
    from deadletter.trade.questions.answers import trade_tables

    return trade_tables(dataset, coding, executor)


def _measured(dataset: Dataset, coding: Coding) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Indices and placement, computed once for all steps of a coding that need them."""
    from deadletter.results import indices_table, placement_table

    def measured() -> tuple[pd.DataFrame, pd.DataFrame]:
        indices = indices_table(dataset, coding)
        return indices, placement_table(dataset, coding, indices)

    indices, placement = dataset.once(("measured", repr(coding)), measured)
    return indices.copy(), placement.copy()


FORECAST_FILES = ("forecasts.csv", "forecasts_by_year.csv", "out_of_sample.csv")
ALIGNMENT_FILES = ("alignment.csv", "alignment_random.csv", "ranks.csv")
TABLES, LEDGER = "deadletter.results", "deadletter.argument.ledger"
STEPS = (
    Step("trade", ("trade.csv", "trade_placebo.csv", "trade_curve.csv"), ("trade", "intervals.level"),
         ("deadletter.trade.questions.answers", TABLES), _trade),
    Step("indices", INDEX_FILES, MEASURES, (TABLES,), _indices),
    Step("forecasts", FORECAST_FILES, MEASURES, (TABLES,), _forecasts),
    Step("claims", ("claims.csv", "argument.json"), (*MEASURES, "argument", "trade.tolerance_factor"),
         (LEDGER, "deadletter.trade.questions.answers", TABLES), _claims),
    Step("placebo", ("placebo.csv",), (*MEASURES, "argument"), ("deadletter.argument.placebo", TABLES), _placebo),
    Step("alignment", ALIGNMENT_FILES, ("as_of", "drop_states", "intervals"), (TABLES,), _alignment),
    Step("overview", ("overview.svg",), MEASURES, (TABLES, "deadletter.charts.plane"), _overview),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}
BY_FILE = {file: step for step in STEPS for file in step.files}


@dataclass(frozen=True)
class Computed:
    """What a step gave: texts by file name, and the tables that it read, by path with their hashes."""

    step: str
    texts: Mapping[str, str]
    data: Mapping[str, str]


def compute(data: Path, coding: Coding, names: Iterable[str], executor: Executor | None = None) -> list[Computed]:
    """Compute some steps of a coding in this process, or shared out from it.

    Raises
    ------
    InputError: bad data, or a setting that the data cannot meet.
    """
    dataset, done = load_dataset(data), []
    for step in (BY_NAME[name] for name in names):
        with recording() as seen:
            texts = step.texts(dataset, coding, executor)
        done.append(Computed(step.name, texts, {name: digest for kind, name, digest in seen if kind == "data"}))
    return done
