"""One focal regime under one coding: what the notebooks of a regime open."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from deadletter.chapter.opened import View, nodes_of, opened, read_table
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.frames import records, split_ids, with_names
from deadletter.indices.compliance import tests_of_norms
from deadletter.indices.selection import Scope, lineage_members, lineage_of, periods_of
from deadletter.labels import LEVELS
from deadletter.results import alignment_tables, by_measure, forecast_tables

TRADE_FILES = ("trade.csv", "trade_placebo.csv", "trade_curve.csv")
FORECAST_FILES = ("forecasts.csv", "forecasts_by_year.csv", "out_of_sample.csv")
ALIGNMENT_FILES = ("alignment.csv", "alignment_random.csv", "ranks.csv")


@dataclass(frozen=True)
class Chapter(View):
    """One focal regime under one coding."""

    focal: str

    @property
    def inputs(self) -> tuple[Dataset, Coding, str]:
        """The three arguments that most functions of the indices take."""
        return self.dataset, self.coding, self.focal

    @property
    def title(self) -> str:
        """The focal regime's name with the coding's title and horizon, as Markdown."""
        return f"**{self.name}** under {self.coding_in_words}"

    @property
    def name(self) -> str:
        """The focal regime's name."""
        return str(self.dataset["regimes"].set_index("id").at[self.focal, "name"])

    @property
    def lineage(self) -> list[str]:
        """The regimes that lead to the focal one, in order."""
        return list(lineage_of(self.dataset, self.focal))

    @property
    def promoter(self) -> str:
        """The member with whose votes those of others are compared; empty where the data declare none."""
        members = lineage_members(self.dataset, self.focal, self.scopes[0].first, self.last.last)
        return next((state for state in self.dataset["anchors"]["anchor"] if state in members), "")

    @property
    def scopes(self) -> list[Scope]:
        """The whole regime in each period."""
        return [Scope(self.focal, *span) for span in periods_of(*self.inputs)]

    @property
    def last(self) -> Scope:
        """The whole regime in the last period."""
        return self.scopes[-1]

    @property
    def state_names(self) -> pd.Series:
        """Names of actors by code."""
        return self.dataset["states"].set_index("iso3")["name"]

    @property
    def indices(self) -> pd.DataFrame:
        """Rows of the table of indices for the focal regime."""
        return self._of_focal(self.all_indices)

    @property
    def placements(self) -> pd.DataFrame:
        """Rows of the table of placements for the focal regime, under every measure of formalisation."""
        return self._of_focal(self.all_placements)

    @property
    def placement(self) -> pd.DataFrame:
        """The same under the measure of the coding alone."""
        return by_measure(self.placements, self.coding)

    @cached_property
    def _trade(self) -> dict[str, pd.DataFrame]:
        if self.results:
            tables = {name: read_table(self.results / name) for name in TRADE_FILES}
        else:  # estimators load slowly, and most notebooks need none
            from deadletter.trade.questions.answers import trade_tables

            tables = trade_tables(self.dataset, self.coding)
        return {name: self._of_focal(table) for name, table in tables.items()}

    @property
    def trade(self) -> pd.DataFrame:
        """Statements on trade and output next to independent figures, and what gravity and series say, with names of
        states; may be empty."""
        return with_names(self._trade["trade.csv"], ["term", "exporter", "why"], self.state_names)

    @property
    def statements(self) -> pd.DataFrame:
        """Of the rows on trade, those that judge a statement or measure it otherwise."""
        return self.trade[self.trade["verdict"].notna()]

    @property
    def placebos(self) -> pd.DataFrame:
        """Every placebo bloc with its effect and score."""
        return self._trade["trade_placebo.csv"]

    @property
    def curve(self) -> pd.DataFrame:
        """Every specification of the founders' effect."""
        return self._trade["trade_curve.csv"]

    @cached_property
    def _later(self) -> dict[str, pd.DataFrame]:
        if self.results:
            return {name: read_table(self.results / name) for name in FORECAST_FILES}
        return forecast_tables(self.dataset, self.coding, self.all_indices, self.all_placements)

    @property
    def forecasts(self) -> pd.DataFrame:
        """Forecasts with their verdicts on the last day that is known."""
        return self._of_focal(self._later["forecasts.csv"])

    @property
    def forecast_history(self) -> pd.DataFrame:
        """The same verdicts as they stood at the end of each year."""
        return self._of_focal(self._later["forecasts_by_year.csv"])

    @property
    def out_of_sample(self) -> pd.DataFrame:
        """Findings and the model of the last period against later facts."""
        return self._of_focal(self._later["out_of_sample.csv"])

    @cached_property
    def _votes(self) -> dict[str, pd.DataFrame]:
        if self.results:
            return {name: read_table(self.results / name) for name in ALIGNMENT_FILES}
        if self.dataset["rollcalls"].empty:
            return {name: pd.DataFrame() for name in ALIGNMENT_FILES}
        return alignment_tables(self.dataset, self.coding)

    @property
    def alignment(self) -> pd.DataFrame:
        """Agreement and cohesion in votes, by set of roll-calls, unit, year and measure; for all groups."""
        return self._votes["alignment.csv"]

    @property
    def random_groups(self) -> pd.DataFrame:
        """The declared groups among random groups of their size."""
        return self._votes["alignment_random.csv"]

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks of the lineage's bodies in outside populations."""
        table = self._votes["ranks.csv"]
        return table[table["regime"].isin(self.lineage)].reset_index(drop=True) if len(table) else table

    @property
    def claims(self) -> pd.DataFrame:
        """The claims about the regimes of the lineage, with the verdict of each source."""
        table = self.argument[0]
        return table[table["regime"].isin(self.lineage)].reset_index(drop=True)

    @property
    def concepts(self) -> pd.DataFrame:
        """Claims about concepts alone, which belong to no regime."""
        table = self.argument[0]
        return table[(table["regime"] == "") & (table["category"] == "conceptual")].reset_index(drop=True)

    @property
    def nodes(self) -> pd.DataFrame:
        """The same as nodes of the argument's graph: one column a source, with its own test, cells and margin."""
        nodes = nodes_of(self.argument[1])
        return nodes[nodes["regime"].isin(self.lineage)].reset_index(drop=True)

    @property
    def record_tables(self) -> set[str]:
        """The tables of the record that chapters on the focal regime are declared to show."""
        table = self.dataset["chapters"]
        return {name for cell in table.loc[table["regime"] == self.focal, "tables"] for name in split_ids(cell)}

    def about(self, notebook: str) -> dict[str, list[str]]:
        """What a notebook is about: ids of claims and errata, names of tables; empty lists where nothing is declared.

        Where no claims are declared, they are the highest ones whose tests the notebook shows.
        """
        columns = ("claims", "errata", "tables")
        table = self.dataset["chapters"]
        for row in records(table[(table["notebook"] == notebook) & (table["regime"] == self.focal)]):
            return {column: split_ids(row[column]) for column in columns}
        shown = self.claims[self.claims["notebook"] == notebook]
        highest = next((level for level in LEVELS if (shown["level"] == level).any()), "")
        return {"claims": list(shown.loc[shown["level"] == highest, "id"]), "errata": [], "tables": []}

    @property
    def stated(self) -> pd.DataFrame:
        """The numbers that the source states of the lineage, with names of states."""
        return with_names(self.rows("figures"), ["subject"], self.state_names)

    @property
    def lineage_table(self) -> pd.DataFrame:
        """The lineage, in order, with the names of its regimes."""
        lineage = self.dataset["lineage"]
        lineage = lineage[lineage["focal"] == self.focal].sort_values("order").reset_index(drop=True)
        return lineage.assign(name=lineage["regime"].map(self.dataset["regimes"].set_index("id")["name"]))

    @property
    def tests(self) -> pd.DataFrame:
        """Events that test a norm, in every period: one row an event and period."""
        frames = [tests_of_norms(self.dataset, self.coding, scope).assign(period=scope.period) for scope in self.scopes]
        return pd.concat(frames, ignore_index=True)

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame with the names of states instead of their codes in its column ``state``."""
        return frame.assign(state=frame["state"].map(self.state_names))

    def rows(self, table: str) -> pd.DataFrame:
        """Rows of a coded table that belong to the lineage."""
        frame = self.dataset[table]
        return frame[frame["regime"].isin(self.lineage)].reset_index(drop=True)

    def _of_focal(self, table: pd.DataFrame) -> pd.DataFrame:
        return table[table["regime"] == self.focal].reset_index(drop=True)


def open_chapter(regime: str, coding: str, settings: Iterable[str] = ()) -> Chapter:
    """Open a focal regime under a coding of params/, some settings of which may be changed (`key=value`).

    Raises InputError: unknown regime, coding or key, or data that fail their checks.
    """
    return Chapter(*opened(regime, coding, settings), regime)
