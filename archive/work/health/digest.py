"""What changed since somebody was told: portals that turned bad or good, reports that are missing
or came after all, WARC files that are damaged, a disk that is low. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from archive.model.content import printable
from archive.model.outcome import Verdict
from archive.store.query.health import PortalVerdict, SilentBody

_SHOWN: Final = 5
_LETTERS: Final = 120
# One message, on services that take two thousand characters, too.
MAX_BODY: Final = 1_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an archive stands. silent: bodies that had a report every year, and miss one whose
    deadline has passed. disk: what is wrong with its room; None: nothing. damaged: names of the
    WARC files that had damage when they were verified last.
    """

    portals: Sequence[PortalVerdict]
    silent: Sequence[SilentBody]
    disk: str | None
    damaged: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was told. portals: their verdicts, by key. silent: the year that is missing, by body.
    disk: whether it was told to be low. damaged: names of WARC files.
    """

    portals: Mapping[str, str] = field(default_factory=dict)
    silent: Mapping[int, int] = field(default_factory=dict)
    disk: bool = False
    damaged: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A message of few lines."""

    title: str
    body: str


def known_after(known: Known, standing: Standing) -> Known:
    """What is known when all of it was told. A portal whose visit was interrupted stays as it was
    told; one that was judged before stays known while it is not in the catalogue.
    """
    judged = {p.portal: p.verdict for p in standing.portals if p.verdict != Verdict.INTERRUPTED}
    return Known(
        portals={**known.portals, **judged},
        silent={each.body_id: each.year for each in standing.silent},
        disk=standing.disk is not None,
        damaged=standing.damaged,
    )


def digest(known: Known, standing: Standing, name: str) -> Digest | None:
    """What is new since then; None when nothing is. name: of the archive. A portal that is good on
    its first visit is no news.
    """
    bad = [p for p in standing.portals if _turned(known, p, Verdict.BAD)]
    good = [p for p in standing.portals if _turned(known, p, Verdict.GOOD)]
    missing = [b for b in standing.silent if known.silent.get(b.body_id) != b.year]
    still = {each.body_id for each in standing.silent}
    came = len(known.silent.keys() - still)
    damaged = sorted({*standing.damaged} - {*known.damaged})
    whole = sorted({*known.damaged} - {*standing.damaged})
    parts = [
        *_disk(known, standing),
        *_listed("WARC file", "with damage", damaged),
        *_listed("WARC file", "without damage again, or known as lost", whole),
        *_listed("portal", "turned bad", [f"{p.name} ({p.portal}): {p.reason}" for p in bad]),
        *_listed("portal", "good again", [f"{p.name} ({p.portal})" for p in good]),
        *_listed(
            "report", "missing after the deadline, of bodies that had one every year",
            [f"{b.body} {b.year}, due {b.due_on} ({b.portal})" for b in missing],
        ),
        *_listed("report", "missing before and there now", [], came),
    ]  # fmt: skip
    if not parts:
        return None
    heads = [part.split("\n", 1)[0].rstrip(":") for part in parts]
    advice = "gongkai status and gongkai doctor say more."
    return Digest(
        title=f"Gongkai {printable(name)[:60]}: {'; '.join(heads)}"[:250],
        body=_cut("\n\n".join(parts), MAX_BODY - len(advice) - 2) + f"\n\n{advice}",
    )


def _turned(known: Known, portal: PortalVerdict, verdict: Verdict) -> bool:
    if portal.verdict != verdict:
        return False
    before = known.portals.get(portal.portal)
    return before != verdict and (before is not None or verdict is Verdict.BAD)


def _disk(known: Known, standing: Standing) -> list[str]:
    if (standing.disk is not None) == known.disk:
        return []
    return [f"the disk is low:\n- {standing.disk}" if standing.disk else "the disk has room again"]


def _listed(thing: str, what: str, lines: Sequence[str], count: int | None = None) -> list[str]:
    """A head with a number, and the first lines below it; [] for none."""
    number = len(lines) if count is None else count
    if not number:
        return []
    shown = [f"- {printable(line)[:_LETTERS]}" for line in lines[:_SHOWN]]
    more = [f"- and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
    head = f"{number:,} {thing}{'' if number == 1 else 's'} {what}"
    return ["\n".join([f"{head}:" if shown else head, *shown, *more])]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
