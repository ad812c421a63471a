"""The pages that reading is measured on: generated reports, and saved pages."""

from archive.model.outcome import Role
from bench.reading import Page
from bench.served import FAMILY, PER_LIST
from crawler.demo.columns import LISTS
from crawler.demo.site import Request, generate_site
from tests.gate.material import folder, gold_pages


def report_pages(reports: int, *, seed: int, mixed: bool = False) -> list[Page]:
    """The same reports' bodies, without a server. mixed: a quarter of them are prose."""
    site = generate_site(reports, FAMILY, seed=seed, mixed=mixed)
    catalogue = site.portals[FAMILY]
    paths = [catalogue.at(number).url for number in range(catalogue.count)]
    return [
        Page(url=f"http://127.0.0.1{path}", body=site.answer(Request(target=path)).body)
        for path in paths
    ]


def list_pages(reports: int, *, seed: int) -> list[Page]:
    """The pages of the list that names so many reports."""
    site = generate_site(reports, FAMILY, seed=seed, per_list=PER_LIST)
    names = ["index.html", *(f"index_{page}.html" for page in range(1, -(-reports // PER_LIST)))]
    paths = [f"{LISTS[FAMILY]}{name}" for name in names]
    return [
        Page(
            url=f"http://127.0.0.1{path}",
            body=site.answer(Request(target=path)).body,
            role=Role.LIST,
        )
        for path in paths
    ]


def saved_pages() -> list[Page]:
    """The real pages with gold, which lie outside the repository; none where they are not here."""
    pages = folder()
    return [
        Page(url=page.url, body=page.body, role=Role.LIST if page.is_list else Role.PAGE)
        for page in (gold_pages(pages) if pages else ())
    ]
