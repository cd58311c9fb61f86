"""A Content-Security-Policy on every page: nothing comes from elsewhere, and only the theme's scripts run inline."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

# the inline scripts of generator and theme, whole: a script that slipped into a page from data is none of them
_KNOWN = re.compile(
    r"""\s*(?:DOCUMENTATION_OPTIONS\.\w+ = (?:'[\w/.+-]*'|true|false);"""
    r"""|(?:document\.documentElement\.dataset\.\w+ = localStorage\.getItem\("\w+"\) \|\| "\w*";\s*)+)\s*"""
)


def policy(page: str) -> str:
    """The policy for a page, with the hash of each inline script that is known."""
    hashes = sorted({_hash(body) for body in inline_scripts(page) if _KNOWN.fullmatch(body)})
    sources = " ".join(("'self'", *(f"'sha256-{one}'" for one in hashes)))
    return (
        f"default-src 'none'; script-src {sources}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'self'"
    )


def inline_scripts(page: str) -> list[str]:
    """The inline scripts that a browser would run: neither those with an address nor inert data."""
    found = []
    for part in page.split("<script")[1:]:
        attributes, _, rest = part.partition(">")
        if " src=" not in attributes and "application/json" not in attributes:
            found.append(rest.partition("</script>")[0])
    return found


def _hash(body: str) -> str:
    return base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()


def protect(site: Path) -> None:
    """Write the policy into every page of a site; single files to take away bring their own."""
    for path in sorted(set(site.rglob("*.html")) - set((site / "downloads").rglob("*.html"))):
        page = path.read_text(encoding="utf-8")
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
        before, head, after = page.partition("<head>")
        path.write_text(f"{before}{head}\n    {meta}{after}", encoding="utf-8")
