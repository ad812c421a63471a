"""Header fields that changed while the content did not: dated events, never versions."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, insert

from archive.model.reading import Field, Reading
from archive.store.schema import field_event
from archive.store.types import Values
from archive.store.write.ending import Ending
from archive.store.write.fields import fields_of
from archive.store.write.packed import chosen_fields
from archive.store.write.parts import replace_fields


def note_field_events(connection: Connection, endings: Sequence[Ending]) -> None:
    """A header field that changed while the content stayed is an event; the version then shows
    the new fields, the event keeps the old ones.
    """
    same = [each for each in endings if _may_change_fields(each)]
    if not same:
        return
    known = fields_of(connection, [each.latest_id for each in same], chosen=True)
    stored = {key: {each.name: each for each in fields} for key, fields in known.items()}
    events: list[Values] = []
    changed: dict[int, Reading] = {}
    for each in same:
        old = stored.get(each.latest_id, {})
        if differences := list(_differences(old, chosen_fields(each.reading.fields))):
            changed[each.latest_id] = each.reading
            events += [_event_row(each, *difference) for difference in differences]
    if events:
        connection.execute(insert(field_event), events)
        replace_fields(connection, changed)


def _differences(
    old: Mapping[str, Field], new: Mapping[str, Field]
) -> Iterable[tuple[str, Field | None, Field | None]]:
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if (before and (before.value, before.printed)) != (after and (after.value, after.printed)):
            yield name, before, after


def _event_row(each: Ending, name: str, before: Field | None, after: Field | None) -> Values:
    return {
        "page_id": each.record.page_id,
        "version_id": each.page.version_id,
        "capture_id": each.record.capture_id,
        "at": each.seen_at,
        "name": name,
        "old_value": before.value if before else None,
        "old_printed": before.printed if before else None,
        "new_value": after.value if after else None,
        "new_printed": after.printed if after else None,
    }


def _may_change_fields(each: Ending) -> bool:
    """Fields compare only within one reader version: better code is not an event."""
    reading = each.record.reading
    if reading is None or not each.good or each.record.new_version or each.record.supersede_reader:
        return False
    if each.has_pictures:
        return False
    return bool(reading.reader_version == each.page.reader_version)
