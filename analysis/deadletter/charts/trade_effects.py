"""Charts and prose of the gravity questions: years, placebos, specifications, and published estimates next to ours."""

import altair as alt
import numpy as np
import pandas as pd

from deadletter.charts.channels import TOP, hues, row_height, rows_of, zero
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLACK, BLUE, GREY, ORANGE, VERMILION, WIDTH
from deadletter.charts.trade_series import answers, of_question
from deadletter.frames import records
from deadletter.labels import p_value

AXIS = "effect on founders' trade, logs"
REJECTED = 0.05
MODELS = {"PPML": BLUE, "least squares": ORANGE}


def event_study_chart(trade: pd.DataFrame) -> Figure | str:
    """The founders' trade by year against the year before the step, with intervals."""
    rows = of_question(trade, "gravity_event").dropna(subset=["estimate"])
    if rows.empty:
        return ""
    joint = float(rows["estimate"].loc["gravity_event.leads_jointly_zero"])
    data = rows.dropna(subset=["lead_lag"])
    data = data.assign(k=data["lead_lag"].astype(int)).sort_values("k")
    after = data[data["k"] >= 0]
    clear = int((after["low"] * after["high"] > 0).sum())
    title = f"Founders' trade differs from the year before the step in {clear} of {len(after)} years after it"
    parallel = "paths before the step are not distinguishable"
    if joint < REJECTED:
        parallel = "it moved differently before the step too, which rules a causal reading out"
    base = alt.Chart(data).encode(x=alt.X("k:O", title="years since the step", axis=alt.Axis(labelAngle=0, format="d")))
    band = base.mark_rule(strokeWidth=3, color=BLUE, opacity=0.45).encode(y=alt.Y("low:Q", title=AXIS), y2="high:Q")
    dots = base.mark_point(color=BLUE, filled=True, opacity=1).encode(y="estimate:Q", tooltip=["k", "estimate", "se"])
    chart = (zero() + band + dots).properties(width=WIDTH, height=250)
    wording = "; ".join(f"year {r.k:+d}: {r.estimate:+.2f} ({r.low:+.2f} to {r.high:+.2f})" for r in data.itertuples())
    subtitle = "Three-way PPML (Poisson pseudo-maximum likelihood) with 95% intervals; the outermost years are binned"
    return Figure(chart, title, subtitle, f"{title}; {parallel} ({p_value(joint)} for all leads jointly). {wording}.")


def placebo_blocs_chart(trade: pd.DataFrame, placebos: pd.DataFrame) -> Figure | str:
    """Distribution of the effects of blocs that were never formed, with the real one."""
    if placebos.empty:
        return ""
    p = of_question(trade, "gravity_placebo")
    tests = [name for name in ("all blocs", "neighbours", "earlier dates") if name in set(placebos["test"])]
    counts = placebos["test"].value_counts()
    values = p[p["factor"] == "coefficient"].set_index("convention")["estimate"][tests]
    shares = ", ".join(f"{share:.0%} ({test})" for test, share in values.items())
    title = f"Share of placebos with an effect at least as large: {shares}"
    limit = float(placebos["estimate"].abs().quantile(0.99))
    data = placebos.assign(shown=placebos["estimate"].clip(-limit, limit))
    ticks = alt.Axis(values=list(np.arange(-3, 3.5, 0.5)), format=".1f")
    x = alt.X("shown:Q", bin=alt.Bin(maxbins=50), title=AXIS, axis=ticks)
    bars = alt.Chart(data).mark_bar(color=GREY).encode(x, alt.Y("count()", title="placebo blocs"))
    real = alt.Chart(data).mark_rule(color=VERMILION, strokeWidth=3).encode(x="mean(observed):Q")
    row = alt.Row("test:N", sort=tests, title=None, header=alt.Header(labelAngle=0, labelAlign="left"))
    chart = (bars + real).properties(width=WIDTH - 10, height=110).facet(row=row)
    real_effect = placebos.groupby("test")["observed"].first()
    wording = "; ".join(
        f"{name}: {counts[name]} placebos, real effect {real_effect[name]:+.2f}, {p_value(values[name])}"
        for name in tests
    )
    subtitle = f"Line: the real bloc, estimated alike; the outermost bars hold what lies beyond ±{limit:.1f}"
    return Figure(chart.resolve_scale(y="independent"), title, subtitle, f"{title}. {wording}.")


def specifications_chart(curve: pd.DataFrame) -> Figure | str:
    """Every specification of the founders' effect, sorted, with the step and sample of each below."""
    data = curve.dropna(subset=["estimate"]).sort_values(["estimate", "model", "sample", "treatment"])
    if data.empty:
        return ""
    data = data.assign(rank=range(1, len(data) + 1), choice=data["treatment"] + ", " + data["sample"])
    positive = (data["estimate"] > 0).mean()
    clear = data.groupby("model")["p"].apply(lambda p: (p < 0.05).mean())
    wording = ", ".join(f"{share:.0%} by {model}" for model, share in clear.items())
    title = f"{positive:.0%} of {len(data)} specifications are positive; significant at 5%: {wording}"
    colour = hues("model", MODELS, MODELS.values(), legend=TOP)
    x = alt.X("rank:Q", title=None, axis=None, scale=alt.Scale(domain=[0, len(data) + 1], nice=False))
    base = alt.Chart(data).encode(x=x, color=colour)
    spread = base.mark_rule(opacity=0.3, strokeWidth=1.5).encode(y=alt.Y("low:Q", title=AXIS), y2="high:Q")
    dots = base.mark_point(size=14, filled=True, opacity=1).encode(y="estimate:Q")
    tall = (zero() + spread + dots).properties(width=WIDTH - 20, height=220)
    strip = base.mark_tick(thickness=1.5).properties(width=WIDTH - 20, height=alt.Step(15))
    labels = {"treatment": "treated", "sample": "sample"}
    strips = [strip.encode(alt.Y(f"{name}:N", title=label)) for name, label in labels.items()]
    low, high = data["estimate"].min(), data["estimate"].max()
    words = f"{title}. Estimates run from {low:.2f} to {high:.2f} logs, median {data['estimate'].median():.2f}."
    return Figure(alt.vconcat(tall, *strips, spacing=6), title, "Sorted by estimate; below, the choices of each", words)


