"""What a person means by `--repository` and by paths, as a shell gives them."""

from __future__ import annotations

import posixpath
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import typer

from indexer.errors import ConfigurationError
from indexer.search.repositories import RepositoryAmbiguous, RepositoryNotFound
from kotadb_local.cli.client import ApiClient
from kotadb_local.cli.repository_argument import (
    folder_named,
    is_meant_as_a_path,
    is_repository,
    repository_argument,
    repository_around,
)


class NothingIndexedOf(ConfigurationError):
    """A folder was given as a repository that was not indexed from there."""

    code = "not_indexed"

    def __init__(self, folder: str) -> None:
        super().__init__(f"nothing of {folder} is indexed")


class NamedRepository:
    """A repository as a person named it: `name` is its id or name, as the API takes it.

    A folder within a checkout names the checkout, wherever a person stands in it. As for an index,
    a folder that holds a repository wins over an owner/name that reads alike, if it was indexed.

    Raises:
        NoRepositoryThere: a folder was given, and no Git repository lies there.
        NothingIndexedOf: it was never indexed from there.
        ApiRefused, ApiUnreachable.
    """

    def __init__(self, api: ApiClient, named: str) -> None:
        self._api, self.name, self._root = api, named, ""
        is_path = is_meant_as_a_path(named)
        if is_path or is_repository(folder_named(named)):
            folder = folder_named(named)
            every = {one["url"]: one["id"] for one in self._every()}
            # What was indexed may lie there no more, so its top is not looked for on the disk.
            around = None if str(folder) in every else repository_around(folder)
            root = str(around or folder)
            if root in every:
                self._root, self.name = root, str(every[root])
            elif is_path:
                raise NothingIndexedOf(repository_argument(root))

    def path(self, text: str) -> str:
        """The path of a file or folder within it, without `.` and `..`.

        An absolute one is understood if the repository lies on this machine.

        Raises:
            typer.BadParameter: it leads out of the repository.
        """
        path = posixpath.normpath(text) if text else text
        if posixpath.isabs(path):
            path = self._below_the_root(path)
        if path.split("/")[0] == "..":
            raise typer.BadParameter(f"{text} leads out of the repository", param_hint="PATH")
        return path

    def folder(self, text: str) -> str:
        """As `path`; "" is the repository itself."""
        path = self.path(text)
        return "" if path == "." else path

    def beginning(self, text: str | None) -> str | None:
        """As `path` of how paths begin: a slash at the end stays. None: every path."""
        if text is None:
            return None
        path = self.path(text)
        if path == ".":
            return None
        return f"{path}/" if text.endswith("/") else path

    def _below_the_root(self, path: str) -> str:
        root = self._root or self._looked_up()
        if not root:
            return path
        for one in (path, str(Path(path).resolve())):
            if one == root or one.startswith(f"{root}/"):
                return posixpath.relpath(one, root)
        raise typer.BadParameter(f"{path} lies outside of {root}", param_hint="PATH")

    def _looked_up(self) -> str:
        """Where it lies on this machine; "": on none, or several are called so."""
        urls = [one["url"] for one in self._every() if self.name in {one["id"], one["repository"]}]
        return str(urls[0]) if len(urls) == 1 and posixpath.isabs(urls[0]) else ""

    def _every(self) -> list[dict[str, Any]]:
        return self._api.listed("/repositories", "repositories", most=sys.maxsize)


def named_or_none(api: ApiClient, named: str | None) -> str | None:
    """The name of a repository as the API takes it, where one was named."""
    return None if named is None else NamedRepository(api, named).name


def meant_repository(api: ApiClient, text: str) -> dict[str, Any]:
    """The repository with this id, name, URL or folder, as the API lists it.

    Raises:
        NoRepositoryThere, NothingIndexedOf: as of NamedRepository.
        ApiRefused, RepositoryNotFound, RepositoryAmbiguous: there is none, or there are several.
    """
    named = NamedRepository(api, text).name
    if _is_id(named):
        return api.get(f"/repositories/{named}")
    every = api.listed("/repositories", "repositories", most=sys.maxsize)
    found = [one for one in every if named in {one["repository"], one["url"]}]
    found = found or [one for one in every if _is_spelled_otherwise(one, named)]
    if not found:
        raise RepositoryNotFound
    if len(found) > 1:
        raise RepositoryAmbiguous
    return found[0]


def _is_spelled_otherwise(one: dict[str, Any], named: str) -> bool:
    """Whether it is of a forge, and named in another case: what `kotadb.is_called` has of names."""
    is_of_forge = one["url"].startswith("https://")
    return is_of_forge and named.lower() in {one["repository"].lower(), one["url"].lower()}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
