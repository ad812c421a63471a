"""Runs notify."""

import argparse
import socket
from collections.abc import Sequence

from archive.cli.place import home_named
from archive.command import BAD, DONE, ledger_of
from archive.environment import alerts_named, min_free_named
from archive.model.errors import UsageError
from archive.terminal import Ui, counted
from archive.work import clock
from archive.work.health.digest import digest
from archive.work.health.notify import Service, notify, services_named, standing
from archive.work.health.told import alerts_file, read_alerts
from archive.work.open_archive import open_archive


def run_notify(args: argparse.Namespace, ui: Ui) -> int:
    """Tells what is new; exit status 1 when a service took no message."""
    services = services_named(alerts_named())
    if not services and not args.dry_run:
        raise UsageError("GONGKAI_ALERTS names nobody to tell; set it to apprise's URLs")
    if args.test:
        return _test(services, ui)
    home, now, name = home_named(args), clock.now(), socket.gethostname()
    with open_archive(ledger_of(args)) as store:
        stands = standing(store, home, now=now, min_free=min_free_named())
    if args.dry_run:
        made = digest(read_alerts(alerts_file(home)).known, stands, name)
        if ui.as_json:
            ui.json(made)
        else:
            _print(ui, "nothing is new" if made is None else f"{made.title}\n\n{made.body}")
        return DONE
    done = notify(home, stands, services, name=name, now=now, at_once=args.now)
    for problem in done.problems:
        ui.note(f"warning: {problem}")
    if ui.as_json:
        title = done.digest.title if done.digest else None
        ui.json({"told": title, "taken": done.sent, "problems": list(done.problems)})
    elif done.digest is None and not done.sent:
        wait = "" if args.now else ", or its night has not come (--now does not wait)"
        ui.line("no message was taken" if done.problems else f"nothing is new{wait}")
    else:
        ui.line(f"{counted(done.sent, 'message')} taken")
    return BAD if done.problems else DONE


def _test(services: Sequence[Service], ui: Ui) -> int:
    title, body = f"Gongkai {socket.gethostname()}: a test", "Alerts of this archive arrive here."
    failed = [each.label for each in services if not each.send(title, body)]
    for label in failed:
        ui.note(f"warning: {label} did not take the message")
    ui.line(f"{counted(len(services) - len(failed), 'message')} taken")
    return BAD if failed else DONE


def _print(ui: Ui, text: str) -> None:
    for line in text.split("\n"):
        ui.line(line)