def published_chart(published: pd.DataFrame, trade: pd.DataFrame) -> Figure | str:
    """Published effects with a figure, in logs, beside ours after the bias correction."""
    gravity = of_question(trade, "gravity")
    if "gravity.founders_bias_corrected" not in gravity.index:
        return ""
    data = in_logs(published)
    ours = gravity.loc["gravity.founders_bias_corrected"]
    mine = {"label": "ours: founders, bias corrected", **ours[["estimate", "low", "high"]], "whose": "ours"}
    data = pd.concat([data, pd.DataFrame([mine])], ignore_index=True)
    others = data[data["whose"] == "published"]
    low, high = others["estimate"].min(), others["estimate"].max()
    stated = f"{len(others)} published ones run from {low:+.2f} to {high:+.2f}"
    title = f"Our estimate is {ours['estimate']:+.2f} logs; {stated}"
    colour = hues("whose", ["ours", "published"], [VERMILION, BLACK], legend=TOP)
    base = alt.Chart(data).encode(rows_of("label", data["label"], 360), colour)
    dots = base.mark_point(filled=True, opacity=1).encode(x=alt.X("estimate:Q", title="effect, logs"))
    bars = base.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    wording = "; ".join(f"{r.label}: {r.estimate:+.2f}" for r in data.itertuples())
    chart = (bars + dots).properties(width=WIDTH - 260, height=alt.Step(row_height(data["label"], 360, 24)))
    subtitle = "Not a ranking: each study estimates something else; lines: 95%, where a standard error is known"
    return Figure(chart, title, subtitle, f"{title}. {wording}.")


def in_logs(published: pd.DataFrame) -> pd.DataFrame:
    """Published effects that have a figure: label, estimate, low, high in logs; per cent become ln(1 + x/100)."""
    data = published.dropna(subset=["estimate"])
    percent = data["unit"] == "percent"
    estimate = data["estimate"].where(~percent, np.log1p(data["estimate"] / 100))
    half = (1.96 * data["se"]).where(~percent)
    short = data["study"].str.split(",").str[0] + ": " + data["term"]
    frame = {"label": short, "estimate": estimate, "low": estimate - half, "high": estimate + half}
    return pd.DataFrame(frame).assign(whose="published").drop_duplicates("label").reset_index(drop=True)


def gravity_reading(trade: pd.DataFrame) -> str:
    """What the gravity questions say, in sentences made from the values, under their questions."""
    gravity = of_question(trade, "gravity")
    if "gravity.founders_bias_corrected" not in gravity.index:
        return ""
    ours, percent = gravity.loc["gravity.founders_bias_corrected"], gravity.loc["gravity.founders_per_cent"]
    sure = "is" if ours["low"] * ours["high"] > 0 else "is not"
    way = "less" if percent["estimate"] < 0 else "more"
    more = [
        f"Founders trade {abs(percent['estimate']):.1f}% {way} with each other "
        f"than the model expects (interval {percent['low']:+.1f} to {percent['high']:+.1f}%); this {sure} "
        "distinguishable from zero."
    ]
    p = of_question(trade, "gravity_placebo")
    chance = p[p["factor"].isin(["coefficient", "score"])]
    groups = chance.assign(group=chance["term"].str.rpartition(", ")[0]).groupby("group", sort=False)
    wording = [
        f"Placebos, {group}: p = " + ", ".join(f"{r.estimate:.2g} ({r.factor})" for r in rows.itertuples()) + "."
        for group, rows in groups
    ]
    if wording:
        wording.append("Standard errors rest on few treated pairs.")
    event, causal = of_question(trade, "gravity_event")["estimate"], []
    if (joint := event.get("gravity_event.leads_jointly_zero")) is not None:
        so = "The paths before the step are not distinguishable, as the design requires"
        if joint < REJECTED:
            so = "Founders' trade moved differently before the step too, so the design identifies no effect of it"
        causal.append(f"{so} ({p_value(joint)} for all leads jointly).")
    firm = []
    for question, words in (("gravity_variant", "Other choices"), ("gravity_leave_one_out", "Without one economy")):
        rows = of_question(trade, question).dropna(subset=["estimate"])
        if len(rows):
            ordered = records(rows.sort_values("estimate", kind="stable"))
            ends = " and ".join(f"{end['estimate']:+.2f} ({end['term']})" for end in (ordered[0], ordered[-1]))
            firm.append(f"{words}: between {ends}, in logs.")
    return answers(
        {
            "Do founders trade more with each other than expected?": more,
            "Could it be chance? (placebo blocs)": wording,
            "Is it an effect of integration?": causal,
            "How much does it depend on the specification?": firm,
        }
    )
