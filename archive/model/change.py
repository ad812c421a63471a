"""What can change on a page."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """figure, title, text and field: from a version to the next (a field also while the content
    stays). gone: the page is not there any more, or says so; back: it is again.
    """

    FIGURE = "figure"
    TITLE = "title"
    TEXT = "text"
    FIELD = "field"
    GONE = "gone"
    BACK = "back"
