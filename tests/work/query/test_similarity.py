"""Which passages two reports share."""

import pytest

from archive.model.errors import NotFoundError, UsageError
from archive.work.query.similarity import WantedPairs, find_similar, likeness
from tests.support.copied import NAMES, copied, prose, url
from tests.support.engines import ENGINES, ledger_on

FINANCE, EDUCATION, OTHER = NAMES


@pytest.fixture(scope="module", params=ENGINES)
def store(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copied")
    with ledger_on(request.param, folder) as place, copied(place) as opened:
        yield opened


def found(store, **wanted):
    return find_similar(store, WantedPairs(**wanted), limit=10, public=True)


def test_pairs_come_the_most_similar_first(store):
    pairs = found(store, least=0.8).pairs
    assert [each.similarity for each in pairs] == sorted(
        (p.similarity for p in pairs), reverse=True
    )
    assert len(pairs) == 3


@pytest.mark.parametrize(
    ("wanted", "count"),
    [({}, 1), ({"scope": "within"}, 1), ({"scope": "across"}, 0), ({"scope": "across", "least": 0.8}, 2),
     ({"body": EDUCATION, "least": 0.8}, 2), ({"body": OTHER, "least": 0.8}, 0), ({"year": 2022, "least": 0.8}, 1),
     ({"url": url(FINANCE, 2022), "least": 0.8}, 2)],
)  # fmt: skip
def test_filters(store, wanted, count):
    assert len(found(store, **wanted).pairs) == count


def test_all_are_reached_by_cursor(store):
    whole, seen, after = found(store, least=0.8).pairs, [], None
    for _ in range(3):
        some = find_similar(store, WantedPairs(least=0.8), limit=1, after=after, public=True)
        seen += some.pairs
        last = some.pairs[0]
        after = (last.similarity, last.version_id, last.other_id)
    assert (tuple(seen), some.more) == (whole, False)


def test_a_report_without_words_of_its_own_says_why_it_has_no_pairs(store):
    assert "too few to compare" in found(store, url=url(OTHER, 2022)).remark
    assert found(store, url=url(EDUCATION, 2023)).remark is None


def test_what_cannot_be_meant_is_refused(store):
    with pytest.raises(UsageError, match=r"0\.8 to 1"):
        found(store, least=0.5)
    with pytest.raises(NotFoundError, match="did you mean"):
        found(store, body="云河县财务局")
    with pytest.raises(NotFoundError):
        likeness(store, url(FINANCE, 2022), "http://sim.example/9/2022")


def test_passages_are_what_both_say_with_their_own_numbers(store):
    both = likeness(store, url(EDUCATION, 2022), url(FINANCE, 2022))
    [passage] = both.passages
    assert passage == "".join(prose(1)[:-1]).replace("。", "。")
    assert likeness(store, url(EDUCATION, 2023), url(FINANCE, 2022)).passages == ()
    changed = likeness(store, url(FINANCE, 2023), url(FINANCE, 2022))
    assert (changed.similarity, "77件" in changed.passages[0]) == (1.0, True)
