"""The site as files: policies, links, what is stale, two equal builds, and what is refused."""

from __future__ import annotations

import filecmp
import html
import re
import urllib.parse
from pathlib import Path

import pytest

from deadletter.errors import InputError
from deadletter.project import find_project
from deadletter.site.build import inline_scripts
from deadletter.site.publish import MARKER, WRITTEN, Request, publish
from tests.commands import deadletter

# the argument with its whole ledger is the largest page; a server sends it compressed to a sixth
LARGEST = 500_000


def test_every_page_has_its_policy_and_is_light(any_site: Path):
    # single files to take away bring their own policy
    for path in set(any_site.rglob("*.html")) - set((any_site / "downloads").rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        assert path.stat().st_size <= LARGEST, path
        policy = html.unescape(re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)[1])
        assert not re.search(r"https?:|\*|unsafe-eval|'unsafe-inline'(?!; img)", policy), path
        # every inline script of every page is the theme's, and allowed by its hash
        assert len(set(inline_scripts(page))) == policy.count("'sha256-"), path


def test_every_way_within_the_site_leads_somewhere(any_site: Path):
    pages = {path: path.read_text(encoding="utf-8") for path in any_site.rglob("*.html")}
    ids = {path: set(re.findall(r'\bid="([^"]+)"', page)) for path, page in pages.items()}
    broken = set()
    for path, page in pages.items():
        for target in set(re.findall(r'\b(?:href|src|data-charts)="([^"]+)"', page)):
            if re.match(r"(https?|mailto|data):", target):
                continue
            file, _, fragment = html.unescape(target).partition("#")
            file = urllib.parse.unquote(file.partition("?")[0])
            there = (path.parent / file).resolve() if file else path
            # rows that a chart points at are chosen by a script
            fragment = "" if fragment.startswith("only=") else fragment
            if not there.is_file() or (fragment and there in ids and fragment not in ids[there]):
                broken.add((path.relative_to(any_site).as_posix(), target))
    assert broken == set()


def test_the_panel_tells_current_from_stale(site: Path):
    current = (site / "notebooks/baseline/CSTO/04_prospects.html").read_text(encoding="utf-8")
    stale = (site / "notebooks/strict/CSTO/04_prospects.html").read_text(encoding="utf-8")
    assert "<dd>current: data, parameters, code and notebook</dd>" in current
    assert 'class="stale"' not in current
    assert 'class="stale"' in stale
    assert "<dd>stale: " in stale


def test_two_builds_are_equal(site: Path):
    again = site.parent / "again"
    words = ("publish", "baseline", "strict", "--allow-stale", "--out", str(again))
    # another order of sets than in this process
    done = deadletter(*words, cwd=site.parent, PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stderr
    files = [sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file()) for one in (site, again)]
    assert files[0] == files[1]
    _, differ, unreadable = filecmp.cmpfiles(site, again, [str(name) for name in files[0]], shallow=False)
    assert (differ, unreadable) == ([], [])


def test_stale_results_are_refused_and_named(site: Path, tmp_path: Path):
    with pytest.raises(
        InputError, match=r"strict/CSTO/01_emergence: is stale .*deadletter run baseline strict.*--allow"
    ):
        publish(find_project(start=site.parent), Request((), tmp_path / "site"), print)
    assert list(tmp_path.iterdir()) == []


def test_publishing_nothing_says_what_to_run(project: Path, tmp_path: Path):
    here = find_project(start=project)
    with pytest.raises(InputError, match="run `deadletter run` first"):
        publish(here, Request((), tmp_path / "site"), print)
    with pytest.raises(InputError, match=r"results/lenient/indices\.csv.*run `deadletter run lenient` first"):
        publish(here, Request(("lenient",), tmp_path / "site"), print)
    with pytest.raises(InputError, match="did you mean: strict"):
        publish(here, Request(("strickt",), tmp_path / "site"), print)


def test_a_folder_that_is_no_site_is_left_alone(site: Path, tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(InputError, match="was not written by this command"):
        publish(find_project(start=site.parent), Request(("baseline",), tmp_path), print)
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_a_site_is_replaced_only_where_it_holds_nothing_else(project: Path, tmp_path: Path):
    here, earlier = find_project(start=project), tmp_path / "earlier"
    earlier.mkdir()
    (earlier / MARKER).write_text(f"{WRITTEN}\n{MARKER}\nindex.html\n")
    for name in ("index.html", ".git", ".DS_Store"):
        (earlier / name).touch()
    with pytest.raises(InputError, match=r"earlier/\.git: was not written by this command; .*move it out of the site"):
        publish(here, Request((), earlier), print)
    (earlier / ".git").unlink()
    # the next hindrance is another one
    with pytest.raises(InputError, match="run `deadletter run` first"):
        publish(here, Request((), earlier), print)


@pytest.mark.parametrize("folder", ["data/site", "params", "notebooks/x/y", "executed/baseline/site", "results/site"])
def test_no_site_goes_into_a_folder_of_the_project(project: Path, folder: str):
    with pytest.raises(InputError, match=rf"{folder}: is within {folder.partition('/')[0]}/ of the project"):
        publish(find_project(start=project), Request(("baseline",), project / folder), print)
