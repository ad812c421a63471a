"""Prometheus takes the numbers, and each is what the archive has."""

import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from archive.environment import metrics_file_named
from archive.model.errors import UsageError
from archive.store import Store
from archive.work.health.metrics import GAUGES, exposition, measure, write_metrics
from archive.work.home import Home
from tests.work.health.conftest import NOW

PROMTOOL = shutil.which("promtool")


def told(home: Path) -> str:
    with Store.open(home, read_only=True) as store:
        return exposition(measure(store, Home(home), now=NOW, min_free=1_000))


@pytest.fixture(scope="session")
def text(made: Path) -> str:
    return told(made)


def test_a_parser_reads_every_number_back(text: str) -> None:
    families = {each.name: each for each in text_string_to_metric_families(text)}
    assert list(families) == [each.name for each in GAUGES]
    assert all(each.type == "gauge" and each.documentation for each in families.values())
    one = {name: each.samples[0].value for name, each in families.items() if len(each.samples) == 1}
    assert one["gongkai_reports"] == one["gongkai_bodies"] == 4
    assert one["gongkai_warc_files"] == 1
    assert one["gongkai_measured_timestamp_seconds"] == NOW.timestamp()
    assert one["gongkai_disk_minimum_free_bytes"] == 1_000
    urls = {s.labels["outcome"]: s.value for s in families["gongkai_run_urls"].samples}
    assert (urls["new"], urls["failed"]) == (4, 0)
    verdicts = {s.labels["verdict"]: s.value for s in families["gongkai_run_verdict"].samples}
    assert verdicts == {"good": 1, "bad": 0, "interrupted": 0}


def test_labels_have_the_values_that_are_documented_and_no_others(text: str) -> None:
    allowed = {each.name: each.labels for each in GAUGES}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert sample.labels.keys() == allowed[family.name].keys()
            for name, value in sample.labels.items():
                values = allowed[family.name][name]
                assert values is None or value in values
    assert "gov.cn" not in text


def test_an_archive_without_a_run_has_numbers_too(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    names = {
        s.name for each in text_string_to_metric_families(told(tmp_path)) for s in each.samples
    }
    assert "gongkai_frontier_urls" in names
    assert not {name for name in names if name.startswith("gongkai_run_")}


def test_the_file_is_whole_and_readable_by_others(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "gongkai.prom"
    with Store.open(made, read_only=True) as store:
        write_metrics(measure(store, Home(made), now=NOW, min_free=0), path)
    assert [each.name for each in tmp_path.iterdir()] == ["gongkai.prom"]
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.read_text().endswith("\n")


@pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not installed: apt-get install prometheus"
)
def test_promtool_has_nothing_to_say(text: str) -> None:
    done = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_file_that_node_exporter_would_not_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in (tmp_path / "gongkai.txt", tmp_path / "none" / "gongkai.prom"):
        monkeypatch.setenv("GONGKAI_METRICS_FILE", str(wrong))
        with pytest.raises(UsageError, match=r"no file NAME\.prom in a folder"):
            metrics_file_named()
