"""Words for readers: cells of the plane, bases, measures, and placements without a cell. One place for all."""

from __future__ import annotations

# Levy, Young & Zürn (1995): two degrees of formalisation by two of expectation
CELL_NAMES = {
    "dead_letter": "dead letter",
    "full_blown": "full-blown regime",
    "tacit": "tacit regime",
    # not "no regime": a treaty organisation that is less formal than the crossover is still one
    "none": "weakly formalised, little expected",
    "undecided": "undecided",
    "missing": "not placed",
    "not_identified": "not identified",
}
CELL_MEANINGS = {
    "dead_letter": "more formalised than the crossover, and its norms are not expected to be kept",
    "full_blown": "more formalised than the crossover, and its norms are expected to be kept",
    "tacit": "less formalised than the crossover, yet its norms are expected to be kept",
    "none": "less formalised than the crossover, and its norms are not expected to be kept",
    "undecided": "two cells share the greatest membership",
    "missing": "an index has too few rows for a value",
    "not_identified": "what is ambiguous, unreported or unseen decides on which side of a crossover a value lies",
}
BASIS_NAMES = {"expectation": "expectation", "compliance": "compliance", "output": "output"}
MEASURE_NAMES = {
    "codification": "codification",
    "conjunctive": "codification, weakest component",
    "legalisation": "legalisation",
}
