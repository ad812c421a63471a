"""No name leads a crawl into a private network: real crawls in a net of their own."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from archive.model.network import is_public
from archive.model.portal import Portal
from crawler.errors import OutOfReachError
from crawler.fetch.reach import GuardedReactor, Reach
from crawler.fetch.wire import Tap, TappedFactory
from tests.crawler.frontier.test_politeness import lease
from tests.support.abroad import PUBLIC, PUBLIC_SIX, Abroad, crawl
from tests.support.site import pages_of

ENTRY = "/nb/index.html"
SITE = pages_of(3)
SECRET = "http://intra.evil.gov.cn/nb/2.html"


def visit(tmp_path: Path, routes: dict[str, Any], *args: str, inside: str = "127.0.0.1") -> Abroad:
    names = {"www.evil.gov.cn": PUBLIC, "intra.evil.gov.cn": inside}
    home = str(tmp_path / "home")
    return crawl(names=names, routes=SITE | routes, home=home, args=[*args, "--delay", "0"])


def test_an_entry_whose_name_leads_inside_is_refused_and_told_how_to_allow_it(
    tmp_path: Path,
) -> None:
    entry = f"http://intra.evil.gov.cn{ENTRY}"
    seen = visit(tmp_path, {}, entry)
    assert seen.requests == []
    assert seen.outcomes[entry][0] == "failed"
    for words in ("is at 127.0.0.1, a private address", "--allow-private", "allow_private = true"):
        assert words in seen.said["reason"]
    allowed = visit(tmp_path, {}, entry, "--allow-private")
    assert allowed.said["verdict"] == "good"


def test_a_public_page_leads_inside_neither_by_redirect_nor_by_the_rules_of_robots(
    tmp_path: Path,
) -> None:
    moved = [302, "", {"Location": SECRET}]
    rules = [302, "", {"Location": "http://intra.evil.gov.cn/robots.txt"}]
    routes = {"www.evil.gov.cn /nb/1.html": moved, "www.evil.gov.cn /robots.txt": rules}
    seen = visit(tmp_path, routes, f"http://www.evil.gov.cn{ENTRY}")
    assert seen.paths("intra.evil.gov.cn") == []
    assert seen.paths("www.evil.gov.cn")[0] == "/robots.txt"
    only_redirect = visit(
        tmp_path / "2", {"www.evil.gov.cn /nb/1.html": moved}, f"http://www.evil.gov.cn{ENTRY}"
    )
    assert only_redirect.paths("intra.evil.gov.cn") == []
    outcome, reason = only_redirect.outcomes[SECRET]
    assert outcome == "out_of_scope"
    assert "leads into a private network: intra.evil.gov.cn is at 127.0.0.1" in reason


def test_a_name_with_an_ipv6_url_alone_is_visited_and_one_that_hides_a_private_one_is_not(
    tmp_path: Path,
) -> None:
    moved = [302, "", {"Location": SECRET}]
    seen = crawl(
        names={"www.evil.gov.cn": PUBLIC_SIX, "intra.evil.gov.cn": "::ffff:127.0.0.1"},
        routes=SITE | {"/nb/1.html": moved}, home=str(tmp_path / "home"),
        args=[f"http://www.evil.gov.cn{ENTRY}", "--delay", "0"],
    )  # fmt: skip
    assert seen.outcomes["http://www.evil.gov.cn/nb/0.html"][0] == "new"
    assert seen.paths("intra.evil.gov.cn") == []


class _Rebinding:
    """A name server that says something else each time."""

    def __init__(self, *numbers: str) -> None:
        self._numbers = list(numbers)

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *_: Any) -> None:  # noqa: N802 - Twisted's name
        receiver.resolutionBegan(None)
        receiver.addressResolved(IPv4Address("TCP", self._numbers.pop(0), port))
        receiver.resolutionComplete()


class _Reactor:
    def __init__(self, resolver: _Rebinding) -> None:
        self.nameResolver = resolver


def test_the_number_that_a_connection_gets_is_the_one_that_was_looked_at() -> None:
    """A name that is public when it is first asked and private when the connection is made."""
    refused: list[str] = []
    guarded = GuardedReactor(_Reactor(_Rebinding(PUBLIC, "127.0.0.1")), refused)

    class Receiver:
        def __init__(self) -> None:
            self.found: list[str] = []

        def resolutionBegan(self, _: Any) -> None:  # noqa: N802 - Twisted's name
            pass

        def addressResolved(self, address: IPv4Address) -> None:  # noqa: N802 - Twisted's name
            self.found.append(address.host)

        def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
            pass

    first, second = Receiver(), Receiver()
    guarded.nameResolver.resolveHostName(first, "www.evil.gov.cn", 80)
    guarded.nameResolver.resolveHostName(second, "www.evil.gov.cn", 80)
    assert (first.found, second.found, refused) == ([PUBLIC], [], ["127.0.0.1"])


def test_an_idle_connection_into_a_private_network_is_not_for_everybody() -> None:
    """Opened for a portal that may, it would serve one that may not."""
    protocol = TappedFactory(lambda _: None, {}).buildProtocol(None)
    transport = StringTransport(peerAddress=IPv4Address("TCP", "127.0.0.1", 80))
    protocol.makeConnection(transport)
    allowed = Tap(max_bytes=9, spool=Path(), private=True)
    assert protocol.arm(allowed) is protocol
    refused = Tap(max_bytes=9, spool=Path(), private=False)
    with pytest.raises(OutOfReachError):
        protocol.arm(refused)
    assert refused.kept_back == ["127.0.0.1"]
    assert transport.disconnected or transport.disconnecting


@pytest.mark.parametrize(
    ("entry", "url", "allowed"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9000/x", True),
        ("http://127.0.0.1:8000/", "http://localhost/x", True),
        ("http://[::1]/", "http://[::1]:8000/robots.txt", True),
        ("http://10.1.2.3/", "http://10.1.2.3/x", True),
        ("http://10.1.2.3/", "http://10.1.2.4/x", False),
        ("http://10.1.2.3/", "http://169.254.169.254/x", False),
        ("http://10.1.2.3/", "http://intra.test/x", False),
        ("http://www.gov.cn/", "http://127.0.0.1/x", False),
        ("http://www.gov.cn/", "http://www.gov.cn/x", False),
    ],
)
def test_the_operator_may_have_the_private_host_that_he_names(
    entry: str, url: str, *, allowed: bool
) -> None:
    portal = Portal(key="p", name="p", entries=(entry,))
    assert Reach([portal]).may_be_private(lease(1, url)) is allowed
    anywhere = Portal(key="p", name="p", entries=(entry,), allow_private=True)
    assert Reach([anywhere]).may_be_private(lease(1, url))


def test_a_literal_private_url_is_refused_without_a_name() -> None:
    reach = Reach([Portal(key="p", name="p", entries=("http://www.gov.cn/",))])

    async def refusal() -> str | None:
        done: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        done.set_result(("100.64.0.1",))
        reach._numbers["100.64.0.1"] = done
        return await reach.refusal(lease(1, "http://100.64.0.1/"))

    assert "leads into a private network" in str(asyncio.run(refusal()))


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
        "169.254.169.254", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::", "::1", "fe80::1%eth0",
        "fd00:ec2::254", "fec0::1", "ff0e::1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2001:db8::1", "5f00::1", "nonsense", "",
    ],
)  # fmt: skip
def test_what_is_not_of_the_public_net(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize(
    "number",
    [PUBLIC, PUBLIC_SIX, "::ffff:202.106.0.20", "64:ff9b::ca6a:14", "2002:ca6a:14::1"],
)
def test_what_is_of_the_public_net(number: str) -> None:
    assert is_public(number)
