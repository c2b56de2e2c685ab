"""What a person means by REPOSITORY: a folder of this machine, owner/name, or a URL."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import ConfigurationError


class NoRepositoryThere(ConfigurationError):
    """A path was given that no Git repository lies at."""

    code = "no_repository_there"


def repository_argument(text: str) -> str:
    """The text as the API takes it: a path is made absolute, anything else stays as it is.

    As with `git clone`, a folder that holds a repository wins over an owner/name that reads alike.

    Raises:
        NoRepositoryThere: a path was given, and it leads to no Git repository.
    """
    path = folder_named(text)
    if is_repository(path):
        return str(path)
    if not is_meant_as_a_path(text):
        return text
    if not _is_folder(path):
        raise NoRepositoryThere(f"there is no folder {path}")
    if around := repository_around(path):
        raise NoRepositoryThere(f"{path} is a folder of the repository {around}: name that one")
    raise NoRepositoryThere(f"{path} is no Git repository: git init and a commit make it one")


def folder_named(text: str) -> Path:
    """The absolute path that the text is, whether anything lies there or not.

    Raises:
        NoRepositoryThere: it cannot be followed.
    """
    try:
        return Path(text).expanduser().resolve()
    except RuntimeError:  # nobody of that name has a home
        raise NoRepositoryThere(f"{text} leads nowhere") from None


def repository_around(folder: Path) -> Path | None:
    """The top of the repository that the folder is or lies in, as Git finds it.

    None: it lies in none, or is no folder.
    """
    if not _is_folder(folder):
        return None
    return next(filter(is_repository, (folder, *folder.parents)), None)


def is_meant_as_a_path(text: str) -> bool:
    """Whether the text cannot be an id, owner/name or a URL."""
    return text.startswith(("/", "./", "../", "~")) or text in {".", ".."}


def is_repository(path: Path) -> bool:
    """Whether `path` is a work tree's top or a bare repository that may be looked into."""
    try:
        is_bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
        return is_bare or (path / ".git").exists()
    except OSError:  # too long for a path, or closed to this user
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
