"""An index as a tags file, as universal-ctags writes it and editors read it.

Format 2, sorted by the bytes of the names, which is the order of the database's index: nothing is
sorted here. The address of a tag is its line. Beside the fields of ctags itself (kind, line,
language, the scope, signature, access, end) `export` says that a module exports the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from indexer import __version__
from indexer.database.connection import Row, Statements
from indexer.export.snapshots import Account, pages, snapshot_to_export
from indexer.parsing.endings import Language, language_of
from indexer.parsing.facts import SymbolFlag, SymbolKind

_KINDS: Final = {
    SymbolKind.FUNCTION: "function",
    SymbolKind.CLASS: "class",
    SymbolKind.INTERFACE: "interface",
    SymbolKind.TYPE: "alias",
    SymbolKind.ENUM: "enum",
    SymbolKind.ENUM_MEMBER: "enumerator",
    SymbolKind.VARIABLE: "variable",
    SymbolKind.CONSTANT: "constant",
    SymbolKind.METHOD: "method",
    SymbolKind.PROPERTY: "property",
    SymbolKind.GETTER: "getter",
    SymbolKind.SETTER: "setter",
    SymbolKind.CONSTRUCTOR: "method",
    SymbolKind.NAMESPACE: "namespace",
    SymbolKind.MODULE: "module",
}
_LANGUAGES: Final = {Language.TYPESCRIPT: "TypeScript", Language.JAVASCRIPT: "JavaScript"}
_HEADER: Final = (
    ("FILE_ENCODING", "utf-8", ""),
    ("FILE_FORMAT", "2", "extended format"),
    ("FILE_SORTED", "1", "0=unsorted, 1=sorted, 2=foldcase"),
    ("OUTPUT_EXCMD", "number", "number, pattern, mixed, or combineV2"),
    ("OUTPUT_FILESEP", "slash", "slash or backslash"),
    ("OUTPUT_MODE", "u-ctags", "u-ctags or e-ctags"),
    ("PROGRAM_NAME", "KotaDB", ""),
    ("PROGRAM_VERSION", __version__, ""),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPES: Final = {"\\": "\\\\", "\t": "\\t", "\r": "\\r", "\n": "\\n"}
_ESCAPED = re.compile(r"[\x00-\x1f\x7f\\]")
# What stands between a name and its parameters where it is a constant or a property that is one.
_BEFORE_PARAMETERS = re.compile(r"\??\s*(?:[=:]\s*)?(?:async\s+)?(?:function\s*\*?\s*[\w$]*\s*)?")


def export_ctags(
    statements: Statements, repository: str, ref: str | None, *, account: Account
) -> Iterator[str]:
    """The index of a repository and ref, chosen by `snapshot_to_export`, as lines of a tags file.

    Paths are relative to the top of the repository, where the file belongs. What was written and
    what was left out is counted in `account`.

    Raises:
        NotIndexed, RepositoryAmbiguous: before the first line.
    """
    return _lines(statements, snapshot_to_export(statements, repository, ref), account)


def _lines(statements: Statements, snapshot: Row, account: Account) -> Iterator[str]:
    for name, value, comment in _HEADER:
        yield f"!_TAG_{name}\t{value}\t/{comment}/"
    for row in pages(
        statements,
        "export_tags",
        snapshot["snapshot_id"],
        keys={"after_name": "name", "after_no": "symbol_no"},
        first={"after_name": "", "after_no": -1},
    ):
        if not _is_name(row["name"]):
            account.left_out["tags whose names no tags file can hold"] += 1
        elif _CONTROL.search(row["path"]) or "\\" in row["path"]:
            account.left_out["tags whose paths no tags file can hold"] += 1
        else:
            account.written["tags"] += 1
            yield _tag(row)


def _is_name(name: str) -> bool:
    # Escaped in any other way than by doubling a backslash a name would come elsewhere in the
    # order; "!" begins the lines of the header.
    return bool(name) and name[0] not in "! " and not _CONTROL.search(name)


def _tag(row: Row) -> str:
    kind = SymbolKind(row["kind"])
    language = language_of(row["path"])
    fields = [("kind", _KINDS[kind]), ("line", str(row["line"]))]
    if language is not None:
        fields.append(("language", _LANGUAGES[language]))
    if row["scope"]:
        fields.append((_KINDS[row["scope_kind"]], ".".join(row["scope"])))
    signature = _parameters(row["name"], row["signature"])
    if signature:
        fields.append(("signature", signature))
    if row["flags"] & (SymbolFlag.PRIVATE | SymbolFlag.PROTECTED):
        hidden = row["flags"] & SymbolFlag.PRIVATE
        fields.append(("access", "private" if hidden else "protected"))
    if row["flags"] & SymbolFlag.EXPORTED:
        fields.append(("export", "default" if row["flags"] & SymbolFlag.DEFAULT else "named"))
    fields.append(("end", str(row["end_line"])))
    written = (f"{name}:{_escaped(value)}" for name, value in fields)
    return "\t".join((_escaped(row["name"]), row["path"], f'{row["line"]};"', *written))


def _parameters(name: str, signature: str | None) -> str:
    """The parameters and the result, as a signature has them behind the name."""
    for found in re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", signature or ""):
        rest = found.string[found.end() :]
        before = _BEFORE_PARAMETERS.match(rest)
        rest = rest[before.end() if before else 0 :].removesuffix("=>").strip()
        if rest.startswith(("(", "<")):
            return rest
    return ""


def _escaped(value: str) -> str:
    return _ESCAPED.sub(
        lambda found: _ESCAPES.get(found.group()) or f"\\x{ord(found.group()):02x}", value
    )
