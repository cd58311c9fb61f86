"""Trade statistics: flows, shares, growth, gravity and breaks.

The functions that a reader's own notebook needs, from one place; each is imported when it is first asked for. They take
any panel with any column names, and raise :class:`deadletter.errors.InputError` on what they cannot use.
"""

from deadletter.arguments import offered

__all__, __getattr__ = offered(
    __name__,
    {
        "deadletter.trade.bloc.decomposition": "Decomposition lmdi mutual_exports",
        "deadletter.trade.bloc.flows": "Flows read_flows",
        "deadletter.trade.bloc.shares": "Integration ShareChange integration intra_share partner_share share_change",
        "deadletter.trade.breaks.dating": "Dates bai_perron cusum hansen",
        "deadletter.trade.breaks.interrupted": "Interrupted interrupted",
        "deadletter.trade.breaks.sup_f": "BreakTest SupF bootstrap_p chow sup_f",
        "deadletter.trade.gravity.bias": "Correction correct_bias",
        "deadletter.trade.gravity.curve": "specification_curve",
        "deadletter.trade.gravity.effects": "Effect EventStudy effect event_study leave_one_out linear_sum wald_p",
        "deadletter.trade.gravity.placebo_blocs": "Randomisation placebo_blocs placebo_dates",
        "deadletter.trade.gravity.ppml": "FitResult fit_ppml",
        "deadletter.trade.gravity.treatment": "Keys bloc_dummy by_member leads_lags phase_in",
    },
)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
