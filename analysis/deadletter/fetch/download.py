"""Download a file once, whatever the network does: retries, resume, checksum, cache.

``requests`` and urllib3's ``Retry`` do the work. The clients of single providers (wbgapi, comtradeapicall) were left
out: each knows one provider, neither resumes nor verifies, and their addresses are globals or fixed, so that a test
against a local server would have to patch them; here one path serves all releases.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util.retry import Retry

from deadletter.errors import InputError
from deadletter.files import write_atomically

Progress = Callable[[int, int | None], None]
BLOCK = 1 << 16
RETRIED = (429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Policy:
    """How patient to be: attempts besides the first, seconds of back-off (doubling), its cap, seconds of one wait."""

    retries: int = 5
    backoff: float = 0.5
    longest_wait: int = 120
    timeout: float = 60.0


PATIENT = Policy()


def download(
    url: str,
    cache_dir: Path,
    *,
    sha256: str | None = None,
    progress: Progress | None = None,
    policy: Policy = PATIENT,
    refresh: bool = False,
) -> Path:
    """Path of the file behind ``url`` in the cache, fetched unless it is there and whole.

    A broken transfer goes on where it stopped (HTTP Range with If-Range), in this call or a later one; statuses 429 and
    5xx are retried with exponential back-off, or after what Retry-After says, up to ``policy.longest_wait``. The file
    appears under its name only when complete and verified (atomic rename).

    sha256: expected digest; without one, the digest of the first complete download is kept and checked on reuse.
    progress: called with bytes so far and bytes in all (None if the server does not say).
    refresh: ask the server also for what is in the cache.

    Raises InputError: the URL is none, the server cannot be reached or refuses, the transfer keeps breaking, or the
    digest is not the expected.
    """
    try:
        final = cache_dir / _name(url)
    except ValueError as error:
        raise InputError("is not an address", where="fetch", found=url, allowed=str(error)) from None
    cache_dir.mkdir(parents=True, exist_ok=True)
    noted = _digest_note(final)
    if final.exists():
        expected = sha256 or (noted.read_text("latin-1").strip() if noted.exists() else None)
        if not refresh and expected is not None and digest(final) == expected:
            return final  # another stays until the new one is there
    part = final.with_name(final.name + ".part")
    with _session(policy) as session:
        verified = sha256 is not None
        resumed = _transfer(session, url, part, verified, progress, policy)
        if verified and resumed and digest(part) != sha256:
            discard(part)  # the first half may come from another version of the file: once more from the start
            _transfer(session, url, part, verified, progress, policy)
    found = digest(part)
    if sha256 is not None and found != sha256:
        discard(part)
        raise InputError("the download is not the expected file", where=url, found=f"sha256 {found}", allowed=sha256)
    write_atomically(noted, found + "\n")
    part.replace(final)
    discard(part)
    return final


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def forget(final: Path) -> None:
    """Remove a file from the cache: what is not an answer must not be taken for one again."""
    final.unlink(missing_ok=True)
    _digest_note(final).unlink(missing_ok=True)


@contextmanager
def kept_if_read(final: Path) -> Iterator[None]:
    """The cache forgets a file that is refused inside."""
    try:
        yield
    except InputError:
        forget(final)
        raise


def move(final: Path, folder: Path) -> None:
    """Put a file of the cache, with its digest, into another folder of the cache."""
    for path in (_digest_note(final), final):
        path.replace(folder / path.name)


def discard(part: Path) -> None:
    """Remove a partial download and the note on its version."""
    part.unlink(missing_ok=True)
    _version_note(part).unlink(missing_ok=True)


class _Retry(Retry):
    """Retries that take a Retry-After which is neither seconds nor a date, such as 1.5, for none."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except InvalidHeader:
            return 0


class _BrokenError(Exception):
    """The transfer stopped midway."""


class _StaleError(Exception):
    """The bytes at hand do not continue into what the server has."""


