"""The model of a coding. Each field's description is what `deadletter params` and the docs print."""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
LN19 = math.log(19)
# how an override is held: e044 compliance=violated: the consultation was not held
TEXT = r"^([a-z]+[0-9]+) ([a-z_]+)=([^:]*): (\S.*)$"


def _exponent(value: object) -> object:
    """Minus infinity is the one infinite exponent: the minimum, or weakest link."""
    if isinstance(value, float) and (math.isnan(value) or value == math.inf):
        raise ValueError("must be a number from -inf to 10")
    return value


Exponent = Annotated[float, BeforeValidator(_exponent), Field(le=10)]


class Part(BaseModel):
    """A group of fields: strict types, no unknown keys, nothing changed after it is made."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Weights(Part):
    """Weights of one aggregation; they sum to one."""

    @model_validator(mode="after")
    def _sum(self) -> Weights:
        values = [getattr(self, name) for name in type(self).model_fields]
        if not math.isclose(sum(values), 1, abs_tol=1e-3):
            raise ValueError(f"weights must sum to 1, these sum to {sum(values):.6g}")
        return self


class DimensionWeights(Weights):
    obligation: Share = Field(1 / 3, description="Weight of obligation; with the other two it sums to 1.")
    precision: Share = Field(1 / 3, description="Weight of precision.")
    delegation: Share = Field(1 / 3, description="Weight of delegation; 0 leaves delegation out.")


class ComponentWeights(Weights):
    principle: Share = Field(0.25, description="Weight of principles; with the other three it sums to 1.")
    norm: Share = Field(0.25, description="Weight of norms.")
    rule: Share = Field(0.25, description="Weight of rules.")
    procedure: Share = Field(0.25, description="Weight of decision procedures.")


class Formalisation(Part):
    measure: Literal["codification", "conjunctive", "legalisation"] = Field(
        "codification",
        description="Which measure places a regime: codification (written, binding, in force for all members), its "
        "conjunctive reading (the weakest of Krasner's components), or legalisation (obligation, precision, "
        "delegation).",
    )
    missing_component: Literal["zero", "leave_out"] = Field(
        "zero", description="How codification counts a Krasner component without an adopted norm."
    )
    grouping: Literal["baseline", "wide", "stated"] = Field(
        "baseline",
        description="Which reference organisations give the anchors of codification by their group means; stated takes "
        "those of calibration.codification instead.",
    )
    leave_out: Annotated[str, Field(pattern=r"^([A-Z0-9]+-[0-9]{4})?$")] = Field(
        "", description="Reference organisation left out of the anchors of codification; empty leaves out none."
    )
    dimension_weights: DimensionWeights = Field(default_factory=DimensionWeights)
    component_weights: ComponentWeights = Field(default_factory=ComponentWeights)
    dimension_exponent: Exponent = Field(
        1.0, description="Exponent of the power mean over dimensions: 1 arithmetic, 0 geometric, -.inf minimum."
    )
    component_exponent: Exponent = Field(1.0, description="Exponent of the power mean over Krasner's components.")
    aspect: Literal["all", "substance", "procedure"] = Field("all", description="Which norms count.")


class Expectation(Part):
    definition: Literal["outlook", "met"] = Field(
        "outlook",
        description="outlook: states act as though norms will be kept; met: share of earlier norm-related wishes met.",
    )
    aggregate: Literal["level", "level_times_convergence"] = Field(
        "level", description="Whether the axis is the level alone, or disagreement among members lowers it."
    )
    stated: Literal["first", "alike"] = Field(
        "first",
        description="first: where a passage states what a member expects, conduct of that member does not count; "
        "alike: both count.",
    )
    coverage: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.5, description="The index has a value only where more than this share of the members is rated."
    )
    state_weights: Literal["equal", "gdp", "votes"] = Field(
        "equal", description="Weights of states; gdp uses the mean over the period, years before 2000 use 2000."
    )
    overlap: Literal["keep", "drop"] = Field(
        "keep", description="drop leaves out outlook units whose evidence also feeds compliance or output."
    )


class Compliance(Part):
    ambiguous: Share = Field(0.5, description="Value of an ambiguous event, between violated (0) and complied (1).")
    window: Literal["begins", "touches"] = Field(
        "begins",
        description="begins: an event counts in the period in which it begins, undated conduct in none; touches: in "
        "each period that its dates touch.",
    )
    exits: Literal["ignore", "ambiguous", "violated"] = Field(
        "ignore", description="How a spell that ends by non-renewal, suspension or withdrawal counts."
    )
    aspect: Literal["all", "substance", "procedure"] = Field("all", description="Events on which norms count.")


class Output(Part):
    partly: Share = Field(0.5, description="Value of a norm carried out in part.")
    aspect: Literal["all", "substance", "procedure"] = Field("all", description="Which norms and bodies count.")


class Functions(Part):
    both: Share = Field(
        0.5, description="Share of a mixed function that counts as communicative; 0 is the purist reading of Habermas."
    )


class Anchors(Part):
    """Ragin's three anchors of the direct method."""

    exclusion: Share = Field(description="Value that is fully out of the set (membership 1/20).")
    crossover: Share = Field(description="Value of greatest ambiguity (membership 1/2).")
    inclusion: Share = Field(description="Value that is fully in the set (membership 19/20).")

    @model_validator(mode="after")
    def _ordered(self) -> Anchors:
        if not self.exclusion < self.crossover < self.inclusion:
            raise ValueError("anchors must rise: exclusion < crossover < inclusion")
        return self


