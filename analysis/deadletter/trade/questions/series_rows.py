"""What the series of a regime's trade say: shares, the two halves of their change, decomposition, breaks."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from deadletter.coding.model import Trade
from deadletter.errors import InputError
from deadletter.trade.bloc.decomposition import FACTORS, mutual_exports
from deadletter.trade.bloc.flows import mutual
from deadletter.trade.bloc.shares import Convention, integration, intra_share, share_change
from deadletter.trade.bloc.treated import Bloc
from deadletter.trade.breaks.dating import bai_perron, cusum, hansen
from deadletter.trade.breaks.interrupted import chow_power, interrupted, interrupted_power, sup_f_power
from deadletter.trade.breaks.sup_f import bootstrap_p, chow, sup_f
from deadletter.trade.questions.row import Row, answered, row
from deadletter.trade.statements.measured import Sources

CONVENTIONS: dict[Convention, str] = {"twice": "2I/(2I+X)", "once": "I/(I+X)"}
GAP = "a flow of the year is missing"
CHANGE = "change"  # the factor that denotes the sum of all
SHIFT, STEP = 1.0, 0.2  # alternatives whose power is printed: one standard deviation; 0.2 in logs


def series_rows(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """All questions about series: shares and integration by year, what moved the share, what moved trade, breaks."""
    questions: dict[str, tuple[str, Callable[[Bloc, Sources, Trade], list[Row]]]] = {
        "share_by_year": ("members", _shares),
        "integration_by_year": ("members", _integration),
        "share_change": ("members", _share_change),
        "decomposition": ("founders", _decomposition),
        "break": ("founders", _breaks),
        "interrupted": ("founders", _interrupted),
    }
    return answered(questions, bloc, sources, choices)


def _years(bloc: Bloc) -> list[int]:
    return [year for year in bloc.flows.years if year <= bloc.end]


def _shares(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """The members' intra share by year under both conventions; the coding's one first."""
    rows = []
    for convention in sorted(CONVENTIONS, key=lambda name: name != choices.convention):
        values = intra_share(bloc.flows, bloc.members, convention)
        method = f"members' mutual trade in all their trade, {CONVENTIONS[convention]}"
        answer = partial(row, "share_by_year", unit="percent", n=1, method=method, convention=convention)
        for year in _years(bloc):
            gap = "" if np.isfinite(values[year]) else GAP
            rows.append(answer(f"{convention} {year}", 100 * values[year], why=gap, year=year))
    return rows


def _integration(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """Intensity and introversion of the members by year."""
    found = integration(bloc.flows, bloc.members, choices.convention, bloc.aggregates)
    method = f"Iapadre (2006), {CONVENTIONS[choices.convention]}"
    answer = partial(row, "integration_by_year", unit="index", n=1, method=method, convention=choices.convention)
    rows = []
    for name, series in (("intensity", found.intensity), ("introversion", found.introversion)):
        for year in _years(bloc):
            why = found.warnings if np.isfinite(series[year]) else GAP
            rows.append(answer(f"{name} {year}", series[year], why=why, year=year, factor=name))
    return rows


def _share_change(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """Δlogit(share) = Δln I − Δln X, from the eve of the last accession (else of the step) to the end of the sample."""
    eve = max(bloc.later.values(), default=bloc.start) - 1
    moved = share_change(bloc.flows, bloc.members, eve, bloc.end, choices.convention)
    named = {"logit": "logit of the share", "mutual": "mutual trade, ln I", "outside": "outside trade, ln X"}
    answer = partial(row, "share_change", n=2, method="Δlogit(share) = Δln I − Δln X", year=bloc.end, base_year=eve)
    return [answer(f"{name}, {eve} to {bloc.end}", getattr(moved, part), factor=part) for part, name in named.items()]


def _mutual_exports(bloc: Bloc) -> pd.Series:
    """The founders' exports to each other by year (million USD), to the end of the sample, complete years only."""
    total = mutual(bloc.flows, list(bloc.founders)).values
    return total[total.index <= bloc.end].dropna()


