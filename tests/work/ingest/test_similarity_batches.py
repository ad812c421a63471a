"""Reports that are compared in batches come to what a plain rule says, report by report."""

from collections import Counter
from random import Random

import pytest
from sqlalchemy import select

from archive.search.index import open_indexed
from archive.store.query import similarity as sharing
from archive.store.query.similarity import report_texts
from archive.store.schema import current_report, report_words, similar_band, similar_pair
from archive.work.ingest import similarity
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.similarity import LEAST, MIN_OWN, note_similarity, own_shingles
from archive.work.shingles import LEAST_ALIKE, alike, bands_of, sketch_of, slots_of
from archive.work.shingles import similarity as alikeness
from tests.support.copied import NAMES, prose, report, visit

YEARS = range(2015, 2024)
LIMITS = [
    {},
    {"_BATCH": 7, "_AT_ONCE": 2},
    {"_BATCH": 7, "_AT_ONCE": 2, "MAX_SHINGLES": 0, "MAX_TEXT": 1500},
    {"_BATCH": 5, "MAX_SHINGLES": 1000, "A_BAND": 2, "MAX_PAIRS": 2, "_CANDIDATES": 5},
]


def texts(seed):
    """Reports that take over much of one of three texts, or all of it, or nothing."""
    random = Random(seed)
    found = {}
    for name in NAMES:
        for year in YEARS:
            lines = prose(random.choice((1, 2, 3)), number=year)
            for _ in range(random.choice((0, 0, 1, 2, 12))):
                lines[random.randrange(len(lines))] = prose(random.random(), sentences=1)[0]
            if random.random() < 0.1:
                lines = lines[:2]
            found[f"http://sim.example/{NAMES.index(name)}/{year}"] = report(name, year, lines)
    return found


def by_the_plain_rule(connection, limits):
    """What is to be stored: each report is compared with all that were compared before it."""
    reports = report_texts(
        connection, connection.scalars(select(current_report.c.version_id)).all()
    )
    words, bands, pairs = {}, {}, set()
    for each in sorted(reports.values(), key=lambda report: (report.year, report.version_id)):
        own = own_shingles(each.text)
        slots = slots_of(own) if len(own) >= MIN_OWN else ()
        sketch = sketch_of(slots)
        shared = Counter()
        for band in bands_of(slots):
            having = sorted(other for other, its in bands.items() if band in its)
            shared.update(having[-limits.get("A_BAND", 40) :])
        most = sorted(shared, key=lambda other: (-shared[other], other))
        near = [(-alike(sketch, words[o][1]), o) for o in most[: limits.get("_CANDIDATES", 20)]]
        near = [other for less, other in sorted(near) if -less >= LEAST_ALIKE]
        shares = [(other, alikeness(own, words[other][0])) for other in near]
        similar = [pair for pair in shares if pair[1] >= LEAST][: limits.get("MAX_PAIRS", 10)]
        for other, share in similar:
            earlier, later = sorted((each, reports[other]), key=lambda report: report.order)
            pairs.add((later.version_id, earlier.version_id, share))
        words[each.version_id] = own, sketch
        bands[each.version_id] = bands_of(slots)
    return pairs, {(band, number) for number, its in bands.items() for band in its}, len(words)


def stored(connection):
    pairs, bands = (
        set(map(tuple, connection.execute(select(each)))) for each in (similar_pair, similar_band)
    )
    return pairs, bands, len(connection.execute(select(report_words.c.version_id)).all())


@pytest.fixture(params=LIMITS, ids=lambda limits: " ".join(limits) or "as they are")
def limits(request, monkeypatch):
    for name, value in request.param.items():
        monkeypatch.setattr(similarity, name, value)
    monkeypatch.setattr(sharing, "A_BAND", request.param.get("A_BAND", sharing.A_BAND))
    return request.param


@pytest.fixture
def store(location):
    with open_indexed(location) as opened:
        yield opened


def test_batches_come_to_what_the_plain_rule_says(store, limits):
    visit(store, texts(1))
    with store.read() as connection:
        found = stored(connection)
        assert found == by_the_plain_rule(connection, limits)
    assert len(found[0]) > 20


def test_a_second_night_is_compared_with_the_first(store):
    visit(store, texts(1))
    first = texts(1)
    changed = {url: texts(2)[url] if n % 4 == 0 else first[url] for n, url in enumerate(first)}
    visit(store, changed, job="second")
    with store.read() as connection:
        pairs, bands, count = stored(connection)
        _, wanted, reports = by_the_plain_rule(connection, {})
    assert (bands, count) == (wanted, reports)
    assert len(pairs) > 20


class KilledError(Exception):
    """The process ended here."""


def test_killed_in_a_batch_the_next_call_goes_on(store, monkeypatch):
    visit(store, texts(1))
    with store.write() as connection:
        before = stored(connection)
        drop = connection.scalars(select(report_words.c.version_id)).all()
        similarity.drop_words(connection, drop)
    monkeypatch.setattr(similarity, "_BATCH", 6)
    real, calls = similarity.store_similar, iter(range(3))

    def killed(*args):
        real(*args)
        if next(calls, None) is None:
            raise KilledError

    monkeypatch.setattr(similarity, "store_similar", killed)
    with pytest.raises(KilledError):
        bring_up_to_date(store)
    with store.read() as connection:
        assert 0 < stored(connection)[2] == 18 < before[2]
    monkeypatch.setattr(similarity, "store_similar", real)
    note_similarity(store)
    with store.read() as connection:
        assert stored(connection) == before
