"""A Vega-Lite specification as a drawing, without a browser or a network."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from typing import Any

from deadletter.charts.bundle import FIGURE, MIME, SVG, Bundle, figure_bundle
from deadletter.charts.theme import FONT

_VERSION = re.compile(r"/v(\d+\.\d+)")
# what a drawing within a labelled figure need not repeat: names for screen readers, and the font of every word
_NEEDLESS = re.compile(r' (?:aria-[a-z]+|role|pointer-events|font-family)="[^"]*"| opacity="1"')
_VALUE = re.compile(r'="[^"]*"')
_LONG = re.compile(r"(\d\.\d{2})\d+")
_RENDERER = threading.Lock()


def draw(spec: Mapping[str, Any]) -> str:
    """A specification as static SVG; coordinates to a hundredth of a pixel.

    Ids of clip paths are named after the specification: the renderer merely counts them, so that they would
    collide on a page and change with what was drawn before.

    Raises
    ------
    ValueError: the specification cannot be drawn.
    """
    import vl_convert

    text = json.dumps(spec, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:8]
    version = _VERSION.search(spec["$schema"])
    with _RENDERER:
        drawn = vl_convert.vegalite_to_svg(text, vl_version=version[1] if version else None)
    found = {old: f"c{name}-{n}" for n, old in enumerate(dict.fromkeys(re.findall(r'id="(\w+)"', drawn)))}
    drawn = re.sub(r'(id="|url\(#)(\w+)', lambda m: m[1] + found.get(m[2], m[2]), drawn)
    drawn = _VALUE.sub(lambda m: _LONG.sub(r"\1", m[0]), _NEEDLESS.sub("", drawn))
    return drawn.replace("<svg ", f'<svg font-family="{FONT}" ', 1)


def drawn(bundle: Bundle) -> Bundle:
    """A bundle as a cell shows it: a figure that was left to be drawn later is drawn now.

    Raises
    ------
    ValueError: the specification cannot be drawn.
    """
    exhibit = bundle.get(MIME, {})
    if exhibit.get("kind") != FIGURE or bundle.get(SVG):
        return bundle
    return figure_bundle(exhibit["title"], exhibit["alternative"], exhibit["spec"], draw(exhibit["spec"]))


def to_png(svg: str) -> bytes:
    """A drawing as PNG for word processors, twice as dense as a screen."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=2)
