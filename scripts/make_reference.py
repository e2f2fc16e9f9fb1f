"""Generate the pages of docs/reference from the code; with --check, fail where they differ."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from leadworth import errors
from leadworth.cli import COMMANDS, load
from leadworth.console import console, fail
from leadworth.readers.text_reader import LONGEST_EXTRA
from leadworth.records import AGE, FormFields, Lead, Reason, Score, ServiceFields, fields_of, limit_of
from leadworth.settings import Settings
from scripts import project

FOLDER = project.ROOT / "docs" / "reference"
NOTE = "<!-- Written by scripts/make_reference.py (`make format`); do not edit. -->\n"
SIMPLE = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    datetime: "date and time",
    SecretStr: "text (secret)",
}
_ERROR_CLASS = re.compile(r"^class \w+\(\w*Error\):", re.MULTILINE)


def main() -> None:
    """Write or check every page."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, text in pages().items():
        page = FOLDER / name
        if check and (not page.exists() or page.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            page.write_text(text, encoding="utf-8")
    if stale:
        fail(errors.LeadworthError(f"not up to date with the code: {', '.join(stale)}", do="run `make format`"))
    console.print(f"docs/reference: {len(pages())} pages {'up to date' if check else 'written'}")


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "leads.md": leads_page(),
        "scores.md": scores_page(),
        "errors.md": errors_page(),
    }


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def type_of(annotation: Any) -> str:
    """Return the type of a field in plain words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return " or ".join(type_of(part) for part in inner if part is not NoneType)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin is tuple:
        return f"list of {type_of(inner[0])}"
    if origin is dict:
        return "table"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{value}`" for value in annotation)
    if is_section(annotation):
        return "table: " + ", ".join(f"`{name}`" for name in annotation.model_fields)
    return SIMPLE.get(annotation, "date and time" if "Datetime" in str(annotation) else "text")


def default_of(field: FieldInfo) -> str:
    """Return the default of a field in TOML notation."""
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Path):
        value = value.as_posix()
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "`" + (str(list(value)) if isinstance(value, tuple) else repr(value)).replace("'", '"') + "`"


def sections(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Yield every section of the settings with its path, outer ones first."""
    yield path, model
    for name, field in model.model_fields.items():
        kind = field.annotation
        if is_section(kind):
            yield from sections(kind, (*path, name))


