"""Every claim decided under one coding, on each source apart: its own test, its supports, and both together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from deadletter.argument.forecasts import FORECAST
from deadletter.argument.found import Found
from deadletter.argument.grounds import Grounds
from deadletter.argument.kinds import Test, read_test, run_test
from deadletter.argument.propagation import Decision, Premises, Standing, propagate
from deadletter.argument.record_votes import state_names
from deadletter.argument.verdicts import strongest, word
from deadletter.coding.model import Coding
from deadletter.coding.narrowed import narrowed
from deadletter.dataset.load import Dataset, derived
from deadletter.dataset.problems import place
from deadletter.errors import InputError
from deadletter.frames import for_readers, records, split_ids
from deadletter.labels import ACCOUNT, AFTER, NONE, RECORD, SOURCES

PATH = "argument/tests.csv"
THESIS = "thesis"
# kinds of test that read later facts, and kinds that read the record; all others read the account
_AFTER_KINDS = ("later_facts",)
_RECORD_KINDS = ("statements", "estimates", "records", "provision", "rank", "figures", "alignment", "realignment")
# the settings that kinds of the first two lists may read
_OUTSIDE = ("as_of", "drop_states", "intervals", "argument")


@dataclass(frozen=True)
class Declared:
    """A row of the table of tests with its test read; ``test`` is None where the claim has none on this source."""

    claim: str
    source: str
    where: str
    test: Test | None
    necessary: tuple[str, ...] = ()
    category: str = ""
    why: str = ""
    notebook: str = "05_argument"
    cell: str = "ledger"


@dataclass(frozen=True)
class Chain:
    """One claim on one source: the row that declares its test (None without one), what it found, and the decision."""

    source: str
    declared: Declared | None
    found: Found | None
    decision: Decision

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return self._word(self.decision.both)

    @property
    def own_verdict(self) -> str:
        """What the claim's own test says."""
        return self._word(self.decision.own)

    @property
    def supports_verdict(self) -> str:
        """What its supports say."""
        return self._word(self.decision.supports)

    @property
    def decided(self) -> bool:
        return self.decision.both.decided

    @property
    def category(self) -> str:
        """Why there is no verdict on this source; empty where there is one, or where nothing is declared."""
        if self.decided or self.declared is None:
            return ""
        return self.found.category if self.found is not None else self.declared.category

    @property
    def rule(self) -> str:
        """What decided the claim: its kind of test, its supports, or both."""
        own = [self.declared.test.kind] if self.declared and self.declared.test else []
        return " and ".join([*own, *(["supports"] if self.decision.supports.decided else [])])

    def _word(self, standing: Standing) -> str:
        return word(standing.score, self.source, anchored=standing.anchored)


@dataclass(frozen=True)
class Entry:
    """One claim with everything that decided it: a chain for each source."""

    claim: Mapping[str, Any]
    premises: Premises
    chains: Mapping[str, Chain]

    @property
    def basis(self) -> str:
        """The strongest source that decided the claim; ``none`` where none did."""
        return strongest([source for source, chain in self.chains.items() if chain.decided])

    @property
    def leading(self) -> Chain:
        """The chain of the strongest source that decided; without one, of the first that a test is declared for."""
        if self.basis != NONE:
            return self.chains[self.basis]
        order = (ACCOUNT, AFTER, RECORD)
        tested = [name for name in order if (row := self.chains[name].declared) and row.test]
        stated = [name for name in order if self.chains[name].declared]
        return self.chains[[*tested, *stated, ACCOUNT][0]]

    @property
    def category(self) -> str:
        """Why the claim has no verdict; empty where it has one."""
        return "" if self.basis != NONE else self.leading.category or "undeclared"

    @property
    def declared(self) -> Declared:
        """The row that says where the claim is shown."""
        return self.leading.declared or next(
            (chain.declared for chain in self.chains.values() if chain.declared),
            Declared(self.claim["id"], ACCOUNT, PATH, None, category="undeclared"),
        )


@dataclass(frozen=True)
class Ledger:
    """Entries by claim, in the order of their ids."""

    entries: Mapping[str, Entry]
    coding: Coding

    def __getitem__(self, claim: str) -> Entry:
        if claim not in self.entries:
            raise InputError("no such claim", found=claim, allowed=list(self.entries))
        return self.entries[claim]


def source_of(kind: str) -> str:
    """The source that a kind of test reads: record, after or account."""
    return AFTER if kind in _AFTER_KINDS else RECORD if kind in _RECORD_KINDS else ACCOUNT


