"""The guards around all tests bite."""

import os
import socket

import pytest


def test_a_connection_to_the_outside_fails() -> None:
    with socket.socket() as leaving, pytest.raises(RuntimeError, match="connect to"):
        leaving.connect(("192.0.2.1", 80))


def test_a_look_up_of_a_foreign_name_fails() -> None:
    with pytest.raises(RuntimeError, match="look-up of"):
        socket.getaddrinfo("www.example.org", 80)


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.fixture
def contact_of_a_developer() -> str:
    return os.environ.get("GONGKAI_CONTACT", "")


def test_settings_of_a_developer_do_not_reach_a_test(contact_of_a_developer: str) -> None:
    assert contact_of_a_developer == ""
