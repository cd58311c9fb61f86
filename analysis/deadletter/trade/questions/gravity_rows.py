"""What the gravity model says of a regime's trade: effects by member, phase and year, each a row of results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deadletter.coding.model import Trade
from deadletter.trade.bloc.treated import BLOC, FLOW, LATER, Bloc
from deadletter.trade.gravity.bias import correct_bias
from deadletter.trade.gravity.effects import effect, event_study, leave_one_out, linear_sum
from deadletter.trade.gravity.ppml import FitResult, fit_ppml
from deadletter.trade.gravity.treatment import by_member, phase_in
from deadletter.trade.questions.row import Row, answered, estimated, row

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


def main_fit(bloc: Bloc, cluster: str) -> FitResult:
    """The main model: the founders' dummy with the bloc's controls."""
    return _fit(bloc, [BLOC], CLUSTERS[cluster])


def _fit(bloc: Bloc, terms: Sequence[str], cluster: Sequence[str], panel=None) -> FitResult:
    formula = f"{FLOW} ~ " + " + ".join([*terms, *bloc.controls])
    return fit_ppml(bloc.panel if panel is None else panel, formula, absorb=list(THREE_WAY), cluster=list(cluster))


def _method(choices: Trade, *more: str) -> str:
    return "; ".join([MODEL, CLUSTER_NAMES[choices.cluster], *more])


def _main(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect before and after the bias correction, with the other clusters, in per cent; RESET."""
    fits = {cluster: main_fit(bloc, cluster) for cluster in CLUSTERS}
    fit = fits[choices.cluster]
    fixed = correct_bias(fits["pair"])
    corrected = f"{MODEL}; {CLUSTER_NAMES['pair']}; corrected as Weidner & Zylkin (2021)"
    named = {BLOC: "founders", LATER: "pairs with a later member"}
    other = next(cluster for cluster in CLUSTERS if cluster != choices.cluster)
    shown = [("", fit, _method(choices)), (", bias corrected", fixed, corrected)]
    crossed = [(", other clusters", fits[other], f"{MODEL}; {CLUSTER_NAMES[other]}")]
    rows = []
    for name in fit.coef.index:
        for ending, found, method in shown + (crossed if name == BLOC else []):
            term, about = named.get(name, name) + ending, {"method": method, "why": found.warnings}
            rows.append(estimated("gravity", term, found.coef[name], found.se[name], level=level, n=fit.nobs, **about))
    percent = effect(fixed.coef[BLOC], fixed.se[BLOC], level)
    limits = {"se": percent.percent_se, "low": percent.percent_low, "high": percent.percent_high}
    about = {"unit": "percent", "n": fit.nobs, "method": f"{corrected}; exp − 1"}
    rows.append(row("gravity", "founders, per cent", percent.percent, **about, **limits))
    why = "effects are many: the test rejects too often, and a small p alone shows no misspecification"
    about = {"unit": "p", "n": fit.nobs, "method": _method(choices, "RESET"), "why": why}
    return [*rows, row("gravity", "RESET", fit.reset_p, **about)]


def _by_member(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect by exporting and by importing member."""
    rows = []
    for direction in ("exports", "imports"):
        dummies = by_member(bloc.panel, bloc.founders, direction)
        fit = _fit(bloc, list(dummies), CLUSTERS[choices.cluster], bloc.panel.join(dummies))
        about = {
            "level": level,
            "n": fit.nobs,
            "why": fit.warnings,
            "method": _method(choices, f"split by {direction}"),
        }
        for member in bloc.founders:
            name, side = f"{BLOC}_{direction}_{member}", {"exports": "exporter", "imports": "partner"}[direction]
            found = (f"{direction} of {member}", fit.coef[name], fit.se[name])
            rows.append(estimated("gravity_member", *found, **about, **{side: member}))
    return rows


def _phase(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """Increments some years after the step, and their sum with its delta-method error."""
    lags = [lag for lag in choices.phase if bloc.start + lag <= bloc.end]
    dummies = phase_in(bloc.panel, bloc.founders, lags)
    fit = _fit(bloc, list(dummies), CLUSTERS[choices.cluster], bloc.panel.join(dummies))
    found = linear_sum(fit, list(dummies), level)
    numbers = {"level": level, "n": fit.nobs, "why": fit.warnings}
    rows = [
        estimated("gravity_phase", f"increment after {lag} years", fit.coef[d], fit.se[d], **numbers,
                  method=_method(choices, "phase-in"), lead_lag=lag)
        for lag, d in zip(sorted(lags), dummies, strict=True)
    ]  # fmt: skip
    method = _method(choices, "sum of increments, delta method")
    return [*rows, estimated("gravity_phase", "full effect", found.estimate, found.se, **numbers, method=method)]


def _event_study(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """Leads and lags around the founders' first treated year, as far as the sample reaches."""
    first = max(-choices.leads, int(bloc.panel["year"].min()) - bloc.start)
    last = min(choices.lags, bloc.end - bloc.start)
    model = {"absorb": list(THREE_WAY), "cluster": list(CLUSTERS[choices.cluster]), "controls": bloc.controls}
    found = event_study(bloc.panel, FLOW, bloc.founders, first, last, **model, level=level)
    method = _method(choices, "event study against the year before; outermost years binned")
    about = {"unit": "log", "n": found.fit.nobs, "method": method, "why": "; ".join(found.fit.warnings)}
    rows = [
        row("gravity_event", f"lead {-k}" if k < 0 else f"lag {k}", r.estimate, se=r.se, low=r.low, high=r.high,
            lead_lag=k, **about)
        for k, r in zip(found.table.index, found.table.itertuples(), strict=True)
    ]  # fmt: skip
    joint = {"unit": "p", "n": found.fit.nobs, "method": _method(choices, "Wald test of all leads")}
    return [*rows, row("gravity_event", "leads jointly zero", found.pretrend_p, **joint)]


def _leave_one_out(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect with each economy left out in turn."""
    formula = f"{FLOW} ~ " + " + ".join([BLOC, *bloc.controls])
    table = leave_one_out(bloc.panel, formula, BLOC, absorb=list(THREE_WAY), cluster=list(CLUSTERS[choices.cluster]))
    return [
        estimated("gravity_leave_one_out", f"without {r.Index}", r.estimate, r.se, level=level, n=r.nobs,
                  method=_method(choices), why=[r.note] if r.note else [])
        for r in table.itertuples()
    ]  # fmt: skip
