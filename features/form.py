"""Form submission: time on the form, honeypot, browser, form id and channel."""

from __future__ import annotations

from functools import lru_cache

from features.feature_group import NAN, Cell, Feature, FeatureGroup, as_category, as_flag, as_log, key, truth
from features.lexicon import load

_AGENTS = load("agents.toml")
_AUTOMATED: tuple[str, ...] = tuple(_AGENTS["automated"])
_INNOCENT: tuple[str, ...] = tuple(_AGENTS["innocent"])
_MOBILE: tuple[str, ...] = tuple(_AGENTS["mobile"])
_FAMILIES = tuple((part, family) for part, family in _AGENTS["families"])


# User agents repeat and one takes 9 us. At most 5,000 texts of 500 characters.
@lru_cache(maxsize=5_000)
def _agent(user_agent: str | None) -> tuple[Cell, ...]:
    """Return the automation flag, mobile flag and browser family of a user agent.

    Examples
    --------
    >>> _agent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/150.0 Safari/537.36")
    (1.0, 0.0, 'chrome')
    """
    if user_agent is None:
        return (NAN, NAN, None)
    agent = user_agent[:500].casefold()
    without_brands = agent
    for brand in _INNOCENT:
        without_brands = without_brands.replace(brand, "")
    automated = any(map(without_brands.__contains__, _AUTOMATED))
    mobile = any(map(agent.__contains__, _MOBILE))
    family = next((family for part, family in _FAMILIES if part in agent), "no browser")
    return (truth(automated), truth(mobile), family)


# At most 2,000 texts of some 100 characters.
@lru_cache(maxsize=2_000)
def _language(accept_language: str | None) -> tuple[Cell, ...]:
    """Return the first language of the browser's Accept-Language header.

    Examples
    --------
    >>> _language("de-AT,de;q=0.9,en;q=0.8"), _language("*")
    (('de',), ('*',))
    """
    if accept_language is None:
        return (None,)
    first = accept_language[:100].partition(",")[0].partition(";")[0].replace("_", "-").partition("-")[0]
    return (key(first),)


GROUPS = (
    FeatureGroup(
        "form_seconds",
        ("form_seconds",),
        (
            Feature(
                "form_seconds_log",
                "number",
                "Time on the form",
                "Form sent {} s after it was shown",
                unit="ln(1 + s)",
                keep_with=("form_seconds",),
            ),
        ),
        as_log,
    ),
    FeatureGroup(
        "form_honeypot",
        ("honeypot_filled",),
        (
            Feature(
                "form_honeypot",
                "flag",
                "Hidden field",
                "The hidden field was filled in",
                "The hidden field was left empty",
                monotone=-1,
                junk=1,
                keep_with=("honeypot_filled",),
            ),
        ),
        as_flag,
    ),
    FeatureGroup(
        "form_webdriver",
        ("webdriver",),
        (
            Feature(
                "form_webdriver",
                "flag",
                "Browser",
                "The browser reports that it is automated",
                "The browser does not report automation",
                keep_with=("webdriver",),
            ),
        ),
        as_flag,
    ),
    FeatureGroup(
        "form_agent",
        ("user_agent",),
        (
            Feature(
                "form_agent_automated",
                "flag",
                "Browser",
                "The user agent is automation software",
                "The user agent is a browser",
                keep_with=("user_agent",),
            ),
            Feature("form_agent_mobile", "flag", "Device", "Sent from a phone or tablet", "Sent from a computer"),
            Feature("form_agent_family", "category", "Browser"),
        ),
        _agent,
    ),
    FeatureGroup("form_id", ("form_id",), (Feature("form_id", "category", "Form"),), as_category),
    FeatureGroup("form_entry", ("entry",), (Feature("form_entry", "category", "Channel of entry"),), as_category),
    FeatureGroup(
        "form_language",
        ("accept_language",),
        (Feature("form_language", "category", "Language of the browser"),),
        _language,
    ),
)
