"""One A4 page drawn from top to bottom in millimetres, in which no text can run over an edge."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Literal, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from bot.writing.documents.typeface import Typeface, as_drawn, load, runs, width

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0  # mm, A4
mm = 72 / 25.4  # points
SIDE = 22.0  # mm, left and right edge of all text
TOP, BOTTOM = 18.0, 18.0

_LEADING = 1.5  # line pitch in ems: Japanese without ascender gaps needs more than Latin
_ASCENT = 1.14  # top of a line to its baseline, in ems: the ideograph stands in the middle of its pitch
_SQUEEZES = (0.97, 0.94, 0.91)  # how far a paragraph may shrink where that saves its last line
_SCALES = tuple(1 - step * 0.05 for step in range(11))  # 100 % down to 50 %, where print ends to be legible
_NO_LINE_START = frozenset(
    "、。，．・：；？！）」』】〕〉》］｝ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}%円\u00a0"
)
_NO_LINE_END = frozenset("（「『【〔〈《［｛([{\u00a0")


class Style(NamedTuple):
    """How a piece of text looks: typeface and size in points (before the page is scaled)."""

    typeface: Typeface
    size: float


class TooMuchText(ValueError):
    """Even at the smallest scale the page would overflow: the values are longer than any paper's."""


def wrap(text: str, style: Style, room: float) -> list[str]:
    """Break `text` into lines of at most `room` points.

    Breaks stand between any two characters but inside ASCII words and numbers, before closing marks and after
    opening ones (a no-break space forbids both); where only that would overrun, the rule gives way.
    """
    lines: list[str] = []
    rest = as_drawn(text).strip(" ")
    while rest:
        end = _longest_fitting(rest, style, room)
        if end < len(rest):
            end = next((at for at in range(end, 0, -1) if _may_break(rest, at)), end)
        lines.append(rest[:end].rstrip(" "))
        rest = rest[end:].lstrip(" ")
    return lines or [""]


def _longest_fitting(text: str, style: Style, room: float) -> int:
    used = 0.0
    for index, character in enumerate(text):
        used += width(character, *style)
        if used > room:
            return max(index, 1)
    return len(text)


