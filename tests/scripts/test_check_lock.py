"""The check of the lock finds what pyproject.toml and the lock do not share."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from scripts.check_lock import declared, differences

LOCK = """\
numpy==2.4.6 \\
    --hash=sha256:00
    # via
    #   leadworth (pyproject.toml)
    #   scipy
psycopg[binary]==3.3.9 ; os_name != 'nt' \\
    --hash=sha256:00
    # via leadworth (pyproject.toml)
scipy==1.17.1 \\
    --hash=sha256:00
    # via scikit-learn
"""


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (["numpy>=2.3", "psycopg[binary]>=3.3"], []),
        (["numpy>=2.5", "psycopg>=3.3"], ["numpy>=2.5 is locked at 2.4.6"]),
        (["numpy>=2.3", "psycopg>=3.3", "pandas>=3"], ["pandas>=3 is not locked"]),
        (["numpy>=2.3"], ["psycopg is locked but no longer declared"]),
    ],
)
def test_differences(wanted: list[str], fault: list[str]) -> None:
    assert differences([Requirement(one) for one in wanted], LOCK) == fault


def test_all_tables_of_requirements_count() -> None:
    project = {
        "project": {"dependencies": ["a>=1"], "optional-dependencies": {"more": ["b>=2"]}},
        "dependency-groups": {"dev": ["c>=3"]},
    }
    assert [str(one) for one in declared(project)] == ["a>=1", "b>=2", "c>=3"]
