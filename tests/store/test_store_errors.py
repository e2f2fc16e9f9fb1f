"""Translation of database errors."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from leadworth.errors import StoreError
from store.store_errors import store_errors


def test_message_does_not_repeat_values_of_the_statement() -> None:
    with pytest.raises(StoreError) as caught, store_errors("restart it"):
        raise IntegrityError("INSERT", {"email": "ada@example.org"}, Exception("ada@example.org"))
    assert str(caught.value) == "the store did not answer (IntegrityError); what to do: restart it"


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), store_errors():
        raise KeyError
