"""What speaks beside the text and is in no text is told, whatever the element round it is called."""

import pytest

from tests.reading.pages import PARAGRAPHS, page, read_html

TABLE = (
    "<table border=1><tr><td colspan=2>第二十条第（五）项</td></tr>"
    "<tr><td>信息内容</td><td>本年处理决定数量</td></tr><tr><td>行政许可</td><td>36365</td></tr>"
    "<tr><td>行政强制</td><td>12</td></tr></table>"
)
BESIDE = {
    "a small table": f"<div>{TABLE}</div>",
    "a table called bottom": f'<div class="bottom">{TABLE}</div>',
    "a table in an aside": f"<aside>{TABLE}</aside>",
    "six lines that end in semicolons": "<div>"
    + "<p>（一）完善制度机制，公开重点领域信息5条，回应群众关切5次，举办开放日活动；</p>" * 6
    + "</div>",
    "a long line of clauses": f"<div><p>{'全年共办理依申请公开事项若干件，' * 14}</p></div>",
}


@pytest.mark.parametrize("case", BESIDE)
def test_what_speaks_beside_the_text_is_told(case: str) -> None:
    reading = read_html(page(f'<div id="zoom">{PARAGRAPHS}</div>{BESIDE[case]}'))
    told = "36365" in "".join(reading.lines) or "（一）" in "".join(reading.lines)
    assert told or "text_left_out" in {finding.rule for finding in reading.findings}
