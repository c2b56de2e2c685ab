"""Names of branches, tags and commits: what a caller may ask for, and which ref a name means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple

from indexer.errors import Refused

MAX_LENGTH: Final = 255
HEAD: Final = "HEAD"
BRANCHES: Final = "refs/heads/"
TAGS: Final = "refs/tags/"

COMMIT_SHA: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
# What git itself forbids in a ref: control characters, space, ~ ^ : ? * [ \ DEL, "..", "@{", "//".
FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")


class RefInvalid(Refused):
    """No branch or tag can have this name."""

    code = "ref_invalid"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("the ref cannot be the name of a branch or tag")


class CommitInvalid(Refused):
    """A commit is named by its full id."""

    code = "commit_invalid"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__("the commit is named by its full id of 40 hexadecimal digits")


class FoundRef(NamedTuple):
    """A ref of the remote: the name to show, its full name, and the commit or tag it points at."""

    name: str
    full_name: str
    sha: str


def parse_ref(text: str) -> str:
    """`text`, if git allows it as a branch, a tag or a full `refs/…` name.

    Raises:
        RefInvalid: git would refuse it.
    """
    parts = text.split("/")
    if (
        not text
        or len(text.encode("utf-8", "replace")) > MAX_LENGTH
        or FORBIDDEN.search(text)
        or not text.isprintable()
        or text.startswith("-")
        or text.endswith(".")
        or text == "@"
        or any(not part or part.startswith(".") or part.endswith(".lock") for part in parts)
    ):
        raise RefInvalid
    return text


def parse_commit_sha(text: str) -> str:
    """The commit id `text` in lower case.

    Raises:
        CommitInvalid: it is not a full SHA-1 id.
    """
    sha = text.lower()
    if not COMMIT_SHA.fullmatch(sha):
        raise CommitInvalid
    return sha


def candidates(name: str) -> list[str]:
    """The full names that `name` may mean, the first found wins: a branch before a tag."""
    if name == HEAD:
        return [HEAD]
    full = [name] if name.startswith("refs/") else []
    return [*full, BRANCHES + name, TAGS + name]


def prefixes(name: str) -> list[str]:
    """The refs to ask a remote for in order to `find` what `name` means, and what to call it."""
    return list(dict.fromkeys([*candidates(name), BRANCHES + name.removeprefix(TAGS)]))


def find(name: str, advertised: Mapping[str, str]) -> FoundRef | None:
    """The ref that `name` means among those the remote has, full name to id."""
    for full_name in candidates(name):
        if (sha := advertised.get(full_name)) is not None:
            return FoundRef(shown(full_name, advertised), full_name, sha)
    return None


def shown(full_name: str, advertised: Mapping[str, str]) -> str:
    """The shortest name that leads back to `full_name`."""
    if full_name.startswith(BRANCHES):
        return full_name.removeprefix(BRANCHES)
    short = full_name.removeprefix(TAGS)
    return full_name if BRANCHES + short in advertised else short
