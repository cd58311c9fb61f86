"""A notebook of each kind opens in JupyterLab and runs by hand, without papermill, in headless Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDS
from tests.commands import ROOT, copy_project
from tests.faults.scale import ALL

EVERY = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
# one for each thing that a notebook opens: a regime, the argument, the multiverse
NOTEBOOKS = EVERY if ALL else ["03_expectations", "05_argument", "06_robustness"]
LIMIT = 180

pytestmark = NEEDS

# resolves to what the notebook shows after Run All: whether it ended well, and every error output
RUN_ALL = """async (path) => {
    const app = window.jupyterapp;
    await app.started;
    const widget = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await widget.context.ready;
    await widget.context.sessionContext.ready;
    const finished = await app.commands.execute('notebook:run-all-cells');
    const cells = widget.content.model.sharedModel.cells.map(cell => cell.toJSON());
    const outputs = cells.flatMap(cell => cell.outputs || []);
    return {finished, errors: outputs.filter(o => o.output_type === 'error').map(o => o.evalue),
            outputs: outputs.length};
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A JupyterLab server on a copy of the project; gives its address and the project."""
    pytest.importorskip("jupyterlab")
    project = copy_project(tmp_path_factory.mktemp("lab") / "project")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *("--IdentityProvider.token=", "--ServerApp.allow_root=True", "--LabApp.expose_app_in_browser=True"),
        f"--ServerApp.root_dir={project}",
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "analysis"),
        "JUPYTER_CONFIG_DIR": str(project.parent / "config"),
    }
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(10 * LIMIT):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/api/status", timeout=2) as answer:
                if json.load(answer):
                    break
            time.sleep(0.1)
        else:
            pytest.fail("JupyterLab did not start")
        yield address, project
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_run_all_succeeds(lab: tuple[str, Path], chromium: Any, notebook: str):
    address, project = lab
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(LIMIT * 1000)
        page.goto(f"{address}/lab?reset")
        page.wait_for_function("() => window.jupyterapp !== undefined")
        shown = page.evaluate(RUN_ALL, f"notebooks/{notebook}.ipynb")
    assert shown["errors"] == []
    assert shown["finished"] is True
    assert shown["outputs"] > 3
    assert not (project / "results").exists(), "Run All by hand must not write results"
