"""What the gravity model says of a regime's trade: effects by member, phase and year, each a row of results."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from deadletter.coding.model import Trade
from deadletter.trade.bloc.treated import BLOC, FLOW, LATER, Bloc
from deadletter.trade.gravity.bias import Correction, correct_bias
from deadletter.trade.gravity.effects import effect, event_study, leave_one_out, linear_sum
from deadletter.trade.gravity.ppml import FitResult, fit_ppml
from deadletter.trade.gravity.treatment import DIRECTIONS, by_member, phase_in
from deadletter.trade.questions.row import Row, answered, row

THREE_WAY = ("exporter^year", "importer^year", "exporter^importer")
CLUSTERS = {"pair": ("exporter^importer",), "exporter_importer": ("exporter", "importer")}
CLUSTER_NAMES = {"pair": "clusters: pairs", "exporter_importer": "clusters: exporters and importers"}
MODEL = "PPML, exporter-year, importer-year and pair effects"


def gravity_rows(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """All gravity questions but the placebos and the specification curve."""
    questions: dict[str, tuple[str, Callable[[Bloc, Trade, float], list[Row]]]] = {
        "gravity": ("founders", _main),
        "gravity_member": ("founders by member", _by_member),
        "gravity_phase": ("founders by phase", _phase),
        "gravity_event": ("founders by year", _event_study),
        "gravity_leave_one_out": ("founders", _leave_one_out),
    }
    return answered(questions, bloc, choices, level)


def main_fit(bloc: Bloc, cluster: str, start: np.ndarray | None = None) -> FitResult:
    """The main model: the founders' dummy with the bloc's controls."""
    return _fit(bloc, [BLOC], cluster, start=start)


def _fit(
    bloc: Bloc, terms: Sequence[str], cluster: str, panel: pd.DataFrame | None = None, start: np.ndarray | None = None
) -> FitResult:
    formula = f"{FLOW} ~ " + " + ".join([*terms, *bloc.controls])
    frame = bloc.panel if panel is None else panel
    return fit_ppml(frame, formula, absorb=THREE_WAY, cluster=CLUSTERS[cluster], start=start)


def _method(choices: Trade, *more: str) -> str:
    return "; ".join([MODEL, CLUSTER_NAMES[choices.cluster], *more])


def _main(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect before and after the bias correction, with the other clusters, in per cent; RESET."""
    pairs = main_fit(bloc, "pair")
    fits = {"pair": pairs, "exporter_importer": main_fit(bloc, "exporter_importer", pairs.start(len(bloc.panel)))}
    fit, corrected = fits[choices.cluster], correct_bias(pairs)
    how_corrected = f"{MODEL}; {CLUSTER_NAMES['pair']}; corrected as Weidner & Zylkin (2021)"
    named = {BLOC: "founders", LATER: "pairs with a later member"}
    other = next(cluster for cluster in CLUSTERS if cluster != choices.cluster)
    shown: list[tuple[str, FitResult | Correction, str]] = [
        ("", fit, _method(choices)),
        (", bias corrected", corrected, how_corrected),
        (", other clusters", fits[other], f"{MODEL}; {CLUSTER_NAMES[other]}"),
    ]
    answer = partial(row, "gravity", n=fit.nobs)
    rows = [
        answer(
            named.get(name, name) + ending, found.coef[name], se=found.se[name], level=level, method=how,
            why=found.warnings,
        )
        for name in fit.coef.index
        for ending, found, how in shown[: 3 if name == BLOC else 2]
    ]  # fmt: skip
    percent = effect(corrected.coef[BLOC], corrected.se[BLOC], level)
    why = "effects are many: the test rejects too often, and a small p alone shows no misspecification"
    return [
        *rows,
        answer(
            "founders, per cent", percent.percent, se=percent.percent_se, low=percent.percent_low,
            high=percent.percent_high, unit="percent", method=f"{how_corrected}; exp − 1",
        ),
        answer("RESET", fit.reset_p, unit="p", method=_method(choices, "RESET"), why=why),
    ]  # fmt: skip


def _by_member(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect by exporting and by importing member."""
    rows = []
    for direction in DIRECTIONS:
        dummies = by_member(bloc.panel, bloc.founders, direction)
        fit = _fit(bloc, dummies.columns.tolist(), choices.cluster, bloc.panel.join(dummies))
        method = _method(choices, f"split by {direction}")
        answer = partial(row, "gravity_member", level=level, n=fit.nobs, why=fit.warnings, method=method)
        for member in bloc.founders:
            name = f"{BLOC}_{direction}_{member}"
            found = answer(f"{direction} of {member}", fit.coef[name], se=fit.se[name])
            rows.append({**found, "exporter" if direction == "exports" else "partner": member})
    return rows


def _phase(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """Increments some years after the step, and their sum with its delta-method error."""
    lags = [lag for lag in choices.phase if bloc.start + lag <= bloc.end]
    dummies = phase_in(bloc.panel, bloc.founders, lags)
    names = dummies.columns.tolist()
    fit = _fit(bloc, names, choices.cluster, bloc.panel.join(dummies))
    found = linear_sum(fit, names, level)
    answer = partial(row, "gravity_phase", level=level, n=fit.nobs, why=fit.warnings)
    rows = [
        answer(f"increment after {lag} years", fit.coef[name], se=fit.se[name], method=_method(choices, "phase-in"),
               lead_lag=lag)
        for lag, name in zip(sorted(lags), names, strict=True)
    ]  # fmt: skip
    method = _method(choices, "sum of increments, delta method")
    return [*rows, answer("full effect", found.estimate, se=found.se, method=method)]


def _event_study(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """Leads and lags around the founders' first treated year, as far as the sample reaches."""
    first = max(-choices.leads, int(bloc.panel["year"].min()) - bloc.start)
    last = min(choices.lags, bloc.end - bloc.start)
    found = event_study(
        bloc.panel, FLOW, bloc.founders, first, last,
        absorb=THREE_WAY, cluster=CLUSTERS[choices.cluster], controls=bloc.controls, level=level,
    )  # fmt: skip
    method = _method(choices, "event study against the year before; outermost years binned")
    answer = partial(row, "gravity_event", n=found.fit.nobs)
    rows = [
        answer(f"lead {-k}" if k < 0 else f"lag {k}", r["estimate"], se=r["se"], low=r["low"], high=r["high"],
               lead_lag=k, method=method, why=found.fit.warnings)
        for k, r in zip(range(first, last + 1), found.table.to_dict("records"), strict=True)
    ]  # fmt: skip
    joint = _method(choices, "Wald test of all leads")
    return [*rows, answer("leads jointly zero", found.pretrend_p, unit="p", method=joint)]


def _leave_one_out(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect with each economy left out in turn."""
    formula = f"{FLOW} ~ " + " + ".join([BLOC, *bloc.controls])
    table = leave_one_out(bloc.panel, formula, BLOC, absorb=THREE_WAY, cluster=CLUSTERS[choices.cluster])
    return [
        row("gravity_leave_one_out", f"without {r['left_out']}", r["estimate"], se=r["se"], level=level, n=r["nobs"],
            method=_method(choices), why=r["note"])
        for r in table.reset_index().to_dict("records")
    ]  # fmt: skip
