"""What the command line shows: whole values, any code page, one style of error, progress from the start."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.tree import Tree

from deadletter.argument.why import why
from deadletter.chapter.opened import decided
from deadletter.cli.options import coding_name
from deadletter.cli.study_commands import LISTED, lines_below, shorten
from deadletter.cli.terminal import exit_code_of
from deadletter.coding import Coding, coding_names, load_coding, misnamed
from deadletter.coding.settings import reference
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError, NotebookError, WorkersError
from deadletter.labels import counted
from deadletter.project import Project
from tests.commands import called, deadletter
from tests.faults.tiny import CODING, ROOT, command, tiny_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tiny_project(tmp_path_factory.mktemp("terminal") / "project")
    (root / "params" / "other.yaml").write_text(CODING, encoding="utf-8")
    return root


def test_params_gives_each_key_whole_to_grep(project: Path):
    lines = called("params", cwd=project).stdout.splitlines()
    assert [tuple(line.split("\t")) for line in lines] == list(reference())
    assert any(len(line) > 200 for line in lines), "nothing that a narrow table would have cut"


def test_params_explains_a_key_a_group_and_refuses_others(project: Path):
    one = called("params", "compliance.ambiguous", cwd=project).stdout
    assert one.splitlines()[:2] == ["compliance.ambiguous", "  default: 0.5"]
    group = called("params", "compliance", cwd=project).stdout
    assert {line for line in group.splitlines() if not line.startswith(" ")} == {
        row[0] for row in reference() if row[0].startswith("compliance.")
    }
    refused = called("params", "complianse.ambiguous", cwd=project)
    assert (refused.returncode, "did you mean: compliance.ambiguous" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rnu"], "No such command 'rnu'"),
        (["run", "--jbos", "2"], "No such option: --jbos"),
        (["run", "--jobs", "0"], "--jobs"),
        (["run", "--jobs", "x"], "--jobs"),
        (["why"], "CLAIM"),
        (["params", "a", "b"], "unexpected extra argument"),
        (["run", "--set"], "--set"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_told_in_the_same_style(project: Path, words: list[str], told: str):
    done = called(*words, cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert told in line
    assert line.endswith(" --help")


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["run", "--output-root", ""], "--output-root"),
        (["run", "--output-root="], "--output-root"),
        (["publish", "--out", " "], "--out"),
        (["run", "--scheduler", ""], "--scheduler"),
        (["multiverse", ""], "multiverse"),
        (["compare", "", "baseline"], "compare"),
        ([""], "deadletter"),
    ],
)
def test_an_empty_word_is_no_folder(project: Path, words: list[str], where: str):
    """What a script says whose variable is not set; an empty path would mean the working folder."""
    done = called(*words, cwd=project)
    told = f"error: {where}: is followed by an empty word; allowed: a value, or nothing\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_what_cannot_be_opened_is_told_in_the_system_s_words(project: Path):
    done = called("check", "--article", "none.txt", cwd=project)
    assert done.stderr == "error: none.txt: cannot be read; found: 'No such file or directory'\n"


def test_without_a_word_the_help_is_shown(project: Path):
    done = deadletter(cwd=project)
    assert "multiverse" in done.stdout + done.stderr
    assert "error" not in done.stderr


@pytest.mark.parametrize("words", [["compare", "baseline", "other"], ["publish"]])
def test_an_interrupt_says_what_is_kept(project: Path, words: list[str]):
    with command(*words, cwd=project) as running:
        assert running.stderr is not None
        first = running.stderr.readline()  # said before any work
        told = None
        while told is None:  # a library that is being imported may lose an interrupt
            running.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                _, told = running.communicate(timeout=5)
    # Python ends by the signal itself where it came while a library ran code of its own
    assert (running.returncode in (130, -signal.SIGINT), first.endswith("…\n")) == (True, True), first + told
    assert told == "interrupted: what was finished stays usable\n"


@pytest.mark.parametrize(
    ("words", "page"),
    [(["params"], "cp437"), (["params", "--markdown"], "cp1252"), (["why", "c901"], "cp437"), (["--help"], "cp1252")],
)
def test_a_code_page_that_cannot_hold_a_character(project: Path, words: list[str], page: str):
    environment = {**os.environ, "PYTHONIOENCODING": page, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "deadletter", *words]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, timeout=120)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done.stderr
    done.stdout.decode(page)


@pytest.mark.parametrize(
    ("output", "said"), [("| true", ""), ("> /dev/full", "error: output: No space left on device")]
)
@pytest.mark.parametrize("words", ["params", "run --jobs 1"])
def test_output_that_nobody_reads_or_no_disk_holds(tiny_run: Path, words: str, output: str, said: str):
    line = f'{{ "{sys.executable}" -m deadletter {words}; echo $? >&2; }} {output}'
    unbuffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(["sh", "-c", line], cwd=tiny_run, env=unbuffered, capture_output=True, text=True, check=False)
    assert done.stderr.split("\n") == [*([said] if said else []), "1", ""]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(project: Path, closed: str):
    command = ["sh", "-c", f'"{sys.executable}" -m deadletter why c901 {closed}']
    done = subprocess.run(command, cwd=project, capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


def test_version_and_where_the_command_works(project: Path, tmp_path: Path):
    from importlib.metadata import version

    done = called("--version", cwd=project)
    assert (done.stdout, done.stderr) == (f"deadletter {version('deadletter')}\n", "")
    elsewhere = called("data", "describe", "--check", cwd=tmp_path)
    assert f"no project in this folder: working on {ROOT}" in elsewhere.stderr


@pytest.mark.parametrize("words", [["run"], ["check"], ["data", "describe"], ["data", "sheet", "--out", "s.csv"]])
def test_another_data_package_is_named_before_anything_is_written(tmp_path: Path, words: list[str]):
    (tmp_path / "data").mkdir()
    other = {"name": "other", "resources": [{"name": "gdp", "path": "gdp.csv"}, {"name": "states", "path": "s.csv"}]}
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(other), encoding="utf-8")
    done = deadletter(*words, cwd=tmp_path)
    told = f"error: {tmp_path / 'data' / 'datapackage.json'}: is another data package; found: 'gdp, states'"
    assert (done.returncode, done.stderr.startswith(told)) == (2, True), done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["data", "datapackage.json"]


def test_a_coding_by_the_path_of_its_file(project: Path, monkeypatch: pytest.MonkeyPatch):
    here = Project(project, project)
    monkeypatch.chdir(project)
    for text in ("params/baseline.yaml", "baseline.yaml", str(project / "params" / "baseline.yaml"), "baseline"):
        assert coding_name(here, text) == "baseline"
    # another folder's file is not a coding of this project
    for text in ("elsewhere/baseline.yaml", "params/baseline.txt", "../baseline.yaml"):
        assert coding_name(here, text) == text


def test_a_name_that_a_coding_cannot_have_is_refused_for_that_reason(tmp_path: Path):
    (tmp_path / "My Reading.yaml").write_text("title: t\nwhy: w\nperiods: {line: [1990/1999]}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_coding(tmp_path, "My Reading")
    assert "is not a name that a coding may have: rename the file" in str(refused.value)
    assert "did you mean" not in str(refused.value)
    assert coding_names(tmp_path) == []


@pytest.mark.parametrize("file", ["mine.yml", "mine.YAML", "mine.Yml"])
def test_a_parameter_file_that_ends_otherwise_is_told_to_be_renamed(tiny_run: Path, tmp_path: Path, file: str):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    (project / "params" / file).write_text(CODING, encoding="utf-8")
    (project / "params" / "._mine.yaml").write_bytes(b"\0\5\x16\7")  # of a Mac
    told = f"error: params/{file}: is not a name that a coding may have: rename the file; found: '{file}'"
    for word in ("mine", file, f"params/{file}"):
        done = called("run", word, cwd=project)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert misnamed(project / "params") == [file]
    shutil.copy(project / "params" / file, project / "params" / "mine.yaml")
    assert load_coding(project / "params", "mine").title == "Tiny"


def test_a_coding_is_not_compared_with_itself(project: Path):
    done = called("compare", "baseline", "params/baseline.yaml", cwd=project)
    assert done.returncode == 2
    assert done.stderr.startswith("error: OTHER: compares a coding with itself")
    assert not (project / "results" / "compare").exists()


def test_a_summary_leaves_the_first_of_a_long_list():
    tree = Tree("c001")
    reads = tree.add("reads")
    for number in range(LISTED + 3):
        reads.add(f"row {number}")
    shorten(tree)
    assert [str(line.label) for line in reads.children] == [*(f"row {n}" for n in range(LISTED)), "and 3 more"]


def test_why_begins_with_a_summary_and_opens_a_level_at_a_time(dataset: Dataset, baseline: Coding):
    *_, ledger = decided(dataset, baseline)
    theses = [name for name, entry in ledger.entries.items() if entry.claim["level"] == "thesis"]
    deeper = 0
    for claim in theses:
        summary = why(ledger, dataset, claim, 0)
        shorten(summary)
        lines = [lines_below(summary), *(lines_below(why(ledger, dataset, claim, depth)) for depth in (1, None))]
        assert lines[0] <= 60, claim
        assert lines == sorted(lines)
        deeper += lines[2] > 10 * lines[0]
    assert deeper, "no claim rests on so much that a summary spares lines"


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (InputError("is wrong", where="x.csv"), 2, "error: x.csv: is wrong\n"),
        (NotebookError("failed"), 1, "error: failed\n"),
        (WorkersError("gone"), 1, "error: gone; what was finished is kept: rerun the same command to resume\n"),
        (OSError(28, "No space left on device", "out.csv"), 1, "error: out.csv: No space left on device\n"),
        (KeyboardInterrupt(), 130, "interrupted: what was finished stays usable\n"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_style_of_error(capsys: pytest.CaptureFixture[str], error: BaseException, code: int, told: str):
    def fails() -> int:
        raise error

    before = signal.getsignal(signal.SIGINT)
    try:
        assert exit_code_of(fails) == code
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == told


def test_counts_agree_with_their_nouns():
    assert [counted(n, "problem") for n in (0, 1, 2)] == ["0 problems", "1 problem", "2 problems"]


def test_a_python_without_documentation_is_refused_in_one_line(project: Path):
    environment = {**os.environ, "PYTHONOPTIMIZE": "2", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "deadletter", "run"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.startswith("error: PYTHONOPTIMIZE: leaves out")
    assert done.stderr.count("\n") == 1
