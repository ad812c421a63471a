"""Whole pages, cut, damaged, spliced and doubled by chance: nothing is raised, nothing hangs.

Slow: thousands of readings. The pages are the demo's, our own, and the real ones where they are.
"""

import random
import time
from collections.abc import Iterator

import pytest

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.read import read
from crawler.demo.columns import LISTS
from crawler.demo.site import Request, generate_site
from tests.gate import material
from tests.reading.pages import ADDRESS
from tests.reading.test_hostile import PIECES, WHOLE

ROUNDS = 60
SECONDS = 20.0
SIZE = 150_000
MAGIC = (
    b"%PDF-1.7\n",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"Rar!\x1a\x07\x00",
    b"\x1f\x8b",
)
TYPES = (None, "text/html", "text/plain", "application/json", "application/pdf", "\x00")


def originals() -> Iterator[bytes]:
    yield WHOLE
    for family, url in LISTS.items():
        site = generate_site(3, family, seed=5)
        for target in (url, *(site.portals[family].at(n).url for n in range(3))):
            yield site.answer(Request(target=target)).body
    pages = material.folder()
    if pages is not None:
        yield from (page.body for page in material.gold_pages(pages))


def damaged(body: bytes, other: bytes, chance: random.Random) -> bytes:
    """One page with some of everything that transport, editors and malice do to pages."""
    data = bytearray(body[: chance.randrange(1, SIZE)])
    for _ in range(chance.choice((0, 1, 4, 40, 400))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(data))
        piece = chance.choice(
            (
                chance.choice(PIECES).encode(chance.choice(("utf-8", "gb18030"))),
                other[chance.randrange(len(other)) :][:2_000],
                bytes(data[place : place + chance.randrange(5_000)]) * chance.randrange(1, 20),
                chance.randbytes(chance.randrange(200)),
            )
        )
        data[place : place + chance.randrange(300)] = piece
    return chance.choice((b"", b"", b"", *MAGIC)) + bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_page_damaged_by_chance_is_read_in_time(seed: int) -> None:
    chance = random.Random(seed)
    bodies = list(originals())
    failed = []
    for body in bodies:
        source = Source(
            url=ADDRESS,
            body=damaged(body, chance.choice(bodies), chance),
            media_type=chance.choice(TYPES),
            charset=chance.choice((None, "utf-8", "gb2312", "utf-16", "nonsense")),
            role=chance.choice(list(Role)),
            family=chance.choice((None, None, "trs", "hanweb", "aspnet", "gkmlpt")),
        )
        started = time.process_time()
        reading = read(source)
        told = [f.evidence for f in reading.findings if f.rule == "reader_failed"]
        if told or time.process_time() - started > SECONDS:
            failed.append((seed, len(source.body), told))
    assert failed == []
