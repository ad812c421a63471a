"""One page: a version with its parts, and what happened to the page over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.model.errors import UsageError
from archive.model.reading import Field
from archive.store import Store
from archive.store.query.earlier_readings import earlier_readers, earlier_reading_of
from archive.store.query.history import (
    captures_at,
    field_events,
    latest_version,
    outcomes,
    versions,
)
from archive.store.query.questions import PageRow
from archive.store.query.stored_parts import version_parts
from archive.store.rows import CaptureRow, FieldEvent, OutcomeRow, VersionParts, VersionRow
from archive.work.query.find_page import find_page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A page with one of its versions, and the parts of that version. earlier_readers: whose
    readings of the version are kept beside this one.
    """

    page: PageRow
    version: VersionRow
    parts: VersionParts
    earlier_readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHistory:
    """A page over time, each list oldest first."""

    page: PageRow
    versions: tuple[VersionRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    field_events: tuple[FieldEvent, ...]
    captures: tuple[CaptureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a history. event: outcome, version or field."""

    at: datetime
    event: str
    what: str
    detail: str
    version: int | None = None
    run: int | None = None


def show(
    store: Store, given: str, number: int | None = None, reader: str | None = None
) -> PageView:
    """A page's version; number None: the latest. reader: as that version of the reader read it;
    None: as it is read today. UsageError: no such page, version or reading.
    """
    page = find_page(store, given)
    version = version_of(store, page, number)
    if reader is not None and reader != version.reader_version:
        return _as_read_earlier(store, page, version, reader)
    with store.read() as connection:
        parts = version_parts(connection, version.version_id)
        earlier = earlier_readers(connection, version.version_id)
    return PageView(page=page, version=version, parts=parts, earlier_readers=tuple(earlier))


def _as_read_earlier(store: Store, page: PageRow, version: VersionRow, reader: str) -> PageView:
    with store.read() as connection:
        reading = earlier_reading_of(connection, version.version_id, reader)
        known = {*earlier_readers(connection, version.version_id), version.reader_version}
    if reading is None:
        told = (
            f"{page.key} version {version.number} was read by reader {' and '.join(sorted(known))}"
        )
        raise UsageError(f"{told}, not by {reader}")
    shown = replace(
        version,
        content_hash=reading.content_hash,
        title=reading.title,
        text="\n".join(reading.lines),
        kind=reading.kind,
        report_year=reading.report_year,
        official=reading.official,
        reader_version=reading.reader_version,
        family=reading.family,
    )
    parts = VersionParts(
        fields=reading.fields,
        identity=reading.identity,
        tables=reading.tables,
        figures=reading.figures,
        statements=reading.statements,
        findings=reading.findings,
    )
    return PageView(page=page, version=shown, parts=parts)


def version_of(store: Store, page: PageRow, number: int | None) -> VersionRow:
    """One version of a page; UsageError says which there are."""
    with store.read() as connection:
        if number is None or number == page.latest:
            version = latest_version(connection, page.key)
        else:
            found = versions(connection, page.key)
            version = next((each for each in found if each.number == number), None)
    if version is None and page.versions == 0:
        raise UsageError(_no_version(store, page))
    if version is None:
        raise UsageError(f"{page.key} has versions 1 to {page.versions}, not {number}")
    return version


def history(store: Store, given: str) -> PageHistory:
    """Versions, outcomes, changed fields and captures of a page; UsageError: no such page."""
    page = find_page(store, given)
    with store.read() as connection:
        return PageHistory(
            page=page,
            versions=tuple(versions(connection, page.key)),
            outcomes=tuple(outcomes(connection, page.key)),
            field_events=tuple(field_events(connection, page.key)),
            captures=tuple(captures_at(connection, page.key)),
        )


def events(story: PageHistory) -> list[Event]:
    """A history as one list in the order of time: visits, versions, changed header fields."""
    found = [
        Event(at=o.at, event="outcome", what=o.outcome, detail=o.reason, run=o.run_id)
        for o in story.outcomes
    ]
    found += [
        Event(at=v.captured_at, event="version", what=f"version {v.number}",
              detail=v.title or "", version=v.number)
        for v in story.versions
    ]  # fmt: skip
    found += [
        Event(at=f.at, event="field", what=f.name,
              detail=f"{_printed(f.old_printed)} → {_printed(f.new_printed)}")
        for f in story.field_events
    ]  # fmt: skip
    return sorted(found, key=lambda event: (event.at, event.event != "version"))


def fields_as_map(fields: Sequence[Field]) -> Mapping[str, Mapping[str, str | None]]:
    """Fields as exports spell them: name -> {value, printed, origin}; of several with one name
    the first that has a value.
    """
    found: dict[str, Mapping[str, str | None]] = {}
    for field in fields:
        known = found.get(field.name)
        if known is None or (known["value"] is None and field.value is not None):
            found[field.name] = {
                "value": field.value, "printed": field.printed, "origin": field.origin,
            }  # fmt: skip
    return found


def _no_version(store: Store, page: PageRow) -> str:
    with store.read() as connection:
        visits = outcomes(connection, page.key)
    why = f"its last visit ended: {visits[-1].outcome}, {visits[-1].reason}" if visits else (
        "it was not visited yet"
    )  # fmt: skip
    return f"{page.key} has no version; {why}"


def _printed(text: str | None) -> str:
    return "absent" if text is None else f"“{text}”"
