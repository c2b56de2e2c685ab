"""Tools that read code: search, outlines, files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from pydantic import Field

from indexer.database.paging import how_many_within
from indexer.http.shapes import LONGEST_PATH
from indexer.parsing.endings import Language
from indexer.parsing.source import lines_of
from indexer.search import code_search, files, folders, outlines, texts
from indexer.search.code_search import SearchAnswer
from indexer.search.files import IndexedFile
from indexer.search.grammar import LONGEST_QUERY
from indexer.search.outlines import OutlineEntry
from indexer.search.walk import Result
from indexer.tools.pages import (
    LONGEST_ANSWER,
    Listing,
    page_that_fits,
    written_length,
)
from indexer.tools.registry import Arguments, ArgumentsInvalid, Caller, OfFile, OfRepository, Tool
from indexer.tools.wording import commit, kind

FEW: Final = 20
MANY: Final = 100
LINES_READ: Final = 300
_OTHER_WORDS: Final = 200
"""Characters of what stands around the lines of a file, besides its path and commit."""


class Search(Arguments):
    """What `search_code` takes."""

    query: str = Field(
        description='Words find where words of identifiers begin, in any case; "text" finds it as '
        "written; /expression/ within a line; repo: path: lang: kind: symbol: narrow; - leaves "
        'out. Example: retry "max attempts" path:src -path:test lang:ts',
        max_length=2 * LONGEST_QUERY,
    )
    ref: str | None = Field(
        default=None, description="A ref that was indexed; default branches unless named."
    )
    limit: int = Field(default=FEW, ge=1, le=MANY, description="Results at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


class ReadFile(OfFile):
    """What `read_file` takes."""

    lines: str | None = Field(
        default=None, description=f"10, 10-20 or 10-; the first {LINES_READ} unless said."
    )


class GetOutline(OfFile):
    """What `get_outline` takes."""

    limit: int = Field(default=MANY, ge=1, le=MANY, description="Definitions at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


class ListFiles(OfRepository):
    """What `list_files` takes: filters, or a folder."""

    path: str | None = Field(
        default=None,
        description="How the paths begin, for example src/.",
        min_length=1,
        max_length=LONGEST_PATH,
    )
    contains: str | None = Field(
        default=None,
        description="What stands anywhere in the paths, in any case, for example .test.",
        min_length=1,
        max_length=LONGEST_PATH,
    )
    language: Language | None = Field(default=None, description="What the files are written in.")
    folder: str | None = Field(
        default=None,
        description="Instead of those: only what lies directly in this folder, and how many files "
        "lie below each folder in it; / is the repository itself.",
        min_length=1,
        max_length=LONGEST_PATH,
    )
    limit: int = Field(default=MANY, ge=1, le=MANY, description="Entries at the most.")
    cursor: str | None = Field(default=None, description="Of the answer before.")


def search_code(caller: Caller, wanted: Search) -> str:
    """Lines that answer a query, each file named above its lines."""

    def page(limit: int) -> Listing:
        found = code_search.find(
            caller.database,
            tenant_id=caller.tenant_id,
            q=wanted.query,
            ref=wanted.ref,
            cursor=wanted.cursor,
            limit=limit,
        )
        return Listing(
            head=_instead_of_results(found),
            entries=_results(found.results),
            next_cursor=found.next_cursor,
        )

    return page_that_fits(wanted.limit, page)


def _instead_of_results(found: SearchAnswer) -> list[str]:
    if found.empty is not None:
        return [f"Nothing was found. {found.empty.message}"]
    if found.results:
        return []
    more = found.next_cursor is not None
    return ["Nothing yet; not all files were read." if more else "Nothing more."]


def _results(results: Sequence[Result]) -> list[list[str]]:
    """The lines of each result; above the first ones of a file stands its name."""
    entries: list[list[str]] = []
    named: tuple[object, str] | None = None
    for one in results:
        lines: list[str] = []
        if named != (one.snapshot, one.path):
            named = (one.snapshot, one.path)
            lines.append(f"{one.path}  {commit(one.snapshot)}")
        what = "" if one.symbol is None else f"  [{kind(one.symbol)}, symbol {one.symbol.id}]"
        at = f"{one.line}:{one.snippet.column + 1}"
        lines.append(f"  {at}: {one.snippet.text.strip()}{what}")
        entries.append(lines)
    return entries


def get_outline(caller: Caller, wanted: GetOutline) -> str:
    """What a file defines, in the order of its source, nested as it is."""

    def page(limit: int) -> Listing:
        found = outlines.of_file(
            caller.database,
            tenant_id=caller.tenant_id,
            repository=wanted.repository,
            path=wanted.path,
            ref=wanted.ref,
            cursor=wanted.cursor,
            limit=limit,
        )
        head = [f"{found.path}  {commit(found.snapshot)}"]
        return Listing(
            head=head if found.page.items else [*head, "  It defines nothing."],
            entries=[[_outlined(one)] for one in found.page.items],
            next_cursor=found.page.next_cursor,
        )

    return page_that_fits(wanted.limit, page)


def _outlined(one: OutlineEntry) -> str:
    lines = f"{'  ' * (one.depth + 1)}{one.symbol.start_line}-{one.symbol.end_line}"
    return f"{lines} {kind(one.symbol)} {one.symbol.name}  [symbol {one.symbol.id}]"


def read_file(caller: Caller, wanted: ReadFile) -> str:
    """Lines of a file, each with its number."""
    lines = wanted.lines or f"1-{LINES_READ}"
    found = texts.of_file(
        caller.database,
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        path=wanted.path,
        ref=wanted.ref,
        lines=lines,
    )
    shown = found.excerpt
    numbers = range(shown.start_line, shown.end_line + 1)
    # Behind the end of the last line that was asked for another one begins.
    told = zip(numbers, lines_of(shown.text.encode()), strict=False)
    numbered = [f"{number}\t{line}" for number, line in told]
    head = f"{wanted.path}  {commit(found.snapshot)}  lines {shown.start_line}"
    room = LONGEST_ANSWER - len(head) - _OTHER_WORDS
    fitting = how_many_within(room, (written_length([line]) for line in numbered))
    end = []
    if written_length(numbered[:1]) > room:
        numbered[0] = numbered[0][:room]
        end.append(f"Line {shown.start_line} is longer than an answer.")
    last = min(shown.start_line + fitting - 1, shown.end_line)
    if last < shown.line_count:
        end.append(f"There is more; read lines {last + 1}-.")
    return "\n".join([f"{head}-{last} of {shown.line_count}", *numbered[:fitting], *end])


def list_files(caller: Caller, wanted: ListFiles) -> str:
    """The indexed files of a repository by path, or what lies directly in a folder."""
    if wanted.folder is None:
        return page_that_fits(wanted.limit, partial(_files, caller, wanted))
    if wanted.path is not None or wanted.contains is not None or wanted.language is not None:
        raise ArgumentsInvalid("Give a folder, or path, contains and language; not both.")
    return page_that_fits(wanted.limit, partial(_entries, caller, wanted))


def _files(caller: Caller, wanted: ListFiles, limit: int) -> Listing:
    found = files.find(
        caller.database,
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        ref=wanted.ref,
        path=wanted.path,
        contains=wanted.contains,
        language=wanted.language,
        cursor=wanted.cursor,
        limit=limit,
    )
    head = [commit(found.snapshot)]
    return Listing(
        head=head if found.page.items else [*head, "  No such file is indexed."],
        entries=[[_file(one)] for one in found.page.items],
        next_cursor=found.page.next_cursor,
    )


def _file(one: IndexedFile) -> str:
    wrong = "" if one.failure is None else f"  not parsed: {one.failure}"
    if one.syntax_errors:
        wrong = f"  {one.syntax_errors} syntax errors"
    return f"  {one.path}  {one.line_count} lines{wrong}"


def _entries(caller: Caller, wanted: ListFiles, limit: int) -> Listing:
    found = folders.find(
        caller.database,
        tenant_id=caller.tenant_id,
        repository=wanted.repository,
        folder=wanted.folder,
        ref=wanted.ref,
        cursor=wanted.cursor,
        limit=limit,
    )
    return Listing(
        head=[f"{found.path}/  {commit(found.snapshot)}"],
        entries=[
            [f"  {one.path}/  {one.files} files" if one.is_folder else f"  {one.path}"]
            for one in found.page.items
        ],
        next_cursor=found.page.next_cursor,
    )


TOOLS: Final = (
    Tool(
        name="search_code",
        title="Search code",
        description="Search all indexed repositories for words, texts, regular expressions and "
        "names of definitions. Definitions come first, then lines of text.",
        arguments=Search,
        answer=search_code,
    ),
    Tool(
        name="list_files",
        title="List files",
        description="The indexed files of a repository: by how their paths begin, by what these "
        "contain, by language, or folder by folder.",
        arguments=ListFiles,
        answer=list_files,
    ),
    Tool(
        name="get_outline",
        title="Outline a file",
        description="What a file defines, with lines, nested, before reading all of it.",
        arguments=GetOutline,
        answer=get_outline,
    ),
    Tool(
        name="read_file",
        title="Read a file",
        description="The text of an indexed file, or some of its lines, with line numbers.",
        arguments=ReadFile,
        answer=read_file,
    ),
)
