"""Translation of database errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from leadworth.errors import StoreError
from store.engine import open_engine
from store.store_errors import store_errors


def test_message_does_not_repeat_values_of_the_statement() -> None:
    with pytest.raises(StoreError) as caught, store_errors("restart it"):
        raise IntegrityError("INSERT", {"email": "ada@example.org"}, Exception("ada@example.org"))
    assert str(caught.value) == "the store did not answer (IntegrityError); what to do: restart it"


def test_the_fault_of_the_database_is_named_with_what_mends_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught, store_errors():
        open_engine(f"sqlite:///{tmp_path}/none/store.db").connect()
    assert str(caught.value).startswith("the store did not answer: its file cannot be opened; what to do: check that")


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), store_errors():
        raise KeyError
