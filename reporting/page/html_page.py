"""The report as one HTML page: no script, no request, one style sheet whose hash a content security policy names."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reporting.page.languages import Translator
from reporting.page.page_model import Quantity, ReportPage, Unit
from reporting.page.page_view import PageView
from reporting.page.palette import DARK, LIGHT, style_variables


def _style() -> str:
    source = (files("reporting.page") / "templates" / "report.css").read_text(encoding="utf-8")
    rules = "".join(line.strip() for line in source.splitlines())
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{style_variables(DARK)}}}}}"
    return f":root{{color-scheme:light;{style_variables(LIGHT)}}}{dark}{rules}"


_OPTIONAL_ENDS = re.compile("</(?:td|th|tr|thead|tbody|li|option|dt|dd)>")
"""End tags that HTML implies by what follows: a sixteenth of the page. Names are escaped, so none is in a name."""
STYLE = _style()
"""Content of the only `style` element of the page."""


def style_hash() -> str:
    """Return the hash of the style sheet as a source of a content security policy, without quotes.

    Examples
    --------
    >>> style_hash().startswith("sha256-")
    True
    """
    return f"sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}"


@cache
def environment() -> Environment:
    """Return the environment of the templates: everything is escaped, an unknown name is an error."""
    return Environment(
        loader=PackageLoader("reporting.page"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def prepare_page(language: str) -> None:
    """Compile the templates and read the sentences of a language, so that the first page does not wait for it."""
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)
    Translator(language, "UTC").numbers.compact(Quantity(1_000.0, Unit.MONEY, "EUR"))


def render_html(page: ReportPage, *, standalone: bool = False, base_url: str = "") -> str:
    """Return the page as HTML.

    Parameters
    ----------
    page
        Content.
    standalone
        Whether it is a file to attach: its blocks are open, links are absolute, filters are text.
    base_url
        Address of the page, which links of a file lead to, such as ``https://leads.example.com/report``.

    Returns
    -------
    str
        A whole document.
    """
    view = PageView(page, standalone=standalone, base_url=base_url)
    text = environment().get_template("report.html.j2").render(page=page, view=view, t=view.t, style=Markup(STYLE))
    lines = "\n".join(line for line in (line.strip() for line in text.splitlines()) if line)
    return _OPTIONAL_ENDS.sub("", lines) + "\n"
