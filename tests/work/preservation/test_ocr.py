"""The order in which versions that are pictures are read."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archive.model.errors import CannotRunError, WarcError
from archive.model.optical import OpticalDocument
from archive.store.query.optical import WantedPictures
from archive.work.home import Home
from archive.work.ingest.process_pool import ChildDiedError
from archive.work.preservation import ocr


def portion(*ids: int) -> Callable[..., list[SimpleNamespace]]:
    return lambda _, last, limit, __: [
        SimpleNamespace(version_id=n, exchanged=None) for n in ids if n > last
    ][:limit]


def test_what_failed_before_comes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ocr, "picture_versions_after", portion(1, 2, 3, 4))
    monkeypatch.setattr(ocr, "_AT_ONCE", 3)
    home = Home(tmp_path)
    assert not home.failed_pictures()
    for each in (1, 3, 77):
        home.note_failed_pictures(each)
    store: Any = SimpleNamespace(read=nullcontext)
    found = ocr._waiting(store, WantedPictures(engine=""), home.failed_pictures())
    assert [each.version_id for each in found] == [2, 4, 1, 3]


@pytest.mark.parametrize("error", [TimeoutError(), ChildDiedError("x"), WarcError("x"), OSError()])
def test_what_went_wrong_is_no_document(error: Exception) -> None:
    future: Future[OpticalDocument] = Future()
    future.set_exception(error)
    assert isinstance(ocr._seen(future), str)


def test_a_bucket_that_does_not_answer_ends_the_command() -> None:
    future: Future[OpticalDocument] = Future()
    future.set_exception(CannotRunError("it does not answer"))
    with pytest.raises(CannotRunError):
        ocr._seen(future)
