"""Where a redirect may lead: decided without a network."""

from dataclasses import replace

import pytest

from archive.model.frontier import Previous, Record, StoredCapture, WarcSpot
from archive.model.outcome import Outcome, Role
from archive.model.reading import Reading, Source
from archive.model.url import why_not_visited
from archive.reading.read import read
from archive.work.ingest.outcomes import decide_read, decide_requisite
from archive.work.ingest.reader_pool import Answer
from tests.crawler.frontier.test_politeness import lease
from tests.store.making import NOW

PUBLIC, INSIDE = "http://www.jiashan.gov.cn/nb/", "http://127.0.0.1:8000/nb/"


def redirected(start: str, target: str, role: Role) -> Record:
    stored = StoredCapture(
        capture_id=1, spot=WarcSpot(file="x", offset=0, length=1), status=302, captured_at=NOW,
        record_type="response", payload_digest=None, truncated=None,
    )  # fmt: skip
    decision = decide_read(
        replace(lease(1, start), role=role),
        stored,
        Answer(body_digest=None, reading=None, location=target),
        NOW,
        previous_hash=None,
        redirects={},
    )
    assert isinstance(decision, Record)
    return decision


@pytest.mark.parametrize("role", [Role.ENTRY, Role.LIST, Role.PAGE])
def test_no_public_page_leads_into_a_private_network(role: Role) -> None:
    for target in ("http://169.254.169.254/latest/meta-data/", "http://127.1/", "http://[::1]/"):
        decision = redirected(PUBLIC, target, role)
        assert (decision.outcome, decision.links) == (Outcome.OUT_OF_SCOPE, ())
        assert "private network" in decision.reason


@pytest.mark.parametrize(
    ("start", "target", "role"),
    [
        (INSIDE, "http://127.0.0.2:8000/xx/", Role.ENTRY),
        (INSIDE, "http://127.0.0.1:9000/xx/", Role.PAGE),
        (PUBLIC, "https://xxgk.jiashan.gov.cn/nb/", Role.PAGE),
        (PUBLIC, "http://www.moved.gov.cn/nb/", Role.ENTRY),
    ],
)
def test_a_redirect_within_its_own_world_is_followed(start: str, target: str, role: Role) -> None:
    decision = redirected(start, target, role)
    assert decision.outcome is Outcome.REDIRECTED
    assert [link.url for link in decision.links] == [target]


def test_a_page_that_sends_on_to_a_url_too_long_leads_to_its_row() -> None:
    body = f'<meta http-equiv="refresh" content="0;url=/a?{"x" * 5_000}">'
    reading = read(Source(url=PUBLIC, body=body.encode(), role=Role.LIST))
    stored = StoredCapture(
        capture_id=1, spot=WarcSpot(file="x", offset=0, length=1), status=200, captured_at=NOW,
        record_type="response", payload_digest=None, truncated=None,
    )  # fmt: skip
    decision = decide_read(
        replace(lease(1, PUBLIC), role=Role.LIST),
        stored,
        Answer(body_digest=None, reading=reading),
        NOW,
        previous_hash=None,
        redirects={},
    )
    assert isinstance(decision, Record)
    assert decision.outcome is Outcome.REDIRECTED
    assert [why_not_visited(link.url) is not None for link in decision.links] == [True]


@pytest.mark.parametrize(
    ("previous_hash", "expected"), [(None, Outcome.NEW), ("c3:before", Outcome.FAILED)]
)
def test_a_reading_that_fails_takes_no_version_s_place(
    previous_hash: str | None, expected: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Source) -> Reading:
        raise ValueError("a defect")

    monkeypatch.setattr("archive.reading.read.read_document", fails)
    reading = read(Source(url=PUBLIC, body=b"<p>1</p>", role=Role.PAGE))
    stored = StoredCapture(
        capture_id=1, spot=WarcSpot(file="x", offset=0, length=1), status=200, captured_at=NOW,
        record_type="response", payload_digest=None, truncated=None,
    )  # fmt: skip
    decision = decide_read(
        replace(lease(1, PUBLIC), role=Role.PAGE),
        stored,
        Answer(body_digest=None, reading=reading),
        NOW,
        previous_hash=previous_hash,
        redirects={},
    )
    assert isinstance(decision, Record)
    assert (decision.outcome, decision.new_version) == (expected, expected is Outcome.NEW)
    assert decision.reading is not None
    assert [each.rule for each in decision.reading.findings] == ["reader_failed"]


@pytest.mark.parametrize(
    ("digest", "outcome"), [("sha256:A", Outcome.UNCHANGED), ("sha256:B", Outcome.CHANGED)]
)
def test_a_picture_that_is_the_same_bytes_has_not_changed(digest: str, outcome: Outcome) -> None:
    """Also where its record was lost, so that no revisit may refer to it."""
    spot = WarcSpot(file="x", offset=0, length=1)
    known = Previous(
        capture_id=1, spot=spot, captured_at=NOW, payload_digest="sha256:A", version_number=None,
        content_hash=None, reader_version=None, held=False, etag=None, last_modified=None,
        version_id=None,
    )  # fmt: skip
    stored = StoredCapture(
        capture_id=2, spot=spot, status=200, captured_at=NOW, record_type="response",
        payload_digest=digest, truncated=None,
    )  # fmt: skip
    asked = replace(lease(1, PUBLIC), role=Role.REQUISITE, previous=known)
    decision = decide_requisite(asked, stored, NOW)
    assert isinstance(decision, Record)
    assert decision.outcome is outcome
