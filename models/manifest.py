"""Manifest of a bundle: format, feature-spec hash and sha256 of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadworth.errors import BundleError

NAME = "manifest.json"
FORMAT = 2

_AGAIN = "train again, or fetch the bundle again from the registry"
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def canonical(content: object) -> str:
    """Return canonical JSON: the same text for the same content."""
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def digest(content: bytes) -> str:
    """Return the sha256 of bytes as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class Manifest(BaseModel):
    """Content of ``manifest.json``.

    Examples
    --------
    >>> manifest = Manifest.of({"meta.json": b"{}"}, features_hash="0" * 64, leadworth="0.1.0")
    >>> manifest.files["meta.json"][:8], len(manifest.id)
    ('44136fa3', 64)
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    leadworth: str
    features_hash: Digest
    files: dict[str, Digest]

    @classmethod
    def of(cls, files: Mapping[str, bytes], *, features_hash: str, leadworth: str) -> Manifest:
        """Return the manifest of files."""
        digests = {name: digest(files[name]) for name in sorted(files)}
        return cls(format=FORMAT, leadworth=leadworth, features_hash=features_hash, files=digests)

    @property
    def id(self) -> str:
        """sha256 over the names and digests of the files."""
        return digest(canonical(self.files).encode())

    def to_bytes(self) -> bytes:
        """Return the manifest as canonical JSON."""
        return canonical(self.model_dump()).encode()

    def read(self, folder: Path) -> dict[str, bytes]:
        """Read the files of a folder and verify their digests.

        Raises
        ------
        BundleError
            If a file is missing, outside the folder or different from its digest.
        """
        return {name: self._checked(folder, name) for name in self.files}

    def _checked(self, folder: Path, name: str) -> bytes:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise BundleError(f"the manifest in {folder} names {name}, which is outside the bundle", do=_AGAIN)
        try:
            content = (folder / path).read_bytes()
        except OSError as error:
            raise BundleError(f"the bundle in {folder} lacks {name}", do=_AGAIN) from error
        if digest(content) != self.files[name]:
            raise BundleError(
                f"{name} in {folder} was changed: its sha256 is {digest(content)}", allowed=self.files[name], do=_AGAIN
            )
        return content


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a bundle.

    Raises
    ------
    BundleError
        If there is none, it cannot be parsed, or this version of leadworth does not support its format.
    """
    file = folder / NAME
    try:
        content = json.loads(file.read_bytes())
        version = content["format"]
    except OSError as error:
        raise BundleError(f"no bundle at {folder}: it has no {NAME}", do=_AGAIN) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{file} is not the manifest of a bundle", do=_AGAIN) from error
    if version != FORMAT:
        raise BundleError(
            f"the bundle in {folder} has format {version!r}",
            allowed=f"format {FORMAT}",
            do="install the version of leadworth that wrote it, or train again with this version",
        )
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        raise BundleError(f"{file} is not the manifest of a bundle: {error.error_count()} faults", do=_AGAIN) from error
