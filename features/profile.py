"""Profile of the lead: company size, budget, industry, country, job and website."""

from __future__ import annotations

from functools import lru_cache

from features.countries import country_key
from features.feature_group import NAN, Cell, Compute, Feature, FeatureGroup, as_category, as_log, truth
from features.lexicon import Lexicon, load, words_of

_TITLES = load("titles.toml")
_LEVELS = Lexicon(_TITLES["seniority"])
_DEPARTMENTS = Lexicon(_TITLES["department"])
STAFF = 2.0


def _country(value: str | None) -> tuple[Cell, ...]:
    return (country_key(value),)


def _present(value: str | None) -> tuple[Cell, ...]:
    return (truth(value),)


# Job titles repeat and one takes 8 us. At most 10,000 texts of 200 characters.
@lru_cache(maxsize=10_000)
def _job(job_title: str | None) -> tuple[Cell, ...]:
    """Return seniority (0 none to 5 owner) and department of a job title.

    Examples
    --------
    >>> _job("Head of Marketing"), _job("Geschäftsführerin"), _job("Assistant to the CEO"), _job("welder")
    ((4.0, 'marketing'), (5.0, 'none named'), (1.0, 'none named'), (2.0, 'none named'))
    """
    if job_title is None:
        return (NAN, None)
    words = words_of(job_title[:200])
    levels = [float(level) for level, hits in _LEVELS.hits(words).items() if hits]
    low = [level for level in levels if level < STAFF]
    seniority = min(low) if low else max(levels, default=STAFF)
    department = next((name for name, hits in _DEPARTMENTS.hits(words).items() if hits), "none named")
    return (seniority, department)


def _single(name: str, field: str, feature: Feature, compute: Compute) -> FeatureGroup:
    return FeatureGroup(name, (field,), (feature,), compute)


GROUPS = (
    _single(
        "profile_employees",
        "employees",
        Feature("profile_employees_log", "number", "Employees", "Company of {} employees", unit="ln(1 + n)"),
        as_log,
    ),
    _single(
        "profile_budget",
        "budget",
        Feature("profile_budget_log", "number", "Budget", "Budget of {}", unit="ln(1 + currency)"),
        as_log,
    ),
    _single("profile_industry", "industry", Feature("profile_industry", "category", "Industry"), as_category),
    _single("profile_country", "country", Feature("profile_country", "category", "Country"), _country),
    FeatureGroup(
        "profile_job",
        ("job_title",),
        (
            Feature("profile_seniority", "number", "Seniority of the job (0 none to 5 owner)", unit="level"),
            Feature("profile_department", "category", "Department"),
        ),
        _job,
    ),
    _single(
        "profile_website",
        "website",
        Feature("profile_website", "flag", "Website", "Website given", "No website given"),
        _present,
    ),
)
