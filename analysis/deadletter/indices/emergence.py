"""How regimes come about and lose members: plans and whether they were carried out, spells of membership, survival."""

import numpy as np
import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import EXITS
from deadletter.indices.selection import rows_of_lineage, without_states, years

# what completes a year and a month to a day, by length of the date
MIDDLES = {4: "-07-01", 7: "-15"}
DAYS_OF_YEAR = 365.25


def to_day(dates: pd.Series) -> pd.Series:
    """Days of ISO dates; a year becomes its middle, a month its fifteenth; empty is NaT."""
    padded = [date + MIDDLES.get(len(date), "") or None for date in dates.fillna("")]
    return pd.to_datetime(pd.Series(padded, index=dates.index, dtype=object), format="%Y-%m-%d")


def plan_durations(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Plans of a lineage: announced, carried_out_date, ``years`` between them, and ``carried_out`` (else censored).

    A plan that was never carried out is censored at the coding's horizon or where its regime ended, whichever comes
    first.
    """
    lineage = dataset["lineage"]
    lineage = lineage[lineage["focal"] == focal]
    plans = dataset["plans"]
    plans = plans[plans["regime"].isin(lineage["regime"]) & (plans["announced"] <= coding.as_of)].reset_index(drop=True)
    ended = plans["regime"].map(dict(zip(lineage["regime"], lineage["to"], strict=True)))
    horizon = pd.Timestamp(coding.as_of)
    end = to_day(ended).fillna(horizon)
    end = end.where(end <= horizon, horizon)
    start, done = to_day(plans["announced"]), to_day(plans["carried_out_date"])
    carried = done.notna() & (done <= horizon)
    last = done.where(carried, np.maximum(end, start))
    return plans.assign(
        start=start, end=last, carried_out=carried, years=((last - start).dt.days / DAYS_OF_YEAR).clip(lower=0)
    )


def membership_spells(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Spells of a lineage with ``start``, ``end`` (the horizon while they last), ``years`` and ``left``.

    ``left`` marks ends by the member's own act: not the end of a regime, nor the passage into the next.
    """
    spells = rows_of_lineage(dataset, "memberships", focal)
    spells = without_states(spells[spells["from"] <= coding.as_of].reset_index(drop=True), coding)
    horizon = pd.Timestamp(coding.as_of)
    start, end = to_day(spells["from"]), to_day(spells["to"])
    running = end.isna() | (end > horizon)
    left = ~running & spells["exit"].isin(EXITS)
    end = end.where(~running, horizon)
    return spells.assign(start=start, end=end, left=left, years=(end - start).dt.days / DAYS_OF_YEAR)


def survival(durations: pd.Series, happened: pd.Series) -> pd.DataFrame:
    """Kaplan–Meier curve (1958): years, surviving share, its standard error (Greenwood), number at risk.

    Starts at time 0 with share 1 and runs to the longest time watched, so that it draws as steps.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    curve = pd.DataFrame({"years": [0.0], "share": [1.0], "se": [0.0], "at_risk": [len(durations)]})
    if happened.any():
        fit = SurvfuncRight(durations.to_numpy(dtype=float), happened.to_numpy(dtype=int))
        steps = {"years": fit.surv_times, "share": fit.surv_prob, "se": fit.surv_prob_se, "at_risk": fit.n_risk}
        curve = pd.concat([curve, pd.DataFrame(steps)], ignore_index=True)
    if not len(durations) or durations.max() <= curve["years"].iloc[-1]:
        return curve
    # the last step lasts as long as anything was watched
    watched = curve.tail(1).assign(years=durations.max(), at_risk=int((durations == durations.max()).sum()))
    return pd.concat([curve, watched], ignore_index=True)


def events_of(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Dated events of a lineage up to the horizon, in order, with ``day`` and ``year``."""
    events = without_states(rows_of_lineage(dataset, "events", focal), coding)
    events = events[(events["date"] != "") & (events["date"] <= coding.as_of)].reset_index(drop=True)
    return events.assign(day=to_day(events["date"]), year=years(events["date"], np.nan)).sort_values(["day", "id"])
