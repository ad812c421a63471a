"""The generated site that all are measured on, served by a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.reading import Page
from crawler.demo.columns import LISTS
from crawler.demo.site import Request, generate_site

FAMILY = "trs"


@contextmanager
def serving(reports: int, *, seed: int) -> Iterator[str]:
    """The address of the list's first page; the server ends with the context."""
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
    paths = [catalogue.at(number).address for number in range(catalogue.count)]
    return [
        Page(address=f"http://127.0.0.1{path}", body=site.answer(Request(target=path)).body)
        for path in paths
    ]
