"""Scoring a reading against gold: exact strings, fields, lists, data tables."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archive.model.outcome import Role
from archive.model.reading import Link, Reading
from archive.model.url import resolve
from tests.gate.material import GoldPage

FIELDS = (
    "title",
    "agency",
    "source",
    "index_number",
    "document_number",
    "written_on",
    "published_on",
    "category",
)


@dataclass(slots=True, kw_only=True)
class Score:
    """Counts of hits and tries by measure, and every miss by name."""

    hits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tries: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    misses: list[str] = field(default_factory=list)

    def count(self, measure: str, key: str, told: str, *, met: bool) -> None:
        """One try of a measure on a page."""
        self.tries[measure] += 1
        self.hits[measure] += met
        if not met:
            self.misses.append(f"{measure:16} {key:18} {told}")

    def share(self, measure: str) -> float:
        """Hits per try; 1.0 where nothing was tried."""
        return self.hits[measure] / self.tries[measure] if self.tries[measure] else 1.0


def spelled(text: str) -> str:
    """As gold is compared: NFKC, white space gone."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def score_text(score: Score, page: GoldPage, text: str) -> None:
    """Wanted strings kept, unwanted strings absent, and whether both hold for the whole page."""
    said = spelled(text)
    perfect = True
    for wanted in page.gold.get("must_contain", ()):
        met = spelled(wanted) in said
        perfect &= met
        score.count("wanted", page.key, wanted, met=met)
    for unwanted in page.gold.get("must_not_contain", ()):
        met = spelled(unwanted) not in said
        perfect &= met
        score.count("unwanted_absent", page.key, unwanted, met=met)
    score.count("pages_perfect", page.key, "", met=perfect)


def score_reading(score: Score, page: GoldPage, reading: Reading) -> None:
    """Everything beyond the text: title, fields, attachments, tables, lists, character set."""
    gold = page.gold
    found = dict(_values(reading))
    for name in FIELDS:
        if name in gold:
            accepted = [gold[name], *gold.get("alt", {}).get(name, ())]
            met = any(_same(want, found.get(name, ())) for want in accepted)
            score.count(name, page.key, f"{found.get(name)} instead of {gold[name]!r}", met=met)
    declared = reading.charset_declared
    score.count(
        "charset_declared", page.key, f"{declared}", met=declared == gold["charset_declared"]
    )
    if page.is_list:
        _score_list(score, page, reading)
        return
    wanted = {(resolve(page.url, a["href"]), spelled(a["name"])) for a in gold["attachments"]}
    given = {(link.url, spelled(link.text)) for link in reading.links}
    score.count("attachments", page.key, f"{given ^ wanted}", met=wanted == given)
    left = [finding for finding in reading.findings if finding.rule == "text_left_out"]
    score.count("nothing_left_out", page.key, f"{left}", met=not left)
    tables = len(reading.tables)
    score.count("data_tables", page.key, f"{tables} tables", met=tables == gold["data_tables"])


def _values(reading: Reading) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    yield "title", (reading.title,)
    for entry in reading.fields:
        if entry.name != "title":
            yield entry.name, (entry.value, entry.printed)


def _same(want: str | None, given: Sequence[str | None]) -> bool:
    """None: the page has no such field; "": the label is printed with nothing behind it."""
    if want is None:
        return not given or given == (None,)
    if want == "":
        return bool(given) and not any(given)
    return any(value is not None and spelled(value) == spelled(want) for value in given)


def _score_list(score: Score, page: GoldPage, reading: Reading) -> None:
    items = [link for link in reading.links if link.role is not Role.LIST]
    wanted = [
        (resolve(page.url, i["href"]), spelled(i["title"]), i["date"]) for i in page.gold["items"]
    ]
    given = [(link.url, spelled(link.text), _day(link)) for link in items]
    score.count("list_items", page.key, f"{len(given)} items", met=wanted == given)
    others = len([link for link in reading.links if link.role is Role.LIST])
    met = others == page.gold["pages"] - 1
    score.count("list_pages", page.key, f"{others + 1} pages", met=met)


def _day(link: Link) -> str | None:
    return link.printed_date[:10] if link.printed_date else None
