"""The bloc of a focal regime: who is treated from which year, read from the table of treatments."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.coding.model import Trade
from deadletter.dataset.load import Dataset, derived
from deadletter.errors import InputError
from deadletter.trade.bloc.flows import Flows, read_flows
from deadletter.trade.gravity.treatment import bloc_dummy, event_time, looked_up

FLOW, BLOC, LATER = "exports_musd", "bloc", "later"


@dataclass(frozen=True)
class Bloc:
    """What every trade question of a regime starts from.

    founders, later: economy → first treated year, of those treated within the sample. steps: event → founders' first
    treated year. panel: exporter, importer, year, exports_musd with the dummies ``bloc`` (both founders), ``later``
    (a pair with a later member) and one for each of ``others`` (what else happened to pairs), to the end of the
    sample; ``controls`` are those that are in the model with ``bloc``. flows: every year on record. candidates:
    economies never treated in the sample, without the rest of the world; neighbours: those of the founders' region.
    """

    focal: str
    event: str
    founders: Mapping[str, int]
    later: Mapping[str, int]
    steps: Mapping[str, int]
    others: tuple[str, ...]
    controls: tuple[str, ...]
    panel: pd.DataFrame
    flows: Flows
    aggregates: tuple[str, ...]
    candidates: tuple[str, ...]
    neighbours: tuple[str, ...]

    @property
    def start(self) -> int:
        """First treated year of the founders."""
        return next(iter(self.founders.values()))

    @property
    def end(self) -> int:
        """Last year of the sample."""
        return int(self.panel["year"].max())

    @property
    def members(self) -> list[str]:
        """Founders, then later members."""
        return [*self.founders, *self.later]


def trade_bloc(dataset: Dataset, choices: Trade, focal: str) -> Bloc | None:
    """The bloc of a focal regime, or None where no step of integration is on record for it.

    Raises InputError: the chosen event is not a step of this regime, or the sample ends before it.
    """
    treated = dataset["treatments"]
    treated = treated[treated["regime"] == focal]
    treated = treated.assign(first=_first_year(treated, choices.part_year))
    steps = treated[treated["kind"] == "step"].groupby("event", sort=False)["first"].max().sort_values(kind="stable")
    if steps.empty:
        return None
    event = choices.event or str(steps.index[0])
    if event not in steps.index:
        raise InputError("is not a step of this regime", where="trade.event", found=event, allowed=sorted(steps.index))
    if steps[event] > choices.sample_end:
        end, allowed = choices.sample_end, f"{steps[event]} or later"
        raise InputError("the sample ends before the step", where="trade.sample_end", found=end, allowed=allowed)
    founders = dict.fromkeys(treated.loc[treated["event"] == event, "economy"], int(steps[event]))
    joined = treated[(treated["kind"] == "accession") & (treated["first"] <= choices.sample_end)]
    later = {e: int(y) for e, y in zip(joined["economy"], joined["first"], strict=True) if e not in founders}
    economies = dataset["economies"].set_index("code")
    aggregates = tuple(economies.index[economies["kind"] != "state"])
    other = treated[treated["kind"] == "other"]
    panel, names, controls = _panel(dataset, choices, founders, later, other, aggregates)
    partners = set(panel["exporter"].unique())
    here = sorted(partners - set(founders) - set(later) - set(economies.index[economies.kind == "rest"]))
    regions = set(economies.loc[list(founders), "region"])
    return Bloc(
        focal=focal,
        event=event,
        founders=founders,
        later=later,
        steps={str(name): int(year) for name, year in steps.items()},
        others=names,
        controls=controls,
        panel=panel,
        flows=flows_of(dataset),
        aggregates=tuple(sorted(set(aggregates) & partners)),
        candidates=tuple(here),
        neighbours=tuple(e for e in here if economies.loc[e, "region"] in regions and len(regions) == 1),
    )


def varied(dataset: Dataset, choices: Trade, bloc: Bloc) -> Bloc:
    """The same regime's bloc under other choices. Raises InputError as ``trade_bloc``."""
    found = trade_bloc(dataset, choices, bloc.focal)
    if found is None:
        raise InputError("no step of integration is on record", where="regime", found=bloc.focal)
    return found


@derived
def flows_of(dataset: Dataset) -> Flows:
    """The bilateral flows as a cube."""
    return read_flows(dataset["bilateral"])


def _first_year(treated: pd.DataFrame, part_year: str) -> pd.Series:
    """First treated year: the year of the date, or the next one where a step took effect after January."""
    month = pd.to_numeric(treated["date"].str[5:7], errors="coerce").fillna(1)
    return treated["year"] + ((month > 1) & (part_year == "untreated")).astype(int)


def _panel(
    dataset: Dataset, choices: Trade, founders: dict, later: dict, other: pd.DataFrame, aggregates: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """The panel of the sample with its dummies, the names of those of other events, and the controls that vary."""
    panel = dataset["bilateral"].drop(columns="status")
    panel = panel[panel["year"] <= choices.sample_end]
    if choices.aggregates == "drop":
        panel = panel[~panel["exporter"].isin(aggregates) & ~panel["importer"].isin(aggregates)]
    panel = panel.reset_index(drop=True)
    panel[BLOC] = bloc_dummy(panel, founders)
    panel[LATER] = (event_time(panel, founders | later) >= 0).astype(float) * (1 - panel[BLOC]) if later else 0.0
    dummies = {str(name): _event_dummy(panel, rows) for name, rows in other.groupby("event", sort=True)}
    names = tuple(name for name, dummy in dummies.items() if dummy.nunique() > 1)
    panel = panel.assign(**{name: dummies[name] for name in names})
    if choices.others == "drop":
        inside = panel["exporter"].isin({*founders, *later}) & panel["importer"].isin({*founders, *later})
        hit = panel[list(names)].to_numpy().any(axis=1) & ~inside.to_numpy()
        panel = panel[~hit].reset_index(drop=True)
    controls = (LATER, *(names if choices.others == "control" else ()))
    return panel, names, tuple(name for name in controls if panel[name].nunique() > 1)


def _event_dummy(panel: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """1 for pairs of members (or of member and partner, where there are partners) from the later of their two years."""
    first = dict(zip(rows["economy"], rows["first"].astype(float), strict=True))
    partners = set(rows.loc[rows["role"] == "partner", "economy"])
    start = np.maximum(*(looked_up(panel[side], first) for side in ("exporter", "importer")))
    across = panel["exporter"].isin(partners) != panel["importer"].isin(partners)
    return ((panel["year"] >= start) & (across if partners else True)).astype(float)
