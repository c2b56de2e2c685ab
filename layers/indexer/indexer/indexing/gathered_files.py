"""The files of one commit as they are gathered: known, parsed, left out, or as their rows stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress

from indexer.indexing.facts_spool import unpacked_facts
from indexer.indexing.known import BlobContent, BlobKey, KnownBlobs
from indexer.indexing.parse_child import Failed, FileToParse, Parsed, Skipped, Text
from indexer.indexing.parse_pool import Outcome, ParsePool
from indexer.indexing.parsed import NO_FACTS, ParsedCommit, ParsedFile
from indexer.indexing.part import HeldBefore
from indexer.indexing.reading import name_of, read_as
from indexer.indexing.standing import StandingFile
from indexer.indexing.survey import FoundFile
from indexer.indexing.trigrams import unpacked_trigrams
from indexer.jobs.model import Phase
from indexer.jobs.run import Run
from indexer.parsing.facts import FileFacts
from indexer.resolution.relinking import NotRelinkable
from indexer.sandbox.wire import MessageRefused


class GatheredFiles:
    """Files by number, in the order of `found`, each gathered once, into `parsed`.

    `fetch` has blobs fetched, if they are not there, which `pool` then parses; `use` is told each
    known blob that is used, with its bytes.
    """

    def __init__(
        self,
        run: Run,
        found: Sequence[FoundFile],
        *,
        known: KnownBlobs,
        parsed: ParsedCommit,
        fetch: Callable[[Sequence[str]], None],
        pool: Callable[[], ParsePool],
        use: Callable[[BlobKey, int], None],
    ) -> None:
        self._run, self._known, self._parsed = run, known, parsed
        self._fetch, self._pool, self._use = fetch, pool, use
        self._found, self._keys = found, [_key(one) for one in found]
        self._files: dict[int, ParsedFile] = {}
        self._left_out: set[int] = set()
        self._leave_out_known()

    @property
    def numbers(self) -> list[int]:
        """Those that are not left out, as far as that is known by now."""
        return [one for one in range(len(self._found)) if one not in self._left_out]

    def path(self, number: int) -> str:
        """Where a file stands in the commit."""
        return self._found[number].path

    def gathered(self) -> list[ParsedFile]:
        """What was gathered, in order."""
        return [self._files[number] for number in sorted(self._files)]

    def gather(self, numbers: Iterable[int]) -> None:
        """Have the files with these numbers: what is known of them, else what parsing tells."""
        wanted = [one for one in numbers if one not in self._files and one not in self._left_out]
        unknown = self._take_over(wanted)
        self._fetch([self._found[number].blob_id for number in unknown])
        self._parse(unknown)

    def facts(self, number: int) -> FileFacts:
        """What is in a file that was gathered."""
        spooled = self._files[number].spooled
        return NO_FACTS if spooled is None else self._parsed.spool[spooled]

    def is_as(self, number: int, stands: StandingFile | None) -> bool:
        """Whether a file is the one that stands at its path, if any, and its facts are known."""
        if stands is None or stands.failure or self._found[number].blob_id != stands.blob_id:
            return False
        row = self._known.get(self._keys[number])
        return row is not None and row.has_content

    def held_before(self, stands: Mapping[int, StandingFile]) -> dict[int, HeldBefore]:
        """What files that stand hold, as far as it is known."""
        keys: dict[BlobKey, list[int]] = {}
        for number, one in stands.items():
            key = one.blob_id, read_as(one.path)
            row = self._known.get(key)
            if one.failure is None and row is not None and row.has_content:
                keys.setdefault(key, []).append(number)
        held = {}
        for key, piece in self._contents(keys):
            with suppress(MessageRefused):
                facts, trigrams = unpacked_facts(piece.content), piece.trigrams or b""
                before = HeldBefore(facts, unpacked_trigrams(trigrams))
                held.update(dict.fromkeys(keys[key], before))
        return held

    def let_stand(self, stands: Mapping[int, StandingFile], read: Iterable[int]) -> None:
        """Have those of these files that were not gathered yet as they stand.

        The facts of `read` are at hand from now on, packed as they are.

        Raises:
            NotRelinkable: they are not, and nothing was changed.
        """
        numbers = [number for number in stands if number not in self._files]
        wanted = {self._keys[number] for number in set(read).intersection(numbers)}
        packed = {
            key: self._parsed.spool.append_packed(piece.content)
            for key, piece in self._contents(wanted)
        }
        if len(packed) != len(wanted):
            raise NotRelinkable("what is known of a file is gone")
        for number in numbers:
            key = self._keys[number]
            row = self._known.get(key)
            if row is None:
                raise AssertionError("what stands is known")
            self._files[number] = ParsedFile(
                found=self._found[number],
                byte_size=row.byte_size,
                line_count=stands[number].line_count,
                syntax_errors=stands[number].syntax_errors,
                spooled=packed.get(key),
                text_bytes=row.text_bytes,
                known_text=row.snapshot_id,
                stands=True,
            )
            self._use(key, row.byte_size)

    def _leave_out_known(self) -> None:
        """Leave out, and count, the files of which it is known why they are."""
        for number, key in enumerate(self._keys):
            row = self._known.get(key)
            if row is not None and row.skip_reason is not None:
                self._left_out.add(number)
                self._parsed.skipped[row.skip_reason] += 1
                self._use(key, row.byte_size)

    def _take_over(self, wanted: Sequence[int]) -> list[int]:
        """Take over what is known of these files; the numbers of the others, in order."""
        numbers: dict[BlobKey, list[int]] = {}
        for number in wanted:
            numbers.setdefault(self._keys[number], []).append(number)
        known = {
            key: row
            for key in numbers
            if (row := self._known.get(key)) is not None and row.has_content
        }
        for key, piece in self._contents(known):
            row = known[key]
            if piece.trigrams is None:
                continue
            try:
                facts = unpacked_facts(piece.content)
                unpacked_trigrams(piece.trigrams)
            except MessageRefused:
                continue
            spooled = self._parsed.spool.append(piece.content, facts)
            trigrams = self._parsed.trigrams.append(piece.trigrams)
            for number in numbers.pop(key):
                self._files[number] = ParsedFile(
                    found=self._found[number],
                    byte_size=row.byte_size,
                    line_count=facts.line_count,
                    syntax_errors=facts.syntax_errors,
                    spooled=spooled,
                    text_bytes=row.text_bytes,
                    known_text=row.snapshot_id,
                    trigrams=trigrams,
                )
            self._use(key, row.byte_size)
        return sorted(number for those in numbers.values() for number in those)

    def _contents(self, keys: Iterable[BlobKey]) -> Iterator[tuple[BlobKey, BlobContent]]:
        for one in self._known.contents(list(keys)):
            self._run.check()
            yield one

    def _parse(self, numbers: Sequence[int]) -> None:
        """Parse the files with these numbers."""
        total = len(self._found)
        todo = [
            FileToParse(number, name_of(read_as(file.path)), file.blob_id)
            for number, file in ((number, self._found[number]) for number in numbers)
        ]
        # Closed here and now: an error would keep the children alive as long as its traceback.
        with closing(self._pool().parse(todo, self._run.check)) as outcomes:
            for done, outcome in enumerate(outcomes, start=total - len(todo) + 1):
                self._take(outcome)
                self._run.report(Phase.PARSE, done=done, total=total)

    def _take(self, outcome: Outcome) -> None:
        """Take what a child said of a file; one that is not to be indexed is only counted."""
        parsed, found = self._parsed, self._found[outcome.answer.number]
        match outcome.answer:
            case Parsed(number=number, byte_size=size, text=text, facts=piece) if outcome.facts:
                self._files[number] = one = ParsedFile(
                    found=found,
                    byte_size=size,
                    line_count=outcome.facts.line_count,
                    syntax_errors=outcome.facts.syntax_errors,
                    spooled=parsed.spool.append(piece, outcome.facts),
                )
                self._keep_text(one, text)
            case Failed(number=number, byte_size=size, reason=reason, line_count=lines, text=kept):
                parsed.failed[reason] += 1
                self._files[number] = one = ParsedFile(
                    found=found, byte_size=size, line_count=lines, failure=reason
                )
                if kept is not None:
                    self._keep_text(one, kept)
            case Skipped(number=number, reason=reason, byte_size=size):
                self._left_out.add(number)
                parsed.skipped[reason] += 1
                parsed.left_out[self._keys[number]] = size, reason

    def _keep_text(self, one: ParsedFile, text: Text) -> None:
        one.text = self._parsed.texts.append(text.content)
        one.trigrams = self._parsed.trigrams.append(text.trigrams)


def _key(file: FoundFile) -> BlobKey:
    return file.blob_id, read_as(file.path)
