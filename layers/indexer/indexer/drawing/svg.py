"""A picture as SVG: a file of its own that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib import resources
from typing import Final

from indexer.drawing.layout import CHARACTER_WIDTH
from indexer.drawing.model import Box, Curve, Picture, Point
from indexer.drawing.texts import columns_of, printable, shortened

_HEADROOM: Final = 34.0
_LINE: Final = 20.0
_NARROWEST: Final = 440.0
_MARGIN: Final = 16.0
_BREAK: Final = "\n"
# The outline of an arrow's tip, and where its point is.
_FORWARD: Final = ("M0,0.8L10,5L0,9.2Z", 9.5)
_BACKWARD: Final = ("M10,0.8L0,5L10,9.2Z", 0.5)
_TIPS: Final = (
    ("tip", "tip", _FORWARD),
    ("tip-cycle", "tip cycle", _FORWARD),
    ("tip-cycle-start", "tip cycle", _BACKWARD),
)
_THICKEST: Final = 3
# So many edges lie above one another that they are drawn thin.
_MANY: Final = 150
# From the upper border of a box to the line on which its label stands.
_BASELINE: Final = 18.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said around a picture.

    `title` and `description` are for who does not see it, `captions` stand above the columns, by
    layer, `legend` says what each kind of arrow is (the plain one, and that of a cycle), and
    `notes` are lines at the foot.
    """

    title: str
    description: str
    captions: Mapping[int, str] = field(default_factory=dict)
    legend: tuple[str, str]
    notes: Sequence[str] = ()


def svg_text(picture: Picture, wording: Wording) -> str:
    """The picture as an SVG document, light or dark as its reader is."""
    width = max(picture.width, _NARROWEST)
    foot = picture.height + _LINE * (1 + len(wording.notes)) + _MARGIN / 2
    boxes = {box.node.name: box for box in picture.boxes}
    many = ' class="many"' if len(picture.curves) > _MANY else ""
    # What is narrower than its legend stands in the middle.
    left = -(width - picture.width) / 2
    span = f'width="{_number(width)}" height="{_number(foot + _HEADROOM)}"'
    corner = (_number(left), _number(-_HEADROOM))
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title description"',
        f'{many} {span} viewBox="{" ".join(corner)} {_number(width)} {_number(foot + _HEADROOM)}">',
        f'<title id="title">{_text(wording.title)}</title>',
        f'<desc id="description">{_text(wording.description)}</desc>',
        f"<style>{_style()}</style>",
        f"<defs>{''.join(_tip(*one) for one in _TIPS)}</defs>",
        f'<rect class="page" x="{corner[0]}" y="{corner[1]}" {span}/>',
        *_captions(picture, wording.captions),
        # What is in a cycle lies above what is not.
        *(_edge(one, boxes) for one in sorted(picture.curves, key=lambda one: one.edge.in_cycle)),
        *(_node(one) for one in picture.boxes),
        *_foot(picture, wording, left=left, width=width),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _captions(picture: Picture, captions: Mapping[int, str]) -> Iterable[str]:
    for column in picture.columns:
        if caption := captions.get(column.layer):
            middle = _number(column.x + column.width / 2)
            yield f'<text class="caption" x="{middle}" y="-10">{_text(caption)}</text>'


def _node(box: Box) -> str:
    node = box.node
    kinds = "node" + (" central" if node.central else "") + (" cycle" if node.in_cycle else "")
    folder, slash, name = box.label.rpartition("/")
    shown = f'<tspan class="folder">{_text(folder + slash)}</tspan>' if slash else ""
    # Whatever font there is, the label is as wide as its box was made for.
    length = CHARACTER_WIDTH * columns_of(box.label)
    return (
        f'<g class="{kinds}"><title>{_text(node.name)}</title>'
        f'<rect x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="6"/>'
        f'<text x="{_number(box.x + (box.width - length) / 2)}" y="{_number(box.y + _BASELINE)}" '
        f'textLength="{_number(length)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">'
        f"{shown}{_text(name)}</text></g>"
    )


def _edge(curve: Curve, boxes: Mapping[str, Box]) -> str:
    edge, points = curve.edge, curve.points
    source, target = boxes[edge.source], boxes[edge.target]
    kinds, marker = _thickness(edge.weight), 'marker-end="url(#tip)"'
    if edge.in_cycle:
        kinds, marker = f"{kinds} cycle", 'marker-end="url(#tip-cycle)"'
        if not source.node.central:
            # Edges that join on their way are drawn from where they lead to: so their dashes meet.
            points, marker = points[::-1], 'marker-start="url(#tip-cycle-start)"'
    told = [source.label, f"→ {target.label}", edge.note]
    return (
        f'<path class="{kinds}" d="{_path(points)}" {marker}>'
        f"<title>{_BREAK.join(_text(line) for line in told if line)}</title></path>"
    )


def _thickness(weight: int) -> str:
    """An edge's class: a step thicker for each four times as heavy."""
    steps = min(_THICKEST, (weight.bit_length() - 1) // 2)
    return f"edge heavy-{steps}" if steps else "edge"


def _path(points: Sequence[Point]) -> str:
    first, *rest = (f"{_number(x)},{_number(y)}" for x, y in points)
    return f"M{first}C{' '.join(rest)}"


def _tip(name: str, kinds: str, shape: tuple[str, float]) -> str:
    outline, point = shape
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="{point}" refY="5" '
        'markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path class="{kinds}" d="{outline}"/></marker>'
    )


def _foot(picture: Picture, wording: Wording, *, left: float, width: float) -> Iterable[str]:
    plain, of_a_cycle = wording.legend
    y = picture.height + _LINE / 2
    x = left + _MARGIN
    kinds = [("edge", "tip", plain)]
    if any(one.edge.in_cycle for one in picture.curves):
        kinds.append(("edge cycle", "tip-cycle", of_a_cycle))
    for line, tip, told in kinds:
        yield (
            f'<path class="{line}" d="M{_number(x)},{_number(y)}h44" marker-end="url(#{tip})"/>'
            f'<text class="note" x="{_number(x + 54)}" y="{_number(y + 4)}">{_text(told)}</text>'
        )
        x += 54 + CHARACTER_WIDTH * columns_of(told) + 24
    most = int((width - 2 * _MARGIN) / CHARACTER_WIDTH)
    for number, note in enumerate(wording.notes, 1):
        below = _number(y + 4 + _LINE * number)
        yield (
            f'<text class="note" x="{_number(left + _MARGIN)}" y="{below}">'
            f"{_text(shortened(printable(note), most))}</text>"
        )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(value: str) -> str:
    """Text that prints, so that nothing XML forbids is in it, with what XML reads escaped."""
    return escape(printable(value), quote=True)


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("picture.css").read_text(encoding="utf-8")
