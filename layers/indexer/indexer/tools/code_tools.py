"""Tools that read code: search, definitions, references, outlines, files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from pydantic import Field

from indexer.errors import Refused
from indexer.parsing.source import lines_of
from indexer.search import code_search, definitions, outlines, references, symbols, texts
from indexer.search.code_search import SearchAnswer
from indexer.search.definitions import NameNotFound
from indexer.search.grammar import LONGEST_QUERY
from indexer.search.outlines import OutlineEntry
from indexer.search.references import Usage
from indexer.search.symbol_names import readings
from indexer.search.symbols import Definition, Symbol, SymbolId, SymbolQuery
from indexer.search.walk import Result
from indexer.tools.pages import (
    LONGEST_ANSWER,
    Listing,
    how_many_fit,
    page_that_fits,
)
from indexer.tools.registry import Arguments, ArgumentsInvalid, Caller, OfFile, Tool
from indexer.tools.wording import commit, kind, place, symbol_lines

FEW: Final = 20
MANY: Final = 100
LINES_READ: Final = 300
_OTHER_WORDS: Final = 200
"""Characters of what stands around the lines of a file, besides its path and commit."""
_HINT: Final = "The same symbol name is defined several times; call again with one of the ids."


class NothingThere(Refused):
    """No name that leads anywhere stands at the place."""

    code = "nothing_at_place"
    status: ClassVar[int] = 404

    def __init__(self, where: str) -> None:
        super().__init__(f"No name stands at {where}; lines and columns count from 1.")


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


class FindDefinition(Arguments):
    """What `find_definition` takes: a name, or a place."""

    symbol: str | None = Field(
        default=None, description="The whole name of a definition, or Container.member."
    )
    repository: str | None = Field(default=None, description="owner/name, or its id.")
    path: str | None = Field(default=None, description="With line and column: of a use of it.")
    line: int | None = Field(default=None, ge=1, le=2**31 - 1, description="From 1.")
    column: int | None = Field(default=None, ge=1, le=2**31 - 1, description="From 1.")
    ref: str | None = Field(default=None, description="A ref that was indexed.")


class FindReferences(Arguments):
    """What `find_references` takes."""

    symbol: str = Field(
        description="A symbol id of another answer, such as 42-7, a whole name, or "
        "Container.member."
    )
    repository: str | None = Field(default=None, description="Where the name is defined.")
    ref: str | None = Field(default=None, description="A ref that was indexed.")
    limit: int = Field(default=50, ge=1, le=MANY, description="Uses at the most.")
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
    return [] if found.results else ["Nothing yet; not all files were read."]


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


def find_definition(caller: Caller, wanted: FindDefinition) -> str:
    """The definitions of a name, or of the name at a place."""
    if wanted.path is not None and wanted.line is not None and wanted.column is not None:
        if wanted.repository is None:
            raise ArgumentsInvalid("A place needs a repository too.")
        return _definition_at(caller, wanted.repository, wanted.path, wanted)
    if wanted.symbol is None:
        raise ArgumentsInvalid("Give a symbol by its name, or repository, path, line and column.")
    found = _named(caller, wanted.symbol, wanted.repository, wanted.ref)
    if not found:
        return (
            f"No definition is named {wanted.symbol}. search_code with "
            f"symbol:{readings(wanted.symbol)[0].name} finds those whose name has a word that "
            "begins so."
        )
    several = len({one.snapshot for one in found}) > 1 or wanted.repository is None
    return "\n".join(line for one in found for line in symbol_lines(one, of_repository=several))


def _named(
    caller: Caller, name: str, repository: str | None, ref: str | None
) -> tuple[symbols.Symbol, ...]:
    return symbols.find(
        caller.database,
        SymbolQuery(name=name, repository=repository, ref=ref),
        tenant_id=caller.tenant_id,
        limit=FEW,
    ).items


def _definition_at(caller: Caller, repository: str, path: str, wanted: FindDefinition) -> str:
    line, column = wanted.line or 1, wanted.column or 1
    try:
        found = definitions.at(
            caller.database,
            tenant_id=caller.tenant_id,
            repository=repository,
            path=path,
            line=line,
            column=column - 1,
            ref=wanted.ref,
        )
    except NameNotFound:
        raise NothingThere(f"{path}:{line}:{column}") from None
    if not found.definitions:
        reason = found.unresolved or found.resolution
        why = "" if reason is None else f": {reason.name.lower().replace('_', ' ')}"
        return f"{found.name} leads to nothing that is indexed{why}."
    return "\n".join(
        line
        for one in found.definitions
        for line in _definition(one, elsewhere=one.snapshot != found.snapshot)
    )


def _definition(one: Definition, *, elsewhere: bool) -> list[str]:
    if one.symbol is not None:
        return symbol_lines(one.symbol, of_repository=elsewhere)
    of = f"  {commit(one.snapshot)}" if elsewhere else ""
    return [f"{place(one.path, one.line)}  (a local, a parameter or a module){of}"]


def find_references(caller: Caller, wanted: FindReferences) -> str:
    """The uses of a symbol, its own repository's first, in the order of files and lines."""
    symbol_id = wanted.symbol
    if not _is_id(wanted.symbol):
        found = _named(caller, wanted.symbol, wanted.repository, wanted.ref)
        if not found:
            return f"No definition is named {wanted.symbol}. find_definition takes places too."
        if len(found) > 1:
            lines = [line for one in found for line in symbol_lines(one, of_repository=True)]
            return "\n".join([_HINT, *lines])
        symbol_id = str(found[0].id)

    def page(limit: int) -> Listing:
        uses = references.of_symbol(
            caller.database,
            symbol_id,
            tenant_id=caller.tenant_id,
            cursor=wanted.cursor,
            limit=limit,
        )
        head = symbol_lines(uses.symbol, of_repository=True)
        return Listing(
            head=head if uses.page.items else [*head, "  No use of it was found."],
            entries=[[_use(one, uses.symbol)] for one in uses.page.items],
            next_cursor=uses.page.next_cursor,
        )

    return page_that_fits(wanted.limit, page)


def _use(use: Usage, symbol: Symbol) -> str:
    around = "" if use.enclosing is None else f" in {use.enclosing.name}"
    sure = "" if use.resolution.name == "EXACT" else f" ({use.resolution.name.lower()})"
    if use.snapshot != symbol.snapshot:
        sure = f"  {commit(use.snapshot)}"
    at = place(use.path, use.line, use.column)
    return f"  {at}  {use.kind.name.lower()}{around}{sure}"


def _is_id(text: str) -> bool:
    try:
        SymbolId.parse(text)
    except symbols.SymbolNotFound:
        return False
    return True


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
    fitting = how_many_fit((len(line) + 1 for line in numbered), room)
    end = []
    if not fitting:
        fitting = 1
        numbered[0] = numbered[0][:room]
        end.append(f"Line {shown.start_line} is longer than an answer.")
    last = min(shown.start_line + fitting - 1, shown.end_line)
    if last < shown.line_count:
        end.append(f"There is more; read lines {last + 1}-.")
    return "\n".join([f"{head}-{last} of {shown.line_count}", *numbered[:fitting], *end])


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
        name="find_definition",
        title="Find a definition",
        description="Where a name is defined: by the name, by Container.member, or from a place "
        "where it is used.",
        arguments=FindDefinition,
        answer=find_definition,
    ),
    Tool(
        name="find_references",
        title="Find references",
        description="Who uses a definition: every use in its repository, resolved across files.",
        arguments=FindReferences,
        answer=find_references,
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
