"""Randomisation inference: how large an effect do blocs show that were never formed?

With few treated pairs, standard errors rest on few clusters. The placebo distribution does not: p = (1 + k)/(1 + N)
with k of N placebo blocs at least as extreme as the real one, never below 1/(1 + N) (Phipson & Smyth 2010). Two
statistics: the absolute PPML coefficient, and the absolute score statistic of ``batch.Batch``, which is studentised, so
that blocs of small economies with noisy flows do not dominate (MacKinnon & Webb 2020).
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.given import Seed
from deadletter.trade.centring import centred
from deadletter.trade.gravity.batch import CHUNK, CommonModel, Panel, common_model, fit_batch
from deadletter.trade.gravity.design import Array
from deadletter.trade.gravity.formula import numeric_column
from deadletter.trade.gravity.ppml import FitResult, fit_ppml
from deadletter.trade.gravity.treatment import DYAD, Keys, bloc_dummy, check_keys, check_years
from deadletter.workers.executor import finished, result_of, share

Draw = tuple[tuple[str, ...], int]
REAL, PLACEBO = "real bloc", "this bloc"
NOTHING = 1e-9  # an effect or a score that is as good as zero


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
    seed: Seed = 0,
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
    return Study(frame, flow, members, tuple(controls), keys).among(candidates, draws, seed, executor)


def placebo_dates(
    frame: pd.DataFrame,
    flow: str,
    members: Mapping[str, int],
    candidates: Sequence[str],
    dates: Sequence[int],
    *,
    years: int,
    seed: Seed,
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
    check_keys(frame, keys)
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
        date: Study(
            frame[frame[keys.year].between(date - years, date + years - 1)],
            flow, members if date == start else {}, tuple(controls), keys,
        )
        for date in {*dates, start}
    }  # fmt: skip
    product = [(chosen, date) for chosen in combinations(candidates, len(members)) for date in sorted(set(dates))]
    pool = _sampled(product, draws, seed)
    found = [
        studies[date].placebos(mine, executor)
        for date in sorted(set(dates))
        if (mine := [draw for draw in pool if draw[1] == date])
    ]
    table = pd.concat([part for part, _ in found], ignore_index=True)
    return _judge(*studies[start].observed, table, tuple(dict.fromkeys(note for _, notes in found for note in notes)))


def _sampled(pool: list[Draw], draws: int | None, seed: int) -> list[Draw]:
    """``draws`` of the pool in its order, or all of it."""
    if draws is not None and draws < 1:
        raise InputError("needs at least one draw", where="draws", found=draws)
    if draws is None or len(pool) <= draws:
        return pool
    picked = np.random.default_rng(seed).choice(len(pool), draws, replace=False)
    return [pool[k] for k in np.sort(picked)]


@dataclass(frozen=True, eq=False)
class Study:
    """What all placebo fits of one panel share, each part computed once; without ``members`` no real bloc is in it."""

    frame: pd.DataFrame
    flow: str
    members: Mapping[str, int]
    controls: tuple[str, ...] = ()
    keys: Keys = DYAD

    def among(
        self, candidates: Sequence[str], draws: int | None = None, seed: int = 0, executor: Executor | None = None
    ) -> Randomisation:
        """The real bloc among placebo blocs of these candidates; see :func:`placebo_blocs`."""
        check_keys(self.frame, self.keys)
        start = _single_start(self.members)
        names = _candidates(self.frame, self.members, candidates, self.keys)
        observed = self.observed  # its fit checks the input for all that follow
        pool = _sampled([(chosen, start) for chosen in combinations(names, len(self.members))], draws, seed)
        return _judge(*observed, *self.placebos(pool, executor))

    @cached_property
    def panel(self) -> Panel:
        return Panel.of(self.frame, self.flow, self.keys)

    @cached_property
    def known(self) -> list[Array]:
        # one far from zero would look collinear with the effects
        return [centred(numeric_column(self.frame, name)) for name in self.controls]

    @cached_property
    def real(self) -> dict[str, Array]:
        """The dummy of the real bloc by the name that it has in a formula."""
        return {REAL: bloc_dummy(self.frame, self.members, self.keys).to_numpy()} if self.members else {}

    @cached_property
    def start(self) -> Array | None:
        """Linear indices (I, J, T) of the ordinary fit with the real bloc, which are near those of every model."""
        return self.panel.fill_index(self.fit({}).start(len(self.frame))) if self.members else None

    @cached_property
    def model(self) -> CommonModel:
        """The model that a placebo is added to: the real bloc and the controls."""
        controls = self.panel.fill([*self.real.values(), *self.known])
        return common_model(self.panel.flow, self.panel.sample, controls, self.start)

    @cached_property
    def observed(self) -> tuple[float, float]:
        """Coefficient and score statistic of the real bloc, by the iterations of the placebos."""
        start, panel = self.start, self.panel
        model = common_model(panel.flow, panel.sample, panel.fill(self.known), start)
        found = fit_batch(model, [panel.fill(list(self.real.values()))[..., 0]])
        estimate = found.estimate[0] if found.converged[0] else self.fit({}).coef[REAL]
        return float(estimate), float(found.score[0])

    def placebos(self, draws: Sequence[Draw], executor: Executor | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """The table of placebo blocs (members, start) beside the real one, and named warnings."""
        _ = self.model  # computed here, once, for all workers
        shared = share(executor, self)
        tasks = {first: (shared, draws[first : first + CHUNK]) for first in range(0, len(draws), CHUNK)}
        found = {first: result_of(future) for first, future in finished(executor, Study.estimates, tasks.items())}
        estimate, score = (np.concatenate(part) for part in zip(*(found[first] for first in tasks), strict=True))
        blocs, starts = [members for members, _ in draws], [start for _, start in draws]
        table = pd.DataFrame({"bloc": blocs, "start": starts, "estimate": estimate, "score": score})
        lost = table["estimate"].isna() | table["score"].isna()
        notes = (f"placebo: {lost.sum()} blocs without variation or without any flow left out",) if lost.any() else ()
        return table[~lost].reset_index(drop=True), notes

    def estimates(self, draws: Sequence[Draw]) -> tuple[Array, Array]:
        """Estimate and score of each placebo bloc; one that is far from the common model goes through the ordinary
        fit, which also knows separation. NaN where a bloc cannot be estimated."""
        dummies = [self.panel.dummy(*draw) for draw in draws]
        batch = fit_batch(self.model, dummies)
        estimate = batch.estimate.copy()
        for row in np.flatnonzero(batch.estimable & ~batch.converged):
            with suppress(InputError):
                fit = self.fit({PLACEBO: dummies[row][self.panel.cells].astype(float)})
                estimate[row] = fit.coef.get(PLACEBO, np.nan)
        return estimate, batch.score

    def fit(self, dummies: Mapping[str, Array]) -> FitResult:
        """The ordinary fit with some dummies, the real bloc and the controls. Raises InputError as ``fit_ppml``, and
        where the real bloc is alone and collinear with effects and controls."""
        for name in {REAL, PLACEBO} & {*self.controls, self.flow}:
            raise InputError("a column has the name of a bloc's dummy", where="placebo", found=name)
        keys, panel = self.keys, self.frame.assign(**dummies, **self.real)
        terms = " + ".join(f"`{name}`" for name in [*dummies, *self.real, *self.controls])
        pair = f"{keys.exporter}^{keys.importer}"
        effects = [f"{keys.exporter}^{keys.year}", f"{keys.importer}^{keys.year}", pair]
        fit = fit_ppml(panel, f"`{self.flow}` ~ {terms}", absorb=effects, cluster=[pair])
        if not dummies and REAL not in fit.coef.index:
            raise InputError("the bloc is collinear with effects and controls", where="placebo")
        return fit


def _judge(observed: float, score: float, placebos: pd.DataFrame, notes: tuple[str, ...]) -> Randomisation:
    n = len(placebos)
    if not np.isfinite([observed, score]).all():
        raise InputError("the real bloc cannot be estimated by the iterations of the placebos", where="placebo")
    if n == 0:
        raise InputError("no placebo bloc could be estimated", where="placebo")
    # A placebo equal to the real value up to the fits' tolerance counts as at least as extreme.
    counts = [
        int((placebos[column].abs() >= abs(value) * (1 - 1e-6) - NOTHING).sum())
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
    check_years(members)
    if len(set(members.values())) != 1:
        problem = "the members must share one first treated year"
        allowed = "leave later members out, and out of the candidates"
        raise InputError(problem, where="members", found=dict(members), allowed=allowed)
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
        problem, found = "needs distinct candidates, at least as many as members", f"{len(set(names))} distinct names"
        raise InputError(problem, where="candidates", found=found, allowed=f"at least {len(members)}")
    return sorted(names, key=str)
