"""Pictures of reports, as image bytes and nothing else, and the rules that show their boxes."""

from starlette.responses import Response

from archive.model.errors import NotFoundError
from archive.store.write.optical_documents import unpack_document
from archive.web.api import VERSION
from archive.web.request_parameters import URL, Asked, Number
from archive.web.routes import PageRoute, Site
from archive.web.seen import box_rules, seen_report

PAGE = Number(name="page", meaning="page of the pictures, from 1", needed=True, least=1, most=1_000)
_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif"})


def picture(site: Site, asked: Asked) -> Response:
    """One page of the pictures that a version was read from."""
    view = site.queries.page(asked.need("url"), asked.number("version"))
    seen = site.queries.seen(view)
    number = asked.number("page") or 1
    pages = unpack_document(seen.document.packed).pages if seen else ()
    if seen is None or number > len(pages):
        raise NotFoundError(f"version {view.version.number} has no such picture")
    page = pages[number - 1]
    if page.source >= len(seen.pictures):
        raise NotFoundError("the capture of this picture is not in the archive")
    media_type, body = site.queries.picture(seen.pictures[page.source], page.page)
    if media_type not in _IMAGES:
        raise NotFoundError("this is no picture")
    # What a picture is opened as by itself: nothing of it may run or load anything.
    headers = {"Content-Disposition": f'inline; filename="page-{number}"'}
    return Response(body, media_type=media_type, headers=headers)


def rules(site: Site, asked: Asked) -> Response:
    """The style sheet of one version's boxes."""
    view = site.queries.page(asked.need("url"), asked.number("version"))
    seen = site.queries.seen(view)
    lines = box_rules(seen_report(seen, view.parts.figures)) if seen else ()
    return Response("\n".join(lines), media_type="text/css")


ROUTES = (
    PageRoute(path="/picture", answer=picture, summary="A picture that a report was read from",
              parameters=(URL, VERSION, PAGE), slow=True),
    PageRoute(path="/picture.css", answer=rules, summary="Which box belongs to which number",
              parameters=(URL, VERSION)),
)  # fmt: skip
