"""Page on which a browser signs in to the report with an API key."""

from __future__ import annotations

from markupsafe import Markup

from reporting.page.html_page import STYLE
from reporting.page.languages import Translator
from reporting.page.page_model import Message

START = "report"
_PAGE = Markup(
    '<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
    '<link rel="icon" href="data:,">\n<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{fault}'
    '<form method="post" action="{action}">\n<input type="hidden" name="next" value="{following}">\n'
    '<p><label for="key">{label}</label> '
    '<input id="key" name="key" type="password" autocomplete="current-password" required></p>\n'
    "<p><button>{button}</button></p>\n</form>\n</main>\n</body>\n</html>\n"
)
_FAULT = Markup('<p class="notice alarm" role="alert">{text}</p>\n')


def login_page(language: str, zone: str, *, action: str, following: str, failed: bool = False) -> str:
    """Return the page.

    Parameters
    ----------
    language, zone
        Of the page.
    action
        Address to which the key is sent.
    following
        Address to show afterwards; see `safe_address`.
    failed
        Whether a key was refused.
    """
    text = Translator(language, zone).text
    fault = (
        _FAULT.format(text=text(Message("This key is not valid, or has no access to the report."))) if failed else ""
    )
    return str(
        _PAGE.format(
            language=language,
            title=text(Message("Sign in to the report")),
            style=Markup(STYLE),
            fault=fault,
            action=action,
            following=following,
            label=text(Message("API key")),
            button=text(Message("Sign in")),
        )
    )


def safe_address(text: str, root: str) -> str:
    """Return an address of the report below the root of the service; the report itself for any other.

    Examples
    --------
    >>> safe_address("/report?view=calendar", ""), safe_address("//evil.example/report", "")
    ('/report?view=calendar', '/report')
    """
    start = f"{root}/{START}"
    rest = text.removeprefix(start)
    is_ours = text.startswith(start) and (not rest or rest[0] in "/?.") and text.isprintable() and "\\" not in text
    return text if is_ours and len(text) <= 2_000 else start
