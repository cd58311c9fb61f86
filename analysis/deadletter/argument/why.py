"""`deadletter why`: from a claim to the tests, rows and cells of results that decide it, source by source."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from deadletter.argument.ledger import Chain, Entry, Ledger
from deadletter.argument.ledger_tables import reason_on
from deadletter.argument.outside import RECORD_TABLES
from deadletter.argument.selected_rows import TABLES
from deadletter.dataset.load import Dataset, derived
from deadletter.frames import records
from deadletter.labels import ACCOUNT, AFTER, NONE, RECORD, place_in_words

Located = Mapping[str, tuple[str, Mapping[str, Any]]]
TITLES = {ACCOUNT: "On the account", RECORD: "On the record", AFTER: "By later facts"}


def why(ledger: Ledger, dataset: Dataset, claim: str, depth: int | None = None, *, called: str = "the text") -> Tree:
    """The tree of computation behind a claim: first its verdicts, then for each source the chain down to the rows.

    depth: how many levels of supports are opened below the claim; None opens all. A claim is opened once.
    called: the noun for what the study coded.

    Raises InputError: no such claim.
    """
    known, entry = located(dataset), ledger[claim]
    tree = Tree(_head(entry, f"{entry.leading.verdict} ({entry.category if entry.basis == NONE else entry.basis})"))
    for line in summary(entry):
        tree.add(escape(line))
    notes = f"; footnotes {entry.claim['footnotes']}" if entry.claim["footnotes"] else ""
    tree.add(escape(f"In {called}: {entry.claim['section']}, at {place_in_words(entry.claim)}{notes}"))
    levels = math.inf if depth is None else depth
    for source, title in TITLES.items():
        if _speaks(entry, source):
            branch = tree.add(f"[bold]{title}[/]")
            _grow(branch, entry, source, ledger, known, {claim}, levels)
    tree.add(f"Shown in notebooks/{entry.declared.notebook}.ipynb, cell {entry.declared.cell}")
    return tree


def summary(entry: Entry) -> list[str]:
    """The verdict of each source on a claim in a line, and whether they diverge."""
    lines = [f"{title}: {_verdict(entry.chains[source])}" for source, title in TITLES.items() if _speaks(entry, source)]
    scores = {chain.decision.both.score for chain in entry.chains.values() if chain.decided}
    return [*lines, "The sources diverge."] if len(scores) > 1 else lines


@derived
def located(dataset: Dataset) -> Located:
    """Every coded row, record and later fact by its id, with the path of its table."""
    return {
        row["id"]: (dataset.sources.get(table, (table, ""))[0], row)
        for table in (*TABLES, "facts", *RECORD_TABLES)
        if table in dataset
        for row in records(dataset[table])
    }


def _speaks(entry: Entry, source: str) -> bool:
    chain = entry.chains[source]
    return chain.declared is not None or bool(chain.decision.counted)


def _verdict(chain: Chain) -> str:
    return chain.verdict if chain.decided or not chain.category else f"{chain.verdict} ({chain.category})"


def _head(entry: Entry, verdict: str) -> str:
    return f"[bold]{entry.claim['id']}[/] {entry.claim['level']}: {escape(entry.claim['label'])} — [bold]{verdict}[/]"


def _grow(
    tree: Tree, entry: Entry, source: str, ledger: Ledger, known: Located, opened: set[str], levels: float
) -> None:
    chain = entry.chains[source]
    if words := reason_on(entry, chain):
        tree.add(escape(words))
    if chain.declared is not None and chain.declared.why.rstrip(".") not in words:
        label = "Why this test: " if chain.declared.test else ""
        tree.add(escape(f"{label}{chain.declared.why}"))
    if chain.found is not None and (chain.found.units or chain.found.cells):
        branch = tree.add("reads")
        for line in (*_rows(chain, known), *chain.found.cells, *chain.found.trace):
            branch.add(escape(line))
    supports = [name for name in entry.premises.all if _speaks(ledger[name], source)]
    if source == AFTER or not supports:
        return
    rule = ledger.coding.argument
    branch = tree.add(f"supports (rule {rule.rule}, holds from {rule.holds:.2f}, in part from {rule.partly:.2f})")
    for name in supports:
        below = ledger[name]
        mark = " (necessary)" if name in entry.premises.necessary else ""
        leaf = branch.add(_head(below, _verdict(below.chains[source])) + mark)
        if name in opened:
            leaf.add("opened above")
        elif levels > 0:
            opened.add(name)
            _grow(leaf, below, source, ledger, known, opened, levels - 1)


def _rows(chain: Chain, known: Located) -> Iterator[str]:
    """The rows that the claim's own test read, with their places in the article or their pages."""
    for unit in chain.found.units if chain.found else ():
        path, row = known.get(unit, ("data", {}))
        place = f" at {place_in_words(row)} ({row['section']})" if place_in_words(row) and row.get("section") else ""
        notes = f", footnotes {row['footnotes']}" if row.get("footnotes") else ""
        dated = f", {row.get('date', '')}, seen at {row['page']}" if row.get("page") else ""
        label = next((row[name] for name in ("label", "what", "treaty", "place", "body", "state") if row.get(name)), "")
        yield f"{unit} of {path}: {label}{dated}{place}{notes}"
