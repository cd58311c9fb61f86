"""Randomisation inference: how large an effect do blocs show that were never formed?

With few treated pairs, standard errors rest on few clusters. The placebo distribution does not: p = (1 + k)/(1 + N)
with k of N placebo blocs at least as extreme as the real one, never below 1/(1 + N) (Phipson & Smyth 2010). Two
statistics: the absolute PPML coefficient, and the absolute score statistic of ``batch.Batch``, which is studentised, so
that blocs of small economies with noisy flows do not dominate (MacKinnon & Webb 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.gravity.batch import CHUNK, CommonModel, common_model, fit_batch
from deadletter.trade.gravity.design import numeric_column
from deadletter.trade.gravity.panel import Panel
from deadletter.trade.gravity.ppml import fit_ppml
from deadletter.trade.gravity.treatment import DYAD, Keys, bloc_dummy
from deadletter.workers.executor import finished, result_of, share

Array = np.ndarray


@dataclass(frozen=True)
class Randomisation:
    """``observed``, ``observed_score``: the real bloc's coefficient (log points) and score statistic; ``p``,
    ``p_score``: their two-sided randomisation p-values; ``smallest_p``: the least attainable, 1/(1 + n); ``n``:
    placebos that could be estimated; ``placebos``: one row each: bloc, start, estimate, score; ``warnings``."""

    observed: float
    observed_score: float
    p: float
    p_score: float
    smallest_p: float
    n: int
    placebos: pd.DataFrame
    warnings: tuple[str, ...]


def placebo_blocs(
    frame: pd.DataFrame,
    flow: str,
    members: Mapping[str, int],
    candidates: Sequence[str],
    *,
    draws: int | None = None,
    seed: int = 0,
    controls: Sequence[str] = (),
    keys: Keys = DYAD,
    executor: Executor | None = None,
) -> Randomisation:
    """All blocs of the real bloc's size among ``candidates``, formed in the same year, in the three-way PPML model.

    Real and placebo blocs are estimated alike, in the same sample by the same iterations; the coefficients are those
    before any bias correction. The real bloc's dummy and ``controls`` stay in the model while a placebo is tried.
    ``members`` must share one first treated year: economies that join later belong neither here nor among the
    candidates (end the sample before, or control for them). With ``draws``, a seeded sample without replacement of
    that many blocs where there are more. An ``executor`` shares the fits out, which changes nothing in them.

    Raises
    ------
    InputError: members with several first years; candidates that are members, repeated, absent, or too few; no draws;
        and what ``fit_ppml`` raises.
    """
    start = _single_start(members)
    candidates = _candidates(frame, members, candidates, keys)
    study = _Study(frame, flow, tuple(controls), keys)
    real = bloc_dummy(frame, members, keys).to_numpy()
    observed = study.observed(real)
    pool = _sampled([(chosen, start) for chosen in combinations(candidates, len(members))], draws, seed)
    return _judge(*observed, *study.placebos(pool, {"real bloc": real}, executor))


def placebo_dates(
    frame: pd.DataFrame,
    flow: str,
    members: Mapping[str, int],
    candidates: Sequence[str],
    dates: Sequence[int],
    *,
    years: int,
    seed: int,
    draws: int = 999,
    controls: Sequence[str] = (),
    keys: Keys = DYAD,
    executor: Executor | None = None,
) -> Randomisation:
    """Seeded draws, without replacement, over bloc × first year before the real bloc was formed.

    Like is compared with like: each estimate, the real bloc's too, is made in a panel of ``years`` years before the
    first treated year and as many from it on. All of the product is used where it has no more than ``draws`` elements.

    Raises
    ------
    InputError: as ``placebo_blocs``; and where the panel does not hold the years around a date, or around the real one.
    """
    start = _single_start(members)
    candidates = _candidates(frame, members, candidates, keys)
    first, last = frame[keys.year].min(), frame[keys.year].max()
    wrong = [date for date in dates if not first + years <= date <= start - years]
    if years < 1 or wrong or len(dates) == 0 or not first <= start - years <= start + years - 1 <= last:
        raise InputError(
            f"a date needs {years} observed years before it and as many from it on, before the real bloc's",
            where="dates",
            found=wrong or list(dates),
            allowed=f"{first + years} to {start - years}, and years up to {start + years - 1} in the panel",
        )
    studies = {
        date: _Study(frame[frame[keys.year].between(date - years, date + years - 1)], flow, tuple(controls), keys)
        for date in sorted({start, *dates})
    }
    observed = studies[start].observed(bloc_dummy(studies[start].frame, members, keys).to_numpy())
    product = [(chosen, date) for chosen in combinations(candidates, len(members)) for date in sorted(set(dates))]
    pool = _sampled(product, draws, seed)
    found = [
        studies[date].placebos(mine, {}, executor)
        for date in sorted(set(dates))
        if (mine := [draw for draw in pool if draw[1] == date])
    ]
    table = pd.concat([part for part, _ in found], ignore_index=True)
    notes = tuple(dict.fromkeys(note for _, told in found for note in told))
    return _judge(*observed, table, notes)


def _sampled(pool: list, draws: int | None, seed: int) -> list:
    """``draws`` of the pool in its order, or all of it."""
    if draws is not None and draws < 1:
        raise InputError("needs at least one draw", where="draws", found=draws)
    if draws is None or len(pool) <= draws:
        return pool
    picked = np.random.default_rng(seed).choice(len(pool), draws, replace=False)
    return [pool[k] for k in np.sort(picked)]


@dataclass(frozen=True)
class _Study:
    """A frame with the names of its columns: what every fit of a placebo study shares."""

    frame: pd.DataFrame
    flow: str
    controls: tuple[str, ...]
    keys: Keys

    def observed(self, real: Array) -> tuple[float, float]:
        """Coefficient and score statistic of the real bloc; the single fit checks the input for all that follow."""
        self.single(real, {})
        panel = Panel.of(self.frame, self.flow, self.keys)
        model = common_model(panel.flow, panel.sample, panel.fill(self.known()))
        estimate, score = self.estimates(panel, model, {}, [panel.fill([real])[..., 0]])
        return float(estimate[0]), float(score[0])

    def placebos(
        self, draws: Sequence[tuple[tuple, int]], real: Mapping[str, Array], executor: Executor | None
    ) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The table of placebo blocs (members, start), with the columns ``real`` in the model, and named warnings."""
        panel = Panel.of(self.frame, self.flow, self.keys)
        model = common_model(panel.flow, panel.sample, panel.fill([*real.values(), *self.known()]))
        ours = tuple(share(executor, part) for part in (self, panel, model, real))
        tasks = {first: (*ours, draws[first : first + CHUNK]) for first in range(0, len(draws), CHUNK)}
        found = {first: result_of(future) for first, future in finished(executor, _chunk, tasks.items())}
        estimate, score = (np.concatenate(part) for part in zip(*(found[first] for first in tasks), strict=True))
        blocs, starts = [members for members, _ in draws], [start for _, start in draws]
        table = pd.DataFrame({"bloc": blocs, "start": starts, "estimate": estimate, "score": score})
        lost = table["estimate"].isna() | table["score"].isna()
        notes = (f"placebo: {lost.sum()} blocs without variation or without any flow left out",) if lost.any() else ()
        return table[~lost].reset_index(drop=True), notes

    def estimates(
        self, panel: Panel, model: CommonModel, others: Mapping[str, Array], dummies: list[Array]
    ) -> tuple[Array, Array]:
        """Estimate and score of each dummy (I, J, T); one that is far from the common model goes through the ordinary
        fit, which also knows separation. NaN where a dummy cannot be estimated."""
        batch = fit_batch(model, dummies)
        estimate = batch.estimate.copy()
        for row in np.flatnonzero(batch.estimable & ~batch.converged):
            try:
                estimate[row] = self.single(dummies[row][panel.cells].astype(float), others)
            except InputError:
                estimate[row] = np.nan
        return estimate, batch.score

    def known(self) -> list[Array]:
        return [numeric_column(self.frame, name) for name in self.controls]

    def single(self, dummy: Array, others: Mapping[str, Array]) -> float:
        """The coefficient of one bloc through the ordinary fit. Raises InputError where it cannot be estimated."""
        keys, panel = self.keys, self.frame.assign(**{"this bloc": dummy, **others})
        terms = " + ".join(f"`{name}`" for name in ["this bloc", *others, *self.controls])
        pair = f"{keys.exporter}^{keys.importer}"
        effects = [f"{keys.exporter}^{keys.year}", f"{keys.importer}^{keys.year}", pair]
        fit = fit_ppml(panel, f"`{self.flow}` ~ {terms}", absorb=effects, cluster=[pair])
        if "this bloc" not in fit.coef.index:
            raise InputError("the bloc is collinear with effects and controls", where="placebo")
        return float(fit.coef["this bloc"])


