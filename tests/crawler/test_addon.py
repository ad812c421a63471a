"""How Gongkai is wired into Scrapy."""

import pytest
from scrapy.settings import Settings

from crawler.addon import GongkaiAddon


@pytest.mark.parametrize("name", ["EXTENSIONS", "ITEM_PIPELINES", "DOWNLOADER_MIDDLEWARES"])
def test_a_settings_module_with_parts_of_its_own_keeps_ours(name):
    settings = Settings({name: {"theirs.Part": 1}}, priority="project")
    alone = Settings()
    for each in (settings, alone):
        GongkaiAddon().update_settings(each)
    assert alone.getdict(name)
    assert settings.getdict(name) == alone.getdict(name) | {"theirs.Part": 1}
