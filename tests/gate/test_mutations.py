"""The real pages in other mark-up are read as well as they are (`make prove`; skipped without them)."""

import pytest

from archive.model.reading import Source
from archive.reading.analysis import analyse
from archive.reading.read import read
from tests.gate.material import GoldPage, folder, gold_pages
from tests.gate.mutations import ADDED, MUTATIONS, serialised, without_charset
from tests.gate.score import Score, score_text, spelled

FLOORS = {"wanted": 0.996, "pages_perfect": 0.96, "added_absent": 1.0, "read_once": 1.0}
_LONG = 25

pytestmark = pytest.mark.slow


def mutated(page: GoldPage, name: str) -> bytes:
    analysis = analyse(Source(url=page.url, body=page.body))
    if analysis.body is not None:
        MUTATIONS[name](analysis.page.tree, analysis.body.elements)
    without_charset(analysis.page.tree)
    return serialised(analysis.page.tree)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_page_in_other_markup_says_the_same(name: str) -> None:
    shared = folder()
    if shared is None:
        pytest.skip("the folder of real pages is absent")
    score = Score()
    for page in gold_pages(shared):
        if page.is_list:
            continue
        body = mutated(page, name)
        said = "\n".join(read(Source(url=page.url, body=body, charset="utf-8")).lines)
        score_text(score, page, said)
        for words in ADDED:
            score.count("added_absent", page.key, words, met=words not in spelled(said))
        for wanted in page.gold.get("must_contain", ()):
            once = len(wanted) < _LONG or spelled(said).count(spelled(wanted)) < 2
            score.count("read_once", page.key, wanted, met=once)
    fallen = {measure: score.misses for measure in FLOORS if score.share(measure) < FLOORS[measure]}
    assert fallen == {}
