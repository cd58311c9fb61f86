"""What must not change a result: the order of rows and columns, names, units, an empty category, a row without data,
a sample given twice, the side from which time or a pair of coders is looked at; or changes it as the formula says."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter import alignment, indices, trade

NAMES = [f"C{k}" for k in range(6)]
WAYS = ["exporter^year", "importer^year", "exporter^importer"]
PAIR = ["exporter^importer"]
FORMULA = "flow ~ bloc + x + z"
some = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10**6)


def panel(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cells = [(i, j, t) for i in NAMES for j in NAMES if i != j for t in range(2000, 2006)]
    frame = pd.DataFrame(cells, columns=["exporter", "importer", "year"])
    frame["bloc"] = trade.bloc_dummy(frame, {"C0": 2003, "C1": 2003, "C2": 2003})
    frame["x"], frame["z"] = rng.normal(size=(2, len(frame)))
    # large enough that no year of the bloc has only zeros, which would leave its coefficient out
    return frame.assign(flow=rng.poisson(np.exp(2 + 0.3 * frame["bloc"] + 0.2 * frame["x"])) * 1.0)


def fitted(frame: pd.DataFrame, formula: str = FORMULA, absorb=WAYS, cluster=PAIR) -> np.ndarray:
    """Estimates and errors with and without correction, p of the RESET, in the order of names."""
    fit = trade.fit_ppml(frame, formula, absorb=absorb, cluster=cluster)
    fixed = trade.correct_bias(fit, "year")
    names = sorted(fit.coef.index)
    return np.r_[fit.coef[names], fit.se[names], fixed.coef[names], fixed.se[names], fit.reset_p]


CHANGES = {
    "rows in another order": lambda f, rng: f.sample(frac=1, random_state=int(rng.integers(1000))),
    "years backwards": lambda f, rng: f.assign(year=-f["year"]),
    "years as floats": lambda f, rng: f.assign(year=f["year"].astype(float)),
    "years as text": lambda f, rng: f.assign(year=f["year"].astype(str)),
    "other names": lambda f, rng: f.replace({"exporter": dict(zip(NAMES, rng.permutation(NAMES), strict=True))}),
    "each side as the other": lambda f, rng: f.rename(columns={"exporter": "importer", "importer": "exporter"}),
    "an empty category": lambda f, rng: f.assign(exporter=pd.Categorical(f["exporter"], ["A", *NAMES[::-1]])),
    "a row without a flow": lambda f, rng: pd.concat([f, f.iloc[:1].assign(flow=np.nan, year=1999)]),
    "an economy without flows": lambda f, rng: pd.concat(
        [f, f[f["exporter"] == "C0"].assign(exporter="N", flow=0.0)]
    ),
    "an index with duplicates": lambda f, rng: f.set_axis(np.zeros(len(f), dtype=int)),
    "flows in another unit": lambda f, rng: f.assign(flow=f["flow"] * 1e-6),
    "a regressor moved": lambda f, rng: f.assign(x=f["x"] + 100),
    "what the effects absorb": lambda f, rng: f.assign(
        x=f["x"] + f.groupby(["exporter", "year"])["x"].transform("mean")
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@settings(max_examples=2, deadline=None)
@given(seeds)
def test_gravity(change, seed):
    frame = panel(seed)
    changed = CHANGES[change](frame, np.random.default_rng(seed))
    assert fitted(changed) == pytest.approx(fitted(frame), rel=1e-6, abs=1e-8)


@settings(max_examples=3, deadline=None)
@given(seeds, st.permutations(["bloc", "x", "z"]), st.permutations(WAYS))
def test_gravity_in_the_order_of_terms_and_effects(seed, terms, ways):
    frame = panel(seed)
    again = fitted(frame, "flow ~ " + " + ".join(terms), ways, ["importer^exporter"])
    assert again == pytest.approx(fitted(frame), rel=1e-6, abs=1e-8)


@settings(max_examples=3, deadline=None)
@given(seeds)
def test_errors_by_what_is_clustered(seed):
    frame = panel(seed).rename_axis("row").reset_index()

    def se(data, *cluster, absorb=("exporter", "year")):
        fit = trade.fit_ppml(data, "flow ~ bloc + x", absorb=list(absorb), cluster=list(cluster))
        return fit.se.to_numpy()

    n = len(frame)
    assert se(frame, "row") == pytest.approx(se(frame) * np.sqrt(n / (n - 1)))
    # pairs are nested in exporters: two ways are as the outer one
    assert se(frame, "exporter", *PAIR) == pytest.approx(se(frame, "exporter"))
    assert se(frame, "importer", "exporter") == pytest.approx(se(frame, "exporter", "importer"))
    twice = pd.concat([frame, frame])
    assert se(twice, "importer") == pytest.approx(se(frame, "importer"))
    assert se(twice) == pytest.approx(se(frame) / np.sqrt(2))
    # effects that others contain, or that are given twice, change nothing
    for more, less in (
        (("exporter", "year", "year"), ("exporter", "year")),
        (("exporter^year", "year"), ("exporter^year",)),
    ):
        assert se(frame, "importer", absorb=more) == pytest.approx(se(frame, "importer", absorb=less))


@settings(max_examples=4, deadline=None)
@given(seeds)
def test_placebos_events_and_curves(seed):
    frame = panel(seed)
    mixed = frame.sample(frac=1, random_state=seed % 1000)
    bloc = {"C0": 2003, "C1": 2003}
    both = (frame, NAMES[2:]), (mixed, NAMES[:1:-1])
    one, other = (trade.placebo_blocs(f, "flow", bloc, names, controls=["x"]) for f, names in both)
    assert (one.p, one.p_score) == (other.p, other.p_score)
    assert one.observed == pytest.approx(other.observed, rel=1e-6)
    model = {"absorb": WAYS, "cluster": PAIR}
    both = (frame, bloc), (mixed, dict(reversed(bloc.items())))
    one, other = (trade.event_study(f, "flow", members, -2, 2, **model).table for f, members in both)
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)
    one, other = (trade.leave_one_out(f, FORMULA, "bloc", **model).drop(columns="note") for f in (frame, mixed))
    pd.testing.assert_frame_equal(one, other, rtol=1e-5)
    curve = {"absorb": WAYS, "cluster": PAIR[0], "ppml": [["x"]]}
    one, other = (trade.specification_curve(f, "flow", ["bloc"], ["x", "z"], **curve) for f in (frame, mixed))
    pd.testing.assert_frame_equal(one, other, rtol=1e-5)


@some
@given(seeds, st.floats(0.01, 100), st.floats(-1e3, 1e3), st.integers(-3000, 3000))
def test_breaks(seed, unit, shift, years):
    rng = np.random.default_rng(seed)
    y, x = rng.normal(size=(2, 40))
    time = np.arange(40)
    for test in (trade.cusum, trade.hansen):
        assert test(y * unit + shift, x * 3 + 2).p_value == pytest.approx(test(y, x).p_value, abs=1e-6)
        assert test(y[::-1], x[::-1]).statistic == pytest.approx(test(y, x).statistic, rel=1e-6)
    one, other = trade.bai_perron(y), trade.bai_perron(y[::-1] * unit + shift)
    assert [tuple(38 - i for i in reversed(part)) for part in other.partitions] == list(one.partitions)
    assert trade.bootstrap_p(y * unit + shift, draws=49, seed=1) == trade.bootstrap_p(y, draws=49, seed=1)
    assert trade.chow(y[::-1], 38 - 11).p_value == pytest.approx(trade.chow(y, 11).p_value)
    one = trade.interrupted(y, time, {"u": 20}, {"c": x}).table
    other = trade.interrupted(y * unit, time + years, {"u": 20 + years}, {"c": x * 1000}).table
    assert other["t"].to_numpy() == pytest.approx(one["t"].to_numpy(), rel=1e-6, abs=1e-9)
    per_unit = other["estimate"].to_numpy() / unit * [1, 1, 1, 1, 1000]
    assert per_unit == pytest.approx(one["estimate"].to_numpy(), rel=1e-6, abs=1e-12)
    months = trade.interrupted(y, time * 12, {"u": 240}, {"c": x}).table
    assert months["estimate"].to_numpy() * [1, 12, 1, 12, 1] == pytest.approx(one["estimate"].to_numpy(), rel=1e-6)


@some
@given(seeds, st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha(seed, level):
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 5, (3, 20)).astype(float)
    table[rng.random(table.shape) < 0.2] = np.nan
    plain = indices.krippendorff_alpha(table, level, draws=0).alpha
    unseen = np.full((3, 2), np.nan)
    unseen[0, 0] = 4
    for other in (table[::-1], table[:, rng.permutation(20)], np.c_[unseen, table], np.r_[table, unseen[1:, [1] * 20]]):
        assert indices.krippendorff_alpha(other, level, draws=0).alpha == pytest.approx(plain, nan_ok=True)
    units = {"nominal": 7 - table, "ordinal": table**3, "interval": table * 9 / 5 + 32, "ratio": table * 1000}[level]
    assert indices.krippendorff_alpha(units, level, draws=0).alpha == pytest.approx(plain, nan_ok=True)
    interval = indices.krippendorff_alpha(table, level, seed=3, draws=99)
    assert indices.krippendorff_alpha(np.c_[unseen, table], level, seed=3, draws=99) == interval
    turned = indices.krippendorff_alpha(table[::-1], level, seed=3, draws=99)
    assert (turned.low, turned.high) == pytest.approx((interval.low, interval.high))


@some
@given(st.lists(st.integers(1, 9), min_size=2, max_size=6), st.fractions("1/10", 1), st.randoms(use_true_random=False))
def test_power(votes, quota, random):
    order = random.sample(range(len(votes)), len(votes))
    for index in (indices.banzhaf, indices.shapley_shubik):
        power = index(votes, quota)
        assert index([votes[k] for k in order], quota) == [power[k] for k in order]
        assert index([7 * v for v in votes], quota) == power
        assert sum(power) == 1
        assert len(set(zip(votes, power, strict=True))) == len(set(votes))  # as many votes, as much power


@some
@given(seeds)
def test_alignment(seed):
    rng = np.random.default_rng(seed)
    states = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]
    texts = ["".join(rng.choice(list("YAN."), 6, p=[0.4, 0.2, 0.3, 0.1])) for _ in range(20)]

    def read(order, texts, ids):
        voters = pd.DataFrame({"iso3": [states[k] for k in order], "position": range(1, 7)})
        rolls = pd.DataFrame({"id": ids, "votes": ["".join(t[k] for k in order) for t in texts], "session": "1"})
        rolls = rolls.assign(resolution="", date="2001-05-01", kind="whole", important="", topics="")
        return alignment.read_votes({"voters": voters.sample(frac=1, random_state=1), "rollcalls": rolls})

    ids = [f"{k:02d}" for k in range(20)]

    def table(votes, **more):
        return alignment.alignment_table(votes, "AAA", groups={"G": ["BBB", "CCC", "DDD"]}, draws=99, **more)

    plain = table(read(range(6), texts, ids))
    pd.testing.assert_frame_equal(table(read(rng.permutation(6), texts, ids)), plain)
    turned = [t.translate(str.maketrans("YN", "NY")) for t in texts]
    pd.testing.assert_frame_equal(table(read(range(6), turned, ids)), plain)
    mixed = rng.permutation(20)
    other = table(read(range(6), [texts[k] for k in mixed], [ids[k] for k in mixed]))
    values = ["unit", "measure", "value", "n"]
    pd.testing.assert_frame_equal(other[values], plain[values])
    double = table(read(range(6), texts * 2, [*ids, *(f"x{k}" for k in ids)]))
    pd.testing.assert_frame_equal(double[values[:3]], plain[values[:3]])
    assert (double["n"] == 2 * plain["n"]).all()
    bounded = plain[plain["measure"].isin(["agreement", "unanimous", "agreement_index", "pairwise"])]
    assert (bounded[["low", "high"]].stack().between(0, 1)).all()


@some
@given(seeds, st.floats(1e-3, 1e6))
def test_flows(seed, unit):
    rng = np.random.default_rng(seed)
    cells = [(i, j, t) for i in NAMES for j in NAMES if i != j for t in (2000, 2001, 2002)]
    frame = pd.DataFrame(cells, columns=["exporter", "importer", "year"]).assign(
        exports_musd=rng.gamma(1, 5, len(cells))
    )
    flows = trade.read_flows(frame)
    turned = frame.rename(columns={"exporter": "importer", "importer": "exporter"})
    for other, members in (
        (frame.sample(frac=1, random_state=1), NAMES[2::-1]), (turned, NAMES[:3]),
        (frame.assign(exports_musd=frame["exports_musd"] * unit), NAMES[:3]),
        (frame.assign(year=frame["year"].astype(float)), NAMES[:3]),
        (frame.assign(year=frame["year"].astype(str)), NAMES[:3]),
    ):  # fmt: skip
        again = trade.read_flows(other)
        for convention in ("once", "twice"):
            one, two = trade.integration(flows, NAMES[:3], convention), trade.integration(again, members, convention)
            for name in ("share", "intensity", "introversion"):
                pd.testing.assert_series_equal(getattr(one, name), getattr(two, name))
            both = (flows, NAMES[:3]), (again, members)
            first, second = (trade.share_change(f, m, 2000, 2002, convention) for f, m in both)
            assert [*vars(first).values()] == pytest.approx([*vars(second).values()])
        one, two = trade.partner_share(flows, "C0", ["C1", "C2"]), trade.partner_share(again, "C0", ["C2", "C1"])
        pd.testing.assert_series_equal(one, two)
    # an outsider in two halves without trade between them
    its = frame.isin(["C5"]).any(axis=1)
    half = frame[its].assign(exports_musd=frame["exports_musd"] / 2)
    between = [(a, b, t, 0.0) for a, b in (("H1", "H2"), ("H2", "H1")) for t in (2000, 2001, 2002)]
    parts = [
        frame[~its],
        half.replace("C5", "H1"),
        half.replace("C5", "H2"),
        pd.DataFrame(between, columns=list(frame)),
    ]
    split = trade.read_flows(pd.concat(parts))
    one, two = (trade.intra_share(f, NAMES[:3], "twice") for f in (split, flows))
    pd.testing.assert_series_equal(one, two)
    one, two = (trade.partner_share(f, "C0", names) for f, names in ((split, ["H1", "H2"]), (flows, ["C5"])))
    pd.testing.assert_series_equal(one, two)


@some
@given(seeds, st.floats(1e-3, 1e3))
def test_decomposition(seed, unit):
    rng = np.random.default_rng(seed)
    labels = {"index": list("abcd"), "columns": list("pqr")}
    first, last = (pd.DataFrame(rng.gamma(2, 1, (4, 3)) + 0.01, **labels) for _ in range(2))
    plain = trade.lmdi(first, last).effects
    rows, columns = rng.permutation(list("abcd")), rng.permutation(list("pqr"))
    mixed = trade.lmdi(first.loc[rows, columns], last.loc[rows, columns]).effects
    pd.testing.assert_frame_equal(mixed.loc[plain.index, plain.columns], plain)
    scaled = trade.lmdi(first.assign(p=first["p"] * unit), last.assign(p=last["p"] * unit)).effects
    pd.testing.assert_frame_equal(scaled, plain * unit)
    # two equal halves of an economy take its effects by halves
    split = []
    for frame in (first, last):
        half = frame.loc[["a"]].assign(p=frame["p"] / 2)
        split.append(pd.concat([frame.drop(index="a"), half.set_axis(["a1"]), half.set_axis(["a2"])]))
    halves = trade.lmdi(*split).effects
    assert halves.loc["a1"].to_numpy() == pytest.approx(plain.loc["a"].to_numpy() / 2)
    assert halves.sum().to_numpy() == pytest.approx(plain.sum().to_numpy())


@some
@given(st.integers(0, 50), st.integers(1, 50), st.floats(0.5, 0.999))
def test_an_interval_of_failures_mirrors_that_of_successes(successes, more, level):
    n = successes + more
    low, high = indices.wilson(successes, n, level)
    other = indices.wilson(n - successes, n, level)
    assert (1 - other[1], 1 - other[0]) == pytest.approx((low, high), abs=1e-12)
    assert 0 <= low <= successes / n <= high <= 1


@some
@given(st.floats(-5, 5), st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0.001, 1000), st.floats(-100, 100))
def test_a_membership_mirrors_that_of_the_opposite_set(value, below, above, unit, shift):
    anchors = np.array([-below, 0.0, above])
    plain = indices.calibrate(value, *anchors, 3.0)
    assert indices.calibrate(value, *anchors[::-1], 3.0) == pytest.approx(1 - plain, abs=1e-12)
    assert indices.calibrate(-value, *-anchors, 3.0) == pytest.approx(plain, abs=1e-12)
    assert indices.calibrate(value * unit + shift, *(anchors * unit + shift), 3.0) == pytest.approx(plain, abs=1e-6)


@some
@given(seeds, st.floats(-3, 3))
def test_means(seed, exponent):
    rng = np.random.default_rng(seed)
    x, w = rng.random((2, 6))
    plain = indices.power_mean(x, w, exponent)
    halves = indices.power_mean(np.r_[x, x], np.r_[w, w] / 2, exponent)
    absent = indices.power_mean(np.r_[x, np.nan, 0.3], np.r_[w, 1, 0], exponent)
    assert halves == pytest.approx(plain)
    assert absent == pytest.approx(plain)
    assert indices.power_mean(x / 8, w * 3, exponent) == pytest.approx(plain / 8)
    assert 1 / indices.power_mean(1 / x, w, -exponent) == pytest.approx(plain)
    spread = indices.convergence(x, w)
    assert indices.convergence(1 - x, w) == pytest.approx(spread)
    assert indices.convergence(np.r_[x, x], np.r_[w, w] / 2) == pytest.approx(spread)
