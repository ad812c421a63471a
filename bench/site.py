"""The pages that reading is measured on: generated reports, and saved pages."""

from archive.model.outcome import Role
from bench.reading import Page
from bench.served import FAMILY
from crawler.demo.site import Request, generate_site
from tests.gate.material import folder, gold_pages


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
