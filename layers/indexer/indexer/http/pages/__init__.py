"""Pages for a browser: each HTML, a style and a script, put together as one answer.

A browser that asked for each file by itself would meet the few environments that a function may
have at one time. A script is written as files by topic, which share one scope. What the pages have
in common lies here, and stands before what is their own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import resources
from typing import Final

# In this order: a file uses what stands before it, and functions of any other.
_SHARED_SCRIPTS: Final = ("elements.js", "words.js", "service.js", "keys.js")
_SHARED_STYLE: Final = "shared.css"


class OnePage:
    """A page made of files of one package: `page.html`, `page.css`, and scripts in their order.

    The HTML says by `{{style}}` and `{{script}}` where the others go. It holds no data: its script
    asks the routes of its own service.
    """

    def __init__(self, package: str, *, scripts: Sequence[str]) -> None:
        self._package = package
        self._scripts = scripts

    @cached_property
    def html(self) -> str:
        """The page, as HTML."""
        page = _file(self._package, "page.html")
        return page.replace("{{style}}", self._style).replace("{{script}}", self._script)

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What a browser is told of the page.

        Only the very style and script of the page are used, it connects to its own service alone,
        no text can become markup or a script (Trusted Types with no policy), and nobody may frame
        it.
        """
        policy = {
            "default-src": "'none'",
            "script-src": _hash(self._script),
            "style-src": _hash(self._style),
            "connect-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "'none'",
        }
        return {
            "Content-Security-Policy": "; ".join(
                f"{name} {value}" for name, value in policy.items()
            ),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }

    @cached_property
    def _style(self) -> str:
        return _file(__name__, _SHARED_STYLE) + _file(self._package, "page.css")

    @cached_property
    def _script(self) -> str:
        shared = [_file(__name__, name) for name in _SHARED_SCRIPTS]
        return "\n".join([*shared, *(_file(self._package, name) for name in self._scripts)])


def _file(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
