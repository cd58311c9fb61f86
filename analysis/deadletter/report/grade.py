"""The verdict of a replication, computed from facts: grades and thresholds as data editors of economics use them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from deadletter.report.audit import BROKEN, FAIL, LISTED, Facts

FULL = "full reproduction"
MINOR = "full reproduction with minor issues"
PARTIAL = "partial reproduction"
FAILED = "not reproduced"
NOT_YET = "not reproduced yet"
GRADES = (FULL, MINOR, PARTIAL, FAILED, NOT_YET)

# more than a quarter of the outputs wanting makes a reproduction partial; three quarters, none
WANTING, FAILING = 0.25, 0.75


@dataclass(frozen=True)
class Verdict:
    """``grade`` is one of :data:`GRADES`; ``reasons`` what it was computed from, a sentence each."""

    grade: str
    reasons: tuple[str, ...]


def verdict_of(facts: Facts) -> Verdict:
    """The verdict on the facts."""
    if not any(output.there for output in facts.outputs):
        return Verdict(NOT_YET, ("there are no results; `deadletter run` computes them",))
    share = _wanting(facts) / len(facts.outputs)
    ended = any(FAIL in output.reasons or output.name == BROKEN for output in facts.outputs)
    if share == 1 and not ended and not facts.faults:
        grade = NOT_YET
    elif share > FAILING:
        grade = FAILED
    elif share > WANTING or facts.faults:
        # what is wrong with the content is not a minor issue, however few outputs it touches
        grade = PARTIAL
    else:
        grade = MINOR if share else FULL
    return Verdict(grade, tuple(_reasons(facts)))


def _wanting(facts: Facts) -> int:
    """Outputs that are missing, failed or out of date, or of which a table is not reproduced."""
    differing = set(facts.differing)
    return sum(bool(output.reasons or differing & set(output.files)) for output in facts.outputs)


def _reasons(facts: Facts) -> Iterator[str]:
    current = sum(not output.reasons for output in facts.outputs)
    yield f"{current} of {len(facts.outputs)} outputs are up to date with data, parameters and code"
    first = Counter(output.reasons[0] for output in facts.outputs if output.reasons)
    for reason, count in first.most_common(LISTED):
        yield f"{count} {'is' if count == 1 else 'are'} not: {reason}"
    if len(first) > LISTED:
        others = sum(count for _, count in first.most_common()[LISTED:])
        yield f"{others} more {'is' if others == 1 else 'are'} not, for reasons that the findings list"
    if facts.recomputed:
        same = len(facts.recomputed) - len(facts.differing)
        yield f"{same} of {len(facts.recomputed)} tables, computed once more for this report, have the same bytes"
    else:
        yield "no table was computed once more for this report"
    if facts.errors:
        yield f"{len(facts.errors)} errors in executed notebooks"
    if facts.unplaced:
        yield f"{len(facts.unplaced)} claims name a cell that shows nothing"
    if facts.problems:
        yield f"{len(facts.problems)} problems in data, parameters or claims"
