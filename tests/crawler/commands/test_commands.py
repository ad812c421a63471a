"""The commands for the next developer write what they promise, into a copy of the project."""

import argparse
import os
import tomllib

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from archive.model.portal import Portal
from archive.store import Store
from archive.store.query import verdicts
from archive.work.cases import UNREVIEWED
from archive.work.catalogue.import_csv import add_portals
from archive.work.catalogue.load import portals_of
from crawler.commands import newfamily, newportal, record
from crawler.demo.server import DemoPortal
from crawler.demo.site import Request, demo_site, generate_site
from tests.support.command import ROOT
from tests.support.forked import run_forked
from tests.support.project_copy import PYTEST, stamps
from tests.support.transactions import fetch

NAMES = ("newportal", "newfamily", "record")


def scrapy(*words, **environment):
    """Scrapy's command line in the project itself, for what writes nothing there."""
    clean = {"PATH": os.environ["PATH"], **environment}
    return run_forked(["scrapy", *words], cwd=ROOT, env=clean, timeout_s=100)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(name):
    told = " ".join(scrapy(name, "--help").stdout.split())
    assert f"Example: scrapy {name}" in told


def test_newportal_writes_a_usable_row_of_about_six_lines(run, project):
    url = "http://www.yunhe.example/nb/"
    done = run("scrapy", "newportal", "yunhe", url, "--name", "云河县", "--family", "trs")
    assert done.stdout == "wrote settings/portals/yunhe.toml\n", done.stderr
    text = (project / "settings" / "portals" / "yunhe.toml").read_text("utf-8")
    (portal,) = portals_of(text, file="yunhe.toml", source="shipped")
    assert (portal.name, portal.entries, portal.family) == ("云河县", (url,), "trs")
    assert len(text.splitlines()) in (5, 6, 7)
    listed = run("crawler.cli", "portals", "list", "yunhe", "--json")
    assert '"key": "yunhe"' in listed.stdout


@pytest.mark.parametrize(
    ("command", "words", "told"),
    [
        (newportal, ["云河", "http://x.example/"], "key"),
        (newportal, ["x", "ftp://x/"], "not an http"),
        (newportal, ["x", "http://x.example/", "--family", "nosuch"], "nosuch"),
        (newportal, ["x", "http://x.example/", "--division", "12"], "six digits"),
        (newfamily, ["trs"], "already"),
        (newfamily, ["New Family"], "small letters"),
        (record, ["page.html", "--name", "a"], "--url"),
        (record, ["page.html", "--name", "a", "--url", "http://x.example/"], "No such file"),
        (record, ["http://x.example/", "--name", "../a"], "small letters"),
        (record, ["http://x.example/", "--name", "a"], "archive"),
    ],
)
def test_what_cannot_be_written_is_refused_with_its_reason(
    project, monkeypatch, command, words, told
):
    monkeypatch.chdir(project)
    before = sorted(project.rglob("*.toml"))
    with pytest.raises(UsageError, match=told):
        called(command.Command(), words)
    assert sorted(project.rglob("*.toml")) == before


def test_what_is_there_is_not_written_over(project, monkeypatch):
    monkeypatch.chdir(project)
    called(newportal.Command(), ["yunhe", "http://x.example/"])
    with pytest.raises(UsageError, match="there already"):
        called(newportal.Command(), ["yunhe", "http://x.example/"])


def test_a_copy_that_is_written_over_is_noticed(project, pristine):
    before, name = stamps(pristine), "scrapy.cfg"
    kept = (project / name).read_bytes()
    (project / name).write_bytes(kept + b"\n")
    assert stamps(pristine) != before
    (project / name).write_bytes(kept)
    os.utime(project / name, ns=(before[pristine / name][0],) * 2)


def called(command, words):
    """Runs a command as Scrapy does, in this process."""
    command.settings = Settings()
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    opts, args = parser.parse_known_args(words)
    command.run(args, opts)


def test_a_new_family_fails_until_its_test_was_reviewed(run, project):
    done = run("scrapy", "newfamily", "nova")
    assert done.returncode == 0, done.stderr
    case = project / "tests" / "families" / "cases" / "nova_list" / "expected.toml"
    tests = (*PYTEST, "-q", "tests/families/test_cases.py", "-k", "nova")
    before = run(*tests)
    assert before.returncode == 1
    assert "compare expected.toml" in before.stdout
    case.write_text(case.read_text("utf-8").replace(UNREVIEWED, ""), "utf-8")
    after = run(*tests)
    assert "5 passed" in after.stdout, after.stdout
    family = project / "archive" / "families" / "data" / "nova.toml"
    assert 15 <= len(family.read_text("utf-8").splitlines()) <= 30


@pytest.mark.parametrize(
    ("path", "room", "field"),
    [
        ("/trs/zwgk/zfxxgk/zfxxgknb/", "families", "items"),
        ("/trs/zwgk/zfxxgk/zfxxgknb/202502/t20250226_1000.html", "pages", "title"),
    ],
)
def test_a_recorded_page_is_a_test_a_field_that_fails_until_reviewed(
    run, project, path, room, field
):
    answer = demo_site(1, 5, frozenset()).answer(Request(target=path))
    (project / "saved.html").write_bytes(answer.body)
    url = f"http://www.trs.example{path}"
    done = run("scrapy", "record", "saved.html", "--url", url, "--name", "mine")
    assert done.returncode == 0, done.stderr
    case = project / "tests" / room / "cases" / "mine" / "expected.toml"
    fields = set(tomllib.loads(case.read_text("utf-8"))) - {"reviewed", "url"}
    assert field in fields
    tests = (*PYTEST, "-q", f"tests/{room}/test_cases.py", "-k", "mine-")
    assert f"{len(fields)} failed" in run(*tests).stdout
    case.write_text(case.read_text("utf-8").replace(UNREVIEWED, ""), "utf-8")
    assert f"{len(fields)} passed" in run(*tests).stdout


def test_scrapy_lists_and_runs_the_spider_from_the_root(tmp_path):
    with DemoPortal(site=generate_site(3, "plain")) as portal:
        row = Portal(key="mini", name="小县", entries=(portal.entries["plain"],), delay_s=0.0)
        add_portals(tmp_path, [row])
        assert scrapy("list").stdout == "portal\n"
        done = scrapy("crawl", "portal", "-a", "portal=mini", GONGKAI_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    with Store.open(tmp_path, read_only=True) as store:
        assert fetch(store, verdicts.known_by_portal)["mini"].reports == 3


@pytest.mark.parametrize(
    ("argument", "told"),
    [("portal=nokey", "no portal has the key 'nokey'"), ("portl=mini", "no such argument")],
)
def test_scrapy_refuses_what_the_spider_cannot_run_in_one_line(tmp_path, argument, told):
    done = scrapy("crawl", "portal", "-a", argument, GONGKAI_HOME=str(tmp_path))
    assert done.returncode == 2
    assert told in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "archive.sqlite").exists()
