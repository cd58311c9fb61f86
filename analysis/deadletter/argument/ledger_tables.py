"""The two tables of results that are made from the ledger: every claim, and the argument as a graph."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from deadletter.argument.found import Found, united
from deadletter.argument.ledger import Chain, Entry, Ledger
from deadletter.frames import split_ids
from deadletter.labels import ACCOUNT, AFTER, CATEGORIES, NONE, RECORD, capital

OF_SOURCES = (ACCOUNT, RECORD, AFTER)
CLAIM_COLUMNS = [
    *("id", "level", "regime", "section", "claim", "article_value", "computed_value", "unit", "tolerance"),
    *(f"{source}_{part}" for source in OF_SOURCES for part in ("verdict", "reason")),
    *("verdict", "basis", "category", "rule", "reason", "notebook", "cell"),
]
NUMBER = "{:.10g}"


def claims_table(ledger: Ledger) -> pd.DataFrame:
    """Every claim with its verdict on each source: columns of :data:`CLAIM_COLUMNS`.

    ``verdict``, ``basis`` and ``reason`` are those of the strongest source that decided the claim.
    """
    return pd.DataFrame([_row(entry) for entry in ledger.entries.values()], columns=CLAIM_COLUMNS)


def _row(entry: Entry) -> dict[str, Any]:
    leading = entry.leading
    found = leading.found or Found(math.nan, "")
    return {
        **_who(entry),
        "article_value": _cell(found.article),
        "computed_value": _cell(found.computed),
        "unit": found.unit,
        "tolerance": found.tolerance,
        **{f"{source}_verdict": entry.chains[source].verdict for source in OF_SOURCES},
        **{f"{source}_reason": reason_on(entry, entry.chains[source]) for source in OF_SOURCES},
        "verdict": leading.verdict,
        "basis": entry.basis,
        "category": entry.category,
        "rule": leading.rule if entry.basis != NONE else "",
        "reason": reason_on(entry, leading),
        "notebook": entry.declared.notebook,
        "cell": entry.declared.cell,
    }


def _who(entry: Entry) -> dict[str, Any]:
    return {**{name: entry.claim[name] for name in ("id", "level", "regime", "section")}, "claim": entry.claim["label"]}


def _cell(value: float | str) -> str:
    """A number with ten significant digits, or a word; empty where there is none."""
    if isinstance(value, str):
        return value
    return "" if math.isnan(value) else NUMBER.format(value + 0.0)


def reason_on(entry: Entry, chain: Chain) -> str:
    """Why a claim has its verdict on one source, in sentences made from the values; empty where nothing decides."""
    return "".join(f"{part}. " for part in _parts(entry, chain)).rstrip()


def _parts(entry: Entry, chain: Chain) -> Iterator[str]:
    decision, found = chain.decision, chain.found
    if found is not None:
        verdict = chain.own_verdict if decision.own.decided else f"undecided: {CATEGORIES[found.category]}"
        yield f"Own test ({verdict}): {found.reason}"
    elif chain.declared is not None and chain.declared.category and not chain.decided:
        yield capital(CATEGORIES[chain.declared.category])
        if chain.declared.why:
            yield chain.declared.why.rstrip(".")
    if decision.counted:
        verdict = chain.supports_verdict if decision.supports.decided else "no verdict follows"
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
    """A claim with the chain of each source; at the top level that of the strongest that decided."""
    chains = {source: _chain(entry, entry.chains[source]) for source in OF_SOURCES}
    leading = chains[entry.leading.source]
    return {
        **_who(entry),
        "basis": entry.basis,
        "evidence": sorted(split_ids(entry.claim["evidence"])),
        **{name: leading[name] for name in ("verdict", "own_verdict", "supports_verdict", "disagree", "reason")},
        "category": entry.category,
        **{part: list(united(chain[part] for chain in chains.values())) for part in ("read", "cells")},
        "notebook": entry.declared.notebook,
        "cell": entry.declared.cell,
        **chains,
    }


def _chain(entry: Entry, chain: Chain) -> dict[str, Any]:
    found, declared = chain.found, chain.declared
    return {
        "verdict": chain.verdict,
        "own_verdict": chain.own_verdict,
        "supports_verdict": chain.supports_verdict,
        "disagree": chain.decision.disagree,
        "category": chain.category,
        "kind": declared.test.kind if declared and declared.test else "",
        "why": declared.why if declared else "",
        "reason": reason_on(entry, chain),
        "read": list(found.units) if found else [],
        "cells": list(found.cells) if found else [],
        "margin": None if found is None or math.isnan(found.margin) else round(found.margin, 10),
    }
