"""Charset that the content type of a request declares."""

from __future__ import annotations

import codecs
from email.message import Message

_CHARSETS = frozenset(
    codecs.lookup(name).name
    for name in (
        *(
            "utf-8",
            "ibm866",
            "koi8-r",
            "koi8-u",
            "mac-roman",
            "big5",
            "gbk",
            "gb18030",
            "euc-jp",
            "shift-jis",
            "euc-kr",
        ),
        *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *(f"cp{page}" for page in (874, 932, *range(1250, 1259))),
    )
)
"""Codecs of the encodings of pages; others of Python take quadratic time (punycode, idna) or read nothing."""


def charset_of(content_type: str) -> str:
    """Return the codec of the charset that a content type declares; utf-8 where it is not one of pages.

    Examples
    --------
    >>> charset_of("multipart/form-data; charset=Latin1"), charset_of("multipart/form-data; charset=punycode")
    ('iso8859-1', 'utf-8')
    """
    try:
        codec = codecs.lookup(header_of(content_type).get_content_charset("utf-8")).name
    except (LookupError, ValueError):
        return "utf-8"
    return codec if codec in _CHARSETS else "utf-8"


def header_of(content_type: str) -> Message:
    """Return a content type with its parameters.

    Examples
    --------
    >>> header_of("multipart/form-data; boundary=x").get_boundary()
    'x'
    """
    header = Message()
    header["content-type"] = content_type
    return header
