"""The blocks of docs/helpers.md run as they stand and print what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "helpers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^## ([^\n]+)\n[^#]*?^```python\n(.*?)^```\n\n```text\n(.*?)^```$", PAGE, flags=re.M | re.S)


@pytest.mark.parametrize(("code", "printed"), [block[1:] for block in BLOCKS], ids=[block[0] for block in BLOCKS])
def test_a_block_prints_what_the_page_says(code: str, printed: str, capsys: pytest.CaptureFixture[str]):
    exec(compile(code, "docs/helpers.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_every_block_is_run():
    assert len(BLOCKS) == PAGE.count("```python") == 5
