"""A real scheduler and real workers on this machine, each in a process and a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from deadletter.errors import InputError, WorkersError
from deadletter.multiverse.evaluate import evaluate, prepare
from deadletter.multiverse.factors import SLICES
from deadletter.multiverse.tally import Tally
from deadletter.trade.bloc.treated import FLOW, trade_bloc
from deadletter.trade.gravity.placebo_blocs import placebo_blocs
from deadletter.workers import cluster as clusters
from deadletter.workers.cluster import Cluster, open_cluster
from deadletter.workers.executor import finished, pack, placed, result_of, send
from tests.commands import ROOT, deadletter
from tests.faults.tiny import errors

LIMIT = 60


def until(condition: Callable[[], bool], what: str, seconds: float = LIMIT) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)


@dataclass
class Farm:
    """A scheduler and its workers. ``folder``: where each has its working folder, far from the project."""

    folder: Path
    address: str
    processes: ExitStack
    workers: list[subprocess.Popen] = field(default_factory=list)
    started: int = 0

    def dask(self, name: str, *arguments: str, path: str) -> subprocess.Popen:
        (own := self.folder / name).mkdir()
        # each process orders its sets otherwise, as processes of a real cluster do
        own_seed = {"PYTHONHASHSEED": str(len(list(self.folder.iterdir()))), "PYTHONPATH": path}
        command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
        with (own / "log").open("w") as log:
            process = subprocess.Popen(command, cwd=own, env={**os.environ, **own_seed}, stdout=log, stderr=log)
        self.processes.callback(kill_all, process)
        return process

    def worker(self, path: str = str(ROOT / "analysis")) -> subprocess.Popen:
        name, self.started = f"worker-{self.started}", self.started + 1
        arguments = ["worker", self.address, "--nthreads", "1", "--local-directory", str(self.folder / name)]
        return self.dask(name, *arguments, path=path)

    def joined(self, count: int) -> None:
        """Wait until so many workers have joined since the beginning."""
        logs = [self.folder / f"worker-{number}" / "log" for number in range(count)]
        until(lambda: all("Registered to" in log.read_text() for log in logs), f"{count} workers")


def kill_all(process: subprocess.Popen) -> None:
    """End a process and its children at once, as a machine does that loses its power."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    process.kill()  # the nanny first: it would start its worker again
    for child in children:
        child.kill()
    process.wait(timeout=LIMIT)


