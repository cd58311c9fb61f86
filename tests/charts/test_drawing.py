"""Drawings: the same on every machine, whatever fonts it has."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os
from deadletter.charts.drawing import to_png
text = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><text y="15" font-family="{}">± Wij</text></svg>'
print(to_png(text.format("Liberation Sans, sans-serif")) == to_png(text.format("DejaVu Sans Mono, sans-serif")))
print(os.environ.get("FONTCONFIG_FILE"))
"""
# on Debian and its like the fonts of the machine
SYSTEM = "/etc/fonts/fonts.conf"


@pytest.mark.parametrize(("chosen", "alike"), [("", "True"), (SYSTEM, "False")])
def test_drawings_use_the_fonts_of_the_renderer_unless_others_are_chosen(chosen: str, alike: str):
    if chosen and not (os.path.exists(SYSTEM) and os.path.exists("/usr/share/fonts/truetype/dejavu")):
        pytest.skip("this machine has no DejaVu Sans Mono that fontconfig knows")
    environment = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
    environment |= {"FONTCONFIG_FILE": chosen} if chosen else {}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == [alike, chosen or "None"]
