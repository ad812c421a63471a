"""Runs cite."""

import argparse
from dataclasses import asdict

from archive.cli.place import archive_with_files, home_named, url_or_none
from archive.command import BAD, DONE
from archive.model.errors import WarcError
from archive.terminal import Ui
from archive.warc.folder import file_of
from archive.work.preservation.seal.covering import covering_seal
from archive.work.query.citation import (
    bibtex,
    chinese_citation,
    citation_json,
    citation_of,
    english_citation,
)
from archive.work.query.snapshot import snapshot_url


def run_cite(args: argparse.Namespace, ui: Ui) -> int:
    """Prints the citation of one version; exit status 1 where the file of its capture is gone, so
    that nobody can check it.
    """
    home = home_named(args)
    replay = url_or_none(args.replay_url, "--replay-url")
    with archive_with_files(args, home) as store:
        cited = citation_of(store, args.url, args.version)
    snapshot = snapshot_url(replay, cited.url, cited.captured_at)
    seal = covering_seal(home, cited.url, cited.version, cited.reader_version)
    if ui.as_json:
        ui.json(citation_json(cited, snapshot) | {"seal": seal and asdict(seal)})
    elif args.bibtex:
        ui.line(bibtex(cited, snapshot))
    else:
        ui.line(chinese_citation(cited, snapshot))
        ui.line(english_citation(cited, snapshot))
        if seal is not None:
            ui.line(f"seal {seal.number}, SHA-256 {seal.sha256}")
    try:
        file_of(home.files, cited.warc_file)
    except WarcError:
        gone = f"its capture's file {cited.warc_file} is gone"
        ui.note(f"warning: {gone}; see gongkai verify, repair")
        return BAD
    return DONE