@pytest.fixture(scope="module")
def scheduled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A scheduler that cannot import this package."""
    folder = tmp_path_factory.mktemp("farm")
    (folder / "empty").mkdir()
    (folder / "empty" / "deadletter.py").write_text("raise ImportError('not on this machine')")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as stack:
        farm = Farm(folder, f"tcp://127.0.0.1:{port}", stack)
        arguments = ["scheduler", "--host", "127.0.0.1", "--port", str(port)]
        farm.dask("scheduler", *arguments, path=str(folder / "empty"))
        yield farm


@pytest.fixture
def farm(scheduled: Farm) -> Farm:
    """The scheduler with two workers; the dead are replaced."""
    scheduled.workers = [worker for worker in scheduled.workers if worker.poll() is None]
    scheduled.workers += [scheduled.worker() for _ in range(2 - len(scheduled.workers))]
    scheduled.joined(scheduled.started)
    return scheduled


def do_all(cluster: Cluster, tasks: int, seconds: float, then: Callable[[], None] = lambda: None) -> None:
    """Sleep many times on a cluster; after the first time, do something else here."""
    for _, future in finished(cluster, time.sleep, ((number, (seconds,)) for number in range(tasks))):
        result_of(future)
        then()
        then = bool


def same(ours: list[Tally], theirs: list[Tally]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        for name, array in vars(one).items():
            np.testing.assert_array_equal(array, getattr(other, name))


def test_a_multiverse_is_the_same_with_a_worker_killed_at_work(dataset, farm: Farm, tmp_path: Path):
    design, model = prepare(dataset, ROOT / "params" / "multiverse.yaml", ROOT / "params", 500_000)
    alone = evaluate(model, design, tmp_path / "alone", None, print)

    def kill_one() -> None:
        until(lambda: len(list((tmp_path / "farm").glob("*.npz"))) >= 3, "three slices")
        kill_all(farm.workers[0])
        kept.append(len(list((tmp_path / "farm").glob("*.npz"))))

    kept: list[int] = []
    killer = threading.Thread(target=kill_one)
    with open_cluster(farm.address, print) as cluster:
        killer.start()
        shared = evaluate(model, design, tmp_path / "farm", cluster, print)
        killer.join()
    assert 3 <= kept[0] < SLICES
    same(alone, shared)


def test_placebo_blocs_are_the_same(dataset, baseline, farm: Farm):
    lines = (trade_bloc(dataset, baseline.trade, focal) for focal in dataset.focal)
    line = next(line for line in lines if line is not None)
    asked = (line.panel, FLOW, line.founders, line.neighbours)
    alone = placebo_blocs(*asked, controls=line.controls)
    with open_cluster(farm.address, print) as cluster:
        shared = placebo_blocs(*asked, controls=line.controls, executor=cluster)
    # fits by batches and by the engine alone: the last bit, not only the printed digits
    pd.testing.assert_frame_equal(shared.placebos, alone.placebos, check_exact=True)


def test_a_run_is_the_same_where_workers_share_no_disk(baseline_run: Path, farm: Farm, tmp_path: Path):
    project = tmp_path / "project"
    shutil.copytree(baseline_run, project)
    for notebook in (project / "notebooks").glob("*.ipynb"):
        if not notebook.stem.startswith("02"):
            notebook.unlink()
    # the tables are computed anew, but for those that take longest
    shutil.rmtree(project / "results" / ".cache" / "receipts", ignore_errors=True)
    for record in (project / "results" / ".cache" / "records" / "tables").glob("*/*.json"):
        if record.stem not in ("trade", "placebo", "alignment"):
            record.unlink()
    shutil.rmtree(project / "executed")
    done = deadletter("run", "--force-notebooks", "--scheduler", farm.address, cwd=project)
    assert (done.returncode, errors(done.stderr)) == (0, "")
    assert "2 workers with the same versions and source as here" in done.stdout

    executed = sorted(path.relative_to(project) for path in (project / "executed").rglob("*.ipynb"))
    assert len(executed) == 2
    # records too: they tell what the kernels read, from the folders that were sent
    records = sorted((project / "results" / ".cache" / "records").rglob("*/02_*.json"))
    assert len(records) == 2
    tables = sorted((project / "results" / "baseline").glob("*.[cs]*[vg]"))
    for path in [*executed, *(record.relative_to(project) for record in (*records, *tables))]:
        assert (project / path).read_bytes() == (baseline_run / path).read_bytes(), path
    unpacked = list(farm.folder.glob("worker-*/*/*/deadletter/*/data/datapackage.json"))
    assert unpacked, "nothing was sent"


def odd_path(folder: Path) -> str:
    """A path with a changed copy of the source, and a library that says it has another version."""
    shutil.copytree(ROOT / "analysis", folder / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "analysis" / "deadletter" / "errors.py").open("a") as source:
        source.write("\nCHANGED = True\n")
    information = folder / "analysis" / "pandas-1.2.3.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: pandas\nVersion: 1.2.3\n")
    return str(folder / "analysis")


def test_a_worker_that_differs_is_refused(farm: Farm, tmp_path: Path):
    with open_cluster(farm.address, print) as cluster:
        odd = farm.worker(odd_path(tmp_path))
        farm.joined(farm.started)
        # it joined after the handshake: the tasks themselves look, and nothing that it did is used
        with pytest.raises(WorkersError, match=r"joined later differs: pandas 1\.2\.3 \(here: "):
            do_all(cluster, 24, 0.2)
    try:
        with pytest.raises(InputError) as refused, open_cluster(farm.address, print):
            pytest.fail("opened")
        told = str(refused.value)
        assert "worker tcp://127.0.0.1:" in told
        assert f"pandas 1.2.3 (here: {pd.__version__})" in told
        assert "source of deadletter" in told
        arguments = ("multiverse", "--universes", "1300", "--scheduler", farm.address)
        done = deadletter(*arguments, "--output-root", str(tmp_path / "out"), cwd=ROOT)
        assert (done.returncode, done.stdout) == (2, "")
        assert "differs from this machine" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out" / "results" / "multiverse").exists()
    finally:
        kill_all(odd)


def test_without_any_worker_a_run_ends_and_says_so(farm: Farm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    with open_cluster(farm.address, print) as cluster, pytest.raises(WorkersError, match="been there for 1 seconds"):
        do_all(cluster, 200, 0.5, then=lambda: [kill_all(worker) for worker in farm.workers])
    with pytest.raises(InputError, match="has no worker"), open_cluster(farm.address, print):
        pytest.fail("opened")


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "127.0.0.1:8786", "http://127.0.0.1:80", "tcp://x:y", "tcp://"]
)
def test_an_address_without_a_scheduler_is_refused_at_once(address: str):
    started = time.monotonic()
    with pytest.raises(InputError, match="--scheduler"), open_cluster(address, print):
        pytest.fail("opened")
    assert time.monotonic() - started < 15


def test_a_folder_is_sent_as_the_same_bytes_whenever_it_holds_the_same(tmp_path: Path):
    for name in ("a/x.csv", "b/y.csv", ".cache/z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "a" / "linked").symlink_to(tmp_path / "b")
    packed = pack(tmp_path)
    assert packed.contents == (("a/linked/y.csv", b"b/y.csv"), ("a/x.csv", b"a/x.csv"), ("b/y.csv", b"b/y.csv"))
    (tmp_path / "a" / "x.csv").touch()
    assert pack(tmp_path, ("b", "a")).digest == packed.digest
    (tmp_path / "a" / "x.csv").write_text("other")
    assert pack(tmp_path).digest != packed.digest
    # on this machine nothing is packed
    assert placed(send(None, tmp_path)) == tmp_path


def test_every_declared_library_is_compared():
    import tomllib

    from deadletter.workers.cluster import CARRIERS, facts, packages

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {line.partition(">")[0] for line in project["dependencies"]}
    assert declared | set(CARRIERS) == set(packages())
    assert facts(tuple(packages()))["pandas"] == pd.__version__


def test_without_dask_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"pip install '\.\[cluster\]' in the checkout"),
        open_cluster("tcp://x:1", print),
    ):
        pytest.fail("opened")
