"""`deadletter why`: from a claim down to the tests, the coded rows and the cells of results that decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from deadletter.argument.ledger import Entry, Ledger, reason
from deadletter.argument.selected_rows import TABLES
from deadletter.dataset.load import Dataset

Located = Mapping[str, tuple[str, Mapping[str, Any]]]


def why(ledger: Ledger, dataset: Dataset, claim: str) -> Tree:
    """The tree of computation behind a claim; what was told above is not told again.

    Raises
    ------
    InputError: no such claim.
    """
    known = located(dataset)
    entry = ledger[claim]
    tree = Tree(_head(entry))
    _grow(tree, entry, ledger, known, {claim})
    return tree


def located(dataset: Dataset) -> Located:
    """Every coded row and later fact by its id, with the path of its table."""
    paths = {**{table: f"account/{table}.csv" for table in TABLES}, "facts": "after_2019/facts.csv"}
    return {row["id"]: (path, row) for table, path in paths.items() for row in dataset[table].to_dict("records")}


def _head(entry: Entry) -> str:
    claim, decision = entry.claim, entry.decision
    basis = f" ({decision.both.basis})" if decision.both.decided else f" ({entry.category})"
    return (
        f"[bold]{claim['id']}[/] {claim['level']}: {escape(claim['label'])} — [bold]{decision.both.verdict}[/]{basis}"
    )


def _grow(tree: Tree, entry: Entry, ledger: Ledger, known: Located, told: set[str]) -> None:
    claim = entry.claim
    tree.add(escape(reason(entry)))
    notes = f"; footnotes {claim['footnotes']}" if claim["footnotes"] else ""
    tree.add(escape(f"stands in {claim['section']} at “{claim['anchor']}”{notes}"))
    if entry.declared.why:
        tree.add(escape(f"why this test: {entry.declared.why}" if entry.declared.test else entry.declared.why))
    if entry.found is not None:
        branch = tree.add("reads")
        for line in (*_rows(entry, known), *entry.found.cells):
            branch.add(escape(line))
    tree.add(f"shown in notebooks/{entry.declared.notebook}.ipynb, cell {entry.declared.cell}")
    if not entry.premises.all:
        return
    rule = ledger.coding.argument
    branch = tree.add(f"supports (rule {rule.rule}, holds from {rule.holds:.2f}, in part from {rule.partly:.2f})")
    for name in entry.premises.all:
        mark = " (necessary)" if name in entry.premises.necessary else ""
        below = branch.add(_head(ledger[name]) + mark)
        if name in told:
            below.add("told above")
            continue
        told.add(name)
        _grow(below, ledger[name], ledger, known, told)


def _rows(entry: Entry, known: Located) -> Iterator[str]:
    """The coded rows that the claim's own test read, with their places in the article."""
    for unit in entry.found.units:
        path, row = known[unit]
        place = f" at “{row['anchor']}” ({row['section']})" if row.get("anchor") else ""
        notes = f", footnotes {row['footnotes']}" if row.get("footnotes") else ""
        dated = f", {row['date']}, seen at {row['page']}" if row.get("page") else ""
        yield f"{unit} of {path}: {row.get('label') or row.get('state')}{dated}{place}{notes}"
