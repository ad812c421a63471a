"""The generated site that all are measured on, served by a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from archive.model.outcome import Role
from bench.reading import Page
from crawler.demo.columns import LISTS
from crawler.demo.site import Request, generate_site
from tests.gate.material import folder, gold_pages

FAMILY = "trs"


@contextmanager
def serving(reports: int, *, seed: int) -> Iterator[str]:
    """The URL of the list's first page; the server ends with the context."""
    command = [sys.executable, "-m", "crawler.demo", "--generate", str(reports)]
    command += ["--family", FAMILY, "--seed", str(seed)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdout is None or server.stdin is None:
            raise RuntimeError("the server has no pipes")
        try:
            yield server.stdout.readline().strip() + LISTS[FAMILY]
        finally:
            server.stdin.close()


def report_pages(reports: int, *, seed: int) -> list[Page]:
    """The same reports' bodies, without a server."""
    site = generate_site(reports, FAMILY, seed=seed)
    catalogue = site.portals[FAMILY]
    paths = [catalogue.at(number).url for number in range(catalogue.count)]
    return [
        Page(url=f"http://127.0.0.1{path}", body=site.answer(Request(target=path)).body)
        for path in paths
    ]


def saved_pages() -> list[Page]:
    """The real pages with gold, which lie outside the repository; none where they are not here."""
    pages = folder()
    return [
        Page(url=page.url, body=page.body, role=Role.LIST if page.is_list else Role.PAGE)
        for page in (gold_pages(pages) if pages else ())
    ]
