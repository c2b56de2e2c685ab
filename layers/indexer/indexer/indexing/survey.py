"""What a fetched commit holds: its files, those to index, and what module resolution reads.

Trees and blobs are hostile, so all of it happens in a child. Where only the trees were fetched, the
child first tells which files it would read, and goes on when their contents are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from indexer.errors import JobError, KotaError, TransientJobError
from indexer.git import failures
from indexer.git.failures import RepositoryTooLarge, TooManyEntries, TooManyFiles
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
JUDGING_FILES = frozenset({".gitignore", ".gitattributes"})


class SurveyFailed(TransientJobError):
    """The commit's files could not be listed."""

    code = "survey_failed"

    def __init__(self) -> None:
        super().__init__("the files of the commit could not be listed")


class SurveyIncomplete(KotaError):
    """A file is to be read that was not fetched and whose content is not known."""

    code = "survey_incomplete"

    def __init__(self) -> None:
        super().__init__("a configuration file of the commit is not at hand")


class SurveyRequest(NamedTuple):
    """Where the commit lies and what may be taken of it; `trees_only`: its blobs are not there."""

    directory: str
    commit_sha: str
    base_bytes: int
    trees_only: bool
    tree: TreeLimits
    rules: DiscoveryRules


class FoundFile(NamedTuple):
    """A file to index."""

    path: str
    blob_id: str


class KnownConfig(NamedTuple):
    """A file that is read: its size in bytes, and its content unless that was not taken."""

    byte_size: int
    content: bytes | None


class ConfigsWanted(NamedTuple):
    """The blobs that the survey may read, where only trees were fetched."""

    blob_ids: list[str]


class ConfigsProvided(NamedTuple):
    """What is known of them, by blob; the others lie beside the trees by now."""

    known: dict[str, KnownConfig]


class Survey(NamedTuple):
    """The files of a commit.

    `paths` are all of them, in path order; `files` those to index, in path order; `config_blobs`
    the blobs of those that resolution may ask for, by path; `read` what was read, by blob;
    `skipped` how many source files are not indexed, by reason.
    """

    paths: list[str]
    files: list[FoundFile]
    config_blobs: dict[str, str]
    read: dict[str, KnownConfig]
    skipped: dict[str, int]

    @property
    def configs(self) -> dict[str, bytes]:
        """The content of the files that resolution may ask for, by path."""
        found = {path: self.read[blob_id].content for path, blob_id in self.config_blobs.items()}
        return {path: content for path, content in found.items() if content is not None}


class SurveyFailure(NamedTuple):
    """A permanent reason not to go on, by its error code and, of a bound, its limit."""

    code: str
    limit: int


Answer: TypeAlias = Survey | SurveyFailure
ANSWERS: tuple[type[Answer], ...] = (Survey, SurveyFailure)
FIRST_ANSWERS: tuple[type[Answer | ConfigsWanted], ...] = (*ANSWERS, ConfigsWanted)
Provide: TypeAlias = Callable[[Sequence[str]], dict[str, KnownConfig]]


