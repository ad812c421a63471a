"""Done once, when it is imported, what every command does at first and remembers: a ledger is made,
the codebook filled in, a page read.
"""

from tempfile import TemporaryDirectory

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.read import read
from archive.search.index import open_indexed
from archive.work.codebook_rows import fill_codebook
from tests.support.site import pages_of

PATH = "/nb/1.html"

with TemporaryDirectory() as folder, open_indexed(folder) as store:
    fill_codebook(store)

read(
    Source(
        url=f"http://127.0.0.1{PATH}", body=pages_of(2)[PATH].encode(), media_type="text/html",
        charset=None, role=Role.PAGE, family=None,
    )
)  # fmt: skip
