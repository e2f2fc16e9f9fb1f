"""Open the history that the settings name."""

from __future__ import annotations

from pydantic import SecretStr

from serving.history.base import History
from serving.history.memory import MemoryHistory


def open_history(url: SecretStr | None) -> History:
    """Return a history in Redis, or in this process where no URL is given.

    Raises
    ------
    ConfigurationError
        Where the URL is none, or the client of Redis is not installed.
    """
    if url is None:
        return MemoryHistory()
    from serving.history.redis import RedisHistory

    return RedisHistory(url.get_secret_value())