def _may_break(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if after in _NO_LINE_START or before in _NO_LINE_END:
        return False
    return not (before.isascii() and after.isascii() and before != " " and after != " ")


class Sheet:
    """A page and the place reached on it: `y` counts millimetres from the upper edge downwards."""

    def __init__(self, canvas: Canvas, scale: float) -> None:
        self._canvas = canvas
        self.scale = scale
        self.y = TOP
        self.left, self.right = SIDE, PAGE_WIDTH - SIDE
        self.floor = PAGE_HEIGHT - BOTTOM

    def gap(self, height: float) -> None:
        """Leave `height` mm free (less on a scaled page)."""
        self.y += height * self.scale

    def text(
        self,
        text: str,
        style: Style,
        *,
        left: float | None = None,
        right: float | None = None,
        align: Literal["left", "centre", "right"] = "left",
    ) -> None:
        """Draw a paragraph between `left` and `right` (mm; the margins unless told) and go below it."""
        start, end = self.left if left is None else left, self.right if right is None else right
        for line, drawn in self._lines(text, style, end - start):
            slack = (end - start) - width(line, *drawn) / mm
            offset = {"left": 0.0, "centre": slack / 2, "right": slack}[align]
            self._line(line, drawn, start + offset, self.y + self._scaled(style).size * _ASCENT / mm)
            self.y += self._scaled(style).size * _LEADING / mm

    def item(self, mark: str, text: str, style: Style, *, indent: float = 6.0) -> None:
        """Draw a paragraph with a mark (1. or ・) hanging left of it."""
        baseline = self.y + self._scaled(style).size * _ASCENT / mm
        self._line(mark, self._scaled(style), self.left, baseline)
        self.text(text, style, left=self.left + indent * self.scale)

    def row(
        self,
        label: str,
        label_style: Style,
        *values: tuple[str, Style],
        label_width: float = 42.0,
        padding: float = 2.0,
        rule: float = 0.4,
    ) -> None:
        """Draw label, then its values below each other to the right, then a rule of `rule` points.

        The label stands on the first value's baseline, so that readers of plain text find both on one line.
        """
        self.gap(padding)
        label_drawn, first = self._scaled(label_style), self._scaled(values[0][1])
        text, drawn = next(self._lines(label, label_style, label_width - 3))
        assert text == as_drawn(label), "labels are ours: they fit"
        baseline = self.y + max(label_drawn.size, first.size) * _ASCENT / mm
        self._line(text, drawn, self.left + 1, baseline)
        self.y = baseline - first.size * _ASCENT / mm
        for value, style in values:
            self.text(value, style, left=self.left + label_width, right=self.right - 1)
        self.gap(padding)
        if rule:
            self.rule(rule)

    def rule(self, weight: float = 0.4) -> None:
        """Draw a line from margin to margin, `weight` points thick."""
        self._canvas.setLineWidth(weight)
        self._canvas.line(self.left * mm, self._up(self.y), self.right * mm, self._up(self.y))

    def frame(self, left: float, top: float, right: float, bottom: float, weight: float) -> None:
        """Draw a rectangle (mm from the upper left corner), `weight` points thick, without filling."""
        self._canvas.setLineWidth(weight)
        self._canvas.rect(left * mm, self._up(bottom), (right - left) * mm, (bottom - top) * mm)

    def box(self, *lines: tuple[str, Style], weight: float = 1.6, padding: float = 3.0) -> None:
        """Draw centred lines with a frame around them, from margin to margin."""
        top = self.y
        self.gap(padding)
        for text, style in lines:
            self.text(text, style, left=self.left + 3, right=self.right - 3, align="centre")
        self.gap(padding)
        self.frame(self.left, top, self.right, self.y, weight)

    @property
    def overflows(self) -> bool:
        """Whether something was drawn below the floor."""
        return self.y > self.floor + 0.01

    def _scaled(self, style: Style) -> Style:
        return Style(style.typeface, style.size * self.scale)

    def _lines(self, text: str, style: Style, room: float) -> Iterator[tuple[str, Style]]:
        """Yield the lines of a paragraph `room` mm wide, shrunk a little where that saves a line."""
        drawn = self._scaled(style)
        lines = wrap(text, drawn, room * mm)
        for factor in _SQUEEZES if len(lines) > 1 else ():
            smaller = Style(drawn.typeface, drawn.size * factor)
            fewer = wrap(text, smaller, room * mm)
            if len(fewer) < len(lines):
                lines, drawn = fewer, smaller
                break
        yield from ((line, drawn) for line in lines)

    def _line(self, text: str, drawn: Style, x: float, baseline: float) -> None:
        """Draw one line; x and baseline in mm, the style already scaled."""
        pen = self._canvas.beginText(x * mm, self._up(baseline))
        for font, characters in runs(text, drawn.typeface):
            pen.setFont(font, drawn.size)
            pen.textOut(characters)
        self._canvas.drawText(pen)

    def _up(self, y: float) -> float:
        return (PAGE_HEIGHT - y) * mm


def one_page(title: str, author: str, draw: Callable[[Sheet], None]) -> bytes:
    """Return the PDF of what `draw` draws, as large as it fits one page; TooMuchText where nothing helps.

    The same calls give the same bytes: no clock and no random identifier goes in.
    """
    load()
    for scale in _SCALES:
        buffer = BytesIO()
        canvas = Canvas(
            buffer,
            pagesize=(PAGE_WIDTH * mm, PAGE_HEIGHT * mm),
            invariant=1,
            pageCompression=1,
            lang="ja-JP",
            initialFontName=Typeface.GOTHIC.value[0],  # else reportlab lists a Helvetica it does not embed
        )
        canvas.setTitle(title)
        canvas.setAuthor(author)
        canvas.setProducer("hoshobin")
        canvas.setCreator("hoshobin")
        canvas.setViewerPreference("DisplayDocTitle", "true")
        sheet = Sheet(canvas, scale)
        draw(sheet)
        if not sheet.overflows:
            canvas.showPage()
            canvas.save()
            return buffer.getvalue()
    raise TooMuchText(f"{title}: the values are too long for one page")
