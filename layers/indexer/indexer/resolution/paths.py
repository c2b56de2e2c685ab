"""Arithmetic of repository paths: relative to the root, with "/", and "" for the root itself."""

from __future__ import annotations

from typing import Final

MAX_WRITTEN_LENGTH: Final = 4096
"""Of a path as a configuration writes it, in characters; `git.tree` takes no file whose path is
longer, but `..` may make a shorter one of what is written."""


def folder_of(path: str) -> str:
    """The folder that holds `path`."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """The last segment of `path`."""
    return path.rpartition("/")[2]


def join(folder: str, relative: str) -> str | None:
    """`relative` as seen from `folder`, normalised; None when it climbs out of the repository."""
    segments = folder.split("/") if folder else []
    for segment in relative.split("/"):
        if segment == "..":
            if not segments:
                return None
            segments.pop()
        elif segment and segment != ".":
            segments.append(segment)
    return "/".join(segments)


def filled(template: str, captured: str) -> str | None:
    """`template` with `captured` for each `*`; None where that is longer than a path may be.

    It is not made then: a manifest of many stars would take gigabytes.
    """
    length = len(template) + template.count("*") * (len(captured) - 1)
    return None if length > MAX_WRITTEN_LENGTH else template.replace("*", captured)


def enclosing_folders(folder: str) -> list[str]:
    """`folder` and every folder around it, innermost first, the root last."""
    folders = [folder]
    while folder:
        folder = folder_of(folder)
        folders.append(folder)
    return folders


def inside(folder: str, path: str) -> bool:
    """Whether `path` is `folder` or lies somewhere below it."""
    return not folder or path == folder or path.startswith(folder + "/")


def below(folder: str, path: str) -> str:
    """What is left of `path` after `folder`, which must hold it."""
    return path[len(folder) + 1 :] if folder else path
