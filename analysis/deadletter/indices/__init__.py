"""Indices: formalisation, expectation, compliance, output, functions, placement, voting power, agreement.

What a reader's own notebook needs comes from this one place; each name is imported when it is first used. These
functions take plain numbers and arrays and need no project; the indices of a coded study take a dataset, a coding and a
scope, and stay in the modules named after them.
"""

from deadletter.arguments import offered

__all__, __getattr__ = offered(
    __name__,
    {
        "deadletter.indices.alpha": "Alpha krippendorff_alpha",
        "deadletter.indices.intervals": "wilson",
        "deadletter.indices.means": "convergence power_mean weighted_mean",
        "deadletter.indices.placement": "Axis Placement calibrate place",
        "deadletter.indices.power": "banzhaf shapley_shubik",
        "deadletter.indices.selection": "Scope",
    },
)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
