"""Errors of the registry in words, without the statements and passwords of their texts."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR, RESOURCE_DOES_NOT_EXIST
from sqlalchemy.exc import OperationalError

from leadworth.errors import RegistryError
from models.registry_errors import VersionNotFoundError, registry_errors


def full() -> OperationalError:
    """Return the error of a full disk."""
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("INSERT INTO runs VALUES ('ada@example.org')", {}, cause)


def caused(cause: Exception) -> MlflowException:
    """Return an error of MLflow with a cause."""
    error = MlflowException(str(cause), INTERNAL_ERROR)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (MlflowException("no such version", RESOURCE_DOES_NOT_EXIST), VersionNotFoundError, "leadworth models list"),
        (MlflowException("http://ada:secret@host: 500", INTERNAL_ERROR), RegistryError, "//\\*\\*\\*@host: 500"),
        (caused(full()), RegistryError, "promote of leads at folder: its disk is full"),
        (full(), RegistryError, "promote of leads at folder: its disk is full"),
        (
            PermissionError(errno.EACCES, "denied", "mlartifacts"),
            RegistryError,
            "mlartifacts cannot be written: denied",
        ),
        (ConnectionResetError(), RegistryError, "did not respond .promote of leads.: ConnectionResetError"),
    ],
)
def test_an_error_is_said_in_words(error: Exception, kind: type[RegistryError], said: str) -> None:
    with pytest.raises(kind, match=said) as raised, registry_errors("promote", "leads", "folder", None):
        raise error
    assert "secret" not in str(raised.value)
    assert "ada@example.org" not in str(raised.value)
