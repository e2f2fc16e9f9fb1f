"""Folder of a demo: created, or that of an earlier demo replaced; never one with other files."""

from __future__ import annotations

import shutil
from pathlib import Path

from leadworth.errors import InputError

MARK = ".leadworth-demo"


def prepare_folder(folder: Path) -> None:
    """Create the folder; refuse one with files that are not those of a demo.

    Raises
    ------
    InputError
        If it has other files.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise InputError(
                f"the folder {folder} is not empty and not an earlier demo's", do="name another one with --dir"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
