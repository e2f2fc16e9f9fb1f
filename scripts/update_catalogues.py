"""Bring the catalogues of the report up to date with its sentences; fail where one is not translated.

Sentences are the literal first arguments of `Message(...)` and `.t(...)` in Python and of `t(...)` in templates.
Translations are kept; sentences that are no longer used are dropped. `--check` writes nothing.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from leadworth.console import console, fail
from leadworth.errors import LeadworthError
from reporting.page.languages import LANGUAGES
from scripts import project

FOLDERS = ("reporting", "serving/report", "serving/routes")
LOCALE = Path("reporting/page/locale")
_MADE = datetime(2026, 11, 29, tzinfo=UTC)
"""Date in the header of the catalogues: fixed, so that a run without new sentences changes nothing."""
SHOWN = 30


def main() -> None:
    """Update or check the catalogues."""
    texts = sorted(set(sentences(project.ROOT / folder for folder in FOLDERS)))
    missing = []
    for language in LANGUAGES:
        path = project.ROOT / LOCALE / f"{language}.po"
        updated = update(path.read_bytes() if path.exists() else b"", texts, language)
        missing += [f"{path.name}: {text}" for text in untranslated(updated)]
        if "--check" not in sys.argv[1:]:
            path.write_bytes(updated)
    if missing:
        listed = "\n".join(missing[:SHOWN])
        fail(LeadworthError(f"{len(missing)} sentences are not translated, such as\n{listed}", do="translate them"))
    console.print(f"{len(texts)} sentences in {len(LANGUAGES)} languages")


def sentences(folders: Iterable[Path]) -> Iterator[str]:
    """Yield the sentences of all modules and templates of folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield from of_python(path.read_text(encoding="utf-8"), project.relative(path))
        for path in sorted(folder.rglob("*.j2")):
            yield from of_template(path.read_text(encoding="utf-8"))


def of_python(source: str, name: str = "") -> Iterator[str]:
    """Yield the literal texts of calls of `Message` and `t`.

    Raises
    ------
    LeadworthError
        Where the text of a `Message` is no literal, so that it could not be translated. A parameter `text` is allowed:
        such a function forwards the sentences of templates, which are extracted here.

    Examples
    --------
    >>> list(of_python('Message("no spend for {channel} " "since {day}", {})'))
    ['no spend for {channel} since {day}']
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called not in {"Message", "t"}:
            continue
        first = node.args[0] if node.args else next((key.value for key in node.keywords if key.arg == "text"), None)
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value
        elif called == "Message" and not (isinstance(first, ast.Name) and first.id == "text"):
            raise LeadworthError(
                f"{name}:{node.lineno}: the text of a Message is computed", do="write the sentence as a literal"
            )


def of_template(source: str) -> Iterator[str]:
    """Yield the literal texts of calls of `t` in a template.

    Examples
    --------
    >>> list(of_template('<p>{{ t("Show") }} {{ t("{low} to {high}", low=1, high=2) }}</p>'))
    ['Show', '{low} to {high}']
    """
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value)


def update(content: bytes, texts: Iterable[str], language: str) -> bytes:
    r"""Return a catalogue with exactly these sentences and the translations that it had; English is its own.

    Examples
    --------
    >>> print(update(b'msgid "Show"\nmsgstr "Anzeigen"', ["Show"], "de").decode().splitlines()[-1])
    msgstr "Anzeigen"
    """
    before = read_po(io.BytesIO(content), locale=language)
    after = Catalog(
        locale=language, project="leadworth", creation_date=_MADE, revision_date=_MADE, fuzzy=False, header_comment="#"
    )
    for text in texts:
        former = before.get(text)
        string = former.string if former else text if language == "en" else ""
        after.add(text, string=string).flags.discard("python-format")
    written = io.BytesIO()
    write_po(written, after, no_location=True, sort_output=True, width=100)
    return written.getvalue().rstrip(b"\n") + b"\n"


def untranslated(content: bytes) -> list[str]:
    """Return the sentences of a catalogue without a translation."""
    return [str(message.id) for message in read_po(io.BytesIO(content)) if message.id and not message.string]


if __name__ == "__main__":
    main()
