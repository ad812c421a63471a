"""Runs seal, and verify --seals."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

from archive.cli.place import archive_with_files, home_named
from archive.command import BAD, DONE
from archive.model.errors import UsageError
from archive.terminal import Ui, counted
from archive.warc.check import Damage
from archive.work.preservation.seal.calendars import Proof, complete, stamp_by_calendar
from archive.work.preservation.seal.chain import Chain
from archive.work.preservation.seal.check import (
    Trust,
    check_proofs,
    check_seals,
    stored_chain,
)
from archive.work.preservation.seal.folder import stored_tokens
from archive.work.preservation.seal.keys import KEY_VARIABLE, key_named, make_key, trusted_keys
from archive.work.preservation.seal.make import Sealed, make_seal
from archive.work.preservation.seal.notes import notes_beside, notes_of_key
from archive.work.preservation.seal.timestamps import (
    TokenError,
    certificates,
    check_url,
    stamp,
)


def run_seal(args: argparse.Namespace, ui: Ui) -> int:
    """Makes the next seal; exit status 1 when something that was sealed before is not so."""
    home = home_named(args)
    if args.script:
        script = files("archive.work.preservation.seal").joinpath("standalone.py")
        ui.out.write(script.read_text("utf-8"))
        return DONE
    if args.new_key:
        _print_key(args.new_key, make_key(home, args.new_key), ui)
        return DONE
    urls, calendars = [check_url(url) for url in args.tsa], [check_url(url) for url in args.ots]
    roots = certificates(args.tsa_ca) if urls else []
    key = key_named(home)
    with archive_with_files(args, home) as store, ui.progress("sealing: bytes") as progress:
        sealed = make_seal(home, store, key, notes=notes_of_key(), on_bytes=progress.step)
    _print_sealed(sealed, ui)
    problems = list(sealed.damage)
    for url in urls:
        try:
            path, at = stamp(sealed.path, sealed.number, url, roots)
        except TokenError as error:
            problems.append(str(error))
        else:
            ui.note(f"{path}: {url} saw this seal at {at:%Y-%m-%dT%H:%M:%SZ}")
    problems += [str(each) for url in calendars for each in _ask_calendar(sealed, url, ui)]
    for problem in problems:
        ui.note(f"warning: {problem}")
    return BAD if problems else DONE


def _ask_calendar(sealed: Sealed, url: str, ui: Ui) -> Iterator[TokenError]:
    """Asks for a proof of the last seal and for the blocks of earlier ones; what went wrong."""
    try:
        path = stamp_by_calendar(sealed.path, sealed.number, url)
        ui.note(f"{path}: {url} has this seal's hash")
        for path, proof in complete(sealed.path.parent, url):
            ui.note(f"{path}: {_committed(proof)}")
    except TokenError as error:
        yield error


def _committed(proof: Proof) -> str:
    """What a proof commits its seal to, in words."""
    blocks = [f"Bitcoin block {height} (merkle root {root})" for height, root in proof.blocks]
    if blocks:
        return f"committed to by {', '.join(blocks)}; compare it with the chain"
    return f"pending at {', '.join(proof.pending) or 'no calendar'}: gongkai seal --ots asks again"


def _print_key(private: Path, public: Path, ui: Ui) -> None:
    if ui.as_json:
        ui.json({"private": str(private), "public": str(public)})
        return
    ui.line(f"{private}: signs seals; export {KEY_VARIABLE}={private.absolute()}")
    ui.line(f"{public}: its public half; give it to those who are to check, keep a copy apart")


def _print_sealed(sealed: Sealed, ui: Ui) -> None:
    if ui.as_json:
        ui.json({**asdict(sealed), "path": str(sealed.path)})
        return
    if not sealed.made:
        ui.line(f"{sealed.path}: nothing is new since this seal")
    else:
        parts = [
            f"{counted(sealed.files, 'file')} ({sealed.size:,} bytes)",
            counted(sealed.runs, "run"),
            _versions(sealed.versions, sealed.read_again),
            "signed" if sealed.signed else f"not signed (no {KEY_VARIABLE})",
        ]
        several = f", the last of {sealed.seals} seals" if sealed.seals > 1 else ""
        ui.line(f"{sealed.path}{several}: {', '.join(parts)}")
    ui.line(f"SHA-256 {sealed.sha256}; note it outside of the archive")


def verify_seals(args: argparse.Namespace, ui: Ui) -> tuple[list[Damage], str]:
    """Everything in which an archive is not what its seals say, and what was looked at."""
    if args.files or args.deep or args.rebuild_index:
        raise UsageError("--seals looks at the archive's seals alone; leave out the rest")
    home = home_named(args)
    has_tokens = any(stored_tokens(home))
    trust = Trust(
        keys=trusted_keys(args.key or []),
        head=args.expect,
        notes=[notes_beside(public) for public in args.key or []],
        roots=certificates(args.tsa_ca) if has_tokens else (),
    )
    chain = stored_chain(home, trust)
    what = _looked_at(chain)
    total = len(chain.files) + len(chain.runs) + len(chain.versions)
    with (
        archive_with_files(args, home) as store,
        ui.progress("verifying seals: files, runs and versions", total) as progress,
    ):
        damages = list(
            check_seals(
                home,
                chain,
                trust,
                store,
                crawling=home.is_crawled(),
                on_step=progress.step,
            )
        )
    for path, found in check_proofs(home, chain):
        if isinstance(found, Proof):
            ui.note(f"{path}: {_committed(found)}")
        else:
            damages.append(found)
    ui.note(f"the last seal is {chain.head}.json, SHA-256 {chain.heads[chain.head]}")
    return damages, what


def _looked_at(chain: Chain) -> str:
    parts = [
        counted(len(chain.heads), "seal"),
        counted(len(chain.files), "file"),
        counted(len(chain.runs), "run"),
        _versions(len(chain.versions), chain.read_again),
    ]
    return ", ".join(parts)


def _versions(count: int, read_again: int) -> str:
    again = f" ({read_again:,} read again since an earlier seal)" if read_again else ""
    return counted(count, "version") + again
