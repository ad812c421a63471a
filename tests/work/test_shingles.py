"""What reports have in common: numbers, tables and spelling aside."""

from random import Random

import pytest

from archive.work.shingles import (
    BANDS,
    LEAST_ALIKE,
    alike,
    bands_of,
    shingles_of,
    similarity,
    sketch_of,
    slots_of,
    words_of,
)


def test_numbers_tables_spaces_and_signs_do_not_matter():
    one = "２０２３年，共收到 1,390 件。\n新收\t139\n"
    other = "2022年共收到7件\n别的\t表"
    assert words_of(one) == words_of(other) == "0年共收到0件"


def test_a_text_of_nothing_has_no_shingles_and_is_like_nothing():
    assert shingles_of("") == shingles_of("四个字啊") == set()
    assert similarity(set(), set()) == 0.0
    assert (slots_of(set()), bands_of(()), sketch_of(())) == ((), (), b"")


def test_similarity_is_the_share_of_what_both_have():
    assert similarity({1, 2, 3}, {2, 3, 4}) == 0.5
    assert similarity({1, 2}, {1, 2}) == 1.0


def sets_alike(random: Random, share: float, size: int) -> tuple[set[int], set[int]]:
    """Two sets of that similarity."""
    both = round(size * share)
    drawn = random.sample(range(2**32), 2 * size - both)
    return set(drawn[:size]), set(drawn[:both] + drawn[size:])


@pytest.mark.parametrize("size", [150, 2_000])
@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.95, 1.0, 1.0), (0.9, 0.97, 1.0), (0.3, 0.0, 0.15)]
)
def test_similar_sets_share_a_band_and_others_do_not(size, share, least, most):
    """share: of a set in the other; 0.95 is a similarity of 0.905, 0.9 of 0.818."""
    random = Random(7)
    met = 0
    for _ in range(200):
        ours, theirs = sets_alike(random, share, size)
        bands = (set(bands_of(slots_of(each))) for each in (ours, theirs))
        met += not next(bands).isdisjoint(next(bands))
    assert least <= met / 200 <= most


@pytest.mark.parametrize("size", [150, 2_000])
@pytest.mark.parametrize(("share", "least", "most"), [(0.89, 0.995, 1.0), (0.6, 0.0, 0.02)])
def test_a_sketch_rules_out_what_cannot_be_similar_and_nothing_else(size, share, least, most):
    """0.89 is a similarity of 0.802, 0.6 one of 0.429."""
    random = Random(8)
    left = 0
    for _ in range(400):
        sets = sets_alike(random, share, size)
        left += alike(*(sketch_of(slots_of(each)) for each in sets)) >= LEAST_ALIKE
    assert least <= left / 400 <= most


def test_bands_are_numbers_that_both_engines_hold():
    bands = bands_of(slots_of({5, 6, 7}))
    assert len(bands) == BANDS
    assert all(-(2**31) <= each < 2**31 for each in bands)


def test_a_hostile_text_is_no_error():
    assert shingles_of(words_of("\ud800\0\u202e" * 10 + "年" * 10)) != set()
