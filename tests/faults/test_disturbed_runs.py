"""What goes wrong around a run: it is named, costs what it costs, and nothing that was there before is lost."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from tests.commands import called
from tests.faults.killed import PATIENCE, assert_whole, finished, kept_copy, outputs, parts, put_back
from tests.faults.scale import share
from tests.faults.tiny import SOURCE, command, errors, tiny_project, write_notebook

EARLIER = "print('all is well')"
# notebook, its last cell, and what is told of it
BROKEN = {
    "02_raises": ("raise ValueError('the river is dry')", "ValueError: the river is dry"),
    "03_exits": ("import os\nos._exit(3)", "the kernel died"),
    "04_is_killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "the kernel died"),
    "05_has_no_memory": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))\nheld = bytearray(2**33)",
        "MemoryError",
    ),
}
HANGS = "import time\ntime.sleep(3_000)"
# seconds; each where a loaded machine did not come to the cell that hangs within the one before
TIMEOUTS = (5, 20, 80, 320)


@pytest.fixture
def project(tiny_run: Path, tmp_path: Path) -> Path:
    """A project with everything up to date."""
    return shutil.copytree(tiny_run, tmp_path / "project")


def ended(running: subprocess.Popen[str], code: int) -> tuple[str, str]:
    with running:
        said, told = running.communicate(timeout=600)
    assert running.returncode == code, (running.returncode, said, told)
    assert "Traceback" not in told
    return said, told


def one_line(told: str) -> str:
    lines = errors(told).splitlines()
    assert len(lines) == 1, told
    assert lines[0].startswith("error: ")
    return lines[0]


def test_notebooks_that_fail_in_every_way(project: Path, tell: Callable[[str], None]):
    for name in BROKEN:
        write_notebook(project, EARLIER, name=name)
    write_notebook(project, EARLIER, name="07_fine")
    finished(project, "run", "--jobs", "2")
    before = outputs(project)
    for name, (cell, _) in BROKEN.items():
        write_notebook(project, "print('so far')", cell, name=name)
    write_notebook(project, "print('still well')", name="07_fine")
    said, told = ended(command("run", "--jobs", "2", cwd=project), 1)
    folder = project / "executed" / "baseline" / "RIVER"
    assert "baseline/RIVER/07_fine: done" in said
    for name, (_, message) in BROKEN.items():
        line = next(line for line in told.splitlines() if name in line)
        assert message in line
        assert f"{name}.failed.ipynb" in line
        assert_kept_with_the_failing_cell(folder / f"{name}.failed.ipynb", BROKEN[name][0])
    after = {name: raw for name, raw in outputs(project).items() if not name.endswith(".failed.ipynb")}
    kept = {name for name in before if after.get(name) == before[name]}
    assert after.keys() == before.keys()
    assert before.keys() - kept == {"executed/baseline/RIVER/07_fine.ipynb"}
    # a notebook that is mended runs alone, and what was left of its failure goes
    mended, *others = BROKEN
    for name in others:
        (project / "notebooks" / f"{name}.ipynb").unlink()
    write_notebook(project, "print('mended')", name=mended)
    assert "1 notebook executed" in finished(project, "run", "--jobs", "1")
    assert not (folder / f"{mended}.failed.ipynb").exists()
    tell(f"notebooks that fail: {len(BROKEN)} ways, each named, exit 1, partial kept and marked; the other finished")


def assert_kept_with_the_failing_cell(path: Path, source: str) -> None:
    """The file is a notebook with the words of the cell before, and the last cell with an error is the one given."""
    partial = nbformat.read(path, as_version=4)
    nbformat.validate(partial)
    assert printed(path) == "so far\n"
    failing = [c for c in partial.cells if any(o.output_type == "error" for o in c.get("outputs", []))]
    assert [cell.source for cell in failing][-1:] == [source], "the failing cell is not marked"


def printed(path: Path) -> str:
    """What the cells of an executed notebook printed."""
    cells = nbformat.read(path, as_version=4).cells
    return "".join(o.text for cell in cells for o in cell.get("outputs", []) if o.output_type == "stream")


def test_a_notebook_that_hangs(project: Path):
    before = outputs(project)
    write_notebook(project, "print('so far')", HANGS, name="01_tiny")
    partial = project / "executed" / "baseline" / "RIVER" / "01_tiny.failed.ipynb"
    for seconds in TIMEOUTS:
        _, told = ended(command("run", "--jobs", "1", "--timeout", str(seconds), cwd=project), 1)
        assert f"01_tiny failed: took longer than {seconds} seconds" in told
        if partial.exists() and printed(partial):
            break
    assert_kept_with_the_failing_cell(partial, HANGS)
    partial.unlink()
    assert outputs(project) == before


def limited(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [700, 3_000][: share(1, 2)])
def test_a_full_disk(project: Path, tmp_path: Path, size: int):
    """No file may grow beyond a size, as on a disk that is full: told with the path; the next run ends the same."""
    undisturbed, kept = outputs(project), tmp_path / "kept"
    kept_copy(project, kept)
    running = command("run", "--force", "--jobs", "1", cwd=project, preexec_fn=limited(size))
    _, told = ended(running, 1)
    assert str(project) in told or "/deadletter-" in told, told  # results, or a kernel's working folder
    assert "File too large" in told
    assert_whole(project)
    assert outputs(project) == undisturbed
    finished(project, "run", "--jobs", "1")
    assert (outputs(project), parts(project)) == (undisturbed, [])


@pytest.mark.parametrize(
    "place", ["results", "executed", "results/baseline", "executed/baseline", "results/.cache"][: share(2, 5)]
)
def test_a_file_in_place_of_a_folder(project: Path, place: str):
    """Root may write to every folder, so a file stands for one that cannot be written."""
    shutil.rmtree(project / place)
    (project / place).write_text("mine")
    _, told = ended(command("run", "--jobs", "1", cwd=project), 1)
    assert str(project / place) in one_line(told)
    assert (project / place).read_text() == "mine"


def test_a_read_only_folder(project: Path):
    if os.geteuid() == 0:
        pytest.skip("root writes to read-only folders")
    (project / "results" / "baseline").chmod(0o500)
    _, told = ended(command("run", "--force", "--jobs", "1", cwd=project), 1)
    assert "results/baseline" in one_line(told)


def test_an_output_root_that_is_a_file(project: Path, tmp_path: Path):
    (tmp_path / "out").write_text("mine")
    running = command("run", "--output-root", str(tmp_path / "out"), "--jobs", "1", cwd=project)
    with running:
        _, told = running.communicate(timeout=600)
    assert running.returncode in (1, 2)
    assert str(tmp_path / "out") in one_line(told)
    assert (tmp_path / "out").read_text() == "mine"


def test_two_runs_at_once(project: Path):
    undisturbed = outputs(project)
    put_back(project, project / "nothing")
    runs = [command("run", "--jobs", "1", cwd=project) for _ in range(2)]
    said = [ended(running, 0)[0] for running in runs]
    assert (outputs(project), parts(project)) == (undisturbed, [])
    # one did all the work, the other waited for it, or came too late to
    assert sorted("1 notebook executed" in text for text in said) == [False, True]


def test_the_clock_is_set_back_and_forth(project: Path):
    undisturbed = outputs(project)
    for moment in (1, 4_000_000_000):
        for path in project.rglob("*"):
            os.utime(path, (moment, moment))
        said = finished(project, "run", "--jobs", "1")
        assert "0 notebooks executed" in said
    # an output from the future does not pass for a current one
    write_notebook(project, SOURCE, "print('more')", name="01_tiny")
    os.utime(project / "notebooks" / "01_tiny.ipynb", (1, 1))
    said = finished(project, "run", "--jobs", "1")
    assert "1 notebook executed" in said
    assert outputs(project) != undisturbed


def waits(path: Path) -> Iterator[None]:
    limit = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < limit
        time.sleep(0.02)
        yield


SLOW = """\
import pathlib, time

