"""Neighbourhoods of files and overviews as pictures, and in the language of Graphviz."""

from __future__ import annotations

from typing import Final

from indexer.drawing.dot import dot_text
from indexer.drawing.layout import lay_out
from indexer.drawing.svg import Wording, svg_text
from indexer.search.dependencies import DEEPEST
from indexer.search.neighbourhood import Neighbourhood
from indexer.search.overview import Overview
from indexer.search.repositories import Snapshot

_SHORT_COMMIT: Final = 10
_CAPTIONS: Final = {
    -1: "imports it",
    1: "it imports",
    **{
        sign * steps: f"{steps} imports away" for steps in range(2, DEEPEST + 1) for sign in (-1, 1)
    },
}


def svg_of(graph: Neighbourhood | Overview) -> str:
    """A picture to look at, as an SVG document."""
    if isinstance(graph, Neighbourhood):
        description, captions = _around_a_file(graph), _CAPTIONS
    else:
        description, captions = _of_folders(graph), {}
    wording = Wording(
        title=_title(graph),
        description=description,
        captions=captions,
        legend=("imports", "imports, in a cycle"),
        notes=_notes(graph),
    )
    return svg_text(lay_out(graph.graph()), wording)


def dot_of(graph: Neighbourhood | Overview) -> str:
    """The graph for Graphviz and what else reads its language."""
    return dot_text(graph.graph(), title=_title(graph))


def _title(graph: Neighbourhood | Overview) -> str:
    if isinstance(graph, Neighbourhood):
        return f"The imports around {graph.path}"
    return f"The imports between the folders of {graph.snapshot.repository}"


def _of_folders(one: Overview) -> str:
    cyclic = sum(each.in_cycle for each in one.folders)
    return (
        f"{_counted(len(one.folders), 'folder')} and {_counted(len(one.imports), 'arrow')} between "
        "them. Arrows point at what is imported, mostly to the right, and are the thicker the more "
        f"files do so. {_counted(cyclic, 'folder')} in cycles of imports, dashed."
        + (" The folders with most files are shown; there are more." if one.truncated else "")
    )


def _around_a_file(one: Neighbourhood) -> str:
    left = sum(each.layer < 0 for each in one.files)
    right = sum(each.layer > 0 for each in one.files)
    cyclic = sum(each.in_cycle for each in one.files)
    return (
        f"In the middle {one.path}. To the left {_counted(left, 'file')} from which imports lead "
        f"to it, to the right {_counted(right, 'file')} to which imports lead from it, at most "
        f"{_counted(one.depth, 'import')} away. Arrows point at what is imported. "
        f"{_counted(cyclic, 'file')} in cycles of imports, dashed."
        + (" The nearest files are shown; there are more." if one.truncated else "")
    )


def _notes(graph: Neighbourhood | Overview) -> tuple[str, ...]:
    if isinstance(graph, Neighbourhood):
        counts = f"{_counted(len(graph.files), 'file')}, {_counted(len(graph.imports), 'import')}"
        more = "; the nearest, there are more" if graph.truncated else ""
    else:
        files = sum(each.files for each in graph.folders)
        imports = sum(each.imports for each in graph.imports)
        counts = (
            f"{_counted(len(graph.folders), 'folder')} with {_counted(files, 'file')}, "
            f"{_counted(imports, 'import')} between them"
        )
        more = "; the largest, there are more" if graph.truncated else ""
    return f"{counts}{more}", _commit(graph.snapshot)


def _commit(snapshot: Snapshot) -> str:
    commit = snapshot.commit_sha[:_SHORT_COMMIT]
    return f"{snapshot.repository} at {snapshot.ref}, commit {commit}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
