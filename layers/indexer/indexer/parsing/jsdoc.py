"""The types that JavaScript has in its JSDoc comments.

They are read by the grammar of TypeScript: a copy of the file is made in which everything is blank
but the types, each made into `type …=TYPE;` where it stands, so that its offsets are those of the
file. `import("x")` becomes a name of the same length, which the grammar takes anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import itemgetter
from typing import Final, NamedTuple

from tree_sitter import Node, Parser

from indexer.parsing.languages import TYPESCRIPT

MAX_TYPES: Final = 20_000
_ALIAS: Final = b"type a="
_TAG: Final = re.compile(
    rb"@(type|param|arg|argument|returns?|typedef|callback|property|prop|extends|augments|satisfies|template|this)"
    rb"(?![A-Za-z])[ \t]*"
)
# `name`, `[name]`, `[name=1]`, and `of.name` or `of[].name` for a part of another one.
_NAME: Final = re.compile(
    rb"[ \t\r\n*]*\[?[ \t]*([A-Za-z_$][\w$]*(?:(?:\[\])?\.[A-Za-z_$][\w$]*)*)"
)
MAX_NESTED: Final = 5
MAX_TEMPLATES: Final = 24
_TEMPLATES: Final = re.compile(
    rb"[ \t]*\[?[ \t]*([A-Za-z_$][\w$]*)((?:[ \t]*,[ \t]*[A-Za-z_$][\w$]*)*)"
)
_DEFAULT: Final = re.compile(rb"[ \t]*=[ \t]*")
_REST: Final = re.compile(rb"[ \t]*\.\.\.")
_BRACES: Final = re.compile(rb"([{])|[}]")
_BRACKETS: Final = re.compile(rb"(\[)|\]")
_WORD: Final = re.compile(rb"[A-Za-z_$][\w$]*")
_IMPORT: Final = re.compile(rb"""import\([ \t\r\n]*(["'])([^"'\r\n]+)\1[ \t\r\n]*\)""")
_IMPORTS: Final = re.compile(
    rb"""@import[ \t]+([^"'@]+?)[ \t\r\n*]+from[ \t]+(["'])([^"'\r\n]+)\2"""
)
_IMPORTED: Final = re.compile(
    rb"(?:type[ \t]+)?([A-Za-z_$*][\w$]*)(?:[ \t]+as[ \t]+([A-Za-z_$][\w$]*))?"
)
_PARAMETERS: Final = frozenset({b"param", b"arg", b"argument"})
_PROPERTIES: Final = frozenset({b"property", b"prop"})
_RETURNS: Final = frozenset({b"return", b"returns"})
_BASES: Final = frozenset({b"extends", b"augments"})
# `@extends Shop<Cart>`, which needs no braces.
_BASE: Final = re.compile(rb"[A-Za-z_$][\w$.]*<[^\r\n@]*>")


class Tag(NamedTuple):
    """A name with the offset of its type, in `types`; the offset of the name itself.

    `parts` are those that `options.name` tells of `options`, and `list[].name` of each of a list.
    `default_at` is that of the type that a type parameter is where none is given. `is_rest`: the
    type is that of each of many, `...Cart`.
    """

    name: bytes
    type_at: int
    name_at: int
    parts: list[Tag]
    default_at: int = -1
    is_rest: bool = False


class Block:
    """What one comment says of the declaration after it; offsets lead into `Docs.types`."""

    __slots__ = ("_by_name", "base_at", "parameters", "returns", "templates", "this_at", "type_at")

    def __init__(self) -> None:
        self.type_at = -1
        self.returns = -1
        self.this_at = -1
        # What a class extends, with its type arguments.
        self.base_at = -1
        self.parameters: list[Tag] = []
        self.templates: list[Tag] = []
        self._by_name: dict[bytes, Tag] | None = None

    def parameter(self, name: bytes) -> Tag | None:
        """What is said of the parameter of a name, once all was read."""
        if self._by_name is None:
            self._by_name = {said.name: said for said in self.parameters}
        return self._by_name.get(name)


class Typedef(NamedTuple):
    """A type that a comment declares: by another, by its properties, or as a function.

    `templates` are the type parameters that its comment declares.
    """

    named: Tag
    properties: list[Tag]
    function: Block | None
    templates: list[Tag]


class Docs:
    """The typed comments of one file.

    `requests` are the modules they ask for, by placeholder, with the offset of each; `imported`
    are the names of `@import`: a placeholder, and the name in that module.
    """

    def __init__(self, text: bytes, comments: list[tuple[int, int]]) -> None:
        self.blocks: dict[int, Block] = {}
        self.typedefs: dict[bytes, Typedef] = {}
        self.requests: dict[bytes, tuple[bytes, int]] = {}
        self.imported: dict[bytes, tuple[bytes, bytes]] = {}
        self.types: dict[int, Node] = {}
        # Where the comments that declare type parameters begin and end, in their order.
        self._templates: list[tuple[int, int, list[Tag]]] = []
        self._text = text
        self._copy = bytearray(b" " * len(text))
        self._count = 0
        for start, end in comments:
            self._read(start, end)
        if self._count:
            tree = Parser(TYPESCRIPT.language).parse(bytes(self._copy))
            for alias in tree.root_node.children:
                value = alias.child_by_field_name("value")
                if alias.type == "type_alias_declaration" and value is not None:
                    self.types[alias.start_byte + len(_ALIAS)] = value
            self._tree = tree

    def spelled(self, node: Node) -> bytes:
        """The source of a node of `types`, a placeholder for what imports a module."""
        return bytes(self._copy[node.start_byte : node.end_byte])

    def type(self, at: int) -> Node | None:
        """The type at an offset that a block or a typedef gives."""
        return self.types.get(at)

    @property
    def declares_templates(self) -> bool:
        """Whether any comment declares type parameters."""
        return bool(self._templates)

    def template(self, name: bytes, at: int) -> Tag | None:
        """The type parameter of that name that the comment at an offset declares."""
        place = bisect_right(self._templates, at, key=itemgetter(0)) - 1
        if place < 0 or at >= self._templates[place][1]:
            return None
        return next((one for one in self._templates[place][2] if one.name == name), None)

    def _read(self, start: int, end: int) -> None:
        text = self._text
        block = Block()
        typedef: Typedef | None = None
        templates: list[Tag] = []
        braces = _Closings(text, start, end)
        if text.find(b"@import", start, end) >= 0:
            self._read_imports(start, end)
        for tag in _TAG.finditer(text, start, end):
            word = tag[1]
            type_at, after = self._type(tag, end, braces)
            if word == b"template":
                free = tag.start() if type_at < 0 else after
                is_one_more = len(templates) < MAX_TEMPLATES
                templates += self._declared(type_at, free, after, end) if is_one_more else []
                continue
            named = _NAME.match(text, after, end)
            *of, name = named[1].split(b".") if named else [b""]
            name_at = named.end(1) - len(name) if named else after
            is_rest = type_at >= 0 and _REST.match(text, type_at, end) is not None
            said = Tag(name, type_at, name_at, [], is_rest=is_rest)
            if word in {b"typedef", b"callback"}:
                function = Block() if word == b"callback" else None
                typedef = Typedef(said, [], function, templates)
                self.typedefs.setdefault(name, typedef)
            elif typedef is not None and word in _PROPERTIES:
                if named:
                    _put(typedef.properties, of, said)
            else:
                holder = typedef.function if typedef is not None else None
                _add(holder or block, word, of, said)
        del templates[MAX_TEMPLATES:]
        if templates:
            self._templates.append((start, end, templates))
        if typedef is None:
            # Those of a typedef are not of the declaration that happens to follow it.
            block.templates = templates
        listed = block.parameters or block.templates
        if listed or max(block.type_at, block.returns, block.this_at, block.base_at) >= 0:
            self.blocks[_next_word(text, end)] = block

    def _declared(self, constraint_at: int, free: int, at: int, end: int) -> list[Tag]:
        """The type parameters of `@template {Constraint} T, U`: it bounds the first of them.

        From `free` on nothing else is copied.
        """
        found = _TEMPLATES.match(self._text, at, end)
        if found is None:
            return []
        others = _WORD.finditer(self._text, found.start(2), found.end(2))
        return [
            Tag(found[1], constraint_at, found.start(1), [], self._default(free, found, end)),
            *(Tag(one[0], -1, one.start(), []) for one in others),
        ]

    def _default(self, free: int, name: re.Match[bytes], end: int) -> int:
        """Copy the type behind the name in `[T=…]`; where it is, -1 where there is none."""
        opening = self._text.find(b"[", name.start(), name.start(1))
        given = _DEFAULT.match(self._text, name.end(), end)
        if given is None or opening < 0:
            return -1
        closing = _Closings(self._text, opening, end, _BRACKETS).of(opening)
        if closing < 0:
            return -1
        return self._copied(free, given.end(), closing)

    def _read_imports(self, start: int, end: int) -> None:
        for found in _IMPORTS.finditer(self._text, start, end):
            placeholder = b"$%d" % len(self.requests)
            self.requests[placeholder] = (found[3], found.start(3))
            default, brace, named = found[1].partition(b"{")
            for one in _IMPORTED.finditer(default):
                imported = b"*" if one[1] == b"*" else b"default"
                self.imported[one[2] or one[1]] = (placeholder, imported)
            for one in _IMPORTED.finditer(named) if brace else ():
                self.imported[one[2] or one[1]] = (placeholder, one[1])

    def _type(self, tag: re.Match[bytes], end: int, braces: _Closings) -> tuple[int, int]:
        """Copy the type in the braces behind a tag; where it is, and where the braces end."""
        at = tag.end()
        bare = _BASE.match(self._text, at, end) if tag[1] in _BASES else None
        if bare is not None:
            return self._copied(tag.start(), at, bare.end()), bare.end()
        closing = braces.of(at) if self._text[at : at + 1] == b"{" else -1
        if closing < 0:
            return -1, at
        copied = self._copied(tag.start(), at + 1, closing)
        return (-1, at) if copied < 0 else (copied, closing + 1)

    def _copied(self, free: int, at: int, end: int) -> int:
        """Copy what stands from `at` to `end`, where it may begin: -1 where nothing fits in.

        What makes a type of it takes place from `free` on, and one byte behind.
        """
        if self._count >= MAX_TYPES or at - free < len(_ALIAS):
            return -1
        self._count += 1
        self._copy[at - len(_ALIAS) : at] = _ALIAS
        self._copy[at:end] = self._cleaned(self._text[at:end], at)
        self._copy[end : end + 1] = b";"
        return at

    def _cleaned(self, written: bytes, at: int) -> bytes:
        """A type as TypeScript has it, at the same length."""
        written = re.sub(rb"\n[ \t]*\*", lambda found: b" " * len(found[0]), written)
        written = _IMPORT.sub(lambda found: self._placeholder(found, at), written)
        written = written.replace(b".<", b" <").replace(b"\n", b" ").replace(b"\r", b" ")
        stripped = written.lstrip(b" ?!.")
        written = stripped.rjust(len(written))
        if written.rstrip().endswith(b"="):
            kept = written.rstrip()[:-1]
            written = kept.ljust(len(written))
        return written

    def _placeholder(self, found: re.Match[bytes], at: int) -> bytes:
        length = len(found[0])
        name = b"$%d" % len(self.requests)
        name += b"_" * (length - len(name))
        self.requests[name] = (found[2], at + found.start())
        return name


def _add(block: Block, word: bytes, of: list[bytes], said: Tag) -> None:
    if word in {b"type", b"satisfies"}:
        block.type_at = said.type_at
    elif word in _RETURNS:
        block.returns = said.type_at
    elif word == b"this":
        block.this_at = said.type_at
    elif word in _BASES:
        block.base_at = said.type_at
    elif word in _PARAMETERS:
        _put(block.parameters, of, said)


def _put(tags: list[Tag], of: list[bytes], said: Tag) -> None:
    """Add what is said of the last tag's part of a part `of`, as the parts of each follow it."""
    for name in of:
        if not tags or tags[-1].name != name.removesuffix(b"[]") or len(of) > MAX_NESTED:
            return
        tags = tags[-1].parts
    tags.append(said)


class _Closings:
    """Where the braces of a comment are closed: looked for once, however many there are."""

    def __init__(
        self, text: bytes, start: int, end: int, pair: re.Pattern[bytes] = _BRACES
    ) -> None:
        self._text, self._start, self._end, self._pair = text, start, end, pair
        self._closed: dict[int, int] | None = None

    def of(self, at: int) -> int:
        """Where the one that is open at an offset is closed; -1: it is not."""
        if self._closed is None:
            self._closed = self._all()
        return self._closed.get(at, -1)

    def _all(self) -> dict[int, int]:
        closed: dict[int, int] = {}
        opened: list[int] = []
        for found in self._pair.finditer(self._text, self._start, self._end):
            if found[1]:
                opened.append(found.start())
            elif opened:
                closed[opened.pop()] = found.start()
        return closed


def _next_word(text: bytes, end: int) -> int:
    found = re.compile(rb"\S").search(text, end)
    return found.start() if found else len(text)
