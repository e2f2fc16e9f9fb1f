from __future__ import annotations

import pytest

from leadworth.errors import ConfigurationError
from leadworth.settings import Settings
from reporting.facts.campaign_aliases import CampaignAlias, candidates, read_aliases


def alias(pattern: str) -> CampaignAlias:
    return CampaignAlias(platform="meta", pattern=pattern, campaign="X")


def test_patterns_are_read_as_names_are() -> None:
    assert alias("Spring Sale*").fits("spring-sale-2026")
    assert alias("*_IT").fits("brand-it")
    assert not alias("spring").fits("spring-sale")
    assert alias("a[b]").fits("a[b]")
    assert not alias("a[b]").fits("ab")
    assert not alias("a?c").fits("abc")


def test_the_file(settings: Settings) -> None:
    assert read_aliases(settings) == ()
    file = settings.folder / "campaigns.toml"
    file.write_text('[[alias]]\nplatform = "meta"\npattern = "spring"\ncampaign = "Spring 26"\n')
    assert read_aliases(settings) == (CampaignAlias(platform="meta", pattern="spring", campaign="Spring 26"),)


@pytest.mark.parametrize(
    "text", ["[[alias]]\nplatform = 1", "alias", '[[alias]]\nplatform="a"\npattern=""\ncampaign="c"']
)
def test_a_file_that_cannot_be_used(settings: Settings, text: str) -> None:
    (settings.folder / "campaigns.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"campaigns\.toml cannot be used"):
        read_aliases(settings)


def test_candidates_are_ordered_by_likeness() -> None:
    assert candidates("Brand IT", ["brand-it 2", "Brand IT", "Demo"]) == ["Brand IT", "brand-it 2"]