def survey_commit(
    directory: Path,
    commit_sha: str,
    settings: Settings,
    *,
    base_bytes: int,
    check: Callable[[], None],
    provide: Provide | None = None,
) -> Survey:
    """List and judge the files of a commit below `directory`, a bare repository.

    With `provide` only the trees need to be there: it is given the blobs that may be read, tells
    what is known of them and fetches the others. `check` is called while the child works; what
    either raises ends it.

    Raises:
        TooManyEntries, TooManyFiles: the commit has more than the rules allow.
        RemoteMisbehaved: the commit's trees are damaged.
        SurveyIncomplete: what was provided and fetched is not enough.
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
        trees_only=provide is not None,
        tree=TreeLimits(entries=settings.max_tree_entries, depth=settings.max_tree_depth),
        rules=DiscoveryRules.from_settings(settings),
    )
    try:
        with Child(TARGET, limits=limits) as child:
            child.send(request)
            answer = _answer(child, check)
            if isinstance(answer, ConfigsWanted):
                known = provide(answer.blob_ids) if provide else {}
                child.send(ConfigsProvided(known))
                answer = _answer(child, check)
    except ChildFailed:
        raise SurveyFailed from None
    match answer:
        case Survey():
            return answer
        case SurveyFailure(code=SurveyIncomplete.code):
            raise SurveyIncomplete
        case SurveyFailure():
            raise _error(answer)
        case _:
            raise SurveyFailed


def _answer(child: Child, check: Callable[[], None]) -> Answer | ConfigsWanted:
    child.await_message(check, timeout=SURVEY_SECONDS)
    return child.receive(*FIRST_ANSWERS, timeout=SURVEY_SECONDS)


def _error(failure: SurveyFailure) -> JobError:
    for bound in (TooManyEntries, TooManyFiles):
        if failure.code == bound.code:
            return bound(limit=failure.limit)
    return failures.by_code(failure.code)


def serve(channel: Channel) -> None:
    """The child: survey the one commit asked for."""
    request = channel.receive(SurveyRequest)
    try:
        answer: Answer = _survey(request, channel)
    except RepositoryTooLarge as error:
        answer = SurveyFailure(error.code, error.limit)
    except (JobError, SurveyIncomplete) as error:
        answer = SurveyFailure(error.code, 0)
    channel.send(answer)


def _survey(request: SurveyRequest, channel: Channel) -> Survey:
    directory, base_bytes = Path(request.directory), request.base_bytes
    with ObjectStore(directory, base_bytes=base_bytes) as store:
        listing = list_tree(store, request.commit_sha, request.tree)
    # How large a source file is shows when it is read: nobody knows it where only trees are there.
    entries = [entry._replace(size=0) for entry in listing.files]
    known: dict[str, KnownConfig] = {}
    if request.trees_only:
        channel.send(ConfigsWanted(_read_at_most(entries)))
        known = channel.receive(ConfigsProvided).known
    # Opened anew: what was fetched meanwhile is there too.
    with ObjectStore(directory, base_bytes=base_bytes) as store:
        most = min(MAX_CONFIG_BYTES, request.rules.max_file_bytes)
        missing_is_large = not request.trees_only
        reader = _Reader(store, entries, known, most=most, missing_is_large=missing_is_large)
        found = discover(entries, reader.read, request.rules)
        paths = sorted(reader.entries)
        configs = [
            path
            for path in paths
            if path.endswith(RESOLUTION_FILES) and reader.read(path) is not None
        ]
    skipped = {str(reason): count for reason, count in found.skipped.items()}
    for reason, count in listing.left_out.items():
        skipped[str(reason)] = skipped.get(str(reason), 0) + count
    return Survey(
        paths=paths,
        files=[FoundFile(entry.path, entry.blob_id) for entry in found.files],
        config_blobs={path: reader.entries[path].blob_id for path in configs},
        read=reader.read_blobs,
        skipped=skipped,
    )


def _read_at_most(entries: list[TreeEntry]) -> list[str]:
    """The blobs that a survey may read, each once, in path order."""
    wanted = (
        entry.blob_id
        for entry in sorted(entries)
        if entry.path.endswith(RESOLUTION_FILES) or entry.path.rpartition("/")[2] in JUDGING_FILES
    )
    return list(dict.fromkeys(wanted))


class _Reader:
    """Reads small files by path, each once, up to a total."""

    def __init__(
        self,
        store: ObjectStore,
        entries: list[TreeEntry],
        known: dict[str, KnownConfig],
        *,
        most: int,
        missing_is_large: bool,
    ) -> None:
        self._store, self._known, self._most = store, known, most
        self._missing_is_large = missing_is_large
        self.entries = {entry.path: entry for entry in entries}
        self.read_blobs: dict[str, KnownConfig] = {}
        self._given: dict[str, bytes | None] = {}
        self._left = MAX_CONFIGS_BYTES

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where it is missing, damaged or too large.

        Raises:
            SurveyIncomplete: it is none of these, and not at hand.
        """
        if path not in self._given:
            entry = self.entries.get(path)
            content = None if entry is None else self._content(entry.blob_id)
            self._left -= len(content or b"")
            self._given[path] = content
        return self._given[path]

    def _content(self, blob_id: str) -> bytes | None:
        found = self.read_blobs.get(blob_id)
        if found is None:
            try:
                found = self.read_blobs[blob_id] = self._taken(blob_id)
            except PackCorrupt:
                return None
        return found.content if found.byte_size <= self._left else None

    def _taken(self, blob_id: str) -> KnownConfig:
        limit = min(self._most, self._left)
        known = self._known.get(blob_id)
        if known is not None:
            if known.byte_size > limit:
                return KnownConfig(known.byte_size, None)
            if known.content is None:
                raise SurveyIncomplete
            return known
        try:
            content = self._store.read(blob_id, limit=limit)
        except ObjectTooLarge as large:
            return KnownConfig(large.size, None)
        except ObjectMissing:
            if not self._missing_is_large:
                raise SurveyIncomplete from None
            return KnownConfig(self._most + 1, None)
        return KnownConfig(len(content), content)
