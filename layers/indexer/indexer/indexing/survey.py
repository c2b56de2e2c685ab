"""What a fetched commit holds: its files, those to index, and what module resolution reads.

Trees and blobs are hostile, so all of it happens in a child.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from indexer.errors import JobError, TransientJobError
from indexer.git import failures
from indexer.git.failures import Bound, RepositoryTooLarge
from indexer.git.objects import ObjectMissing, ObjectStore, ObjectTooLarge
from indexer.git.pack import PackCorrupt
from indexer.git.tree import TreeEntry, TreeLimits, list_tree
from indexer.indexing.discover import DiscoveryRules, discover
from indexer.sandbox.channel import Channel
from indexer.sandbox.child import Child, ChildFailed
from indexer.sandbox.limits import ChildLimits
from indexer.settings import MEBIBYTE, Settings

TARGET = "indexer.indexing.survey:serve"
MAX_CONFIG_BYTES = MEBIBYTE
MAX_CONFIGS_BYTES = 32 * MEBIBYTE
MESSAGE_BYTES = 256 * MEBIBYTE
SURVEY_SECONDS = 120.0
RESOLUTION_FILES = (".json", "pnpm-workspace.yaml")


class SurveyFailed(TransientJobError):
    """The commit's files could not be listed."""

    code = "survey_failed"

    def __init__(self) -> None:
        super().__init__("the files of the commit could not be listed")


class SurveyRequest(NamedTuple):
    """Where the commit lies and what may be taken of it."""

    directory: str
    commit_sha: str
    base_bytes: int
    tree: TreeLimits
    rules: DiscoveryRules


class FoundFile(NamedTuple):
    """A file to index."""

    path: str
    blob_id: str


class Survey(NamedTuple):
    """The files of a commit.

    `paths` are all of them, in path order; `files` those to index, in path order; `configs` the
    content of those that resolution may ask for; `skipped` how many source files are not indexed,
    by reason.
    """

    paths: list[str]
    files: list[FoundFile]
    configs: dict[str, bytes]
    skipped: dict[str, int]


class SurveyFailure(NamedTuple):
    """A permanent reason not to go on, by its error code and, of a bound, its name and limit."""

    code: str
    bound: str
    limit: int


ANSWERS: tuple[type[Survey | SurveyFailure], ...] = (Survey, SurveyFailure)


def survey_commit(
    directory: Path,
    commit_sha: str,
    settings: Settings,
    *,
    base_bytes: int,
    check: Callable[[], None],
) -> Survey:
    """List and judge the files of a commit below `directory`, a bare repository.

    `check` is called while the child works; what it raises ends it.

    Raises:
        RepositoryTooLarge: too many files.
        RemoteMisbehaved: the commit's trees are damaged.
        SurveyFailed: the child failed.
    """
    limits = ChildLimits(
        memory_bytes=settings.fetch_memory_bytes,
        cpu_seconds=round(SURVEY_SECONDS),
        message_bytes=MESSAGE_BYTES,
    )
    request = SurveyRequest(
        directory=str(directory),
        commit_sha=commit_sha,
        base_bytes=base_bytes,
        tree=TreeLimits(entries=settings.max_tree_entries, depth=settings.max_tree_depth),
        rules=DiscoveryRules.from_settings(settings),
    )
    try:
        with Child(TARGET, limits=limits) as child:
            child.send(request)
            child.await_message(check, timeout=SURVEY_SECONDS)
            answer = child.receive(*ANSWERS, timeout=SURVEY_SECONDS)
    except ChildFailed:
        raise SurveyFailed from None
    if isinstance(answer, SurveyFailure):
        raise _error(answer)
    return answer


def _error(failure: SurveyFailure) -> JobError:
    if failure.code == RepositoryTooLarge.code and failure.bound in set(Bound):
        return RepositoryTooLarge(bound=Bound(failure.bound), limit=failure.limit)
    return failures.by_code(failure.code)


def serve(channel: Channel) -> None:
    """The child: survey the one commit asked for."""
    request = channel.receive(SurveyRequest)
    try:
        answer: Survey | SurveyFailure = _survey(request)
    except RepositoryTooLarge as error:
        answer = SurveyFailure(error.code, error.bound.value, error.limit)
    except JobError as error:
        answer = SurveyFailure(error.code, "", 0)
    channel.send(answer)


def _survey(request: SurveyRequest) -> Survey:
    with ObjectStore(Path(request.directory), base_bytes=request.base_bytes) as store:
        listing = list_tree(store, request.commit_sha, request.tree)
        reader = _Reader(store, listing.files)
        found = discover(listing.files, reader.read, request.rules)
        paths = sorted(reader.entries)
        configs = {
            path: content
            for path in paths
            if path.endswith(RESOLUTION_FILES) and (content := reader.read(path)) is not None
        }
    skipped = {str(reason): count for reason, count in found.skipped.items()}
    for reason, count in listing.left_out.items():
        skipped[str(reason)] = skipped.get(str(reason), 0) + count
    files = [FoundFile(entry.path, entry.blob_id) for entry in found.files]
    return Survey(paths, files, configs, skipped)


class _Reader:
    """Reads small files by path, each once, up to a total."""

    def __init__(self, store: ObjectStore, entries: list[TreeEntry]) -> None:
        self._store = store
        self.entries = {entry.path: entry for entry in entries}
        self._known: dict[str, bytes | None] = {}
        self._left = MAX_CONFIGS_BYTES

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where it is missing, damaged or too large."""
        if path not in self._known:
            content = self._content(path)
            self._left -= len(content or b"")
            self._known[path] = content
        return self._known[path]

    def _content(self, path: str) -> bytes | None:
        entry = self.entries.get(path)
        if entry is None:
            return None
        try:
            return self._store.read(entry.blob_id, limit=min(MAX_CONFIG_BYTES, self._left))
        except (ObjectMissing, ObjectTooLarge, PackCorrupt):
            return None