def is_section(annotation: Any) -> TypeGuard[type[BaseModel]]:
    """Return whether the type of a setting is a section."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    text = [
        "# Settings\n",
        NOTE,
        "All settings are in `leadworth.toml`. An environment variable overrides each: `LEADWORTH_` and the name in",
        "capitals, with two underscores between section and key (`LEADWORTH_REGISTRY__URI`). Paths are relative to",
        "the folder of the file. An unknown key is an error.\n",
    ]
    for path, model in sections(Settings):
        text.append(f"## `[{'.'.join(path)}]`\n" if path else "## Top of the file\n")
        if path and model.__doc__:
            text.append(model.__doc__.strip().splitlines()[0] + "\n")
        rows = [
            (f"`{name}`", type_of(field.annotation), default_of(field), field.description or "")
            for name, field in model.model_fields.items()
            if not field.exclude and not is_section(field.annotation)
        ]
        text.append(table(("setting", "type", "default", "meaning"), rows))
    return "\n".join(text)


def commands_page() -> str:
    """Return docs/reference/commands.md."""
    text = ["# Commands\n", NOTE, "Every command has `--help`. [Errors](errors.md) lists the exit codes.\n"]
    for name, entry in COMMANDS.items():
        text += list(_command(f"leadworth {name}", load(name), entry.help))
    return "\n".join(text)


def _command(path: str, command: Any, summary: str) -> Iterator[str]:
    """Yield the description of a command and of those below it."""
    yield f"## `{path}`\n"
    yield (command.help or summary).strip() + "\n"
    options = [p for p in command.params if not getattr(p, "hidden", False) and p.name not in {"help"}]
    if options:
        yield table(("argument or option", "default", "meaning"), [_option(p) for p in options])
    for name, inner in getattr(command, "commands", {}).items():
        yield from _command(f"{path} {name}", inner, "")


def _option(param: Any) -> tuple[str, str, str]:
    is_option = param.opts[0].startswith("-")
    names = ", ".join(f"`{opt}`" for opt in (*param.opts, *param.secondary_opts))
    shown = ", ".join(map(str, param.default)) if isinstance(param.default, (list, tuple)) else param.default
    default = "required" if param.required else "" if shown in (None, False, "") else f"`{shown}`"
    return (names if is_option else f"`{(param.metavar or param.name).upper()}`"), default, param.help or ""


def leads_page() -> str:
    """Return docs/reference/leads.md."""
    kinds = {name: kind for kind in ("text", "number", "flag", "moment", "consent") for name in fields_of(kind)}
    types = {"flag": "yes or no", "moment": "date and time", "consent": "granted or denied"}
    rows = [
        (
            f"`{name}`",
            types.get(kinds[name], kinds[name]),
            str(limit_of(name)) if kinds[name] == "text" else "",
            _set_by(name),
            field.description or "",
        )
        for name, field in Lead.model_fields.items()
    ]
    text = [
        "# Fields of a lead\n",
        NOTE,
        "The same names serve the JSON body of `POST /v1/scores` and the keys of `[leads.columns]`. All are optional.",
        "A value that cannot be read counts as missing, or as denied for consent. A field that is not listed is kept",
        "as an extra, and used where `[leads.features]` declares it.\n",
        'Text is read without NUL characters and cut to the number of characters in the column "longest", in files',
        f"and over HTTP alike; text in an extra is cut to {LONGEST_EXTRA:,}. A visitor of the public form can set the",
        'fields marked "visitor" and the columns named in `[forms] fields`, and nothing else.\n',
        table(("field", "type", "longest", "set by", "meaning"), rows),
        f"`{AGE}` is not a field of a lead but an argument of `POST /v1/scores` and of each lead of a batch: the days",
        "that the lead has been open, a finite number of 0 or more. Without it, the lead is scored as at submit.\n",
    ]
    return "\n".join(text)


def _set_by(name: str) -> str:
    if name in FormFields.model_fields:
        return "visitor"
    return "service" if name in ServiceFields.model_fields else "server"


def scores_page() -> str:
    """Return docs/reference/scores.md."""
    text = [
        "# Fields of a score\n",
        NOTE,
        "The same in HTTP answers and in files, where a column `status` precedes them. In CSV numbers have 4 digits\n"
        "and `reasons` is text, unless options of `leadworth score` change it; in Parquet `reasons` is JSON text.\n",
    ]
    for title, model in (("Score", Score), ("Reason", Reason)):
        rows = [
            (f"`{name}`", type_of(field.annotation), field.description or "")
            for name, field in model.model_fields.items()
        ]
        text += [f"## {title}\n", table(("field", "type", "meaning"), rows)]
    return "\n".join(text)


def errors_page() -> str:
    """Return docs/reference/errors.md."""
    text = [
        "# Errors and exit codes\n",
        NOTE,
        "A message says what was given, what is allowed and what to do. A command that fails ends with the exit code",
        "of its error; 0 means success, and 2 also means a wrong option.\n",
        table(("error", "module", "exit code", "when"), error_rows()),
    ]
    return "\n".join(text)


def error_rows() -> list[tuple[str, str, str, str]]:
    """Return name, module, exit code and meaning of every error of the packages, indented by depth."""
    for path in project.modules():
        if _ERROR_CLASS.search(path.read_text(encoding="utf-8")):
            importlib.import_module(".".join(path.relative_to(project.ROOT).with_suffix("").parts))
    return list(_errors(errors.LeadworthError, 0))


def _errors(kind: type[errors.LeadworthError], depth: int) -> Iterator[tuple[str, str, str, str]]:
    meaning = (kind.__doc__ or "").strip().splitlines()[0]
    yield "&nbsp;" * 4 * depth + f"`{kind.__name__}`", f"`{kind.__module__}`", str(kind.exit_code), meaning
    packages = project.packages()
    for inner in sorted(kind.__subclasses__(), key=lambda inner: (inner.exit_code, inner.__name__)):
        if inner.__module__.split(".")[0] in packages:
            yield from _errors(inner, depth + 1)


if __name__ == "__main__":
    main()