def _decomposition(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """LMDI of the founders' mutual exports, from the year with most of them to the lowest after it."""
    total = _mutual_exports(bloc)
    years = total.index.to_numpy(dtype=int)
    peak = int(years[total.argmax()])
    if peak == years[-1]:
        problem = "mutual exports are at their highest at the end of the sample"
        raise InputError(problem, where="decomposition", found=peak)
    trough = int(years[years > peak][total[years > peak].argmin()])
    found = mutual_exports(bloc.flows, sources.macro, list(bloc.founders), peak, trough)
    answer = partial(
        row, "decomposition", unit="million_usd", n=len(bloc.founders), method="additive LMDI-I (Ang 2005)",
        source="bilateral, annual", year=trough, base_year=peak,
    )  # fmt: skip
    span = f"{peak} to {trough}"
    rows = [
        answer(f"{exporter}: {factor}, {span}", effects[factor], exporter=exporter, factor=factor)
        for exporter, effects in zip(bloc.founders, found.effects.to_dict("records"), strict=True)
        for factor in FACTORS
    ]
    sums = {**{factor: found.effects[factor].sum() for factor in FACTORS}, CHANGE: found.change}
    return rows + [answer(f"all: {name}, {span}", value, factor=name) for name, value in sums.items()]


def _breaks(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """Tests of a shift in the mean of the founders' logit share, with the power of each."""
    share = intra_share(bloc.flows, list(bloc.founders), choices.convention)
    share = share[share.index <= bloc.end].dropna()
    values = share.to_numpy(dtype=float)
    y, n, trim, seed = np.log(values / (1 - values)), len(share), choices.trim, choices.seed
    years = [int(year) for year in share.index]
    gaps = sorted(set(_years(bloc)) - set(years))
    why = f"years without a figure left out: {', '.join(map(str, gaps))}" if gaps else ""
    found = sup_f(y, trim=trim)
    at = max(year for year in years if year < bloc.start)
    index = years.index(at)
    named = chow(y, index)
    dates = bai_perron(y, trim=trim)
    powers = (sup_f_power(n, n // 2 - 1, SHIFT, trim, draws=1000, seed=seed), chow_power(n, index, SHIFT))
    shift = f"power at 5% against a shift of {SHIFT:g} standard deviation"
    series = "logit of the founders' intra share"

    def answer(term: str, value: float, unit: str, method: str, note: str = why, year: int | None = None) -> Row:
        return row("break", term, value, unit=unit, n=n, method=f"{series}; {method}", why=note, year=year)

    after = "; ".join([f"the level changes after {years[found.index]}", *found.warnings, why]).strip("; ")
    p = bootstrap_p(y, trim=trim, seed=seed)
    error = f"simulation error {powers[0].mc_se:.2g}"
    return [
        answer("sup-F", found.statistic, "statistic", "Andrews (1993)", after),
        answer("sup-F, asymptotic", found.p_value, "p", "limit distribution (Andrews 1993), computed"),
        answer("sup-F, bootstrap", p, "p", "fixed regressors, Hansen (2000), 999 draws"),
        answer("sup-F, power", powers[0].power, "probability", f"{shift} midway", error),
        answer(f"Chow {bloc.start}", named.p_value, "p", f"F test of a shift after {at}", year=bloc.start),
        answer(f"Chow {bloc.start}, power", powers[1].power, "probability", shift, year=bloc.start),
        answer("CUSUM", cusum(y).p_value, "p", "Ploberger & Krämer (1992)"),
        answer("stability", hansen(y).p_value, "p", "Hansen (1992), mean and variance"),
        answer("breaks", len(dates.indices), "count", "Bai & Perron (2003), number by BIC"),
        *(
            answer(f"break {k}", years[i + 1], "year", "first year of the new level", year=years[i + 1])
            for k, i in enumerate(dates.indices, 1)
        ),
    ]


def _interrupted(bloc: Bloc, sources: Sources, choices: Trade) -> list[Row]:
    """ln of the founders' mutual exports with steps, oil price and exchange rates, Newey–West errors."""
    total = _mutual_exports(bloc)
    years = [int(year) for year in total.index]
    oil = sources.brent.set_index("year")["brent_usd_bbl"]
    macro = sources.macro[sources.macro["economy"].isin(bloc.founders)]
    rates = macro.pivot(index="year", columns="economy", values="lcu_per_usd").map(np.log).mean(axis=1, skipna=False)
    last = max(year for year in bloc.steps.values() if year <= bloc.end)
    steps = {f"step of {year}": year for year in sorted({bloc.start, last})}
    covariates = {"ln Brent": np.log(oil.reindex(years)), "ln currency per dollar": rates.reindex(years)}
    fit = interrupted(np.log(total), years, steps, {k: v.to_numpy() for k, v in covariates.items()}, slopes=False)
    levels = {f"{name}: level": year for name, year in steps.items()}
    term = f"step of {bloc.start}: level"
    power = interrupted_power(fit, term, STEP, draws=200, seed=choices.seed)
    answer = partial(row, "interrupted", n=fit.n, source="bilateral, annual, brent")
    method = f"ln of mutual exports; OLS, Newey–West, lag {fit.lag}, {fit.df} degrees of freedom"
    rows = [
        answer(name, r["estimate"], se=r["se"], low=r["low"], high=r["high"], method=method, why=fit.warnings,
               year=levels.get(name))
        for name, r in zip(fit.table.index.tolist(), fit.table.to_dict("records"), strict=True)
    ]  # fmt: skip
    tested = f"{term} at 5%, simulated on this design, autocorrelation {fit.rho:.2f}"
    return [
        *rows,
        answer("power", power.power, unit="probability", method=f"{tested}; effect {STEP:g}"),
        answer("size", power.size, unit="probability", method=f"{tested}; no effect"),
    ]
