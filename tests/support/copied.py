"""An archive in which one body takes its text of the year before, and another one takes it over."""

from pathlib import Path
from random import Random

from archive.model.content import content_hash
from archive.model.outcome import Outcome
from archive.model.portal import Portal
from archive.model.reading import BodyKind, PublicBody, Reading
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.write import outcomes
from archive.work.ingest.derived import bring_up_to_date
from tests.store.making import a_reading, a_record, begin, finish, keep, take
from tests.support.transactions import commit

SIGNS = "深入推进重点领域信息发布围绕优化营商环境民生保障就业教育医疗住房开展解读回应群众关切健全完善审查制度"
NAMES = ("云河县财政局", "云河县教育局", "青山区财政局")


def prose(seed: int, number: int = 1, sentences: int = 12) -> list[str]:
    """Sentences that no other seed has; a number in each."""
    random = Random(seed)
    return ["".join(random.choices(SIGNS, k=30)) + f"{number}件。" for _ in range(sentences)]


def url(name: str, year: int) -> str:
    return f"http://sim.example/{NAMES.index(name)}/{year}"


def report(name: str, year: int, lines: list[str]) -> Reading:
    publisher = PublicBody(name=name, division="320613", kind=BodyKind.DEPARTMENT)
    title = f"{name}{year}年政府信息公开工作年度报告"
    hashed = content_hash(title, lines)
    return a_reading(
        title, lines, report_year=year, publisher=publisher, content_hash=hashed
    )  # fmt: skip


def readings() -> dict[str, Reading]:
    """财政局 takes its own text in 2023, 教育局 that of 财政局 in 2022 but for a sentence."""
    finance, education, other = NAMES
    formed = ["一、总体情况", "二、主动公开政府信息情况", "本年新收\t139"]
    first = prose(1)
    texts = {
        (finance, 2022): [*first, *formed],
        (finance, 2023): [*prose(1, number=77), *formed],
        (education, 2022): [*first[:-1], *prose(5, sentences=1), *formed],
        (education, 2023): [*prose(2), *formed],
        (other, 2022): formed,
        (other, 2023): [*formed, "本年新收\t141"],
    }
    return {url(*of): report(*of, lines) for of, lines in texts.items()}


def visit(store: Store, found: dict[str, Reading], job: str = "first") -> None:
    """One run over all of it, with what follows behind a run."""
    portal = Portal(key="sim", name="云河县", entries=tuple(found), division="320613")
    ticket = begin(store, portal, mode="full", job=job)
    for lease in take(store, ticket.run_id):
        known = lease.previous.content_hash if lease.previous else None
        reading = found[lease.url]
        same = known == reading.content_hash
        outcome = Outcome.UNCHANGED if same else Outcome.NEW if known is None else Outcome.CHANGED
        [capture] = keep(store, [lease])
        record = a_record(lease, capture, outcome, reading=reading, new_version=not same)
        commit(store, outcomes.record, [record], next_due={})
    finish(store, ticket.run_id)
    bring_up_to_date(store)


def copied(home: Path | str) -> Store:
    """The archive."""
    store = open_indexed(home)
    visit(store, readings())
    return store
