"""Every verdict can turn with the evidence, and evidence of one source turns no verdict on another."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from deadletter.argument import measured_rows as measures
from deadletter.argument import selected_rows as rows
from deadletter.argument.grounds import Grounds
from deadletter.argument.ledger import Ledger, decide, declarations
from deadletter.argument.ledger_tables import claims_table
from deadletter.labels import ACCOUNT
from tests.argument.claims_world import changed

BODIES = ("organisation", "dispute_settlement", "contributions")


def turned_around(grounds: Grounds) -> Grounds:
    """Votes by consensus, indices and memberships of the other side, one state in every row, dates mirrored in time."""
    cells = ["dead_letter", "full_blown", "tacit", "none"]
    tables = {"votes": grounds.dataset["votes"].assign(quota="1/1")}
    for name in ("expectations", "roles", "memberships"):
        tables[name] = grounds.dataset[name].assign(state="ARM")
    events = grounds.dataset["events"]
    mirrored = [str(4000 - int(cell[:4])) if cell else "" for cell in events["date"]]
    tables["events"] = events.assign(date=mirrored, date_end="")
    turned = replace(changed(grounds, **tables), coding=grounds.coding.model_copy(update={"as_of": "9999-12-31"}))
    placement = grounds.placement.assign(**{cell: 1 - grounds.placement[cell] for cell in cells})
    names = {"value": "value", "low": "high", "high": "low", "bound_low": "bound_high", "bound_high": "bound_low"}
    mirror = {name: 1 - grounds.indices[other] for name, other in names.items()}
    return replace(turned, placement=placement, indices=grounds.indices.assign(**mirror))


def backwards(grounds: Grounds) -> Grounds:
    """The last two periods of the economic lineage change places."""
    swap = {"2010/2014": "2015/2019", "2015/2019": "2010/2014"}
    return replace(
        grounds, **{name: getattr(grounds, name).replace({"period": swap}) for name in ("indices", "placement")}
    )


def against(grounds: Grounds) -> Grounds:
    """Every record speaks for the other side, every rank is the lowest, every provision, instrument, crisis and figure
    another."""
    turned = {"supports": "contradicts", "part": "contradicts", "contradicts": "supports"}
    data = grounds.dataset
    return changed(
        grounds,
        bearings=data["bearings"].replace({"bearing": turned}),
        ranks=data["ranks"].assign(percentile=0.0, value=-data["ranks"]["value"]),
        meetings=data["meetings"].assign(year=1990),
        alliances=data["alliances"].assign(defence=0, **dict.fromkeys(BODIES, -data["alliances"]["phase"])),
        disputes=data["disputes"].rename(columns={"within": "outside", "outside": "within"}),
        vitality=data["vitality"].replace({"group": {"others": "post-Soviet", "post-Soviet": "others"}}),
        surveys=data["surveys"].assign(per_cent=-data["surveys"]["per_cent"]),
        provisions=data["provisions"].assign(answer="another"),
        instruments=data["instruments"].assign(parties="KGZ", signed="", in_force_from="", provisional_from=""),
        crises=data["crises"].assign(troops_sent="yes", request="alliance"),
    )


def estranged(grounds: Grounds) -> Grounds:
    """Five allies vote as the anchor does until 2008, and all of them but Belarus the other way round afterwards."""
    data = grounds.dataset
    at = dict(zip(data["voters"]["iso3"], data["voters"]["position"].astype(int) - 1, strict=True))
    allies = data["groups"].query("group == 'five allies'")["state"]
    votes, swap = data["rollcalls"], str.maketrans("YN", "NY")
    turned = []
    for day, text in zip(votes["date"], votes["votes"], strict=True):
        cast, mine = list(text), text[at[data["anchors"].at[0, "anchor"]]]
        for state in allies:
            cast[at[state]] = mine if state == "BLR" or day < "2009" else mine.translate(swap)
        turned.append("".join(cast))
    return changed(grounds, rollcalls=votes.assign(votes=turned))


def outvoted(grounds: Grounds) -> Grounds:
    """Everybody but the anchor votes the other way round."""
    at = int(grounds.dataset["voters"].set_index("iso3").at[grounds.dataset["anchors"].at[0, "anchor"], "position"]) - 1
    swap = str.maketrans("YN", "NY")
    votes = grounds.dataset["rollcalls"]
    turned = [text[:at].translate(swap) + text[at] + text[at + 1 :].translate(swap) for text in votes["votes"]]
    return changed(grounds, rollcalls=votes.assign(votes=turned))


def later_first(grounds: Grounds) -> Grounds:
    """Roll-calls of 2014–2019 are of 2003–2008, and the reverse."""
    votes = grounds.dataset["rollcalls"]
    years = votes["date"].str[:4].astype(int)
    moved = years + 11 * years.between(2003, 2008) - 11 * years.between(2014, 2019)
    return changed(grounds, rollcalls=votes.assign(date=moved.astype(str) + "-11-01"))


def pushed(grounds: Grounds, end: int) -> Grounds:
    """Every ordinal rating at one end of its scale (0 or -1), every index, estimate, statement, record and percentile
    likewise; the years of bodies that were dead or inactive all in one group."""
    scale = grounds.dataset["scale"].dropna(subset="rank").sort_values("rank")
    extreme = scale.groupby("variable")["value"].agg(lambda values: values.iloc[end])
    ratings, vitality = grounds.dataset["ratings"], grounds.dataset["vitality"]
    ratings = ratings.assign(value=ratings["variable"].map(extreme).fillna(ratings["value"]))
    # between periods, an index rises or falls
    ranks = grounds.indices["period"].rank() / len(grounds.indices)
    value = ranks if end else -ranks
    return replace(
        changed(
            grounds,
            ratings=ratings,
            bearings=grounds.dataset["bearings"].assign(bearing="supports" if end else "contradicts"),
            ranks=grounds.dataset["ranks"].assign(percentile=1.0 if end else 0.0),
            vitality=vitality.assign(share=(vitality["group"] == ("post-Soviet" if end else "others")).astype(float)),
        ),
        indices=grounds.indices.assign(value=value, low=value, high=value, bound_low=value, bound_high=value),
        trade=grounds.trade.assign(verdict="agrees" if end else "differs", estimate=-1.0 if end else 1.0),
    )


def extremes(monkeypatch: pytest.MonkeyPatch, value: bool) -> None:
    """Every condition is met by every row, or by none."""
    for module in (rows, measures):
        monkeypatch.setattr(module, "meeting", lambda _g, frame, _t, c: np.full(len(frame), value or not c))


def scores(grounds: Grounds, tests: list[tuple[str, str]]) -> dict[tuple[str, str], float]:
    declared = declarations(grounds.dataset)
    return {key: declared[key].test.run(grounds.seen_by(key[0])).score for key in tests}


@pytest.mark.slow
def test_every_verdict_can_turn(grounds: Grounds, ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    before = {
        (claim, source): chain.found.score
        for claim, entry in ledger.entries.items()
        for source, chain in entry.chains.items()
        if chain.decision.own.decided
    }
    assert len(before) > 100
    still = list(before)

    def unturned(under: Grounds) -> list[tuple[str, str]]:
        after = scores(under, still)
        return [claim for claim in still if after[claim] == before[claim] or math.isnan(after[claim])]

    for other in (
        turned_around(grounds),
        pushed(grounds, 0),
        pushed(grounds, -1),
        backwards(grounds),
        against(grounds),
        outvoted(grounds),
        estranged(grounds),
        later_first(grounds),
    ):
        still = unturned(other)
    assert [claim for claim, source in still if source != ACCOUNT] == []
    for value in (True, False):
        with monkeypatch.context() as patch:
            extremes(patch, value)
            after = scores(replace(grounds, dataset=replace(grounds.dataset, _known={})), still)  # none selected before
            # where all rows meet a condition, those of the own sentence do too, and may leave a count open
            still = [claim for claim in still if after[claim] == before[claim]]
    assert sorted(claim for claim, _ in still) == []


def test_the_two_sources_are_never_added_up(grounds: Grounds, table: pd.DataFrame):
    """To turn every test of the record moves no verdict on the account, and the other way round."""
    turned = replace(grounds, trade=grounds.trade.assign(verdict="differs", estimate=1.0))
    other = claims_table(decide(turned))
    assert list(other["account_verdict"]) == list(table["account_verdict"])
    assert (other["record_verdict"] != table["record_verdict"]).any()
    blank = grounds.dataset["ratings"].assign(value="not reported")
    silent = claims_table(decide(changed(grounds, ratings=blank)))
    assert list(silent["record_verdict"]) == list(table["record_verdict"])
    assert (silent["account_verdict"] != table["account_verdict"]).any()
