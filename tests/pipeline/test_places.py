"""What the machine and the user's folder are like: modules of the same names, deep folders, few files, other masks."""

from __future__ import annotations

import ast
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import deadletter
from deadletter.environment import SHORT
from deadletter.files import write_atomically
from tests.faults.tiny import SOURCE, errors, tiny_project

LIBRARIES = "import pandas, statistics, deadletter\n[module.__file__ for module in (pandas, statistics, deadletter)]"
KERNELS = pytest.mark.parametrize("kernels", [[], ["--plain-kernels"]], ids=["forked", "plain"])
SCRIPT = Path(sys.executable).with_name("deadletter")


def ran(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, in the project's folder."""
    environment = {**os.environ, "NO_COLOR": "1", **variables}
    environment.pop("PYTHONSAFEPATH", None)
    words = [str(SCRIPT), "run", "--jobs", "2", *arguments]
    return subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, timeout=300)


def shown(project: Path) -> str:
    """What the last cell of the executed notebook shows."""
    executed = nbformat.read(project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb", as_version=4)
    return executed.cells[-1].outputs[0]["data"]["text/plain"]


@KERNELS
def test_modules_in_the_user_s_folder_shadow_nothing(tmp_path: Path, kernels: list[str]):
    project = tiny_project(tmp_path / "project", SOURCE, LIBRARIES)
    for folder in (project, project / "notebooks"):
        for name in ("deadletter", "pandas", "json", "statistics", "random", "selectors"):
            (folder / f"{name}.py").write_text(f"raise RuntimeError('{name} of the user')\n")
        (folder / "analysis").mkdir()
        (folder / "analysis" / "__init__.py").write_text("raise RuntimeError('analysis of the user')\n")
    done = ran(project, *kernels)
    assert (done.returncode, done.stderr) == (0, "running baseline …\n")
    assert str(project) not in shown(project)


@pytest.mark.parametrize(
    "name", ["deadletter.py", "deadletter/__init__.py", "yaml.py", "types.py", "jinja2/__init__.py", "numpy.abi3.so"]
)
def test_a_module_in_the_place_of_one_that_is_needed_is_told(tmp_path: Path, name: str):
    other = tmp_path / "füßchen" / name
    other.parent.mkdir(parents=True)
    other.touch()
    done = ran(tmp_path, PYTHONPATH=str(tmp_path / "füßchen"))
    module = name.partition("/")[0].partition(".")[0]
    told = f"error: PYTHONPATH: holds another module {module}; found: {str(other)!a}; allowed: "
    assert (done.returncode, done.stderr.startswith(told), done.stderr.count("\n")) == (2, True, 1), done.stderr
    mine = tmp_path / "mine" / "tests" / "__init__.py"  # nothing imports it, whoever has one
    mine.parent.mkdir(parents=True)
    mine.touch()
    held = os.pathsep.join(map(str, (Path(deadletter.__file__).parents[1], mine.parents[1])))
    here = ran(tmp_path, "--help", PYTHONPATH=held)
    assert (here.returncode, here.stderr) == (0, "")


@pytest.mark.parametrize(("length", "kernels"), [(68, []), (200, ["--plain-kernels"])], ids=["forked", "plain"])
def test_a_temporary_folder_may_be_deep(tmp_path: Path, kernels: list[str], length: int):
    deep = tmp_path / "deep"
    while len(str(deep)) < length:
        deep /= "x" * min(60, length - len(str(deep)))
    deep.mkdir(parents=True)
    project = tiny_project(tmp_path / "project", "import os\nos.environ['IPYTHONDIR']")
    done = ran(project, *kernels, TMPDIR=str(deep))
    assert (done.returncode, done.stderr) == (0, "running baseline …\n")
    folder = Path(ast.literal_eval(shown(project))).parent
    assert str(folder.parent) in SHORT
    assert not folder.exists(), "sockets are left behind"


@pytest.mark.skipif(not shutil.which("bash"), reason="sets limits by bash")
@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("-n 64", "too few files may be open at a time; found: 64; allowed: at least 128 (ulimit -n)"),
        ("-u 30", "too few processes and threads may run; found: 30; allowed: at least 64 (ulimit -u), or fewer --j"),
        (
            "-v 8000000",
            "too few kilobytes of addresses may be reserved; found: 8000000; allowed: at least 75497472 (ulim",
        ),
        ("-v 400000", "too few kilobytes of addresses may be reserved; found: 400000; allowed: at least 2097152 (ulim"),
    ],
)
def test_too_low_limits_are_named_before_anything_is_written(tmp_path: Path, limit: str, told: str):
    project = tiny_project(tmp_path / "project")
    words = ["bash", "-c", f"ulimit {limit}; exec {SCRIPT} run --jobs 2"]
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, timeout=300)
    assert (done.returncode, errors(done.stderr).startswith(f"error: this session: {told}")) == (2, True), done.stderr
    assert not (project / "results").exists()


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_files_obey_the_user_s_mask(tmp_path: Path, mask: int):
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "folder" / "file", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "folder" / "file").stat().st_mode) == 0o666 & ~mask
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]


