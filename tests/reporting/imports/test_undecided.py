"""What a file does not show names the option that decides it."""

from __future__ import annotations

import pytest

from leadworth.errors import InputError
from reporting.imports.undecided import UndecidedError


def test_the_message_names_the_option_and_its_values() -> None:
    error = UndecidedError("a.csv shows no currency", "currency", "EUR and the like")
    assert error.option == "currency"
    assert str(error) == (
        "a.csv shows no currency; allowed: --currency EUR and the like; what to do: run the command with --currency"
    )


def test_it_is_an_error_of_the_input() -> None:
    with pytest.raises(InputError, match="--date-format dmy or mdy") as caught:
        raise UndecidedError("03/04/2025", "date-format", "dmy or mdy")
    assert caught.value.exit_code == 2
    assert caught.value.given == "03/04/2025"
