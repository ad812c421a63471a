"""The 31 provinces as a map of equal tiles: where each stands, and what it is called.

Codes are those of GB/T 2260, short names those of number plates, letters those of ISO 3166-2:CN.
"""

from dataclasses import dataclass
from typing import Final

from archive.web.i18n import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province. code: six digits. row, column: of its tile, from the north-west."""

    code: str
    short: str
    letters: str
    chinese: str
    english: str
    row: int
    column: int

    @property
    def on_tile(self) -> str:
        """What has room on a tile, in the language that is spoken."""
        return self.short if spoken().language == "zh" else self.letters

    @property
    def name(self) -> str:
        """The name in the language that is spoken."""
        return self.chinese if spoken().language == "zh" else self.english


_ROWS = """
110000 京 BJ 北京 Beijing 2 5
120000 津 TJ 天津 Tianjin 2 6
130000 冀 HE 河北 Hebei 3 5
140000 晋 SX 山西 Shanxi 3 4
150000 蒙 NM 内蒙古 Inner-Mongolia 1 5
210000 辽 LN 辽宁 Liaoning 2 7
220000 吉 JL 吉林 Jilin 1 7
230000 黑 HL 黑龙江 Heilongjiang 0 7
310000 沪 SH 上海 Shanghai 4 7
320000 苏 JS 江苏 Jiangsu 4 6
330000 浙 ZJ 浙江 Zhejiang 5 6
340000 皖 AH 安徽 Anhui 4 5
350000 闽 FJ 福建 Fujian 6 6
360000 赣 JX 江西 Jiangxi 5 5
370000 鲁 SD 山东 Shandong 3 6
410000 豫 HA 河南 Henan 4 4
420000 鄂 HB 湖北 Hubei 5 4
430000 湘 HN 湖南 Hunan 6 4
440000 粤 GD 广东 Guangdong 6 5
450000 桂 GX 广西 Guangxi 6 3
460000 琼 HI 海南 Hainan 7 4
500000 渝 CQ 重庆 Chongqing 4 3
510000 川 SC 四川 Sichuan 4 2
520000 黔 GZ 贵州 Guizhou 5 3
530000 滇 YN 云南 Yunnan 5 2
540000 藏 XZ 西藏 Tibet 4 1
610000 陕 SN 陕西 Shaanxi 3 3
620000 甘 GS 甘肃 Gansu 2 2
630000 青 QH 青海 Qinghai 3 2
640000 宁 NX 宁夏 Ningxia 2 3
650000 新 XJ 新疆 Xinjiang 2 0
"""


def _province(line: str) -> Province:
    code, short, letters, chinese, english, row, column = line.split()
    return Province(
        code=code, short=short, letters=letters, chinese=chinese,
        english=english.replace("-", " "), row=int(row), column=int(column),
    )  # fmt: skip


PROVINCES: Final = {each.code: each for each in map(_province, _ROWS.strip().split("\n"))}
"""The provinces by code."""

ROWS: Final = 1 + max(each.row for each in PROVINCES.values())
COLUMNS: Final = 1 + max(each.column for each in PROVINCES.values())
