r"""The query of a search, as people write it.

    words            identifier-aware, in any case:  cache  finds  this.cache.get  and  useCache
    "as written"     a part of a line, to the letter; \" and \\ stand for a quote and a backslash
    /expression/     a regular expression; \/ stands for a slash; /expression/i ignores case
    repo: path: lang: kind: symbol:   filters; a value with spaces is quoted
    -                before any of these: what it names is left out

Parts are separated by blanks. Every word, text and expression must be somewhere in a file. Filters
of one name widen each other, filters of different names narrow, and each that is negated narrows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

from indexer.errors import Refused
from indexer.parsing.endings import Language
from indexer.parsing.facts import SymbolKind
from indexer.search.expressions import ExpressionInvalid, literal, parse
from indexer.search.query import (
    IDENTIFIER,
    Filter,
    NameWanted,
    SearchQuery,
    Term,
    TermKind,
    Wanted,
)

LONGEST_QUERY: Final = 1_000
MOST_PARTS: Final = 16

_NAMED: Final = re.compile(r"([A-Za-z]+):")
_LANGUAGES: Final = {
    "typescript": Language.TYPESCRIPT,
    "ts": Language.TYPESCRIPT,
    "javascript": Language.JAVASCRIPT,
    "js": Language.JAVASCRIPT,
}
_KINDS: Final = {one.name.lower(): one for one in SymbolKind}
# What other searches call the same.
_OTHER_NAMES: Final = {
    "file": "path",
    "filename": "path",
    "language": "lang",
    "repository": "repo",
    "sym": "symbol",
    "type": "kind",
}
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST_EXCERPT: Final = 60

_Value = TypeVar("_Value")


class QueryInvalid(Refused):
    """The query cannot be read; at fault are `length` characters from `position` on, from 0."""

    code = "query_invalid"
    status: ClassVar[int] = 422

    def __init__(self, query: str, message: str, position: int, length: int) -> None:
        super().__init__(message)
        self.position, self.length = position, max(length, 1)
        start = max(0, position - _LONGEST_EXCERPT // 2)
        shown = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", query)
        excerpt = shown[start : start + _LONGEST_EXCERPT]
        marked = min(self.length, max(1, len(excerpt) - (position - start)))
        self.details: Sequence[Mapping[str, str | int]] = (
            {
                "field": "q",
                "problem": message,
                "position": position,
                "length": self.length,
                "excerpt": excerpt,
                "marker": " " * (position - start) + "^" * marked,
            },
        )


def read_query(written: str) -> SearchQuery:
    """The query that is written so.

    Raises:
        QueryInvalid: it cannot be read, or looks for nothing.
    """
    if len(written) > LONGEST_QUERY:
        raise QueryInvalid(
            written,
            f"The query is too long; {LONGEST_QUERY:,} characters are the most.",
            LONGEST_QUERY,
            len(written) - LONGEST_QUERY,
        )
    if found := _UNPRINTABLE.search(written.replace("\t", " ")):
        raise QueryInvalid(written, "A query has no control characters.", found.start(), 1)
    return _Reader(written).query()


@dataclass(frozen=True, slots=True)
class _Part:
    """One part, without its sign and filter. The positions are of the value, and of all of it."""

    kind: TermKind
    text: str
    ignore_case: bool
    start: int
    value_start: int
    end: int
    filter: Filter | None
    negated: bool


class _Reader:
    def __init__(self, written: str) -> None:
        self._written = written
        self._at = 0

    def query(self) -> SearchQuery:
        parts = list(self._parts())
        terms = [self._term(one) for one in parts if one.filter is None]
        query = SearchQuery(
            terms=terms,
            only=self._wanted([one for one in parts if one.filter and not one.negated]),
            without=self._wanted([one for one in parts if one.filter and one.negated]),
        )
        self._demand_something(query, parts)
        return query

    def _demand_something(self, query: SearchQuery, parts: Sequence[_Part]) -> None:
        if query.only.symbols:
            return
        if query.only.kinds:
            if any(one.name for one in query.sought):
                return
            kind = next(one for one in parts if one.filter is Filter.KIND)
            raise self._wrong(
                "kind: needs a word or symbol: beside it that names what to look for; "
                "GET /symbols lists all of a kind.",
                kind.start,
                kind.end,
            )
        if not query.sought:
            raise QueryInvalid(
                self._written,
                'Nothing is looked for; give a word, a "text", an /expression/ or symbol:.',
                0,
                len(self._written),
            )

    def _parts(self) -> Iterator[_Part]:
        count = 0
        while self._skipped_blanks():
            count += 1
            if count > MOST_PARTS:
                raise self._wrong(
                    f"A query has at most {MOST_PARTS} parts.", self._at, len(self._written)
                )
            yield self._part()

    def _skipped_blanks(self) -> bool:
        while self._at < len(self._written) and self._written[self._at].isspace():
            self._at += 1
        return self._at < len(self._written)

    def _part(self) -> _Part:
        start = self._at
        negated = self._written[start] == "-" and start + 1 < len(self._written)
        negated = negated and not self._written[start + 1].isspace()
        self._at += negated
        filter_ = self._filter()
        value_start = self._at
        first = self._written[self._at : self._at + 1]
        if first == '"':
            text, kind, ignore_case = self._quoted(), TermKind.PHRASE, False
        elif first == "/" and filter_ is None:
            kind, (text, ignore_case) = TermKind.EXPRESSION, self._slashed()
        else:
            text, kind, ignore_case = self._word(), TermKind.WORD, True
        if not text:
            missing = (
                f"{filter_}: has no value." if filter_ else "There is nothing to look for in it."
            )
            raise self._wrong(missing, start, self._at)
        return _Part(kind, text, ignore_case, start, value_start, self._at, filter_, negated)

    def _filter(self) -> Filter | None:
        named = _NAMED.match(self._written, self._at)
        if named is None:
            return None
        name = named[1].lower()
        if name in _OTHER_NAMES:
            raise self._wrong(
                f"There is no filter {name}: here; write {_OTHER_NAMES[name]}:, or quote the text: "
                f'"{named[0]}...".',
                *named.span(),
            )
        # Any other word before a colon is text: `default:` stands in many a line.
        if name not in set(Filter):
            return None
        self._at = named.end()
        return Filter(name)

    def _word(self) -> str:
        start = self._at
        while self._at < len(self._written) and not self._written[self._at].isspace():
            self._at += 1
        return self._written[start : self._at]

    def _quoted(self) -> str:
        text, start = [], self._at
        self._at += 1
        while (letter := self._written[self._at : self._at + 1]) != '"':
            if not letter:
                raise self._wrong("The quote that begins here has no end.", start, start + 1)
            if letter == "\\" and self._written[self._at + 1 : self._at + 2] in {'"', "\\"}:
                self._at += 1
                letter = self._written[self._at]
            text.append(letter)
            self._at += 1
        self._at += 1
        self._demand_end(self._at, 'the quote; within it \\" stands for a quote.')
        return "".join(text)

    def _slashed(self) -> tuple[str, bool]:
        start = self._at
        self._at += 1
        within = False
        while (letter := self._written[self._at : self._at + 1]) != "/" or within:
            if not letter:
                raise self._wrong(
                    "The expression that begins here has no end; quote a text to look for a slash "
                    'in it: "/api".',
                    start,
                    start + 1,
                )
            if letter == "\\":
                self._at += 1
            elif letter == "[":
                within = True
            elif letter == "]":
                within = False
            self._at += 1
        text = self._written[start + 1 : self._at]
        self._at += 1
        after = self._at
        ignore_case = self._written[self._at : self._at + 1] == "i"
        self._at += ignore_case
        self._demand_end(
            after,
            "the expression; within it \\/ stands for a slash, and a text with slashes is quoted.",
        )
        return text, ignore_case

    def _demand_end(self, after: int, what: str) -> None:
        if self._at < len(self._written) and not self._written[self._at].isspace():
            raise self._wrong(f"A blank must follow {what}", after, after + 1)

    def _term(self, part: _Part) -> Term:
        offset = part.value_start + (part.kind is not TermKind.WORD)
        read = parse if part.kind is TermKind.EXPRESSION else literal
        try:
            expression = read(part.text, ignore_case=part.ignore_case)
        except ExpressionInvalid as error:
            raise QueryInvalid(
                self._written, error.message, offset + error.position, error.length
            ) from None
        if expression.matches_empty:
            raise self._wrong(
                "The expression can match the empty text, and so every line.", part.start, part.end
            )
        return Term(
            kind=part.kind,
            text=part.text,
            written=self._written[part.start : part.end],
            expression=expression,
            negated=part.negated,
        )

    def _wanted(self, parts: Sequence[_Part]) -> Wanted:
        of = {name: [one for one in parts if one.filter is name] for name in Filter}
        return Wanted(
            repositories=[one.text for one in of[Filter.REPO]],
            paths=[one.text for one in of[Filter.PATH]],
            languages=[self._one_of(one, _LANGUAGES) for one in of[Filter.LANG]],
            kinds=[self._one_of(one, _KINDS) for one in of[Filter.KIND]],
            symbols=[self._name(one) for one in of[Filter.SYMBOL]],
        )

    def _one_of(self, part: _Part, known: dict[str, _Value]) -> _Value:
        found = known.get(part.text.lower())
        if found is None:
            *names, last = known
            raise self._wrong(
                f"{part.filter}: takes {', '.join(names)} or {last}.", part.value_start, part.end
            )
        return found

    def _name(self, part: _Part) -> NameWanted:
        exact = part.kind is TermKind.PHRASE
        if not exact and IDENTIFIER.fullmatch(part.text) is None:
            raise self._wrong(
                "symbol: takes the beginning of a word of a name, or a quoted name as it stands.",
                part.value_start,
                part.end,
            )
        return NameWanted(text=part.text, exact=exact)

    def _wrong(self, message: str, start: int, end: int) -> QueryInvalid:
        return QueryInvalid(self._written, message, start, end - start)
