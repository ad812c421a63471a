"""The exceptions of a crawl.

CrawlError                 `reason` is what the ledger says of the URL
├── NotSentError           nothing was sent
│   ├── RobotsError        robots.txt forbids the URL
│   ├── OutOfScopeError    the URL is too long, or another site's
│   ├── OutOfReachError    its host has private addresses alone
│   ├── ByHttpError        its portal does not speak TLS: the http URL is scheduled instead
│   └── CircuitOpenError   its host failed too often, and rests until the run ends
│       └── HostDownError  its host gave no answer when its robots.txt was fetched
├── FetchError             no whole answer came
├── DefectError            an error that nobody foresaw
├── NotWantedError         a page in the browser requests what it does not get
├── RenderError            the browser could not show the page
└── NoBrowserError         no Chromium is installed, or none starts
LeavingError               the run is ending: the page waits for the next one
"""

from archive.model.frontier import StoredCapture


class CrawlError(Exception):
    """Costs one URL and not the run; `reason` is one line for its outcome."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSentError(CrawlError):
    """The request did not leave."""


class RobotsError(NotSentError):
    """The host's rules forbid the URL; `reason` says which rule or failure."""


class OutOfScopeError(NotSentError):
    """The URL is too long to be asked for, or of another site."""


class OutOfReachError(NotSentError):
    """The name of the URL's host leads to private addresses alone."""


class ByHttpError(NotSentError):
    """The portal does not speak TLS: the URL is asked for by http instead."""


class CircuitOpenError(NotSentError):
    """The host failed so often that it is left alone for the rest of the run."""


class HostDownError(CircuitOpenError):
    """The host gave no answer when it was asked for its robots.txt."""


class FetchError(CrawlError):
    """No whole answer came. `stored` is the capture of what did come; None when nothing came.
    is_final: another try would bring the same. is_cut: the server closed before the answer's end.
    """

    def __init__(
        self,
        reason: str,
        stored: StoredCapture | None,
        *,
        is_final: bool = False,
        is_cut: bool = False,
    ) -> None:
        super().__init__(reason)
        self.stored = stored
        self.is_final = is_final
        self.is_cut = is_cut


class DefectError(CrawlError):
    """An error that nobody foresaw, met while one page was fetched or read."""


class NotWantedError(CrawlError):
    """A page in the browser requests something that it does not get."""


class RenderError(CrawlError):
    """The page could not be rendered."""


class NoBrowserError(CrawlError):
    """No Chromium is installed, or it does not start; `reason` says what to do."""


class LeavingError(Exception):
    """The run is ending: the page stays stored, and the next run reads it."""
