"""The one theme: colours that the colour-blind can distinguish (Okabe & Ito 2008), sizes that survive print."""

from collections.abc import Collection, Sequence
from typing import Any

BLACK, ORANGE, SKY, GREEN = "#1b1b1b", "#b85c00", "#56b4e9", "#00795c"
YELLOW, BLUE, VERMILION, PURPLE, GREY = "#e6c700", "#0072b2", "#c43c00", "#a8487e", "#6f6f6f"
CATEGORIES = [BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW, VERMILION, GREY]

# from pale to dark: earlier to later periods
PERIODS = ["#bfd3e6", "#8c96c6", "#88419d", "#33004a"]

GOOD, MIDDLE, BAD, UNKNOWN = BLUE, "#c9b458", VERMILION, "#b8b8b8"
STATUS_COLOURS = {
    "carried out": GOOD,
    "carried out in part": MIDDLE,
    "not carried out": BAD,
    "not reported": UNKNOWN,
    "complied": GOOD,
    "ambiguous": MIDDLE,
    "violated": BAD,
}

WIDTH = 620
FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"

CONFIG: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "view": {"stroke": "transparent"},
    # room for fonts that are wider than the one in which the renderer measures labels
    "padding": {"left": 24, "right": 24, "top": 5, "bottom": 5},
    "title": {
        "anchor": "start",
        "fontSize": 15,
        "color": BLACK,
        "subtitleFontSize": 12,
        "subtitleColor": "#444444",
        "subtitlePadding": 4,
        "offset": 12,
        "limit": 720,
    },
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": "#333333",
        "titleColor": "#333333",
        "gridColor": "#e4e4e4",
        "domainColor": "#888888",
        "tickColor": "#888888",
        "labelLimit": 260,
    },
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 260},
    "header": {"labelFontSize": 12, "titleFontSize": 12},
    "range": {"category": CATEGORIES, "heatmap": ["#f2f0f7", "#9e9ac8", "#3f007d"]},
    "rule": {"color": "#444444"},
    "line": {"strokeWidth": 2.5},
    "point": {"size": 70, "filled": True},
}


def enough(colours: Sequence[str], values: Collection[object]) -> list[str]:
    """The colours, with others where there are more values: a scale would begin anew, and two values look alike."""
    if len(values) <= len(colours):
        return list(colours)
    known = list(dict.fromkeys((*colours, *CATEGORIES)))
    rounds = (divmod(n, len(known)) for n in range(len(values)))
    return [_mixed(known[n], "#ffffff", 1 - 0.5**paler) for paler, n in rounds]


def periods_from_pale_to_dark(count: int) -> list[str]:
    """A colour for each of so many periods: those of :data:`PERIODS` as far as they reach, else shades between them."""
    if count <= len(PERIODS):
        return PERIODS
    steps = [n * (len(PERIODS) - 1) / (count - 1) for n in range(count)]
    left = [min(int(step), len(PERIODS) - 2) for step in steps]
    return [_mixed(PERIODS[i], PERIODS[i + 1], step - i) for step, i in zip(steps, left, strict=True)]


def _mixed(one: str, other: str, share: float) -> str:
    """A colour so far on the way from one to another."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in pairs)
