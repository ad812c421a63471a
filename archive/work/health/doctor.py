"""`gongkai doctor`: every check, one after the other. A new one is a function in the file of its
subject and a line of CHECKS.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from archive.model.errors import (
    DamagedLedgerError,
    GongkaiError,
    LostLedgerError,
    TooSlowError,
)
from archive.store import Store
from archive.work.health.crawling import hosts_check, jobs_check, pending_check, silent_check
from archive.work.health.keeping import (
    WITHIN_S,
    backup_check,
    files_check,
    ledger_check,
    schema_check,
    seals_check,
    verified_check,
)
from archive.work.health.machine import (
    clock_check,
    converters_check,
    copies_check,
    disk_check,
    fonts_check,
)
from archive.work.health.pictures import pictures_check
from archive.work.health.result import Check, Level, Result, Subject, bad, warn

SCHEMA: Final = Check("schema", schema_check, needs_ledger=False)
CHECKS: Final = (
    Check("ledger", ledger_check),
    Check("WARC files", files_check),
    Check("fixity", verified_check, needs_ledger=False),
    Check("seals", seals_check),
    Check("backup", backup_check, needs_ledger=False),
    Check("disk", disk_check, needs_ledger=False),
    Check("old copies", copies_check, needs_ledger=False),
    Check("clock", clock_check),
    Check("converters", converters_check, needs_ledger=False),
    Check("fonts", fonts_check, needs_ledger=False),
    Check("pictures", pictures_check),
    Check("pending", pending_check),
    Check("hosts", hosts_check),
    Check("silent portals", silent_check),
    Check("jobs", jobs_check),
)


def examine(subject: Subject, checks: Sequence[Check] = CHECKS) -> Iterator[tuple[str, Result]]:
    """What each check saw, by its name. The ledger is opened to be read, and neither made nor
    migrated; without --deep no question may take longer than some seconds.
    """
    schema = _seen(SCHEMA, subject)
    yield SCHEMA.name, schema
    with ExitStack() as stack:
        if schema.level is Level.GOOD:
            within_s = None if subject.deep else WITHIN_S
            store = Store.open(subject.place, read_only=True, within_s=within_s)
            subject = replace(subject, store=stack.enter_context(store))
        for each in checks:
            yield each.name, _seen(each, subject)


def _seen(check: Check, subject: Subject) -> Result:
    if check.needs_ledger and subject.store is None:
        return warn("not looked at: it needs a ledger of this release's schema")
    try:
        return check.look(subject)
    except TooSlowError:
        return warn(f"not known: it takes longer than {WITHIN_S:.0f} s", "gongkai doctor --deep")
    except OSError as error:
        return bad(f"{error.filename or 'the disk'}: {error.strerror}", "look at that file")
    except (DamagedLedgerError, LostLedgerError) as error:
        return bad(str(error), "gongkai rebuild makes it again from the WARC files")
    except GongkaiError as error:
        elsewhere = "look at --home and GONGKAI_DATABASE_URL, and whether its server runs"
        helps = "gongkai verify" if check.needs_ledger else elsewhere
        return bad(str(error).split("\n", 1)[0], helps)
