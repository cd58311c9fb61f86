"""The living summary as PDF, printed by a Chromium that is installed; equal pages give equal bytes."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deadletter.errors import InputError
from deadletter.site.inputs import Material
from deadletter.site.links import summary_path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_TIME = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")


def browser() -> str:
    """The browser that prints. Raises InputError: none is found."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise InputError(
            "no browser to print with", where="--pdf", found="none", allowed=f"one of {', '.join(BROWSERS)}"
        )
    return found


def print_summaries(material: Material, site: Path) -> None:
    """Print the summary of every coding of a built site to ``downloads/``.

    Raises InputError: the browser printed nothing.
    """
    for results in material.results if len(material.dataset["summary"]) else ():
        page = summary_path(material, results)
        target = site / "downloads" / f"{page.replace('/', '-')}.pdf"
        with tempfile.TemporaryDirectory() as profile:
            flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer")
            command = [browser(), *flags, f"--user-data-dir={profile}", f"--print-to-pdf={target}"]
            done = subprocess.run(
                [*command, (site / f"{page}.html").as_uri()], capture_output=True, timeout=120, check=False
            )
        if not target.is_file():
            raise InputError(
                "could not be printed", where=f"{page}.html", found=done.stderr.decode(errors="replace")[-200:]
            )
        target.write_bytes(_TIME.sub(rb"\g<1>20000101000000", target.read_bytes()))
