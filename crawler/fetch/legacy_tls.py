"""TLS for servers that stopped in time: versions before 1.2, weak ciphers, short keys.

Twisted expands a cipher string and loses its @SECLEVEL, so the context itself gets it. Used only
for portals whose row says ``tls = "legacy"``, or where it was found to be what works.
"""

from typing import Any

from OpenSSL import SSL
from scrapy.core.downloader.contextfactory import (
    _ScrapyCertificateOptions,
    _ScrapyClientContextFactory,
)
from twisted.internet.ssl import TLSVersion


class _OldOptions(_ScrapyCertificateOptions):
    def _makeContext(self, skipCiphers: bool = False) -> SSL.Context:  # noqa: N802, N803, FBT001, FBT002 - Twisted's names and signature
        context = super()._makeContext(skipCiphers)
        context.set_cipher_list(b"ALL:@SECLEVEL=0")
        return context


class OldTls(_ScrapyClientContextFactory):
    """Scrapy's context factory with everything allowed that OpenSSL still speaks."""

    def __init__(self) -> None:
        super().__init__(method=None, tls_min_version=TLSVersion.TLSv1_0)

    def _get_cert_options(self) -> Any:
        return _OldOptions(**self._get_cert_options_kwargs())
