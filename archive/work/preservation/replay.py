"""Serves snapshots as they looked: our front before pywb, which reads the WARC files and asks our
CDX service what there is.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError
from archive.warc.folder import WarcFolder
from archive.work.home import Home
from archive.work.preservation.cdx_service import FILES, Lookup, cdx_service
from archive.work.preservation.pywb_engine import pywb, usable_port
from archive.work.preservation.replay_front import Front, Running, replay_front

COLLECTION: Final = "archive"
BANNER: Final = "gongkai_banner.html"
_LINK: Final = """\
<style>
#gongkai-page { position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483646;
  font: 15px/1.5 system-ui, sans-serif; background: #9c2f23; color: #fff; padding: .35rem .8rem;
  border-radius: 6px; text-decoration: none; }
</style>
<script>
document.addEventListener("DOMContentLoaded", () => {
  const link = document.createElement("a");
  link.id = "gongkai-page";
  link.textContent = "The report's page";
  const place = () => {
    const found = window.location.href.match(/\\/archive\\/(?:\\d+\\/)?(https?:.*)$/);
    link.href = PAGES + "/page?url=" + encodeURIComponent(found ? found[1] : "");
  };
  place();
  for (const event of ["mouseenter", "focus", "mousedown"]) link.addEventListener(event, place);
  document.body.append(link);
});
</script>
"""


def serve_replay(
    home: Home,
    *,
    host: str = "127.0.0.1",
    port: int,
    lookup: Lookup,
    first_page: Callable[[], str],
    why_withdrawn: Callable[[str, datetime], str | None],
    pages_url: str | None,
    on_ready: Callable[[str], None],
) -> None:
    """Serves the archive's snapshots until Ctrl-C; `on_ready` gets the URL once it answers.

    lookup, first_page, why_withdrawn: as in `Front`; called from other threads. pages_url: where
    `gongkai serve` shows the reports' pages; None: nowhere.
    port 0 takes a free one. Raises CannotRunError when pywb is not there, does not start, or ends
    by itself.
    """
    front = Front(
        collection=COLLECTION,
        folder=home.files,
        lookup=lookup,
        first_page=first_page,
        why_withdrawn=why_withdrawn,
    )
    with replaying(home, host=host, port=port, front=front, pages_url=pages_url) as running:
        try:
            on_ready(f"http://{host}:{running.port}/{COLLECTION}/")
            running.process.wait()
        except KeyboardInterrupt:
            return
    raise CannotRunError(f"pywb ended by itself; its log is {_log(home)}")


@contextmanager
def replaying(
    home: Home, *, host: str, port: int, front: Front, pages_url: str | None = None
) -> Iterator[Running]:
    """Engine and front, running and answering, for as long as the block lasts. Raises
    CannotRunError when the engine is not there or does not start, or the port is taken.
    """
    port = usable_port(host, port)
    with cdx_service(home.files, front.lookup) as service:
        settings = _configuration(home.files, service)
        templates = {BANNER: _banner(pages_url)}
        with (
            pywb(settings, templates, _log(home)) as (process, behind),
            replay_front(front, host=host, port=port, behind=behind) as taken,
        ):
            yield Running(process=process, port=taken)


def _log(home: Home) -> Path:
    return home.logs / "replay.log"


def _configuration(files: WarcFolder, service: str) -> dict[str, object]:
    """The settings of pywb; JSON is YAML. Framed: pages of others must not run in our own origin's
    top window.
    """
    index = {
        "type": "cdx",
        "api_url": f"{service}/cdx?url={{url}}&closest={{closest}}",
        "replay_url": "",
    }
    paths = f"{files.resolve()}/" if isinstance(files, Path) else f"{service}{FILES}"
    collection = {"index": index, "archive_paths": paths}
    return {
        "collections": {COLLECTION: collection},
        "enable_auto_colls": False,
        "enable_memento": True,
        "framed_replay": True,
        "banner_html": BANNER,
    }


def _banner(pages_url: str | None) -> str:
    """The banner's template: pywb's own, and in a corner the link from the snapshot to the
    report's page. The page in the frame may be another by then: the link is made when it is used.
    """
    if pages_url is None:
        return '{% include "banner.html" %}\n'
    return f'{{% include "banner.html" %}}\n{_LINK.replace("PAGES", json.dumps(pages_url))}'
