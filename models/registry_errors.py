"""Errors of the model registry in words: those of MLflow, of its database and of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from leadworth.atomic_files import MAKE_WRITABLE, NOT_WRITABLE
from leadworth.database_faults import database_fault
from leadworth.errors import RegistryError
from models.mlflow_client import import_mlflow

NO_SUCH = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}
"""Codes of MLflow for a model, version or alias that does not exist."""
_ABSENT = (
    "see `leadworth models list`; promote a version that failed the promotion gate with "
    '`leadworth models promote VERSION --force --reason "..."`'
)
_PASSWORD = re.compile(r"//[^@/\s]*@")


class VersionNotFoundError(RegistryError):
    """The registry has no such model, version or alias."""


def without_password(text: str) -> str:
    """Return a text with the users and passwords of its URLs hidden.

    Examples
    --------
    >>> without_password("postgresql://ada:secret@db/mlflow")
    'postgresql://***@db/mlflow'
    """
    return _PASSWORD.sub("//***@", text)


@contextmanager
def registry_errors(action: str, model: str, location: str, artifacts: str | None) -> Iterator[None]:
    """Convert the exceptions of MLflow, its database and its files to a `RegistryError`.

    Parameters
    ----------
    action
        What was tried, such as "promote version 3".
    model
        Name of the registered model.
    location
        Address of the registry, without a password.
    artifacts
        Folder or address of the files; None where MLflow chooses it.
    """
    import_mlflow()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except MlflowException as error:
        if isinstance(error.__cause__, SQLAlchemyError):
            raise _no_response(f"{action} of {model}", location, artifacts, error.__cause__) from error
        absent = error.error_code in NO_SUCH
        raise (VersionNotFoundError if absent else RegistryError)(
            f"cannot {action} of {model} at {location}: {without_password(error.message)}",
            do=_ABSENT if absent else "check that the registry is running, then repeat",
        ) from error
    except (OSError, SQLAlchemyError) as error:
        raise _no_response(f"{action} of {model}", location, artifacts, error) from error


def _no_response(action: str, location: str, artifacts: str | None, error: Exception) -> RegistryError:
    """Return the error of a database, a disk or a server; the text of a database error has the statement."""
    fault = database_fault(error)
    if fault is not None:
        return RegistryError(f"cannot {action} at {location}: {fault.what}", do=fault.do)
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        path = error.filename or artifacts or location
        return RegistryError(f"cannot {action}: {path} cannot be written: {error.strerror}", do=MAKE_WRITABLE)
    return RegistryError(
        f"the registry at {location} did not respond ({action}): {type(error).__name__}",
        do="check that it is running and that [registry] uri is right, then repeat",
    )
