"""The demo portals beside the rooms that read them: nothing of the truth is lost on the way."""

import pytest
from lxml import html

from archive.families.listing.anchors import prepare
from archive.families.lists import looks_like_list, read_list
from archive.families.navigation import navigation_links
from archive.families.registry import recognise
from archive.model.outcome import Role
from archive.model.reading import CheckState, Source
from archive.reading.read import read
from archive.reading.statistics.checks_years import check_years
from crawler.demo.columns import FAMILIES, HOMES, LISTS
from crawler.demo.site import Request, demo_site, generate_site

HOST = "http://127.0.0.1:8000"
SITE = demo_site(1, 5, frozenset())
REPORTS = [portal.at(n) for portal in SITE.portals.values() for n in range(portal.count)]


def page(url, site=SITE):
    answer = site.answer(Request(target=url.removeprefix(HOST)))
    text = answer.body.decode("gb18030" if "/plain/" in url else "utf-8")
    return html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8")), text


def followed(site, key):
    """Every item of a portal's list, found by following what each page names; and the visits."""
    waiting, seen, items = [HOST + LISTS[key]], set(), set()
    while waiting:
        url = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        listed = read_list(*page(url, site), url, None)
        items |= {(i.url, i.text, i.printed_date) for i in listed.items}
        waiting += [link.url for link in listed.pages]
    return items, len(seen)


def truth(portal):
    known = [portal.at(number) for number in range(portal.count)]
    return {(HOST + one.url, one.title, str(one.published_on)) for one in known}


@pytest.mark.parametrize("key", list(LISTS))
@pytest.mark.parametrize("per_list", [1, 5, 24, 100])
def test_following_a_list_finds_every_report_and_nothing_else(key, per_list):
    site = demo_site(1, per_list, frozenset())
    assert followed(site, key)[0] == truth(site.portals[key])


@pytest.mark.parametrize(("key", "visits"), [("trs", 5), ("plain", 5), ("hanweb", 4)])
def test_a_list_is_followed_without_visiting_a_page_twice(key, visits):
    assert followed(SITE, key)[1] == visits


@pytest.mark.parametrize("key", list(LISTS))
def test_a_generated_list_is_followed_to_its_end(key):
    site = generate_site(310, key)
    assert followed(site, key)[0] == truth(site.portals[key])


@pytest.mark.parametrize("key", list(LISTS))
def test_any_one_lost_page_loses_no_other_page(key):
    """Every page of a list can be reached from the first one directly."""
    first = HOST + LISTS[key]
    named = {link.url for link in read_list(*page(first), first, None).pages}
    items = {i.url for i in read_list(*page(first), first, None).items}
    for url in named:
        items |= {i.url for i in read_list(*page(url), url, None).items}
    assert items == {url for url, _, _ in truth(SITE.portals[key])}


@pytest.mark.parametrize("key", list(LISTS))
def test_the_way_from_the_home_page_to_the_list_is_found(key):
    home = HOST + HOMES[key]
    found = navigation_links(prepare(*page(home), home, None), bodies=False)
    assert found[0].link.url == HOST + LISTS[key]


@pytest.mark.parametrize("known", REPORTS, ids=lambda known: known.key)
def test_no_report_is_taken_for_a_list(known):
    assert not looks_like_list(*page(known.url), HOST + known.url)


@pytest.mark.parametrize(
    ("key", "family"), [("trs", "trs"), ("hanweb", "hanweb"), ("kaifeng", "trs")]
)
def test_the_families_are_recognised_on_lists(key, family):
    assert recognise(*page(LISTS[key]), HOST + LISTS[key]).key == family


def reading(known):
    answer = SITE.answer(Request(target=known.url))
    media_type, _, charset = answer.media_type.partition("; charset=")
    return read(
        Source(
            url=HOST + known.url,
            body=answer.body,
            media_type=media_type,
            charset=charset or None,
            role=Role.PAGE,
        )
    )


@pytest.mark.parametrize("known", REPORTS, ids=lambda known: known.key)
def test_the_title_is_read(known):
    assert reading(known).title == known.title


@pytest.mark.parametrize("known", [k for k in REPORTS if k.fields], ids=lambda known: known.key)
def test_the_header_fields_are_read(known):
    got = {field.name: field.value or "" for field in reading(known).fields}
    assert {name: got.get(name) for name in known.fields} == known.fields


@pytest.mark.parametrize("known", [k for k in REPORTS if k.figures], ids=lambda known: known.key)
def test_every_figure_is_read_as_it_is(known):
    got = {(f.indicator, f.applicant): f.value for f in reading(known).figures}
    assert got == {(f.indicator, f.applicant): f.value for f in known.figures}


def test_the_copy_on_the_sharing_site_is_not_official():
    assert not reading(next(known for known in REPORTS if known.form == "farm")).official


@pytest.mark.parametrize("key", sorted(HOMES))
def test_the_years_agree_but_where_they_are_said_not_to(key):
    """R5 to R7: carried over requests, documents in force, numbers of items."""
    portal = SITE.portals[key]
    reports = [portal.at(n) for n in range(portal.count)]
    known = {(each.agency, each.year): each for each in reports if each.form in ("f19", "f21")}
    pairs = [(known[who, year - 1], each) for (who, year), each in known.items()
             if (who, year - 1) in known]  # fmt: skip
    assert len(pairs) >= (9 if key in FAMILIES else 2)
    for earlier, later in pairs:
        checks = check_years(reading(earlier).figures, reading(later).figures)
        broken = {each.rule for each in checks if each.state is CheckState.VIOLATED}
        assert broken == set(later.violations)


@pytest.mark.parametrize(
    ("key", "division"),
    [("nanjing", "320106"), ("xuzhou", "320302"), ("kaifeng", "410204"), ("fuzhou", "350102")],
)
def test_namesakes_are_told_apart(key, division):
    body = reading(SITE.portals[key].at(0)).publisher
    assert (body.name, body.division) == ("鼓楼区人民政府", division)
