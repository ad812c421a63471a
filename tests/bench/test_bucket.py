"""The bench of records in a bucket, on a few of them."""

import pytest

from bench import bucket
from tests.support.s3 import CREDENTIALS


@pytest.mark.slow
def test_both_give_every_record(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*CREDENTIALS, "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "set by the bench")
    table = bucket.waits_table(*bucket.waits(20, asked=5))
    assert table.count("| 5 |") == 2
