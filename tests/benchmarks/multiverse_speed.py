"""How many universes a second: this package, a plain Python loop, and one notebook for each universe.

    python tests/benchmarks/multiverse_speed.py [--universes 1000000] [--notebooks 4]

All three place both regimes by all three bases, from the same data, in one run on one machine; ratios are to the loop.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import papermill

from deadletter.coding import to_settings
from deadletter.coding.model import Anchors
from deadletter.coding.settings import changed
from deadletter.dataset.load import load_dataset
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.formalisation import anchors_of, formalisation
from deadletter.indices.intervals import IndexValue
from deadletter.indices.placement import Axis, place
from deadletter.multiverse.declaration import settings_of
from deadletter.multiverse.evaluate import prepare
from deadletter.project import find_project
from deadletter.results import BASES

LOOP = 12


def codings(space, count: int) -> list:
    """The codings of some universes, without bootstrap draws worth the name."""
    choices = space.draw(np.random.default_rng(1).random((count, len(space.factors))))
    found = []
    for number in range(count):
        settings: dict = {"intervals.draws": 99}
        for name, branch in space.declaration.branches.items():
            if branch.key:
                settings[branch.key] = float(choices[name][number])
            else:
                settings |= settings_of(list(branch.options.values())[int(choices[name][number])])
        found.append(changed(space.base, settings, "benchmark"))
    return found


def axis(index: IndexValue, anchors: Anchors | None) -> Axis:
    return Axis(index.value, index.bound_low, index.bound_high, anchors)


def loop(dataset, model, chosen: list) -> float:
    """Universes a second, one after the other, by the functions that the notebooks call."""
    started = time.perf_counter()
    for coding in chosen:
        measure = coding.formalisation.measure
        for unit in model.units:
            scope = unit.scope(dataset, coding)
            formal = axis(formalisation(dataset, coding, scope), anchors_of(measure, dataset, coding))
            values = (
                expectation(dataset, coding, scope).index,
                compliance(dataset, coding, scope),
                output(dataset, coding, scope),
            )
            for basis, value in zip(BASES, values, strict=True):
                place(formal, axis(value, getattr(coding.calibration, basis)), coding.calibration.log_odds)
    return len(chosen) / (time.perf_counter() - started)


def by_notebooks(project, chosen: list) -> float:
    """Universes a second where each executes the notebook of placements once for each regime."""
    started = time.perf_counter()
    notebook = project.notebooks / "04_prospects.ipynb"
    with tempfile.TemporaryDirectory() as folder:
        for number, coding in enumerate(chosen):
            for regime in load_dataset(project.data).focal:
                settings = [s for s in to_settings(coding) if not s.startswith(("title=", "why="))]
                parameters = {"regime": regime, "coding": "baseline", "settings": settings}
                target = str(Path(folder) / f"{number}-{regime}.ipynb")
                # plain papermill, as a notebook for each universe would be run: it computes what it shows
                papermill.execute_notebook(
                    str(notebook), target, parameters, progress_bar=False, cwd=str(project.notebooks)
                )
    return len(chosen) / (time.perf_counter() - started)


def command(universes: int) -> tuple[float, float, float]:
    """The whole command on two cores, from a fresh start: seconds, seconds of processors, largest memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["multiverse", "--jobs", "2", "--output-root", folder]
        subprocess.run([sys.executable, "-m", "deadletter", *arguments, "--universes", "1300"], check=True, stdout=-3)
        before, started = os.times(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "deadletter", *arguments, "--universes", str(universes)], check=True, stdout=-3
        )
        seconds, after = time.perf_counter() - started, os.times()
    processors = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, processors, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--universes", type=int, default=1_000_000)
    parser.add_argument("--notebooks", type=int, default=4)
    options = parser.parse_args()
    project = find_project(start=Path(__file__))
    dataset = load_dataset(project.data)
    design, model = prepare(dataset, project.params / "multiverse.yaml", project.params, 4096)
    chosen = codings(design.space, LOOP)
    seconds, processors, memory = command(options.universes)
    plain = loop(dataset, model, chosen)
    rates = {
        "deadletter multiverse, whole command": options.universes / seconds,
        "plain Python loop": plain,
        "one notebook a universe and regime": by_notebooks(project, chosen[: options.notebooks]),
    }
    cost = f"{seconds:.1f} s ({processors:.1f} s of processors), {memory:.0f} MiB at most in one process"
    print(f"{options.universes} universes in {cost}")
    for name, rate in rates.items():
        print(f"{name:40s} {rate:14.2f} universes/s  {rate / plain:14.2f} × the loop")


if __name__ == "__main__":
    main()
