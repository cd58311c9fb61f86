"""Forecasts and findings of the text against facts that are later than it."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from deadletter.argument.forecast_rules import Met, Rule, known_by, meet
from deadletter.coding.model import Anchors, Coding
from deadletter.frames import records
from deadletter.indices.compliance import credit
from deadletter.indices.intervals import wilson
from deadletter.indices.placement import MISSING, NOT_IDENTIFIED, UNDECIDED, Axis, place
from deadletter.indices.selection import ALL
from deadletter.labels import AFTER, CELL_NAMES, NONE, OUTSIDE, day_in_words

FORECAST, OPEN = "forecast", "open"
SUPPORTED, PARTLY, NOT_SUPPORTED = (OUTSIDE[score] for score in (1.0, 0.5, 0.0))
SCORES = {SUPPORTED: 1.0, PARTLY: 0.5, NOT_SUPPORTED: 0.0, OPEN: math.nan}
SCORED = [
    "id", "level", "regime", "claim", "as_of", "verdict", "score", "basis", "decided", "facts_for", "facts_against",
    "source", "collector_for", "collector_against", "reason",
]  # fmt: skip
CHECKED = [
    "regime", "check", "id", "claim", "expected", "expected_low", "expected_high", "later", "low", "high", "n",
    "verdict", "score", "facts", "reason",
]  # fmt: skip


def score_forecasts(
    claims: pd.DataFrame, facts: pd.DataFrame, figures: pd.DataFrame, rules: Sequence[Rule], as_of: str,
    levels: Iterable[str] = (FORECAST,),
) -> pd.DataFrame:  # fmt: skip
    """The verdict on each forecast by its rules, from what is known on a day.

    Rules met only for the claim: supported; only against it: not supported; both: partly supported; none: open.
    The judgements of the facts' collector decide nothing: ``collector_for`` and ``collector_against`` count them among
    the facts that met a rule.

    claims: columns ``id``, ``level``, ``regime``, ``label``.
    facts: columns ``id``, ``regime``, ``date`` (year, month or day), ``actors`` (who acts first), ``acts``,
        ``direction``, ``source``, ``page``; a fact counts from its last possible day on.
    figures: columns ``fact``, ``measure``, ``period_end`` (YYYY-MM), ``value``, ``unit``.
    rules: as :func:`deadletter.argument.forecast_rules.read_rules` returns them.
    as_of: last day that is known, ISO.
    levels: levels of claims that are wanted.

    Returns one row a claim, by id, columns of ``SCORED``: ``score`` is 1, ½, 0 or NaN; ``decided`` is the day from
    which the verdict stands; ``source`` holds title and page of the facts that tipped a rule.
    """
    wanted = claims[claims["level"].isin(list(levels))].sort_values("id")
    rows, by_id = [], facts.set_index("id")
    for claim in records(wanted):
        mine = [rule for rule in rules if rule.claim == claim["id"]]
        of_regime = facts[facts["regime"] == claim["regime"]]
        met = [found for rule in mine if (found := meet(rule, of_regime, figures, as_of)) is not None]
        rows.append(_scored(claim, mine, met, by_id, as_of))
    return pd.DataFrame(rows, columns=SCORED)


def _scored(claim: dict[str, str], rules: list[Rule], met: list[Met], facts: pd.DataFrame, as_of: str) -> dict:
    sides = {effect: [m for m in met if m.rule.effect == effect] for effect in ("supports", "contradicts")}
    pros, cons = (sorted({fact for m in side for fact in m.facts}) for side in sides.values())
    verdict = OPEN
    if met:
        verdict = PARTLY if all(sides.values()) else SUPPORTED if sides["supports"] else NOT_SUPPORTED
    tipped = facts.loc[sorted({m.tipping for m in met if m.tipping})]
    direction = facts.loc[sorted({*pros, *cons}), "direction"]
    return {
        **{name: claim[name] for name in ("id", "level", "regime")},
        "claim": claim["label"],
        "as_of": as_of,
        "verdict": verdict,
        "score": SCORES[verdict],
        "basis": AFTER if met else NONE,
        "decided": max((m.date for m in met), default=""),
        "facts_for": ";".join(pros),
        "facts_against": ";".join(cons),
        "source": "; ".join(f"{row['source']} <{row['page']}>" for row in records(tipped)),
        "collector_for": int((direction == "supports").sum()),
        "collector_against": int((direction == "contradicts").sum()),
        "reason": _reason(rules, met, as_of),
    }


def _reason(rules: list[Rule], met: list[Met], as_of: str) -> str:
    if not rules:
        return "no rule is declared for it"
    if met:
        rules_met = [f"{'for' if m.rule.effect == 'supports' else 'against'} ({m.rule.id}): {m.words}" for m in met]
        caveats = dict.fromkeys(m.rule.caveat for m in met if m.rule.caveat)
        return "; ".join([*rules_met, *(f"caveat: {caveat}" for caveat in caveats)])
    if why := next((rule.why for rule in rules if rule.effect == "undecided"), ""):
        return f"cannot be decided here: {why}"
    first = min(rule.since for rule in rules)
    if as_of < first:
        return f"facts count from {day_in_words(first)}; what this coding knows ends on {day_in_words(as_of)}"
    none = f"none of its {len(rules)} rules is" if len(rules) > 1 else "its rule is not"
    return f"{none} met by what is known on {day_in_words(as_of)}"


def by_year(
    claims: pd.DataFrame, facts: pd.DataFrame, figures: pd.DataFrame, rules: Sequence[Rule], as_of: str
) -> pd.DataFrame:
    """The verdicts as they stood at the end of each year since the first day that counts, the last one on ``as_of``.

    Columns ``year`` and those of :func:`score_forecasts`; no rows where nothing that counts is known.
    """
    starts = [rule.since for rule in rules if rule.since]
    first = int(min(starts)[:4]) if starts else int(as_of[:4]) + 1
    years = range(first, int(as_of[:4]) + 1)
    parts = [
        score_forecasts(claims, facts, figures, rules, min(f"{year}-12-31", as_of)).assign(year=year) for year in years
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*SCORED, "year"])


def out_of_sample(
    findings: pd.DataFrame, indices: pd.DataFrame, placement: pd.DataFrame, facts: pd.DataFrame, tests: pd.DataFrame,
    coding: Coding, anchors: Anchors | None,
) -> pd.DataFrame:  # fmt: skip
    """What the text's model says of the last coded period, judged on facts later than that period.

    The share of norms that were kept in later tests is compared with the expectation and the compliance of the period:
    supported where the earlier value lies in Wilson's interval of the later share, partly where the two intervals
    overlap, else not supported. The placement is repeated with the later share and the formalisation of the period.
    All of it is descriptive: the facts are a selection.

    findings: claims other than forecasts, scored by :func:`score_forecasts`; handed on as checks of their own.
    indices, placement: as the tables of results; the last period of each regime counts, and ``as_of`` of the coding is
        the last day that is known.
    tests: columns ``fact``, ``outcome`` (complied, ambiguous, violated).
    anchors: of formalisation by the coding's measure.

    Returns columns of ``CHECKED``; ``expected`` and ``later`` are a share in [0, 1] or a label.
    """
    rows = [
        {
            **{name: row[name] for name in ("regime", "id", "claim", "verdict", "reason")},
            "check": "finding",
            "facts": ";".join(filter(None, [row["facts_for"], row["facts_against"]])),
        }
        for row in records(findings)
    ]
    known = known_by(facts, coding.as_of).merge(tests, left_on="id", right_on="fact")
    whole = indices[(indices["component"] == ALL) & (indices["krasner"] == ALL)]
    for regime, mine in whole.groupby("regime"):
        last = mine[mine["period"] == mine["period"].max()].set_index("index")
        period = last["period"].iloc[0]
        later = known[(known["regime"] == regime) & (known["date"].str[:4] > period[-4:])]
        placed = placement[(placement["regime"] == regime) & (placement["component"] == ALL)]
        labels = placed[placed["period"] == period].set_index("basis")["label"]
        rows += [{"regime": regime, **row} for row in _model_rows(period, last, labels, later, coding, anchors)]
    checks = pd.DataFrame(rows, columns=CHECKED)
    checks = checks.sort_values(["regime", "check", "id"], kind="stable", ignore_index=True)
    return checks.assign(score=checks["verdict"].map(SCORES))


def _model_rows(
    period: str, last: pd.DataFrame, labels: pd.Series, later: pd.DataFrame, coding: Coding, anchors: Anchors | None
) -> Iterator[dict]:
    """Expectation, compliance and placement of a period against the later tests of norms of one regime."""
    kept, counted = _kept(later["outcome"], coding, coding.compliance.ambiguous)
    share, low, high = kept
    # what is ambiguous all counted as broken, and all as kept
    extremes = [_kept(later["outcome"], coding, worth)[0] for worth in (0.0, 1.0)]
    value, least, most = (
        float(last[end].get("formalisation", math.nan)) for end in ("value", "bound_low", "bound_high")
    )
    formal = Axis(value, least, most, anchors)

    def placed_by(share: float) -> str:
        axis = Axis(share, share, share, coding.calibration.compliance)
        return place(formal, axis, coding.calibration.log_odds).label

    def row(check: str, of: str, verdict: str, swayed: Iterable[str], words: str, **cells: Any) -> dict:
        broken, sound = swayed
        sways = f"; it would read '{broken}' with all of these as broken, '{sound}' with all as kept"
        return {
            "id": "", "low": low, "high": high, "n": len(later), "facts": ";".join(sorted(later["id"])), "check": check,
            "claim": f"{of} holds for later conduct", "verdict": verdict,
            "reason": f"{words}; {counted}{sways if broken != sound else ''}", **cells,
        }  # fmt: skip

    for name in [name for name in ("expectation", "compliance") if name in last.index]:
        value, least, most = of_period = [float(last[column].loc[name]) for column in ("value", "low", "high")]
        verdict, wording = _shares_agree(of_period, kept)
        swayed = (_shares_agree(of_period, extreme)[0] for extreme in extremes)
        of = f"{name} of {period}"
        yield row(name, of, verdict, swayed, f"{of}: {wording}",
                  expected=_text(value), expected_low=least, expected_high=most, later=_text(share))  # fmt: skip
        before, after = str(labels.get(name, MISSING)), placed_by(share)
        swayed = (_same(before, placed_by(extreme[0])) for extreme in extremes)
        wording = f"'{CELL_NAMES[before]}' by {name} in {period}, '{CELL_NAMES[after]}' by later conduct"
        wording += ", with formalisation held as it was"
        verdict = _same(before, after)
        yield row(f"placement by {name}", "placement", verdict, swayed, wording, expected=before, later=after)


def _kept(outcome: pd.Series, coding: Coding, worth: float) -> tuple[tuple[float, float, float], str]:
    """Share of later tests that count as kept, with Wilson's interval, each ambiguous one for ``worth``; and words."""
    n, unclear, minimum = len(outcome), int((outcome == "ambiguous").sum()), coding.intervals.minimum_rows
    kept = float(credit((outcome == "complied").sum(), unclear, worth))
    low, high = wilson(kept, n, coding.intervals.level) if n else (math.nan, math.nan)
    wording = f"{kept:g} of {n} later tests of norms count as kept"
    wording += f" ({unclear} ambiguous ones at {worth:g} each)" if unclear else ""
    if n < minimum:
        return (math.nan, low, high), f"{wording}, too few for a value, which requires {minimum}"
    return (kept / n, low, high), wording


def _same(before: str, after: str) -> str:
    unclear = {before, after} & {MISSING, UNDECIDED, NOT_IDENTIFIED}
    return OPEN if unclear else SUPPORTED if before == after else NOT_SUPPORTED


def _shares_agree(before: Sequence[float], after: Sequence[float]) -> tuple[str, str]:
    """Verdict and words on an earlier value with its interval against a later share with its own."""
    (value, least, most), (share, low, high) = before, after
    if math.isnan(value) or math.isnan(share):
        return OPEN, "too few rows before" if math.isnan(value) else "too few tests after"
    span, own = f"the later interval {low:.2f}–{high:.2f}", f"interval {least:.2f}–{most:.2f}"
    if low <= value <= high:
        return SUPPORTED, f"{value:.2f} lies in {span}"
    if least <= high and low <= most:
        return PARTLY, f"{value:.2f} lies outside {span}, but its own {own} reaches into it"
    return NOT_SUPPORTED, f"{value:.2f}, with its {own}, lies outside {span}"


def _text(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.4g}"
