from __future__ import annotations

import pytest

from features.profile import GROUPS
from tests.features.cells import cell


@pytest.mark.parametrize(
    ("title", "level", "department"),
    [
        ("CEO & Founder", 5, "none named"),
        ("Marketing Director", 4, "marketing"),
        ("Geschäftsführerin", 5, "none named"),
        ("Responsabile acquisti", 3, "purchasing"),
        ("Assistant to the CEO", 1, "none named"),
        ("étudiante", 0, "none named"),
        ("генеральный директор", 5, "none named"),
        ("마케팅팀장", 3, "marketing"),
        ("대표이사", 5, "none named"),
        ("Software Engineer", 2, "it"),
        ("Vertriebsleiterin", 4, "sales"),
        ("Jefe de ventas", 4, "sales"),
        ("welder", 2, "none named"),
        ("Directeur commercial", 4, "sales"),
    ],
)
def test_job_titles_in_seven_languages(title: str, level: float, department: str) -> None:
    assert cell(GROUPS, "profile_seniority", title) == level
    assert cell(GROUPS, "profile_department", title) == department
