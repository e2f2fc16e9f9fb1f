from __future__ import annotations

import pytest

from reporting.page.page_model import Figure, Message, Quantity, Unit
from simulation.report_demo.said_and_true import channel_row, figure_text, plain, spend_of
from tests.reporting.page.sample_pages import full


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (Quantity(12, Unit.COUNT), "12"),
        (Quantity(0.5, Unit.SHARE), "50 %"),
        (Quantity(31.25, Unit.MONEY, "EUR"), "31.2 EUR"),
        (None, "-"),
    ],
)
def test_numbers(quantity: Quantity | None, text: str) -> None:
    assert plain(quantity) == text


def test_a_withheld_figure_is_its_range() -> None:
    title = Message("Return on marketing")
    assert figure_text(Figure("x", title, None, low=1.0, high=3.5, unit=Unit.RATIO)) == "1.0 to 3.5"
    assert figure_text(Figure("x", title, Quantity(2.0, Unit.RATIO), low=1.0, high=3.5)) == "2.0 (1.0 to 3.5)"
    assert figure_text(Figure("x", title, None)) == "-"


def test_channels_are_found_by_name() -> None:
    page = full()
    names = [row.name for row in page.channels.rows]
    row = channel_row(page, str(names[0]))
    assert row is not None
    assert row.name == names[0]
    assert channel_row(page, "No such channel") is None
    assert spend_of(page, "No such channel") == 0.0
