"""What the archive of bench.scale is asked: drawn from what it has, the same every time."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, and_, func, select

from archive.codebook.indicators import concepts
from archive.model.reading import Kind
from archive.store.schema import body, page, portal, public_body, version
from archive.web.request_parameters import cursor_of

_T = TypeVar("_T")
_TEXTS: Final = 60
_NUMBERS: Final = 200
_RUN: Final = re.compile(r"[0-9]{5,}")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")
_LENGTHS: Final = (2, 3, 4, 6, 9, 14, 25, 60)
_COMMON: Final = (
    "公开",
    "政府信息公开",
    "没有",
    "行政复议 申请",
    '"依申请公开"',
    "教育局 网站 复议",
)
_RARE: Final = ("钻石", "绝无此词", "南极科考站", "zzzz")
_AGENCY: Final = "教育局"
_HITS_A_PAGE: Final = 20
# Further pages of one answer.
_TEN_THOUSANDTH: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What an archive has, by chance. texts: of reports. numbers: of five digits, each with the
    URLs of the pages whose latest versions have it. ids: of versions, evenly from the first.
    """

    texts: Sequence[str]
    portals: Sequence[str]
    places: Sequence[str]
    bodies: Sequence[int]
    numbers: Mapping[str, frozenset[str]]
    deep: int


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question: its paths, and how long 95 of 100 answers may take, in ms."""

    name: str
    aim: float
    paths: Sequence[str]


def drawn(connection: Connection) -> Sample:
    """A sample of an archive; all its texts are read once."""
    random = Random(12)  # noqa: S311 - a sample, no secrets
    latest = and_(version.c.page_id == page.c.id, version.c.number == page.c.versions)
    last = connection.scalar(select(func.max(version.c.id))) or 0
    ids = sorted(random.sample(range(1, last + 1), min(last, 4 * _TEXTS)))
    some = select(body.c.text).join(version, version.c.body_hash == body.c.hash)
    some = some.where(version.c.id.in_(ids), version.c.kind == Kind.REPORT)
    texts = list(connection.scalars(some))
    held = sorted({run[:5] for text in texts for run in _RUN.findall(text)})
    numbers = set(random.sample(held, min(len(held), _NUMBERS)))
    deep = select(version.c.id).join(page, latest).where(version.c.kind != Kind.LIST)
    skipped = deep.order_by(version.c.id.desc()).offset(_TEN_THOUSANDTH * _HITS_A_PAGE)
    return Sample(
        texts=texts[:_TEXTS],
        portals=_some(random, connection.scalars(select(portal.c.key)).all(), 10),
        places=_some(
            random, connection.scalars(select(public_body.c.division).distinct()).all(), 10
        ),
        bodies=_some(random, connection.scalars(select(public_body.c.id)).all(), 40),
        numbers=_holders(connection, numbers),
        deep=connection.scalar(skipped.limit(1)) or last // 2,
    )


def _some(random: Random, found: Sequence[_T], count: int) -> list[_T]:
    return random.sample(list(found), min(len(found), count))


def _holders(connection: Connection, numbers: set[str]) -> dict[str, frozenset[str]]:
    """Which latest versions have each number, by reading all of them."""
    chosen = (
        select(page.c.url, body.c.text)
        .join(version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions))
        .join(body, body.c.hash == version.c.body_hash)
        .where(version.c.kind != Kind.LIST)
        .execution_options(yield_per=500)
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for url, text in connection.execute(chosen):
        runs = _RUN.findall(text)
        windows = {run[at : at + 5] for run in runs for at in range(len(run) - 4)}
        for number in windows & numbers:
            found[number].add(url)
    return {number: frozenset(urls) for number, urls in found.items()}


def questions(sample: Sample) -> Iterator[Question]:
    """Every kind of question."""
    yield Question("search, words of every length and number", 200, [*_searches(_words(sample))])
    for name, given in _filters(sample).items():
        few = _words(sample)[::5]
        yield Question(f"search, {name}", 200, [*_searches(few, **given)])
    pages = [f"/search?q={quote(word)}" for word in _words(sample)[::3]]
    yield Question("the page of hits", 200, pages)
    deep = [cursor_of(("", 0, sample.deep - at)) for at in range(20)]
    yield Question(
        "hits, page 10,000 by cursor", 100, [f"/api/search?q=公开&after={each}" for each in deep]
    )
    yield Question("/", 150, ["/"] * 20)
    below = [f"/coverage?{urlencode({'division': each})}" for each in sample.places if each]
    yield Question("/coverage", 150, ["/coverage"] * 10 + below)
    yield Question("/body/ID", 150, [f"/body/{each}" for each in sample.bodies])
    yield Question("/api/status", 150, ["/api/status"] * 10)
    keys = [*concepts()][:20]
    yield Question("/indicator/KEY", 300, [f"/indicator/{each}" for each in keys])
    yield Question(
        "/reports",
        150,
        ["/reports"] * 5
        + [f"/reports?year={y}" for y in range(2010, 2025, 3)]
        + [f"/reports?portal={each}" for each in sample.portals],
    )
    yield Question(
        "/changes",
        200,
        ["/changes"] * 3
        + [f"/changes?{urlencode({'division': each})}" for each in sample.places if each],
    )
    yield Question("/runs", 100, ["/runs"] * 20)


def _words(sample: Sample) -> list[str]:
    """Stretches of texts of every length, common words and rare ones."""
    random = Random(3)  # noqa: S311 - a sample, no secrets
    found = [*_COMMON, *_RARE]
    for text in sample.texts:
        for length in random.sample(_LENGTHS, 2):
            at = random.randrange(max(1, len(text) - length))
            found.append(text[at : at + length].replace('"', " ").strip())
    return [each for each in found if max(map(len, each.split()), default=0) >= 2]


def _searches(words: Sequence[str], **given: object) -> Iterator[str]:
    for number, word in enumerate(words):
        filters = {
            name: value[number % len(value)] if isinstance(value, list) else value
            for name, value in given.items()
        }
        yield f"/api/search?{urlencode({'q': word, **filters})}"


def _filters(sample: Sample) -> dict[str, dict[str, object]]:
    """Filters by what they are called in the table; of a list one value after the other."""
    places = [each for each in sample.places if each]
    return {
        "of a portal": {"portal": [*sample.portals]},
        "of a year": {"year": [2009, 2014, 2019, 2023]},
        "of a place": {"division": [*places, "320000", "440000"]},
        "of an agency": {"agency": [_AGENCY, "公安局", "柳"]},
        "of a kind": {"kind": ["report", "article"]},
        "between days": {"from": ["2016-01", "2023-03-20"], "to": ["2016-12", "2024-01"]},
        "of a place, year and kind": {"division": places, "year": [2016, 2021], "kind": "report"},
        "by day of publishing": {"sort": "published"},
        "by day, of a year": {"sort": "published", "year": [2012, 2021]},
        "by relevance": {"sort": "relevance"},
        "with superseded versions": {"history": "true"},
        "with exact counts": {"count": "true"},
    }