pathlib.Path("started").touch()
while not pathlib.Path("go on").exists():
    time.sleep(0.02)"""


@pytest.mark.parametrize("what", ["notebook", "table", "coding", "broken table"][: share(2, 4)])
def test_an_input_that_changes_during_a_run(project: Path, what: str):
    """The run says so, and the next one computes with what stands there then."""
    write_notebook(project, SLOW, SOURCE, name="01_tiny")
    running = command("run", "--jobs", "1", cwd=project)
    for _ in waits(project / "notebooks" / "started"):
        assert running.poll() is None, running.communicate()
    ratings, coding = project / "data/account/ratings.csv", project / "params/baseline.yaml"
    match what:
        case "table":
            text = ratings.read_text()
            ratings.write_text(text.replace("n901,coder-1,obligation,2", "n901,coder-1,obligation,3"))
        case "broken table":
            ratings.write_text(ratings.read_text() + "half a ro")
        case "coding":
            coding.write_text(coding.read_text() + "compliance: {ambiguous: 0.25}\n")
        case "notebook":
            write_notebook(project, SLOW, SOURCE, "print('more')", name="01_tiny")
    (project / "notebooks" / "go on").touch()
    with running:
        said, told = running.communicate(timeout=600)
    assert "Traceback" not in told
    assert_whole(project)
    if what == "broken table":
        assert (running.returncode, "account/ratings.csv row 44" in told) == (1, True), (said, told)
        return
    # what a notebook opens late it reads as it stands by then, together with tables of before: the next run mends that
    if running.returncode or what == "notebook":
        assert running.returncode == 1
        assert re.search(r"baseline/RIVER/01_tiny: \S+ changed while it ran: run again", told), told
    again = finished(project, "run", "--jobs", "1")
    assert "1 notebook executed" in again, again
    fresh = shutil.copytree(project, project.parent / "fresh")
    put_back(fresh, fresh / "nothing")
    finished(fresh, "run", "--jobs", "1")
    assert outputs(fresh) == outputs(project)


SCRAPS = [b"", b"\0" * 64, b"{", b"[]", b'{"version": 1}', b"\xff\xfe", b'{"a":' * 3_000]


@pytest.mark.parametrize("scrap", SCRAPS[: share(2, 7)])
def test_a_cache_that_was_damaged(project: Path, scrap: bytes):
    """Whatever stands in the cache, the run answers with the right bytes."""
    undisturbed = outputs(project)
    for path in (project / "results" / ".cache").rglob("*"):
        if path.is_file():
            path.write_bytes(scrap)
    finished(project, "run", "--jobs", "1")
    assert outputs(project) == undisturbed


def test_an_output_that_was_damaged(project: Path):
    undisturbed = outputs(project)
    for name in ("executed/baseline/RIVER/01_tiny.ipynb", "results/baseline/indices.csv"):
        (project / name).write_bytes(undisturbed[name][:100])
    finished(project, "run", "--jobs", "1")
    assert outputs(project) == undisturbed
    assert json.loads((project / "results/baseline/run.json").read_text())


def test_reading_says_what_is_stale(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    fresh = called("read", cwd=project)
    assert (fresh.returncode, fresh.stderr) == (0, "")
    page = project / "executed" / "baseline.html"
    text, copy = page.read_text(encoding="utf-8"), project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb"
    # what failed, what editors keep, and the copies of a notebook and a regime of before are none of it
    for other in ("01_tiny.failed", ".ipynb_checkpoints/01_tiny-checkpoint", "00_former_name", "../LAKE/01_tiny"):
        place = copy.parent / f"{other}.ipynb"
        place.parent.mkdir(exist_ok=True)
        shutil.copy(copy, place)
    assert (called("read", cwd=project).returncode, page.read_text(encoding="utf-8")) == (0, text)
    path = project / "data" / "account" / "ratings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("made up", "made up anew", 1), encoding="utf-8")
    stale = called("read", cwd=project)
    assert "baseline/RIVER/01_tiny: stale: data account/ratings.csv changed" in stale.stderr
    marked = page.read_text(encoding="utf-8")
    assert "<b>Out of date.</b> data account/ratings.csv changed</p>" in marked
    path.write_bytes(b"")
    broken = called("read", cwd=project)
    assert (broken.returncode, "nobody can say whether it is current: account/ratings.csv" in broken.stderr) == (
        0,
        True,
    )


def test_the_words_of_the_study_are_an_input(tmp_path: Path):
    """Also where they come, or go, after a run."""
    project = tiny_project(tmp_path / "project", f"{SOURCE}\nprint(chapter.called)")
    words = project / "study.yaml"
    source = "title: Rivers\nsource: {called: the book, citation: A book, cite: Book}\n"
    for text, why in [("", ""), (source, "is new"), (source.replace("book", "map"), "changed"), ("", "is gone")]:
        words.write_text(text, encoding="utf-8") if text else words.unlink(missing_ok=True)
        if why:
            assert f"baseline/RIVER/01_tiny: file study.yaml {why}" in called("run", "--dry-run", cwd=project).stdout
        assert "1 notebook executed" in called("run", cwd=project).stdout
        assert "0 notebooks executed" in called("run", cwd=project).stdout
        shown = printed(project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb")
        assert ("the map" if "map" in text else "the book" if text else "the text") in shown
