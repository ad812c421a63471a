"""What archivists do with files is measured on a small crawl, each job beside a fair one."""

import pytest

from bench import preserving


@pytest.mark.slow
def test_every_job_runs_and_is_told() -> None:
    found = preserving.rounds(1, reports=20)
    table = preserving.preserving_table(found)
    assert all(f"| {name} | {costs.things} | " in table for name, costs in found.items())
    assert found[preserving.CHECK].things > found[preserving.REREAD].things > 20
    assert table.count("| 1.00 |") == 2
