"""The one theme: colours that the colour-blind can distinguish (Okabe & Ito 2008), sizes that survive print."""

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
