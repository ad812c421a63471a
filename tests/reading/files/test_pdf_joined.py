"""Tables that a page's end cuts: which cells were one."""

from archive.reading.files.pdf_cells import Box, Ruled
from archive.reading.files.pdf_joined import joined_below


def cells(*row: tuple[str, float]) -> Ruled:
    """A row of cells, each with its text and right edge."""
    edges = [0.0, *(right for _, right in row)]
    return Ruled(
        boxes=[
            Box(left=left, top=0.0, right=right, bottom=20.0, text=text)
            for left, (text, right) in zip(edges, row, strict=False)
        ]
    )


def joined(upper: Ruled, lower: Ruled) -> list[str]:
    return [box.text for box in joined_below(upper, lower).boxes]


def test_the_label_of_a_group_is_cut_between_two_of_its_rows() -> None:
    upper = cells(("三、本", 40), ("（一）予以公开", 150), ("1", 200))
    lower = cells(("年度办理结果", 40), ("（二）部分公开", 150), ("0", 200))
    whole = ["三、本\n年度办理结果", "（一）予以公开", "1", "（二）部分公开", "0"]
    assert joined(upper, lower) == whole


def test_a_row_whose_own_label_is_cut_is_one_row() -> None:
    upper = cells(("三、本", 40), ("（一）予以", 150), ("1", 200))
    lower = cells(("年度办理结果", 40), ("公开", 150), ("", 200))
    assert joined(upper, lower) == ["三、本\n年度办理结果", "（一）予以\n公开", "1"]
