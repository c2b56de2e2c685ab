"""The repositories that are measured: read as a job reads them, copied, changed, multiplied."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.git.objects import ObjectStore

BRANCH = "refs/heads/benchmark"
BASE = "refs/heads/base"
# Of the files by their sizes, that which each commit changes: halves, then quarters, then eighths.
PLACES = (1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8, 3 / 8, 7 / 8)
AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com")
# No program that a checked out repository names is run.
NO_FILTERS = ("-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A repository that is ready to be measured, with a database of its own.

    `files` are the paths that a job indexes, `size` their bytes, `context` the file that tells the
    stages all of it, `folder` a place for more.
    """

    name: str
    repository: Path
    folder: Path
    context: Path
    files: list[str]
    size: int


@contextmanager
def prepared(repository: Path) -> Iterator[Input]:
    """Fetch HEAD as a job does, and start a database; all of it goes with the block."""
    from indexer.database.migrate import Migrator
    from indexer.database.target import Target
    from kotadb_local.postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="bench-index-") as name, ExitStack() as stack:
        folder = Path(name)
        postgres = EmbeddedPostgres(folder / "state")
        stack.callback(postgres.forget)
        server = stack.enter_context(postgres.session())
        Migrator(Target.parse(server.url)).up()
        yield _fetch_and_list(repository, folder, server.url)


def _fetch_and_list(repository: Path, folder: Path, database_url: str) -> Input:
    from server_cpu import postmaster_of

    from indexer.git.fetch import WantedCommit, fetch_commit
    from indexer.git.limits import FetchLimits
    from indexer.git.objects import ObjectStore
    from indexer.git.remote import Remote
    from indexer.indexing.survey import survey_commit
    from indexer.settings import Settings

    settings = Settings.from_environment()
    limits = FetchLimits.from_settings(settings)
    remote = Remote.parse(str(repository), allowed_hosts=(), allow_local=True)
    bare, context = folder / "bare", folder / "context.json"
    fetched = fetch_commit(WantedCommit(remote=remote), directory=bare, limits=limits)
    base_bytes = limits.object_bytes
    survey = survey_commit(
        bare, fetched.commit_sha, settings, base_bytes=base_bytes, check=lambda: None
    )
    with ObjectStore(bare, base_bytes=base_bytes) as store:
        sizes = {
            one: size
            for one in survey.files
            if (size := _size(store, one.blob_id, limits.file_bytes)) is not None
        }
    context.write_text(
        json.dumps(
            {
                "postmaster": postmaster_of(database_url),
                "bare": str(bare),
                "work": str(folder),
                "repository": str(repository),
                "copy": str(_borrowing_copy(repository, folder / "copy.git", fetched.commit_sha)),
                "database_url": database_url,
                "files": [[one.path, one.blob_id] for one in sizes],
                "paths": survey.paths,
                "configs": {path: text.decode("latin-1") for path, text in survey.configs.items()},
            }
        )
    )
    return Input(
        name="/".join(repository.parts[-2:]),
        repository=repository,
        folder=folder,
        context=context,
        files=[one.path for one in sizes],
        size=sum(sizes.values()),
    )


def _size(store: ObjectStore, blob_id: str, most_bytes: int) -> int | None:
    """The bytes of a file; None: a job leaves it out as too large."""
    from indexer.git.objects import ObjectMissing, ObjectTooLarge

    try:
        return len(store.read(blob_id, limit=most_bytes))
    except (ObjectMissing, ObjectTooLarge):
        return None


def _borrowing_copy(repository: Path, copy: Path, commit_sha: str) -> Path:
    """A bare repository that reads the objects of another and takes commits of its own."""
    git(repository, "init", "--quiet", "--bare", str(copy))
    common = Path(git(repository, "rev-parse", "--git-common-dir"))
    (copy / "objects/info/alternates").write_text(f"{repository / common / 'objects'}\n")
    git(copy, "update-ref", BRANCH, commit_sha)
    git(copy, "update-ref", BASE, commit_sha)
    git(copy, "symbolic-ref", "HEAD", BRANCH)
    return copy


def commit_one_file(
    copy: Path, sizes: list[tuple[int, str]], line: str, *, beside: bool = False
) -> None:
    """Commit a change of one file: of middling size first, then of other sizes in turn.

    `line` is added at its end; `{}` in it becomes a number that stands nowhere else. With `beside`
    not that file changes, but another one comes beside it, which has that line alone.
    """
    commits = int(git(copy, "rev-list", "--count", "--first-parent", BRANCH, f"^{BASE}"))
    place = PLACES[commits % len(PLACES)]
    _, path = sorted(sizes)[int(len(sizes) * place)]
    now = time.time_ns()
    text = f"{line.format(now)}\n"
    if beside:
        stem, _, ending = path.rpartition(".")
        path = f"{stem}-{now}.{ending}"
    else:
        text = git(copy, "cat-file", "blob", f"{BRANCH}:{path}") + f"\n{text}"
    with committing(copy, "Change one file") as index:
        put_file(copy, path, text, index)


@contextmanager
def committing(copy: Path, message: str) -> Iterator[dict[str, str]]:
    """Commit what becomes of the branch in an index, which Git finds by what is given."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git(copy, "read-tree", BRANCH, **index)
        yield index
        tree = git(copy, "write-tree", **index)
    commit = git(copy, *AUTHOR, "commit-tree", "-p", BRANCH, "-m", message, tree)
    git(copy, "update-ref", BRANCH, commit)


def put_file(copy: Path, path: str, text: str, index: dict[str, str]) -> None:
    """Put a file, new or known, into an index."""
    blob = git(copy, "hash-object", "-w", "--stdin", given=text)
    git(copy, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **index)


def check_out(repository: Path, folder: Path) -> None:
    """The files of HEAD in `folder`, which is made; nothing is written into the repository."""
    with tempfile.TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        git(repository, "read-tree", "HEAD", **index)
        git(repository, *NO_FILTERS, "checkout-index", "--all", f"--prefix={folder}/", **index)
    folder.mkdir(exist_ok=True)


def git(folder: Path, *words: str, given: str = "", **environment: str) -> str:
    """What Git says, without the last line's end."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(folder), *words],  # noqa: S607 - the person's own git
        input=given,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.rstrip("\n")
