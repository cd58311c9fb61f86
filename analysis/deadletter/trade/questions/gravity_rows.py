"""What the gravity model says of a regime's trade: effects by member, phase and year, each a row of results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deadletter.coding.model import Trade
from deadletter.trade.bloc.treated import BLOC, FLOW, LATER, Bloc
from deadletter.trade.gravity.bias import correct_bias
from deadletter.trade.gravity.effects import effect, event_study, leave_one_out, linear_sum
from deadletter.trade.gravity.ppml import FitResult, fit_ppml
from deadletter.trade.gravity.treatment import by_member, phase_in
from deadletter.trade.questions.row import Row, attempt, estimated, row

THREE_WAY = ("exporter^year", "importer^year", "exporter^importer")
CLUSTERS = {"pair": ("exporter^importer",), "exporter_importer": ("exporter", "importer")}
CLUSTER_NAMES = {"pair": "clusters: pairs", "exporter_importer": "clusters: exporters and importers"}
MODEL = "PPML, exporter-year, importer-year and pair effects"


def gravity_rows(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """All gravity questions but the placebos and the specification curve."""
    questions: dict[tuple[str, str], Callable[..., list[Row]]] = {
        ("gravity", "founders"): _main,
        ("gravity_member", "founders by member"): _by_member,
        ("gravity_phase", "founders by phase"): _phase,
        ("gravity_event", "founders by year"): _event_study,
        ("gravity_leave_one_out", "founders"): _leave_one_out,
    }
    rows = []
    for (question, term), ask in questions.items():
        rows += attempt(question, term, lambda ask=ask: ask(bloc, choices, level))
    return rows


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
    rows = []
    for name, label in ((n, named.get(n, n)) for n in fit.coef.index):
        plain = (("", fit, _method(choices)),)
        other = next(cluster for cluster in CLUSTERS if cluster != choices.cluster)
        more = ((", other clusters", fits[other], f"{MODEL}; {CLUSTER_NAMES[other]}"),) if name == BLOC else ()
        for ending, found, method in (*plain, (", bias corrected", fixed, corrected), *more):
            rows.append(
                estimated(
                    "gravity",
                    label + ending,
                    found.coef[name],
                    found.se[name],
                    level=level,
                    n=fit.nobs,
                    method=method,
                    why=found.warnings,
                )
            )
    rows.append(_percent(fixed.coef[BLOC], fixed.se[BLOC], level, fit.nobs, corrected))
    limits = "effects are many: the test rejects too often, and a small p alone shows no misspecification"
    rows.append(
        row("gravity", "RESET", fit.reset_p, unit="p", n=fit.nobs, method=_method(choices, "RESET"), why=limits)
    )
    return rows


def _percent(estimate: float, se: float, level: float, n: int, method: str) -> Row:
    found = effect(estimate, se, level)
    limits = {"se": found.percent_se, "low": found.percent_low, "high": found.percent_high}
    return row(
        "gravity", "founders, per cent", found.percent, unit="percent", n=n, method=f"{method}; exp − 1", **limits
    )


def _by_member(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect by exporting and by importing member."""
    rows = []
    for direction in ("exports", "imports"):
        dummies = by_member(bloc.panel, bloc.founders, direction)
        fit = _fit(bloc, list(dummies), CLUSTERS[choices.cluster], bloc.panel.join(dummies))
        for member in bloc.founders:
            name = f"{BLOC}_{direction}_{member}"
            term, method = f"{direction} of {member}", _method(choices, f"split by {direction}")
            rows.append(
                estimated(
                    "gravity_member", term, fit.coef[name], fit.se[name], level=level, n=fit.nobs, method=method,
                    why=fit.warnings, exporter=member if direction == "exports" else None,
                    partner=member if direction == "imports" else None,
                )
            )  # fmt: skip
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
    found = event_study(
        bloc.panel,
        FLOW,
        bloc.founders,
        first,
        last,
        absorb=list(THREE_WAY),
        cluster=list(CLUSTERS[choices.cluster]),
        controls=bloc.controls,
        level=level,
    )
    method = _method(choices, "event study against the year before; outermost years binned")
    about = {"unit": "log", "n": found.fit.nobs, "method": method, "why": "; ".join(found.fit.warnings)}
    rows = [
        row("gravity_event", _when(r.Index), r.estimate, se=r.se, low=r.low, high=r.high, lead_lag=r.Index, **about)
        for r in found.table.itertuples()
    ]
    joint = {"unit": "p", "n": found.fit.nobs, "method": _method(choices, "Wald test of all leads")}
    return [*rows, row("gravity_event", "leads jointly zero", found.pretrend_p, **joint)]


def _when(k: int) -> str:
    return f"lead {-k}" if k < 0 else f"lag {k}"


def _leave_one_out(bloc: Bloc, choices: Trade, level: float) -> list[Row]:
    """The founders' effect with each economy left out in turn."""
    formula = f"{FLOW} ~ " + " + ".join([BLOC, *bloc.controls])
    table = leave_one_out(bloc.panel, formula, BLOC, absorb=list(THREE_WAY), cluster=list(CLUSTERS[choices.cluster]))
    return [
        estimated("gravity_leave_one_out", f"without {r.Index}", r.estimate, r.se, level=level, n=r.nobs,
                  method=_method(choices), why=[r.note] if r.note else [])
        for r in table.itertuples()
    ]  # fmt: skip
