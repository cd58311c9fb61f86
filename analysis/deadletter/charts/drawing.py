"""A Vega-Lite specification as a drawing, without a browser or a network."""

import hashlib
import json
import os
import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from deadletter.charts.bundle import FIGURE, MIME, SVG, Bundle, figure_bundle
from deadletter.charts.theme import FONT

_VERSION = re.compile(r"/v(\d+\.\d+)")
# what a drawing within a labelled figure need not repeat: names for screen readers, and the font of every word
_NEEDLESS = re.compile(r' (?:aria-[a-z]+|role|pointer-events|font-family)="[^"]*"| opacity="1"')
_VALUE = re.compile(r'="[^"]*"')
_LONG = re.compile(r"(\d\.\d{2})\d+")
_ANY_TEXT = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>a</text></svg>'
_RENDERER = threading.Lock()


def draw(spec: Mapping[str, Any]) -> str:
    """A specification as static SVG; coordinates to a hundredth of a pixel.

    Ids of clip paths are named after the specification: the renderer merely counts them, so that they would
    collide on a page and change with what was drawn before.

    Raises
    ------
    ValueError: the specification cannot be drawn.
    """
    text = json.dumps(spec, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:8]
    version = _VERSION.search(spec["$schema"])
    with _RENDERER:
        drawn = _renderer().vegalite_to_svg(text, vl_version=version[1] if version else None)
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
    words, spec, folded = exhibit["alternative"], exhibit["spec"], exhibit.get("folded", False)
    return figure_bundle(exhibit["title"], words, spec, draw(spec), folded=folded)


def to_png(svg: str) -> bytes:
    """A drawing as PNG for word processors, twice as dense as a screen."""
    with _RENDERER:
        return _renderer().svg_to_png(svg, scale=2)


@cache
def _renderer() -> ModuleType:
    """The renderer with the fonts that it brings along, for Latin, Greek and Cyrillic, unless FONTCONFIG_FILE is set.

    Drawings then do not depend on the fonts of a machine. It also reads a file of a font anew for every glyph that it
    measures, which takes more than half of its time.
    """
    import vl_convert

    from deadletter.environment import allow_addresses  # loaded here: no result of a notebook depends on it

    allow_addresses()
    chosen = "FONTCONFIG_FILE" in os.environ
    os.environ.setdefault("FONTCONFIG_FILE", str(Path(__file__).with_name("fonts.conf")))
    try:
        vl_convert.svg_to_png(_ANY_TEXT)  # fonts are looked for once, when the first text is drawn
    finally:
        if not chosen:
            del os.environ["FONTCONFIG_FILE"]  # notebooks may want the fonts of the machine
    return vl_convert