def _chunk(
    study: _Study, panel: Panel, model: CommonModel, others: Mapping[str, Array], draws: Sequence[tuple[tuple, int]]
) -> tuple[Array, Array]:
    """Estimates and scores of some placebo blocs, wherever they are made."""
    return study.estimates(panel, model, others, [panel.dummy(*draw) for draw in draws])


def _judge(observed: float, score: float, placebos: pd.DataFrame, notes: tuple[str, ...]) -> Randomisation:
    n = len(placebos)
    if not np.isfinite([observed, score]).all():
        raise InputError("the real bloc cannot be estimated by the iterations of the placebos", where="placebo")
    if n == 0:
        raise InputError("no placebo bloc could be estimated", where="placebo")
    # A placebo equal to the real value up to the fits' tolerance counts as at least as extreme.
    counts = [
        int((placebos[column].abs() >= abs(value) * (1 - 1e-6)).sum())
        for column, value in (("estimate", observed), ("score", score))
    ]
    return Randomisation(
        observed=observed,
        observed_score=score,
        p=(1 + counts[0]) / (1 + n),
        p_score=(1 + counts[1]) / (1 + n),
        smallest_p=1 / (1 + n),
        n=n,
        placebos=placebos,
        warnings=notes,
    )


def _single_start(members: Mapping[str, int]) -> int:
    if len(set(members.values())) != 1:
        raise InputError(
            "the members must share one first treated year",
            where="members",
            found=dict(members),
            allowed="leave later members out, and out of the candidates",
        )
    return next(iter(members.values()))


def _candidates(frame: pd.DataFrame, members: Mapping[str, int], candidates: Sequence[str], keys: Keys) -> list[str]:
    names = list(candidates)
    economies = set(frame[keys.exporter]) & set(frame[keys.importer])
    for name in names:
        if name not in economies:
            raise InputError("not in the panel", where="candidates", found=name, allowed=sorted(map(str, economies)))
        if name in members:
            raise InputError("a member of the real bloc cannot be in a placebo", where="candidates", found=name)
    if len(set(names)) < len(names) or comb(len(names), len(members)) < 1:
        raise InputError(
            "needs distinct candidates, at least as many as members",
            where="candidates",
            found=f"{len(names)} names, {len(set(names))} distinct",
            allowed=f"at least {len(members)}",
        )
    return sorted(names)