@derived
def declarations(dataset: Dataset) -> dict[tuple[str, str], Declared]:
    """The declared tests by claim and source.

    Raises InputError: an unknown kind or arguments that it does not take, a kind that reads another source, a row with
    neither test nor reason or with both, or a necessary support that does not support the claim.
    """
    supports = _supports(dataset)
    declared = {}
    for number, row in enumerate(records(dataset["tests"]), start=2):
        claim, source, where = row["claim"], row["source"], place(PATH, number, row["claim"])
        if bool(row["kind"]) == bool(row["category"]):
            found = "both" if row["kind"] else "neither"
            raise InputError("wants either a kind of test or a category", where=where, found=found)
        necessary = tuple(split_ids(row["necessary"]))
        for support in necessary:
            if support not in supports[claim]:
                raise InputError("is not a support of this claim", where=f"{where} column necessary", found=support,
                                 allowed=supports[claim] or "none")  # fmt: skip
        test = read_test(row["kind"], row["arguments"], where) if row["kind"] else None
        for kind in _kinds(test):
            if source_of(kind) != source:
                raise InputError(f"{kind} reads another source", where=f"{where} column source", found=source,
                                 allowed=source_of(kind))  # fmt: skip
        rest = (row[name] for name in ("category", "why", "notebook", "cell"))
        declared[claim, source] = Declared(claim, source, where, test, necessary, *rest)
    return declared


def _kinds(test: Test | None) -> list[str]:
    """The kinds of a test; those of its parts, where it has parts."""
    if test is None:
        return []
    parts = test.tests if test.kind in ("all_of", "first_of") else []
    return [kind for part in parts for kind in _kinds(part)] or [test.kind]


def _supports(dataset: Dataset) -> dict[str, list[str]]:
    claims = dataset["claims"]
    return {claim: split_ids(cell) for claim, cell in zip(claims["id"], claims["supports"], strict=True)}


def run_tests(grounds: Grounds, source: str) -> dict[str, Found]:
    """What the tests of one source find, by claim. Raises InputError: as :func:`decide` does."""
    if source == ACCOUNT:
        return _found(grounds, source)
    # codings that differ in how they measure the account share what is found outside it
    coding, none = narrowed(grounds.coding, _OUTSIDE), pd.DataFrame()
    outside = Grounds(grounds.dataset, coding, none, none, grounds.trade)
    key = ("tests", source, repr(outside.coding), outside.trade.to_json())
    return grounds.dataset.once(key, lambda: _found(outside, source))


def _found(grounds: Grounds, source: str) -> dict[str, Found]:
    found = {
        claim: run_test(row.test, grounds.seen_by(claim), row.where)
        for (claim, of), row in declarations(grounds.dataset).items()
        if row.test and of == source
    }
    names = state_names(grounds)
    return {claim: replace(one, reason=for_readers(one.reason, names)) for claim, one in found.items()}


def premises_of(dataset: Dataset) -> dict[str, Premises]:
    """The supports of each claim, those apart that are declared necessary, for whatever source."""
    necessary: dict[str, set[str]] = {}
    for (claim, _), row in declarations(dataset).items():
        necessary.setdefault(claim, set()).update(row.necessary)
    return {
        claim: Premises(
            tuple(name for name in names if name in necessary.get(claim, ())),
            tuple(name for name in names if name not in necessary.get(claim, ())),
        )
        for claim, names in _supports(dataset).items()
    }


def decisions_on(
    grounds: Grounds, source: str, found: Mapping[str, Found], premises: Mapping[str, Premises]
) -> dict[str, Decision]:
    """Verdicts propagated from what the tests of one source found.

    On the record a thesis is decided by its own test alone, for the pre-analysis plan says of each what would confirm
    it; what its supports say is shown with it.

    Raises InputError: circular support.
    """
    claims = grounds.dataset["claims"]
    levels = (FORECAST, THESIS) if source == RECORD else (FORECAST,)
    alone = frozenset(claims.loc[claims["level"].isin(levels), "id"])
    own = {claim: Standing(result.score, result.anchored and result.score == 0) for claim, result in found.items()}
    return propagate(premises, own, grounds.coding.argument, alone)


def decide(grounds: Grounds) -> Ledger:
    """Test every claim and let the verdicts travel, on each source apart: nothing is added up across sources.

    Later facts decide the claims that they are declared for; their verdicts do not travel.

    Raises InputError: a declaration that cannot be read or run, or circular support.
    """
    declared, premises = declarations(grounds.dataset), premises_of(grounds.dataset)
    found = {source: run_tests(grounds, source) for source in SOURCES}
    decided = {source: decisions_on(grounds, source, found[source], premises) for source in SOURCES}
    claims = {row["id"]: row for row in records(grounds.dataset["claims"])}
    entries = {
        claim: Entry(
            claims[claim],
            premises[claim],
            {
                source: Chain(
                    source, declared.get((claim, source)), found[source].get(claim),
                    _alone(decided[source][claim]) if source == AFTER else decided[source][claim],
                )
                for source in SOURCES
            },
        )
        for claim in sorted(claims)
    }  # fmt: skip
    return Ledger(entries, grounds.coding)


def _alone(decision: Decision) -> Decision:
    """The decision of a claim's own test, without its supports."""
    return Decision(decision.own, Standing(), decision.own, disagree=False, counted=0)
