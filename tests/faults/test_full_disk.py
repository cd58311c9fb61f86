"""A place that takes no more, or no new folder, is named in one line, and what stood there before stays as it was.

No file may grow beyond a size, as on a disk that is full.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from deadletter.site.build import ENTRIES, build
from tests.commands import called
from tests.faults.killed import outputs
from tests.faults.test_disturbed_runs import ended, limited, one_line
from tests.faults.tiny import command
from tests.fetch.local_server import running as local_server
from tests.fetch.test_unga import LIBRARY


def test_a_kernel_that_cannot_write_says_where(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    before = outputs(project)
    running = command("run", "--force-notebooks", cwd=project, preexec_fn=limited(2_000))
    _, told = ended(running, 1)
    assert one_line(told).startswith("error: baseline/RIVER/01_tiny failed: the kernel did not start: ")
    assert "/deadletter-" in told, told
    assert told.endswith(": File too large\n")
    assert outputs(project) == before


def test_a_site_that_cannot_be_written_leaves_the_earlier_one(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    assert called("publish", cwd=project).returncode == 0
    files = {path: path.read_bytes() for path in (project / "site").rglob("*") if path.is_file()}
    for size in (40_000, 400_000):
        _, told = ended(command("publish", cwd=project, preexec_fn=limited(size)), 1)
        assert one_line(told).startswith(f"error: {project / 'site'}: ")
        assert "File too large" in told
    assert {path: path.read_bytes() for path in (project / "site").rglob("*") if path.is_file()} == files
    assert not list(project.glob(".site*"))


def test_a_download_without_room_is_named_and_goes_on_where_it_stopped(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    cache = project / "results" / ".cache"
    with local_server() as server:
        server.files["/record/4060887/files/V.csv"] = LIBRARY.encode() + b"," * 400_000
        words = ("data", "fetch", "unga", "--version", "V", "--world", "--base-url", server.url)
        for size, place in ((0, cache / "fetch.lock.holder"), (200_000, cache / "fetch")):
            _, told = ended(command(*words, cwd=project, preexec_fn=limited(size)), 1)
            line = one_line("".join(row for row in told.splitlines(keepends=True) if not row.startswith("unga: ")))
            assert line.startswith(f"error: {place}")
            assert line.endswith(": File too large")
        assert not list((project / "results").glob("fetched/*"))
        ended(command(*words, cwd=project), 2)  # it is no table
        assert server.requests[-1][1] == "bytes=200000-"


def test_a_second_fetch_waits_for_the_first(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    with local_server() as server:
        server.files["/record/4060887/files/V.csv"] = LIBRARY.encode()
        words = ("data", "fetch", "unga", "--version", "V", "--world", "--years", "2015/2023")
        with FileLock(project / "results" / ".cache" / "fetch.lock"):
            running = command(*words, "--base-url", server.url, cwd=project)
            assert "waiting for it to end" in running.stderr.readline()
            assert server.requests == []
        assert "2 rows" in ended(running, 0)[0]


@pytest.mark.parametrize("words", [["new", "mine"], ["new", "mine", "--empty"]])
def test_a_study_that_cannot_be_written_is_not_begun(tmp_path: Path, words: list[str]):
    for size in (10, 2_000, 20_000):
        _, told = ended(command(*words, cwd=tmp_path, preexec_fn=limited(size)), 1)
        assert one_line(told) == f"error: {tmp_path / 'mine'}: File too large"
        assert list(tmp_path.iterdir()) == []


def test_a_run_that_cannot_say_who_it_is(tiny_run: Path, tmp_path: Path):
    project = shutil.copytree(tiny_run, tmp_path / "project")
    _, told = ended(command("run", "--force", cwd=project, preexec_fn=limited(10)), 1)
    assert one_line(told) == f"error: {project / 'results' / '.cache' / 'lock.holder'}: File too large"


def test_a_page_that_sphinx_leaves_out_fails_the_site(tmp_path: Path):
    source, target = tmp_path / "source", tmp_path / "site"
    for folder in ("_static", "_extra"):
        (source / folder).mkdir(parents=True)
    (source / ENTRIES).write_text(json.dumps([]))
    (source / "sources.bib").touch()
    (source / "index.md").write_text("# A site\n")
    (target / "index.html").mkdir(parents=True)
    with pytest.raises(OSError, match="error writing file"):
        build(source, target, tmp_path / "doctrees", "A site")


@pytest.mark.skipif(not Path("/proc").is_mount(), reason="no mount point of a known name")
@pytest.mark.parametrize("words", [["new"], ["publish", "--out"]])
def test_a_mount_point_is_refused(tiny_run: Path, words: list[str]):
    done = called(*words, "/proc", cwd=tiny_run)
    assert done.returncode == 2
    assert "error: /proc: is a mount point; allowed: a folder within it, such as /proc/s" in done.stderr
