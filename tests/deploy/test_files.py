"""The files of deploy/ call commands that there are, and systemd takes the units."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from crawler.cli import build_parser

PROGRAM = "/opt/gongkai/bin/gongkai"
# `systemd-analyze security` gives 0 to 10; as its --threshold has it, times ten.
MAX_EXPOSURE = 29
only_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def units(root: Path) -> list[Path]:
    return sorted((root / "deploy" / "systemd").iterdir())


def commands(root: Path) -> Iterator[list[str]]:
    """What the units, the compose file and the line for cron call, without the program."""
    for path in units(root):
        for line in re.findall(r"^ExecStart=(.*)$", path.read_text("utf-8"), re.MULTILINE):
            program, *arguments = shlex.split(line)
            assert program == PROGRAM
            yield arguments
    services = yaml.safe_load((root / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    yield from (each["command"] for each in services.values() if "command" in each)
    cron = (root / "deploy" / "gongkai.cron").read_text("utf-8")
    yield from (shlex.split(each) for each in re.findall(rf"{PROGRAM} (.*) 2>&1", cron))


def test_every_command_is_one_of_ours(root: Path) -> None:
    called = list(commands(root))
    assert {each[0] for each in called} >= {"crawl", "serve", "replay", "worker"}
    for arguments in called:
        assert build_parser().parse_args(arguments).handler


def test_the_image_starts_the_program_and_the_settings_exist(root: Path) -> None:
    assert f'ENTRYPOINT ["{PROGRAM}"]' in (root / "deploy" / "Dockerfile").read_text("utf-8")
    known = tomllib.loads((root / "docs" / "environment.toml").read_text("utf-8"))
    for path in (root / "deploy").iterdir():
        if path.is_file():
            named = set(re.findall(r"GONGKAI_[A-Z_]+", path.read_text("utf-8")))
            assert named <= known.keys(), path.name


def test_a_service_that_starts_again_does_not_where_that_cannot_help(root: Path) -> None:
    texts = [path.read_text("utf-8") for path in units(root)]
    again = [each for each in texts if "\nRestart=on-failure\n" in each]
    assert len(again) == 2
    assert all("\nRestartPreventExitStatus=2\n" in each for each in again)


def test_containers_gain_no_rights_and_take_no_port_of_the_host(root: Path) -> None:
    services = yaml.safe_load((root / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    assert not any("ports" in each for each in services.values())
    for each in services.values():
        if "build" in each:
            assert "no-new-privileges:true" in each["security_opt"]


def faults_of(folder: Path, text: str) -> set[str]:
    """What a compose file names and does not have, or has and does not use."""
    compose = yaml.safe_load(text)
    services, volumes = compose["services"], set(compose["volumes"])
    found, used = set(), set()
    for name, each in services.items():
        mounted = {volume.partition(":")[0] for volume in each.get("volumes", ())}
        used |= mounted
        found |= {f"{name}: no volume {volume}" for volume in mounted - volumes}
        for other in each.get("depends_on", ()):
            if "healthcheck" not in services.get(other, {}):
                found.add(f"{name}: nothing tells when {other} is healthy")
        made = each.get("build")
        if made and not (folder / made["context"] / made["dockerfile"]).is_file():
            found.add(f"{name}: no {made['dockerfile']}")
    return found | {f"nothing uses {volume}" for volume in volumes - used}


def test_the_compose_file_names_what_there_is(root: Path) -> None:
    folder = root / "deploy"
    text = (folder / "compose.yaml").read_text("utf-8")
    assert faults_of(folder, text) == set()
    asked = set(re.findall(r"\$\{(\w+)", text))
    guide = (root / "docs" / "how-to" / "deploy.md").read_text("utf-8")
    assert {each for each in asked if f"{each}=" not in guide} == set()
    wrong = text.replace("  ledger:\n", "  ledgers:\n").replace("/Dockerfile", "/Dockfile")
    told = faults_of(
        folder, wrong.replace("healthcheck: { test: [CMD, pg", "labels: { test: [CMD, pg")
    )
    ours = ("worker", "serve", "replay")
    assert told == {
        "db: no volume ledger",
        "nothing uses ledgers",
        *(f"{each}: no deploy/Dockfile" for each in ours),
        *(f"{each}: nothing tells when db is healthy" for each in ours),
    }


def test_the_line_for_cron_has_the_settings_and_tells_a_bad_night(
    root: Path, tmp_path: Path
) -> None:
    line = (root / "deploy" / "gongkai.cron").read_text("utf-8").splitlines()[-1]
    line = re.sub(r"^(\S+ ){5}gongkai ", "", line)
    program, settings = tmp_path / "gongkai", tmp_path / "gongkai.env"
    program.write_text('#!/bin/sh\necho "$GONGKAI_CONTACT"\nexit 1\n')
    program.chmod(0o755)
    shutil.copyfile(root / "deploy" / "gongkai.env", settings)
    line = line.replace(PROGRAM, str(program)).replace("/etc/gongkai.env", str(settings))
    done = subprocess.run(
        ["/bin/sh", "-c", line], env={}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("mailto:you@example.org\n", "")


@pytest.fixture
def installed(root: Path, tmp_path: Path) -> list[Path]:
    """The units with a program that there is."""
    found = []
    for path in units(root):
        copy = tmp_path / path.name
        copy.write_text(path.read_text("utf-8").replace(PROGRAM, sys.executable), "utf-8")
        found.append(copy)
    return found


def analyzed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@only_systemd
def test_systemd_takes_the_units_without_a_word(installed: list[Path]) -> None:
    done = analyzed("verify", "--man=no", *map(str, installed))
    told = [line for line in done.stderr.splitlines() if "/gongkai-" in line]
    assert (done.returncode, told) == (0, [])


@only_systemd
def test_a_unit_that_is_wrong_is_told(installed: list[Path]) -> None:
    unit = next(path for path in installed if path.name == "gongkai-serve.service")
    unit.write_text(unit.read_text("utf-8").replace("ProtectHome=yes", "ProtectHouse=yes"), "utf-8")
    assert "ProtectHouse" in analyzed("verify", "--man=no", str(unit)).stderr


@only_systemd
def test_services_are_exposed_to_little(installed: list[Path]) -> None:
    for path in installed:
        if path.suffix != ".service":
            continue
        asked = ("security", "--offline=true", "--no-pager", f"--threshold={MAX_EXPOSURE}")
        done = analyzed(*asked, str(path))
        assert done.returncode == 0, done.stdout.splitlines()[-1]
        path.write_text(f"[Service]\nExecStart={sys.executable}\n", "utf-8")
        assert analyzed(*asked, str(path)).returncode != 0
