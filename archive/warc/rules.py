"""What the head of a record must and should say; pure.

Errors are breaches of WARC 1.0 or 1.1; what is allowed, but worth knowing, is a warning.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address

from archive.model.errors import WarcError
from archive.model.reading import Severity
from archive.warc.digest import parse_digest
from archive.warc.record import Profile, parse_date
from archive.warc.scan import Head

# The rule of a record that is dated later than its file was written.
DATE_FUTURE = "date_future"
# Severity, short name of the rule, message.
Complaint = tuple[Severity, str, str]

_TYPES = frozenset(
    "warcinfo response resource request metadata revisit conversion continuation".split()
)
# Section 5.12: mandatory for these.
_WITH_URI = frozenset("response resource request revisit conversion continuation".split())
_WITH_DIGEST = frozenset("response resource conversion".split())
# The two behind are proposals that browser-based crawlers write (one protocol a layer).
_REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol", "warc-cipher-suite"})
_RECORD_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]+>")
_URI = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]*")
_EXACT_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_REASONS = frozenset({"length", "time", "disconnect", "unspecified"})
_PROFILES = {
    f"http://netpreserve.org/warc/{version}/revisit/{profile.value}": profile
    for version in ("0.17", "0.18", "1.0", "1.1")
    for profile in Profile
}
# Annex B.6 of the norm forgets `/revisit/`: such profiles are misspelt, not those of others.
_MISSPELT = frozenset(uri.replace("/revisit/", "/") for uri in _PROFILES)
# The clocks of two machines differ; a day is no clock error any more.
_SLACK = timedelta(days=1)


def complaints(head: Head, *, latest: datetime) -> Iterator[Complaint]:
    """Everything that is wrong with a head. latest: no record can be later (the file was last
    written then).
    """
    for rule in _RULES:
        yield from rule(head)
    yield from _date(head, latest)


def profile_of(head: Head) -> Profile | None:
    """The profile of a revisit, of WARC 1.0, 1.1 or their drafts; None when it is missing or not
    known.
    """
    return _PROFILES.get(head.get("WARC-Profile") or "")


def segment_number(head: Head) -> int | None:
    """WARC-Segment-Number; None when it is absent or no number from 1 up."""
    text = head.get("WARC-Segment-Number") or ""
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 10 else None


def _version(head: Head) -> Iterator[Complaint]:
    if head.version not in ("1.0", "1.1"):
        yield Severity.WARNING, "version", f"WARC {head.version} is not known"


def _type(head: Head) -> Iterator[Complaint]:
    if not head.record_type:
        yield Severity.ERROR, "type", "WARC-Type is missing"
    elif head.record_type not in _TYPES:
        yield Severity.WARNING, "type", f"record type {head.record_type[:50]!r} is not known"


def _repeated(head: Head) -> Iterator[Complaint]:
    names = [name.lower() for name, _ in head.fields]
    for name in sorted(set(names) - _REPEATABLE):
        if names.count(name) > 1:
            yield Severity.ERROR, "repeated_field", f"{name[:50]} stands more than once"


def _record_id(head: Head) -> Iterator[Complaint]:
    record_id = head.get("WARC-Record-ID")
    if not record_id:
        yield Severity.ERROR, "record_id", "WARC-Record-ID is missing"
    elif not _RECORD_ID.fullmatch(record_id):
        yield Severity.WARNING, "record_id", f"WARC-Record-ID {record_id[:100]!r} is no <URI>"


def _date(head: Head, latest: datetime) -> Iterator[Complaint]:
    text = head.get("WARC-Date")
    if not text:
        yield Severity.ERROR, "date", "WARC-Date is missing"
        return
    date = parse_date(text)
    if date is None:
        yield Severity.ERROR, "date", f"WARC-Date {text[:50]!r} is malformed"
    elif head.version == "1.0" and not _EXACT_DATE.fullmatch(text):
        yield Severity.ERROR, "date_precision", f"WARC 1.0 allows whole seconds only, not {text}"
    elif date > latest + _SLACK:
        yield Severity.WARNING, DATE_FUTURE, f"{text} is later than the file itself"


def _target_uri(head: Head) -> Iterator[Complaint]:
    uri = head.get("WARC-Target-URI")
    if not uri:
        if head.record_type in _WITH_URI:
            yield Severity.ERROR, "target_uri", "WARC-Target-URI is missing"
        return
    if uri.startswith("<"):
        yield Severity.WARNING, "uri_brackets", "WARC-Target-URI stands in <>"
    if not _URI.fullmatch(head.target_uri or ""):
        message = f"WARC-Target-URI {uri[:200]!r} is no URI (not percent-encoded?)"
        yield Severity.ERROR, "uri_characters", message
    if "#" in uri and uri.lstrip("<").lower().startswith("http"):
        message = "WARC-Target-URI has a fragment: it was not requested, and replay may not find it"
        yield Severity.WARNING, "uri_fragment", message


def _ip_address(head: Head) -> Iterator[Complaint]:
    text = head.get("WARC-IP-Address")
    if text is None:
        return
    try:
        ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        yield Severity.ERROR, "ip_address", f"WARC-IP-Address {text[:50]!r} is no IP address"
        return
    if text.startswith("[") or text.endswith("]"):
        yield Severity.WARNING, "ip_address", f"WARC-IP-Address {text[:50]!r} stands in []"


def _segment(head: Head) -> Iterator[Complaint]:
    """Section 7: a continuation names its record, and its place among the segments."""
    number = head.get("WARC-Segment-Number")
    if head.record_type == "continuation" and not (number and head.get("WARC-Segment-Origin-ID")):
        message = "a continuation without WARC-Segment-Origin-ID or WARC-Segment-Number"
        yield Severity.ERROR, "segment", message
    elif number is not None and segment_number(head) is None:
        yield Severity.ERROR, "segment", f"WARC-Segment-Number {number[:50]!r} is no number"


def _digests(head: Head) -> Iterator[Complaint]:
    found = [head.get("WARC-Block-Digest"), head.get("WARC-Payload-Digest")]
    for text in filter(None, found):
        try:
            parse_digest(text)
        except WarcError as error:
            yield Severity.ERROR, "digest", str(error)
    if not any(found) and head.record_type in _WITH_DIGEST:
        yield (
            Severity.WARNING,
            "no_digest",
            "neither a block nor a payload digest: nothing to check",
        )


def _truncated(head: Head) -> Iterator[Complaint]:
    reason = head.get("WARC-Truncated")
    if reason is not None and reason.lower() not in _REASONS:
        yield Severity.WARNING, "truncated_reason", f"WARC-Truncated {reason[:50]!r} is not known"


def _revisit(head: Head) -> Iterator[Complaint]:
    if head.record_type != "revisit":
        return
    spelled, profile = head.get("WARC-Profile"), profile_of(head)
    if not spelled:
        yield Severity.ERROR, "profile", "a revisit without WARC-Profile"
    elif profile is None:
        severity = Severity.ERROR if spelled in _MISSPELT else Severity.WARNING
        yield severity, "profile", f"WARC-Profile {spelled[:100]!r} is not known"
    if profile is Profile.IDENTICAL_PAYLOAD and not head.get("WARC-Payload-Digest"):
        yield Severity.ERROR, "profile", "an identical-payload revisit without WARC-Payload-Digest"
    names = ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date", "WARC-Refers-To")
    if profile is Profile.NOT_MODIFIED and not any(head.get(name) for name in names):
        # The norm only recommends the fields; replay takes the capture before.
        message = "a not-modified revisit that does not say which capture stands for it"
        yield Severity.WARNING, "refers_to", message


_RULES: tuple[Callable[[Head], Iterator[Complaint]], ...] = (
    _version,
    _type,
    _repeated,
    _record_id,
    _target_uri,
    _ip_address,
    _digests,
    _truncated,
    _segment,
    _revisit,
)