@KERNELS
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_kernels_start_where_streams_are_closed(tmp_path: Path, kernels: list[str], closed: str):
    project = tiny_project(tmp_path / "project", "6 * 7")
    command = ["sh", "-c", f'"$@" {closed}', "sh", str(SCRIPT), "run", *kernels]
    assert subprocess.run(command, cwd=project, capture_output=True, timeout=300).returncode == 0
    assert shown(project) == "42"


@pytest.mark.skipif(not shutil.which("unshare"), reason="takes the user's account away by unshare")
def test_a_user_without_an_account_or_a_home(tmp_path: Path):
    """As a container has it that is started as some number."""
    project = tiny_project(tmp_path / "project")
    words = ["unshare", "--user", "--map-user=54321", "env", "-u", "HOME", str(SCRIPT), "run"]
    if subprocess.run([*words[:3], "true"], capture_output=True).returncode:
        pytest.skip("this system lets no user unshare")
    done = subprocess.run(words, cwd=project, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "running baseline …\n")


@KERNELS
def test_nothing_is_left_open_that_python_warns_of(tmp_path: Path, kernels: list[str]):
    project = tiny_project(tmp_path / "project")
    done = ran(project, *kernels, PYTHONWARNINGS="error")
    assert (done.returncode, done.stderr) == (0, "running baseline …\n")


def test_what_asks_for_a_prompt_at_the_end_is_not_for_children(tmp_path: Path):
    """Python itself shows how this process ended, then reads; the server of kernels would do so, too."""
    done = ran(tiny_project(tmp_path / "project"), PYTHONINSPECT="1")
    assert (done.stderr.count("Traceback"), "SystemExit: 0" in done.stderr) == (1, True), done.stderr


SHOWS = """import datetime, locale, os, shutil, warnings
warnings.warn("shown")
print(datetime.datetime.fromtimestamp(0), locale.getpreferredencoding(False), shutil.get_terminal_size(), __debug__)
print(*sorted(name for name in os.environ if name.startswith("PYTHON")))"""
ASKED = [
    {"PYTHONWARNINGS": "error"},
    {"PYTHONWARNINGS": "ignore", "TZ": "Asia/Tokyo"},
    {"PYTHONOPTIMIZE": "1", "COLUMNS": "33", "LINES": "7"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPROFILEIMPORTTIME": "1"},
]


def test_what_a_shell_asks_of_its_python_changes_no_cell(tmp_path: Path):
    """Warnings, assertions, zone, encoding and the width of a window; the same with either kind of kernel."""
    project = tiny_project(tmp_path / "project", SHOWS)
    path = project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb"
    found = set()
    for kernels in ([], ["--plain-kernels"]):
        for asked in ({}, *ASKED):
            done = ran(project, "--force", *kernels, **asked)
            assert done.returncode == 0, done.stderr
            found.add(path.read_text(encoding="utf-8"))
    (text,) = found
    assert "1970-01-01 00:00:00 UTF-8 os.terminal_size(columns=80, lines=24) True" in text
    assert "UserWarning: shown" in text


@pytest.mark.slow
@KERNELS
def test_outputs_that_come_faster_than_they_are_read_wait(tmp_path: Path, kernels: list[str]):
    project = tiny_project(tmp_path / "project", "for number in range(20_000):\n    display(number)")
    done = ran(project, *kernels)
    assert done.returncode == 0, done.stderr
    executed = nbformat.read(project / "executed" / "baseline" / "RIVER" / "01_tiny.ipynb", as_version=4)
    shown = [output["data"]["text/plain"] for output in executed.cells[-1].outputs]
    assert shown == [str(number) for number in range(20_000)]


def test_a_folder_that_was_deleted_is_named(tmp_path: Path):
    script = f'mkdir gone && cd gone && rmdir ../gone && "{SCRIPT}" run'
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "error: this folder: No such file or directory\n")


def test_help_where_the_terminal_says_that_it_has_no_columns(tmp_path: Path):
    words = [str(SCRIPT), "run", "--help"]
    done = subprocess.run(words, env={**os.environ, "COLUMNS": "0"}, capture_output=True, text=True, timeout=60)
    assert "--jobs" in done.stdout
