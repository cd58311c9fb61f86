"""Every claim decided under one coding: its own test, its supports, and the two tables of results made from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from deadletter.argument.forecasts import FORECAST
from deadletter.argument.found import Found
from deadletter.argument.grounds import Grounds
from deadletter.argument.kinds import Test, read_test, run_test
from deadletter.argument.propagation import Decision, Premises, Standing, propagate
from deadletter.argument.verdicts import CATEGORIES, NOT_TESTED
from deadletter.coding.model import Coding
from deadletter.dataset.article.anchors import split_ids
from deadletter.dataset.load import Dataset
from deadletter.dataset.problems import place
from deadletter.errors import InputError

PATH = "argument/tests.csv"
CLAIM_COLUMNS = [
    "id",
    "level",
    "regime",
    "section",
    "claim",
    "article_value",
    "computed_value",
    "unit",
    "tolerance",
    "verdict",
    "basis",
    "category",
    "rule",
    "reason",
    "notebook",
    "cell",
]
NUMBER = "{:.10g}"


@dataclass(frozen=True)
class Declared:
    """A row of the table of tests with its test read; ``test`` is None where the claim has none of its own."""

    claim: str
    where: str
    test: Test | None
    necessary: tuple[str, ...]
    category: str
    why: str
    notebook: str
    cell: str


@dataclass(frozen=True)
class Entry:
    """One claim with everything that decided it."""

    claim: Mapping[str, Any]
    declared: Declared
    found: Found | None
    premises: Premises
    decision: Decision

    @property
    def category(self) -> str:
        """Why the claim is not tested; empty where it is."""
        if self.decision.both.decided:
            return ""
        if self.found is not None:
            return self.found.category
        return self.declared.category

    @property
    def rule(self) -> str:
        """What decided the claim: its kind of test, its supports, or both."""
        own = [self.declared.test.kind] if self.declared.test else []
        return " and ".join([*own, *(["supports"] if self.decision.supports.decided else [])])


@dataclass(frozen=True)
class Ledger:
    """Entries by claim, in the order of their ids."""

    entries: Mapping[str, Entry]
    coding: Coding

    def __getitem__(self, claim: str) -> Entry:
        if claim not in self.entries:
            raise InputError("no such claim", found=claim, allowed=list(self.entries))
        return self.entries[claim]


def declarations(dataset: Dataset) -> dict[str, Declared]:
    """The declared tests by claim; a claim without a row has none, and says so.

    Raises
    ------
    InputError: an unknown kind or arguments that it does not take, a row with neither test nor reason or with both, or
        a necessary support that does not support the claim.
    """
    supports = _supports(dataset)
    declared = {}
    for number, row in enumerate(dataset["tests"].to_dict("records"), start=2):
        claim, where = row["claim"], place(PATH, number, row["claim"])
        if bool(row["kind"]) == bool(row["category"]):
            found = "both" if row["kind"] else "neither"
            raise InputError("wants either a kind of test or a category", where=where, found=found)
        necessary = tuple(split_ids(row["necessary"]))
        for support in necessary:
            if support not in supports[claim]:
                allowed = supports[claim] or "none"
                raise InputError("is no support of this claim", where=f"{where} column necessary", found=support,
                                 allowed=allowed)  # fmt: skip
        test = read_test(row["kind"], row["arguments"], where) if row["kind"] else None
        rest = (row[name] for name in ("category", "why", "notebook", "cell"))
        declared[claim] = Declared(claim, where, test, necessary, *rest)
    for claim in supports:
        declared.setdefault(claim, Declared(claim, PATH, None, (), "undeclared", "", "05_argument", "ledger"))
    return declared


def _supports(dataset: Dataset) -> dict[str, list[str]]:
    claims = dataset["claims"]
    return {claim: split_ids(cell) for claim, cell in zip(claims["id"], claims["supports"], strict=True)}


def decide(grounds: Grounds) -> Ledger:
    """Test every claim and let the verdicts travel.

    Raises
    ------
    InputError: a declaration that cannot be read or run, or circular support.
    """
    declared, supports = declarations(grounds.dataset), _supports(grounds.dataset)
    found = {
        claim: run_test(row.test, grounds.seen_by(claim), row.where) for claim, row in declared.items() if row.test
    }
    premises = {
        claim: Premises(
            tuple(name for name in names if name in declared[claim].necessary),
            tuple(name for name in names if name not in declared[claim].necessary),
        )
        for claim, names in supports.items()
    }
    claims = {row["id"]: row for row in grounds.dataset["claims"].to_dict("records")}
    own = {claim: Standing(result.score, result.basis) for claim, result in found.items()}
    forecasts = frozenset(claim for claim, row in claims.items() if row["level"] == FORECAST)
    decisions = propagate(premises, own, grounds.coding.argument, forecasts)
    entries = {
        claim: Entry(claims[claim], declared[claim], found.get(claim), premises[claim], decisions[claim])
        for claim in sorted(claims)
    }
    return Ledger(entries, grounds.coding)


def claims_table(ledger: Ledger) -> pd.DataFrame:
    """Every claim with its verdict: columns of :data:`CLAIM_COLUMNS`."""
    return pd.DataFrame([_row(entry) for entry in ledger.entries.values()], columns=CLAIM_COLUMNS)


def _row(entry: Entry) -> dict[str, Any]:
    found = entry.found or Found(math.nan, "")
    return {
        **{name: entry.claim[name] for name in ("id", "level", "regime", "section")},
        "claim": entry.claim["label"],
        "article_value": _cell(found.article),
        "computed_value": _cell(found.computed),
        "unit": found.unit,
        "tolerance": found.tolerance,
        "verdict": entry.decision.both.verdict,
        "basis": entry.decision.both.basis,
        "category": entry.category,
        "rule": entry.rule,
        "reason": reason(entry),
        "notebook": entry.declared.notebook,
        "cell": entry.declared.cell,
    }


def _cell(value: float | str) -> str:
    """A number with ten significant digits, or a word; empty where there is none."""
    if isinstance(value, str):
        return value
    return "" if math.isnan(value) else NUMBER.format(value + 0.0)


def reason(entry: Entry) -> str:
    """Why the claim stands as it does, in sentences made from the values."""
    return ". ".join(_parts(entry)) + "."


def _parts(entry: Entry) -> Iterator[str]:
    decision = entry.decision
    if entry.found is not None:
        own = decision.own.verdict if decision.own.decided else f"undecided: {CATEGORIES[entry.found.category]}"
        yield f"Own test ({own}): {entry.found.reason}"
    elif entry.category or not decision.supports.decided:
        yield CATEGORIES[entry.declared.category].capitalize()
    if entry.premises.all:
        verdict = decision.supports.verdict if decision.supports.decided else "no verdict follows"
        yield f"Supports ({decision.counted} of {len(entry.premises.all)} decided): {verdict}"
    if decision.disagree:
        yield "The two disagree"


def argument_graph(ledger: Ledger) -> dict[str, Any]:
    """The argument as nodes (claims with their verdicts) and edges (from a claim to one that it supports)."""
    entries = ledger.entries.values()
    edges = [
        {"from": support, "to": entry.claim["id"], "necessary": support in entry.premises.necessary}
        for entry in entries
        for support in sorted(entry.premises.all)
    ]
    return {"nodes": [_node(entry) for entry in entries], "edges": edges}


def _node(entry: Entry) -> dict[str, Any]:
    decision, found = entry.decision, entry.found
    return {
        **{name: entry.claim[name] for name in ("id", "level", "regime", "section")},
        "claim": entry.claim["label"],
        "verdict": decision.both.verdict,
        "basis": decision.both.basis,
        "category": entry.category,
        "own_verdict": decision.own.verdict,
        "own_basis": decision.own.basis,
        "supports_verdict": decision.supports.verdict if decision.supports.decided else NOT_TESTED,
        "supports_basis": decision.supports.basis,
        "disagree": decision.disagree,
        "reason": reason(entry),
        "evidence": sorted(split_ids(entry.claim["evidence"])),
        "read": list(found.units) if found else [],
        "cells": list(found.cells) if found else [],
        "notebook": entry.declared.notebook,
        "cell": entry.declared.cell,
    }
