"""What the API refuses, in the words of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indexer.drawing.texts import printable

# The API's own sentence is of its form, which nobody wrote here: the details tell all.
FORM_REFUSED = "validation_failed"
# Fields of the API that the command line calls otherwise.
NAMES = {
    "commit_sha": "commit",
    "folder": "path",
    "q": "query",
    "symbol_id": "symbol",
}


def told(code: str, answer: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """The sentence of a refusal. `asked`: the parameters of the request, or the fields of its body.

    What the API said of itself stays; fields, columns and paths are named as a person wrote them.
    """
    if sentence := _of_what_was_asked(code, asked):
        return sentence
    said = str(answer.get("error") or answer.get("message") or "no reason was given")
    problems = _problems(answer.get("details") or ())
    return " ".join(problems) if problems and code == FORM_REFUSED else said


def excerpts(answer: Mapping[str, Any]) -> str:
    """The places that a refusal points at, below its sentence."""
    return "".join(
        f"\n{detail['excerpt']}\n{detail.get('marker') or ''}"
        for detail in answer.get("details") or ()
        if detail.get("excerpt") is not None
    )


def _of_what_was_asked(code: str, asked: Mapping[str, Any]) -> str | None:
    path = printable(str(asked.get("path") or asked.get("folder") or ""))
    if not path or "entry" in asked:  # a path is the beginning of many there
        return None
    if code == "file_not_found":
        return f"There is no indexed file with the path {path}."
    if code == "folder_not_found":
        return f"There is no indexed file in a folder with the path {path}."
    if code == "name_not_found":
        place = f"{path}:{asked['line']}:{int(asked['column']) + 1}"
        return (
            f"No name that leads anywhere stands at {place}. Lines and columns count from 1, "
            "columns in UTF-16 code units."
        )
    return None


def _problems(details: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{_name(str(detail['field']))}: {detail.get('problem', '')}."
        for detail in details
        if "field" in detail
    ]


def _name(field: str) -> str:
    """The name of `query.commit_sha` or `body.files.0` for people."""
    _where, _, name = field.partition(".")
    first = (name or field).split(".")[0]
    return NAMES.get(first, first.replace("_", " "))