class Calibration(Part):
    log_odds: Positive = Field(LN19, description="Log odds of membership at the outer anchors; ln 19 is 0.05 and 0.95.")
    codification: Anchors = Field(default_factory=lambda: Anchors(exclusion=1 / 3, crossover=2 / 3, inclusion=1.0))
    legalisation: Anchors = Field(default_factory=lambda: Anchors(exclusion=2 / 9, crossover=0.5, inclusion=8 / 9))
    expectation: Anchors = Field(default_factory=lambda: Anchors(exclusion=1 / 6, crossover=0.5, inclusion=5 / 6))
    compliance: Anchors = Field(default_factory=lambda: Anchors(exclusion=1 / 6, crossover=0.5, inclusion=5 / 6))
    output: Anchors = Field(default_factory=lambda: Anchors(exclusion=1 / 6, crossover=0.5, inclusion=5 / 6))


class Argument(Part):
    """How a claim's verdict follows from the claims that support it."""

    rule: Literal["necessary", "weakest", "share"] = Field(
        "necessary",
        description="necessary: the weakest necessary support and the share of the joint ones; or one rule for all.",
    )
    holds: Share = Field(2 / 3, description="Mean score of joint supports from which a claim holds.")
    partly: Share = Field(1 / 3, description="Mean score of joint supports from which it holds in part.")
    coverage: Share = Field(0.5, description="Share of supports that must be decided for a verdict to follow.")
    least: Annotated[int, Field(ge=1, le=100)] = Field(
        3, description="Least number of rows, from distinct sentences, on which a test of the account may rest."
    )
    margin: Annotated[float, Field(ge=0, le=0.5)] = Field(
        0.05, description="A value on a scale from 0 to 1 this close to its criterion decides in part at most."
    )
    placebo_draws: Annotated[int, Field(ge=19, le=10_000)] = Field(
        199, description="Seeded shuffles of the ratings under which all tests of the account run again."
    )
    placebo_share: Share = Field(
        0.5, description="Share of shuffles from which a claim counts as one that holds by chance as well."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Argument:
        if not 0 < self.partly < self.holds:
            raise ValueError("thresholds must rise: 0 < partly < holds")
        return self


class Intervals(Part):
    level: Annotated[float, Field(ge=0.5, lt=1)] = Field(0.95, description="Coverage of intervals.")
    draws: Annotated[int, Field(ge=99, le=100_000)] = Field(999, description="Bootstrap draws.")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(20200225, description="Seed of the bootstrap.")
    vote_draws: Annotated[int, Field(ge=19, le=10_000)] = Field(
        400, description="Draws for votes: of roll-calls for intervals, of states for random groups."
    )
    minimum_rows: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="Below this number of rows an index has an interval only."
    )


