"""A list's last page may hold a single entry; none may be lost."""

import pytest

from archive.model.outcome import Role
from archive.model.reading import Kind, Source
from archive.reading.read import read
from crawler.demo.columns import LISTS
from crawler.demo.site import Request, generate_site


@pytest.mark.parametrize("left_over", [1, 2])
def test_a_last_page_with_few_entries_is_read_as_a_list(left_over: int) -> None:
    site = generate_site(10 + left_over, "trs", per_list=5)
    path = f"{LISTS['trs']}index_2.html"
    answer = site.answer(Request(target=path))
    reading = read(Source(url=f"http://127.0.0.1:8000{path}", body=answer.body, role=Role.LIST))
    assert reading.kind is Kind.LIST
    assert reading.needs_browser is None
    assert len([link for link in reading.links if link.role is Role.PAGE]) == left_over
