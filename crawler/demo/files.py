"""Attachments of our own making: small, but each of the kind its name says."""

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def attachment_bytes(name: str, title: str) -> tuple[str, bytes]:
    """Media type and bytes of a demo attachment; `title` is a text it holds."""
    if name.endswith(".pdf"):
        return "application/pdf", _pdf()
    return "application/msword", _OLE + bytes(504) + title.encode("utf-16-le").ljust(1024, b"\0")


def _pdf() -> bytes:
    """A PDF of one page that says so; its table of objects is exact."""
    stream = b"BT /F1 18 Tf 72 720 Td (Annual report, demo attachment) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(out))
    )
