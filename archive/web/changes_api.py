"""What the API answers about versions: how they are cited."""

from archive.web.api import VERSION
from archive.web.queries import Queries
from archive.web.request_parameters import URL, Asked
from archive.web.routes import Answered, ApiRoute, Member
from archive.work.query.citation import citation_json


def cite(queries: Queries, asked: Asked) -> Answered:
    """How a version of a page is cited."""
    cited = queries.cite(asked.need("url"), asked.number("version"))
    return citation_json(cited, queries.snapshot(cited.url, cited.captured_at))


ROUTES = (
    ApiRoute(
        path="/api/cite",
        answer=cite,
        summary="How a version of a page is cited: in Chinese, in English, as BibTeX, by values",
        parameters=(URL, VERSION),
        gives=(
            Member("url", "string", "the page's URL"),
            Member("version", "integer", "the version's number"),
            Member("captured_at", "string", "when it was captured, to the microsecond"),
            Member("content_hash", "string", "what the version's content hashes to"),
            Member("warc_file", "string", "the WARC file that has the capture"),
            Member("warc_offset", "integer", "where in it the record begins"),
            Member("snapshot", "string", "where the capture is replayed", optional=True),
            Member("chinese", "string", "the citation as GB/T 7714 has it"),
            Member("english", "string", "the citation in English"),
            Member("bibtex", "string", "the citation as an entry of BibTeX"),
        ),
    ),
)
