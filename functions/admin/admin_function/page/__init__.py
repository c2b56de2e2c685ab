"""The page for operators: HTML, a style and a script, put together as one answer.

One answer, and the files inside it: a browser that asked for each file by itself would meet the
few environments that the administration may have at one time. The script is written as files by
topic, which share one scope.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

# In this order: a file uses what stands before it, and functions of any other.
SCRIPTS = (
    "elements.js",
    "words.js",
    "service.js",
    "figures.js",
    "running.js",
    "failures.js",
    "jobs.js",
    "job.js",
    "dialogs.js",
    "refresh.js",
    "deeds.js",
    "main.js",
)
STYLE = "page.css"


@cache
def page() -> str:
    """The page, as HTML. It holds no data: its script asks the routes of the administration."""
    return _file("page.html").replace("{{style}}", _style()).replace("{{script}}", _script())


@cache
def page_headers() -> Mapping[str, str]:
    """What a browser is told of the page.

    Only the very style and script of the page are used, it connects to its own service alone, no
    text can become markup or a script (Trusted Types with no policy), and nobody may frame it.
    """
    policy = {
        "default-src": "'none'",
        "script-src": _hash(_script()),
        "style-src": _hash(_style()),
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


@cache
def _style() -> str:
    return _file(STYLE)


@cache
def _script() -> str:
    return "\n".join(_file(name) for name in SCRIPTS)


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
