"""Forked kernels do what plain ones do: outputs, errors, interrupts, deaths; and they know how they ended."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from deadletter.charts.bundle import MIME, SVG
from deadletter.charts.drawing import draw
from deadletter.pipeline.kernels import CAN_FORK, start_server
from tests.pipeline.made_notebooks import executed, outputs

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="this system has no fork server: kernels are plain")

GOOD = (
    "import sys\nprint(word); print('to the other stream', file=sys.stderr)",
    "import pandas as pd\npd.DataFrame({'a': [1.5, 2.0]})",
    "from IPython.display import Markdown, display\ndisplay(Markdown('**told**')); 6 * 7",
    "import os, threading\n(os.environ['OPENBLAS_NUM_THREADS'], __name__, sys.argv[0][-0:] == '', word)",
    "import multiprocessing\nget_ipython().execution_count, os.path.basename(os.getcwd()), _",
)
RAISES = ("1 + 1", "def f():\n    raise ValueError('the river is dry')\nf()", "'never shown'")
FIGURE = """
import altair as alt
from deadletter.charts.figure import Figure, show
def figure(chart): show(Figure(chart, 'title', 'subtitle', 'drawn in words'))
figure(alt.Chart(alt.Data(values=[{'a': 1}])).encode(x='a:Q')"""
INTERRUPTED = ("import os, signal, time", "os.kill(os.getpid(), signal.SIGINT); time.sleep(5)", "'never shown'")


@pytest.mark.parametrize("cells", [GOOD, RAISES, INTERRUPTED], ids=["good", "raises", "interrupted"])
def test_forked_and_plain_kernels_give_identical_notebooks(tmp_path: Path, cells: tuple[str, ...]):
    forked, plain = (executed(tmp_path, *cells, fork=fork) for fork in (True, False))
    assert forked.text == plain.text
    assert forked.error == plain.error
    assert "never shown" not in str(outputs(forked))


WIDE = "import pandas as pd\nwide = pd.DataFrame([range(40)])\nprint(wide)"
HALF = (
    "print('before \\ud800 after')",
    "from IPython.display import HTML\nHTML('\\udfff')",
    "raise ValueError('\\ud800')",
)


def test_a_wide_table_is_cut_alike(tmp_path: Path):
    forked, plain = (executed(tmp_path, WIDE, "wide", fork=fork) for fork in (True, False))
    assert forked.text == plain.text
    assert "20 columns" not in forked.text
    assert "1 rows × 40 columns" in forked.text


@pytest.mark.parametrize("fork", [True, False])
def test_half_a_character_is_shown_as_a_sign_and_told(tmp_path: Path, capfd: pytest.CaptureFixture[str], fork: bool):
    outcome = executed(tmp_path, *HALF, fork=fork)
    assert outcome.error == "cell 5: ValueError: ?"
    printed, shown, error = outputs(outcome)
    assert (printed.text, shown["data"]["text/html"], error.evalue) == ("before ? after\n", "?", "?")
    assert "Traceback" not in capfd.readouterr().err


def test_the_failing_cell_tells_its_error_and_those_before_it_their_outputs(tmp_path: Path):
    outcome = executed(tmp_path, *RAISES, fork=True)
    assert outcome.error == "cell 4: ValueError: the river is dry"
    done = nbformat.reads(outcome.text, as_version=4)
    assert [o.output_type for o in outputs(outcome)] == ["execute_result", "error"]
    marked = [cell for cell in done.cells if cell.metadata.get("papermill", {}).get("exception")]
    assert [cell.metadata.tags[0] for cell in marked] == ["cell_2"]


def test_figures_are_drawn_once_the_kernel_has_ended(tmp_path: Path):
    outcome = executed(tmp_path, f"{FIGURE}.mark_bar())", fork=True)
    assert not outcome.error
    (shown,) = (output["data"] for output in outputs(outcome))
    assert shown[SVG] == draw(shown[MIME]["spec"])
    assert shown[SVG] in shown["text/html"]
    assert "drawn" in shown["text/html"]


def test_a_figure_that_cannot_be_drawn_names_its_cell(tmp_path: Path):
    outcome = executed(tmp_path, "'shown'", f"{FIGURE}.mark_bar().transform_calculate(b='(('))", fork=True)
    assert outcome.error.startswith("cell 4: a figure cannot be drawn: ")
    marked = nbformat.reads(outcome.text, as_version=4).cells[-1]
    assert marked.metadata.papermill.exception is True
    assert marked.outputs[-1].evalue == outcome.error


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "plain"])
def test_a_dead_kernel_leaves_its_exit_code_and_the_cell_that_killed_it(tmp_path: Path, fork: bool):
    outcome = executed(tmp_path, "'shown'", "import os; os._exit(7)", fork=fork)
    assert outcome.error == "the kernel died with exit code 7"
    assert outputs(outcome)[0]["data"]["text/plain"] == "'shown'"
    marked = nbformat.reads(outcome.text, as_version=4).cells[-1]
    assert marked.metadata.papermill.exception is True
    assert marked.outputs[-1].evalue == outcome.error


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "plain"])
def test_a_notebook_that_hangs_is_stopped_where_it_hangs(tmp_path: Path, fork: bool):
    # each cell keeps within the limit; and what holds the interpreter cannot be interrupted
    cells = (
        "import os, time\nopen('pid', 'w').write(str(os.getpid())); time.sleep(2)",
        "time.sleep(2)",
        "time.sleep(60)",
    )
    outcome = executed(tmp_path, *cells, fork=fork, timeout=5)
    assert outcome.error == "took longer than 5 seconds"
    done = nbformat.reads(outcome.text, as_version=4)
    assert done.cells[-1].outputs[-1].evalue == outcome.error
    pid = int((tmp_path / "notebooks" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_each_kernel_has_its_own_random_state(tmp_path: Path):
    cell = "import random, numpy as np\nprint(random.random(), np.random.random())"
    first, second = (outputs(executed(tmp_path, cell, fork=True))[0].text.split() for _ in range(2))
    assert first[0] != second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize(
    "word", ["'; import os; os._exit(1) #", "two\nlines", '{"a": "\\n{word}"}', "\\", "ä\N{SNOWMAN}\0"]
)
def test_a_parameter_reaches_the_notebook_as_the_same_string(tmp_path: Path, word: str):
    outcome = executed(tmp_path, "print(ascii(word))", fork=True, word=word)
    assert (outcome.error, outputs(outcome)[0].text) == ("", ascii(word) + "\n")


def test_a_server_that_has_imported_for_other_work_forks_no_kernel(tmp_path: Path):
    start_server("deadletter.indices.means")
    outcome = executed(tmp_path, "from deadletter.indices import means", fork=True)
    assert ("module", "deadletter.indices.means") in {(kind, name) for kind, name, _ in outcome.reads}


@pytest.mark.parametrize("fork", [True, False], ids=["forked", "plain"])
def test_what_a_notebook_reads_is_told(tmp_path: Path, fork: bool):
    executed(tmp_path, fork=fork)
    (tmp_path / "data" / "extra.txt").write_text("by hand")
    (tmp_path / "tables" / "indices.csv").write_text("a\n1\n")
    (tmp_path / "elsewhere.txt").write_text("no input")
    cells = (
        "import pandas as pd\nopen('../data/extra.txt').read(); open('../elsewhere.txt').read()",
        f"pd.read_csv({str(tmp_path / 'tables' / 'indices.csv')!r})\nopen('../data/written.txt', 'w').write('x')",
        "from deadletter.indices import means",
    )
    outcome = executed(tmp_path, *cells, fork=fork)
    assert outcome.error == ""
    told = {(kind, name) for kind, name, _ in outcome.reads}
    assert {name for kind, name in told if kind == "file"} == {"project/data/extra.txt", "tables/indices.csv"}
    assert {("module", "deadletter.indices"), ("module", "deadletter.indices.means")} <= told
    assert ("module", "deadletter.trade") not in told
