"""What notebooks import, from one place: these names keep their meaning when the modules behind them move.

``from deadletter import notebook as nb``, then ``nb.open_chapter(…)``, ``nb.show(…)``. Each name is imported when it is
first used, so that a notebook depends on what it uses alone.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "argument.sentences_of_verdicts": (
        "by_chance by_regime coverage disagreements divergence_reading diverging_claims placebo_reading standing_in "
        "tally_reading untested with_placebo"
    ),
    "chapter": "open_argument open_chapter",
    "charts.conduct": "compliance_chart figures_chart functions_chart roles_chart wishes_chart",
    "charts.figure": "say section show show_table table_section",
    "charts.framework": "codification_chart execution_chart legalisation_chart trajectory_lines voting_chart",
    "charts.outcomes": "deciding_facts forecasts_chart model_chart",
    "charts.plane": "flips last_placements memberships_chart overview_chart placed_parts placements_table plane_chart",
    "charts.record_charts": (
        "alignment_chart blocs_chart crises_table crisis_positions crisis_votes_chart opinion_chart ranks_chart"
    ),
    "charts.robustness": "curve_chart shares_chart sobol_chart",
    "charts.summary": (
        "ERRATA_COLUMNS FACT_COLUMNS argument_summary chapter_summary errata_of facts_of own_placements "
        "thesis_summaries what_would_change what_would_turn"
    ),
    "charts.theory": "component_examples holsti_roles index_meanings",
    "charts.timelines": (
        "attrition_chart genealogy_chart membership_chart plans_chart plans_survival_chart timeline_chart"
    ),
    "charts.trade_effects": (
        "event_study_chart gravity_reading placebo_blocs_chart published_chart specifications_chart"
    ),
    "charts.trade_series": "decomposition_chart intra_share_chart statements_chart statements_reading statements_table "
    "trade_reading",
    "charts.verdicts_chart": "graph_chart shuffles_chart sources_chart tally_chart",
    "indices.codification": "adopted_norms",
    "indices.compliance": "carried_out",
    "indices.emergence": "events_of membership_spells plan_durations survival",
    "indices.expectation": "wishes",
    "indices.formalisation": "norms_in_force",
    "indices.functions": "function_rows role_rows",
    "indices.power": "voting_power",
    "multiverse.evaluate": "open_multiverse",
    "multiverse.report_sentences": "agreement branches_table coders_in_words how_evaluated in_words_throughout "
    "regimes_of what_is_firm",
    "results": "by_measure stated_percentages",
}
NAMES = {name: home for home, names in _HOMES.items() for name in names.split()}
__all__ = sorted(NAMES)


def __getattr__(name: str) -> Any:
    """A public name, from the module that has it today."""
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__package__}.{NAMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
