"""Stand-ins for valid code that the grammars do not know.

A grammar that meets such code gives an error and may lose what surrounds it. Each repair here
writes something of the same length that the grammar does know, so every offset stays what it was;
only the tree is taken from it, the text is still read from the file.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

Repair = Callable[[bytes], bytes]

_VARIANCE = re.compile(
    rb"([<,]\s*(?:/\*(?:[^*]|\*(?!/)){0,400}\*/\s*)?)((?:in\s+|out\s+){1,2})(?=[A-Za-z_$])"
)
_EXPORT_TYPE_ALL = re.compile(rb"(\bexport\s+)type(?=\s*\*)")
_IMPORT_TYPE_ARRAY = re.compile(
    rb"""(\bimport\(\s*['"][^'"\n]*['"]\s*\)(?:\.[\w$]+)*)((?:\[\])+)"""
)
_ARGUMENT = rb"(?:[^<>;=]|=>|=(?!>))"
_IMPORT_TYPE_ARGUMENTS = re.compile(
    rb"""(\bimport\(\s*['"][^'"\n]*['"]\s*\)(?:\.[\w$]+)+)"""
    rb"<" + _ARGUMENT + rb"{0,400}(?:<" + _ARGUMENT + rb"{0,400}>" + _ARGUMENT + rb"{0,400}){0,8}>"
)
_STRING = rb"""(?:"[^"\n]*"|'[^'\n]*')"""
_ATTRIBUTES = re.compile(
    rb"(\b(?:from|import)\s*" + _STRING + rb")\s*\b(?:with|assert)\s*\{[^{}]{0,400}\}"
)
_IMPORT_PHASE = re.compile(rb"(\bimport\s+)(?:defer|source)(?=\s+(?:\*|[\w$]+\s+from\b))")
_CALLED_PHASE = re.compile(rb"(\bimport)\s*\.\s*(?:defer|source)(?=\s*\()")
_USING_NAME = re.compile(rb"\busing\b(?![ \t]+[\w$])")
_KEYWORD_PROPERTY = re.compile(rb"^([ \t]*)(in|instanceof)(?=\??:)", re.MULTILINE)
_ACCESSOR = re.compile(rb"(\b(?:static|override|private|protected|public)\s+)accessor(?=\s+[#\w$])")
_JSX_STRING = re.compile(rb"""=(?:"[^"\n<>]*&[^"\n<>]*"|'[^'\n<>]*&[^'\n<>]*')""")
_GENERIC_CALL_SIGNATURE = re.compile(rb"\n[ \t]*[ \t]<(?=[\w\s])")

_STATEMENT = re.compile(
    rb"^(?:export|import|declare|interface|type|(?:abstract[ \t]+)?class|(?:async[ \t]+)?function"
    rb"|const|let|var|enum|namespace|module)\b",
    re.MULTILINE,
)
_CODE = re.compile(rb"[^\s]")
# Each is read by itself; a file of more is not worth it.
_MOST_STATEMENTS = 5_000

# How far back a comment may begin that stands between two members.
_COMMENT_REACH = 4_000
_GOES_ON = b";,{(=<&|?:"


def _blank(found: re.Match[bytes]) -> bytes:
    return found[1] + b" " * (found.end() - found.end(1))


def _variance(text: bytes) -> bytes:
    """`<in T, out U>`: without the modifiers."""
    return _VARIANCE.sub(_blank, text)


def _export_type_all(text: bytes) -> bytes:
    """`export type * from`: without `type`."""
    return _EXPORT_TYPE_ALL.sub(_blank, text)


def _import_type_array(text: bytes) -> bytes:
    """`import("x").A[]`: without the brackets."""
    return _IMPORT_TYPE_ARRAY.sub(_blank, text)


def _import_type_arguments(text: bytes) -> bytes:
    """`import("x").A<B>`: without the arguments."""
    return _IMPORT_TYPE_ARGUMENTS.sub(_blank, text)


def _attributes(text: bytes) -> bytes:
    """`export … from "x" with { type: "json" }`, or with `assert`: without the attributes."""
    return _ATTRIBUTES.sub(_blank, text)


def _phase(text: bytes) -> bytes:
    """`import defer * as a`, `import source a` and `import.defer()`: without the phase."""
    return _CALLED_PHASE.sub(_blank, _IMPORT_PHASE.sub(_blank, text))


def _using_name(text: bytes) -> bytes:
    """Something called `using` that begins no declaration: under a name that is no keyword."""
    return _USING_NAME.sub(b"_" * len(b"using"), text)


def _keyword_property(text: bytes) -> bytes:
    """`in?: string` in a type: under a name that is no keyword."""
    return _KEYWORD_PROPERTY.sub(lambda found: found[1] + b"_" * len(found[2]), text)


def _accessor(text: bytes) -> bytes:
    """`static accessor cart`: without `accessor`, of which the grammar makes a name."""
    return _ACCESSOR.sub(_blank, text)


def _jsx_string(text: bytes) -> bytes:
    """`href="?a&b"`: without the ampersand that begins no entity."""
    return _JSX_STRING.sub(lambda found: found[0].replace(b"&", b"_"), text)


def _call_signature(text: bytes) -> bytes:
    """A member `<T>(…): R` after one that ends without a semicolon: with the semicolon."""
    mended = bytearray(text)
    for found in _GENERIC_CALL_SIGNATURE.finditer(text):
        before = _end_of_code(text, found.start())
        if before and text[before - 1] not in _GOES_ON:
            mended[found.end() - 2] = ord(";")
    return bytes(mended)


def _end_of_code(text: bytes, at: int) -> int:
    """Where the code before `at` ends, blanks and block comments passed."""
    while True:
        start = max(0, at - _COMMENT_REACH)
        before = text[start:at].rstrip()
        at = start + len(before)
        opened = before.rfind(b"/*") if before.endswith(b"*/") else -1
        if opened < 0:
            return at
        at = start + opened


_REPAIRS: tuple[Repair, ...] = (
    _variance,
    _export_type_all,
    _call_signature,
    _import_type_arguments,
    _import_type_array,
    _attributes,
    _phase,
    _using_name,
    _keyword_property,
    _accessor,
    _jsx_string,
)


def offer_repairs(text: bytes, keep: Callable[[bytes], bool]) -> None:
    """Offer `keep` each repair of the text, one that it takes being the base of the next; then all.

    Where a file has several kinds of such code, the tree may be no better before all are mended.
    """
    every = text
    for repair in _REPAIRS:
        every = repair(every)
        mended = repair(text)
        if mended != text and keep(mended):
            text = mended
    if every != text:
        keep(every)


def without_unreadable(text: bytes, is_readable: Callable[[bytes], bool]) -> tuple[bytes, int]:
    """The text without those of its statements that cannot be read, and how many those are.

    As it is, and 0, if most of it cannot be read or they are too many. A statement is what begins
    at the start of a line with a word that begins one. For files that the grammar takes for one
    error as a whole.
    """
    starts = [found.start() for found in _STATEMENT.finditer(text)]
    if len(starts) > _MOST_STATEMENTS:
        return text, 0
    mended = bytearray(text)
    left_out = blanked = 0
    for start, end in itertools.pairwise([*starts, len(text)]):
        if not is_readable(text[start:end]):
            mended[start:end] = _CODE.sub(b" ", text[start:end])
            left_out += 1
            blanked += end - start
    return (bytes(mended), left_out) if blanked <= len(text) // 2 else (text, 0)
