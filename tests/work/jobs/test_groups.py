"""Which portals share a pace."""

from archive.model.portal import Portal
from archive.work.jobs.groups import host_groups


def portal(key: str, *entries: str, platform: str | None = None) -> Portal:
    return Portal(key=key, name=key, entries=entries, platform=platform)


def test_a_host_an_address_or_a_platform_makes_a_group() -> None:
    portals = [
        portal("a", "http://a.cn/1"),
        portal("same_host", "http://a.cn/2", "http://b.cn/"),
        portal("same_host_as_that", "http://b.cn/3"),
        portal("same_address", "http://c.cn/"),
        portal("other_port", "http://a.cn:8080/"),
        portal("p", "http://p.cn/", platform="one"),
        portal("q", "http://q.cn/", platform="one"),
        portal("alone", "http://z.cn/"),
    ]
    numbers = {"http://c.cn:80": ["10.0.0.1"], "http://b.cn:80": ["10.0.0.1"]}
    groups = host_groups(portals, numbers)
    together = {groups[key] for key in ("a", "same_host", "same_host_as_that", "same_address")}
    assert len(together) == 1
    assert groups["p"] == groups["q"]
    assert len(set(groups.values())) == 4


def test_the_order_of_the_catalogue_changes_no_name() -> None:
    portals = [portal("a", "http://a.cn/", "http://b.cn/"), portal("b", "http://b.cn/")]
    assert host_groups(portals, {}) == host_groups(reversed(portals), {})