def _transfer(
    session: requests.Session, url: str, part: Path, verified: bool, progress: Progress | None, policy: Policy
) -> bool:
    """Fill ``part`` to its end; True if any piece was appended to an earlier one."""
    resumed = False
    last: Exception | None = None
    for attempt in range(policy.retries + 1):
        if attempt:
            time.sleep(min(policy.backoff * 2 ** (attempt - 1), policy.longest_wait))
        try:
            return _receive(session, url, part, verified, progress, policy) or resumed
        except _BrokenError as error:
            last, resumed = error, True
        except _StaleError as error:
            discard(part)
            last = error
    raise InputError("the download keeps breaking off", where=url, found=last)


def _receive(
    session: requests.Session, url: str, part: Path, verified: bool, progress: Progress | None, policy: Policy
) -> bool:
    """One request; True if the server went on from the bytes at hand.

    Bytes at hand are built upon if the server confirms that they are of its present version, or if a digest will.
    """
    note = _version_note(part)
    have = part.stat().st_size if part.exists() and (note.exists() or verified) else 0
    headers = {"Accept-Encoding": "identity"}  # byte positions must be those of the file
    if have:
        headers["Range"] = f"bytes={have}-"
    if have and note.exists():
        headers["If-Range"] = note.read_text()
    try:
        response = session.get(url, headers=headers, stream=True, timeout=policy.timeout)
    except (OSError, ValueError) as error:  # those of requests, and what it lets through of bad redirects and proxies
        raise InputError("the server cannot be reached", where=url, found=error) from None
    with response:
        if response.status_code == 416:
            raise _StaleError("the server has nothing beyond the bytes at hand")
        if response.status_code not in (200, 206):
            found = f"HTTP {response.status_code} {response.reason} {_words(response)}".rstrip()
            raise InputError("the server refuses the download", where=url, found=found)
        resumed = response.status_code == 206
        given = re.match(rf"bytes {have}-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if resumed and not given:
            raise _StaleError("the server goes on at another place")
        if not resumed:
            _note_version(note, response.headers)
        got = _write(response, part, have if resumed else 0, progress)
        # a server may send less than it was asked for
        if resumed and given and given[1] != "*" and got < int(given[1]):
            raise _BrokenError(f"{got} of {given[1]} bytes came")
    return resumed


def _words(response: requests.Response) -> str:
    """How a server that refuses says why; empty where it sends a page, or breaks off."""
    if not response.headers.get("Content-Type", "").startswith(("application/json", "text/plain")):
        return ""
    try:
        return response.text[:200]
    except requests.exceptions.RequestException:
        return ""


def _write(response: requests.Response, part: Path, have: int, progress: Progress | None) -> int:
    """Append the body to the ``have`` bytes at hand; what came before a break stays in the file. Returns all bytes."""
    length = response.raw.length_remaining
    total = have + length if length is not None else None
    with part.open("ab" if have else "wb") as stream:
        try:
            while block := response.raw.read1(BLOCK, decode_content=True):  # iter_content drops a block that breaks off
                stream.write(block)
                have += len(block)
                if progress is not None:
                    progress(have, total)
        except HTTPError as error:
            raise _BrokenError(str(error)) from None
        except OSError as error:  # a full disk names no file
            raise OSError(error.errno, error.strerror, str(part)) from None
    return have


def _note_version(note: Path, headers: Mapping[str, str]) -> None:
    """Keep what identifies the server's version; neither a weak tag nor an encoded body vouches for bytes."""
    note.unlink(missing_ok=True)
    version = headers.get("ETag") or headers.get("Last-Modified")
    if version and not version.startswith("W/") and "Content-Encoding" not in headers:
        write_atomically(note, version)


def _session(policy: Policy) -> requests.Session:
    """A session that retries refusals of the passing kind."""
    retry = _Retry(
        total=policy.retries,
        backoff_factor=policy.backoff,
        backoff_max=policy.longest_wait,
        retry_after_max=policy.longest_wait,
        status_forcelist=RETRIED,
        raise_on_status=False,
    )
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _name(url: str) -> str:
    """A file name for a URL: its last part, and a hash that distinguishes queries."""
    last = Path(urlsplit(url).path).name or "index"
    return f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{last[-60:]}"  # 255 bytes at most


def _digest_note(final: Path) -> Path:
    """Where the digest of a file in the cache is kept."""
    return final.with_name(final.name + ".sha256")


def _version_note(part: Path) -> Path:
    """Where the version (ETag or date) of a partial download is kept."""
    return part.with_name(part.name + ".version")
