"""Keys for single purposes, derived from the secret of an installation, the same in all of its processes."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from leadworth.errors import ConfigurationError

if TYPE_CHECKING:
    from leadworth.settings import Settings

KEY_FILE = ".leadworth/installation.key"
"""Path of the random secret in the folder of the settings."""
_BYTES = 32


def key_for(settings: Settings, purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose.

    Derived from `secret` of the settings, else from a random file that only this user may read, which the first call
    creates.
    """
    secret = settings.secret
    root = secret.get_secret_value().encode() if secret else _stored_secret(settings.resolve(KEY_FILE))
    return hmac.digest(root, purpose.encode(), "sha256")


def secret_fingerprint(settings: Settings) -> str | None:
    """Return a digest by which the secret of an installation is recognised; None if it has none yet.

    It does not reveal the secret.
    """
    if settings.secret is None and not settings.resolve(KEY_FILE).is_file():
        return None
    return hmac.digest(key_for(settings, "backup"), b"secret check", "sha256").hex()[:32]


def _stored_secret(file: Path) -> bytes:
    """Return the random bytes of a file; of several processes that create it at once, one wins.

    Raises
    ------
    ConfigurationError
        If the file is not as long as it was written, such as an empty one: anyone could derive its keys.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        own = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            own.touch(mode=0o600)
            own.write_bytes(secrets.token_bytes(_BYTES))
            with suppress(FileExistsError):
                os.link(own, file)
        finally:
            own.unlink(missing_ok=True)
    content = file.read_bytes()
    if len(content) != _BYTES:
        raise ConfigurationError(
            f"{file} has {len(content)} bytes; it is damaged",
            allowed=f"{_BYTES} random bytes, as leadworth wrote them",
            do="restore it from a backup; in a new installation, without a store, delete it",
        )
    return content
