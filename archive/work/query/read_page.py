"""One page read without an archive: from a file, or from what a visit keeps for the moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from archive.model.errors import CannotRunError, UsageError
from archive.model.outcome import Role
from archive.model.reading import Source
from archive.model.url import canonical
from archive.reading.explain import Explanation, explain
from archive.store import Store
from archive.store.query.history import outcomes
from archive.work.captured_page import captured
from archive.work.given_file import check_given_file
from archive.work.home import Home
from archive.work.ingest.converters import with_conversion

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_REDIRECTS = 5
# Of a saved page nobody knows where it stood; .invalid is a name that no host ever has (RFC 2606).
_NOWHERE = "http://file.invalid/"

Visit: TypeAlias = Callable[[Path, str], str | None]
"""Fetches one URL into the home at a path, politely; returns why nothing came, None when it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is known of a page from outside of it. None: not known.

    url: where a file was saved from. role: how a crawl would have come to it.
    """

    url: str | None = None
    role: Role = Role.PAGE
    family: str | None = None
    division: str | None = None


def read_file(path: Path, given: Given) -> Explanation:
    """What is read of a saved page or an attachment. UsageError: no such file, or no URL."""
    url = canonical(given.url or _NOWHERE + path.name)
    if url is None:
        raise UsageError(f"{given.url} is not an http(s) URL")
    check_given_file(path)
    try:
        with path.open("rb") as stream:
            body = stream.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        raise UsageError(f"{path}: {problem.strerror}") from None
    if len(body) > MAX_FILE_BYTES:
        raise UsageError(f"{path}: larger than {MAX_FILE_BYTES // 1024**2} MiB")
    return _explained(Source(url=url, body=body, file_name=path.name), given)


def read_archived(store: Store, home: Home, url: str, given: Given) -> Explanation:
    """What is read of the newest capture of a URL in an archive. UsageError: it has none."""
    source = captured(store, home.files, canonical(url) or url)
    if source is None:
        raise UsageError(
            f"the archive has no answer of {url} that can be read; see gongkai history"
        )
    return _explained(source, given)


def read_visited(url: str, visit: Visit, given: Given) -> Explanation:
    """What is read of a URL that is visited now; redirects are followed, nothing is kept.

    UsageError: no http(s) URL. CannotRunError: nothing that can be read came, and why.
    """
    target = canonical(url)
    with TemporaryDirectory(prefix="gongkai-read-") as folder:
        home = Home(Path(folder))
        for _ in range(MAX_REDIRECTS + 1):
            if target is None:
                raise UsageError(f"{url} is not an http(s) URL")
            reason = visit(home.path, target)
            with Store.open(home.path, read_only=True) as store:
                source = captured(store, home.files, target)
                if source is not None:
                    return _explained(source, given)
                moved = _redirect(store, target)
            if moved is None:
                raise CannotRunError(f"{target}: {reason or 'nothing came that can be read'}")
            target = moved
    raise CannotRunError(f"{url}: more than {MAX_REDIRECTS} redirects")


def _redirect(store: Store, url: str) -> str | None:
    """Where the visit of a URL was sent on to; None when it was not."""
    with store.read() as connection:
        ended = outcomes(connection, url)
    if not ended or ended[-1].outcome != "redirected":
        return None
    named = (canonical(word) for word in ended[-1].reason.split())
    return next(filter(None, named), None)


def _explained(source: Source, given: Given) -> Explanation:
    known = replace(source, role=given.role, family=given.family, division=given.division)
    return explain(with_conversion(known))
