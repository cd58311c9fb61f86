"""What a large analysis costs on a cluster: rates measured here, core-hours, and money at a price that you give.

    python tests/benchmarks/cluster_cost.py [--price PER_CORE_HOUR] [--cores 64] [--scheduler ADDRESS]

One core does each piece of work, as one worker would: a slice of the multiverse, the tables of a coding but for those
on trade, the notebooks of a coding with kernels started anew. Processor seconds are counted, children included, so
that other work on this machine matters little; what a cluster adds (sending, idle workers, start) is not in them. With
a scheduler the whole command runs there too, and its time on the wall is told beside.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deadletter.environment import prepare

prepare()

# ruff: noqa: E402
from deadletter.coding import load_coding, to_settings
from deadletter.dataset.load import load_dataset
from deadletter.multiverse.evaluate import prepare as prepare_multiverse
from deadletter.multiverse.factors import SLICES
from deadletter.multiverse.tally import tally_slice
from deadletter.pipeline.execution import Task, execute
from deadletter.pipeline.plan import jobs_of
from deadletter.pipeline.steps import STEPS, compute
from deadletter.project import find_project

SAMPLE = 3_000_000
UNIVERSES, CODINGS = 10**9, 10_000


def spent() -> float:
    """Processor seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def universes_a_second(project, dataset) -> float:
    """On one core, over two slices of a sample."""
    design, model = prepare_multiverse(dataset, project.params / "multiverse.yaml", project.params, SAMPLE)
    started = spent()
    count = sum(int(tally_slice(model, design, number).universes[0]) for number in (0, SLICES - 1))
    return count / (spent() - started)


def seconds_of_tables(project, folder: Path) -> float:
    """Processor seconds for the tables of a coding without those on trade, written to ``folder``."""
    coding = load_coding(project.params, "baseline")
    started = spent()
    for computed in compute(project.data, coding, [s.name for s in STEPS if s.name != "trade"]):
        for name, text in computed.texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    return spent() - started


def seconds_of_notebooks(project, dataset, tables: Path) -> tuple[float, int]:
    """Processor seconds for the notebooks of a coding, and how many there are."""
    settings = to_settings(load_coding(project.params, "baseline"))
    jobs = list(jobs_of(project, "baseline", settings, dataset.focal))
    started = spent()
    for job in jobs:
        text = job.source(project).read_text(encoding="utf-8")
        outcome = execute(Task(job.name, text, job.parameters, 600, fork=False), project.root, tables)
        assert not outcome.error, outcome.error
    return spent() - started, len(jobs)


def told(name: str, core_seconds: float, price: float | None, cores: int) -> str:
    hours = core_seconds / 3600
    money = f", {hours * price:.2f} at {price:g} a core-hour" if price is not None else ""
    return f"{name}: {hours:.2f} core-hours{money}; {hours * 60 / cores:.1f} minutes on {cores} busy cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--price", type=float, help="price of a core-hour, in whatever money")
    parser.add_argument("--cores", type=int, default=64, help="cores of the cluster")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="also run a multiverse there")
    options = parser.parse_args()
    project = find_project(start=Path(__file__))
    dataset = load_dataset(project.data)
    rate = universes_a_second(project, dataset)
    print(f"universes: {rate:,.0f} a second on one core, over two of {SLICES} slices of {SAMPLE:,}")
    trade = project.results / "baseline" / "trade.csv"
    if not trade.is_file():
        sys.exit("the notebooks need the tables on trade: `deadletter run` first")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "baseline"
        folder.mkdir()
        for path in trade.parent.glob("trade*.csv"):
            (folder / path.name).write_bytes(path.read_bytes())
        tables = seconds_of_tables(project, folder)
        notebooks, count = seconds_of_notebooks(project, dataset, folder)
    print(f"tables of a coding but for trade: {tables:.1f} s of one core")
    print(f"its {count} notebooks, kernels started anew: {notebooks:.1f} s of one core, {notebooks / count:.1f} s each")
    # slices are what is shared out, so no more cores than slices are busy
    print(told(f"{UNIVERSES:,} universes", UNIVERSES / rate, options.price, min(options.cores, SLICES)))
    print(told(f"{CODINGS:,} codings as notebooks", CODINGS * (tables + notebooks), options.price, options.cores))
    if options.scheduler:
        with tempfile.TemporaryDirectory() as name:
            command = [sys.executable, "-m", "deadletter", "multiverse", "--universes", str(SAMPLE)]
            started = time.perf_counter()
            subprocess.run([*command, "--scheduler", options.scheduler, "--output-root", name], check=True)
            print(f"{SAMPLE:,} universes there, whole command: {time.perf_counter() - started:.1f} s on the wall")


if __name__ == "__main__":
    main()