class Trade(Part):
    """Choices of the trade questions: sample, treatment, inference."""

    sample_end: Annotated[int, Field(ge=2003, le=2100)] = Field(
        2019, description="Last year of the sample; after 2021 sanctions and re-exports confound every comparison."
    )
    convention: Literal["twice", "once"] = Field(
        "twice", description="How mutual trade counts in the share of a bloc: 2I/(2I+X), or I/(I+X)."
    )
    event: Annotated[str, Field(pattern=r"^[a-z0-9_]*$")] = Field(
        "", description="Step of data/trade/treatments.csv from which founders are treated; empty is the earliest."
    )
    part_year: Literal["treated", "untreated"] = Field(
        "treated", description="Whether a year in which a step took effect after January is its first treated one."
    )
    others: Literal["ignore", "control", "drop"] = Field(
        "ignore", description="Pairs to which something else happened (kind other): kept, given a dummy, or left out."
    )
    aggregates: Literal["keep", "drop"] = Field(
        "keep", description="Whether unions and the rest of the world stay in the gravity sample."
    )
    cluster: Literal["pair", "exporter_importer"] = Field("pair", description="Clusters of the main standard errors.")
    leads: Annotated[int, Field(ge=2, le=8)] = Field(5, description="Leads of the event study; the first is binned.")
    lags: Annotated[int, Field(ge=0, le=12)] = Field(8, description="Lags of the event study; the last is binned.")
    phase: tuple[Annotated[int, Field(ge=0, le=12)], ...] = Field(
        (0, 3, 6), description="Years after the step at which an increment is estimated; their sum is the full effect."
    )
    placebo_draws: Annotated[int, Field(ge=19, le=100_000)] = Field(
        199, description="Largest number of placebo blocs; where there are more, a seeded sample of them."
    )
    placebo_years: Annotated[int, Field(ge=1, le=10)] = Field(
        3, description="Years on each side of a placebo date, and of the real one shown with it."
    )
    trim: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        0.15, description="Share of a series at either end in which no break is looked for."
    )
    tolerance_factor: Positive = Field(1.0, description="Factor on the tolerance of each quantitative statement.")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        20200225, description="Seed of placebo samples, bootstraps and simulated power."
    )


Periods = tuple[Annotated[str, Field(pattern=r"^\d{4}/\d{4}$")], ...]


class Coding(Part):
    """One coding: what is counted, how it is weighed, and where the thresholds lie."""

    title: Annotated[str, Field(min_length=1, max_length=120)] = Field(description="Title on pages and charts.")
    why: Annotated[str, Field(min_length=1, max_length=600)] = Field(
        description="The reason that a referee would accept."
    )
    coder: Annotated[str, Field(pattern=r"^(mean|reconciled|coder-[0-9]+)$")] = Field(
        "coder-1",
        description="Whose ratings count: one coder; mean (of ordinal ratings, the first coder's elsewhere); "
        "reconciled (what coders agree on, else a third judgement with its reason).",
    )
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = Field(
        "2019-12-31", description="Last day that is known; nothing later is used."
    )
    drop_states: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = Field(
        (), description="States left out, by ISO 3166 alpha-3 code."
    )
    periods: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], Periods] = Field(
        description="Periods of each lineage, as first/last year, in order."
    )
    overrides: tuple[Annotated[str, Field(pattern=TEXT, max_length=400)], ...] = Field(
        (), description="Cells decided otherwise, from the file that `ratings` names: unit, variable, value, rationale."
    )
    formalisation: Formalisation = Field(default_factory=Formalisation)
    expectation: Expectation = Field(default_factory=Expectation)
    compliance: Compliance = Field(default_factory=Compliance)
    output: Output = Field(default_factory=Output)
    functions: Functions = Field(default_factory=Functions)
    calibration: Calibration = Field(default_factory=Calibration)
    argument: Argument = Field(default_factory=Argument)
    intervals: Intervals = Field(default_factory=Intervals)
    trade: Trade = Field(default_factory=Trade)

    @model_validator(mode="after")
    def _dates(self) -> Coding:
        try:
            datetime.date.fromisoformat(self.as_of)
        except ValueError:
            raise ValueError(f"as_of is not a day of the calendar: {self.as_of}") from None
        for lineage, periods in self.periods.items():
            if not periods:
                raise ValueError(f"periods.{lineage} lists no period")
            last = 0
            for first, end in self.spans(lineage):
                if not last < first <= end:
                    raise ValueError(f"periods.{lineage} contradict: they must follow one another without overlap")
                last = end
        return self

    def spans(self, lineage: str) -> list[tuple[int, int]]:
        """First and last years of the periods of a lineage, in order."""
        return [(int(period[:4]), int(period[5:])) for period in self.periods[lineage]]
