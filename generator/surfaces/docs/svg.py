"""Drawings as SVG: boxes, arrows and words on a card that is light or dark as the reader's page is.

A picture is shown as an image, so it carries its own colours for both themes. It is never wider than a phone
shows legibly; what does not fit goes below.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ... import text
from ...text import Code

WIDTH = 460
SIZE = 13
_CHARACTER = 7.0
"""Width of a character of the font at that size, generously."""

_STYLE = (
    "svg{color-scheme:light dark}"
    "text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2933}"
    ".card{fill:#fff;stroke:#d5dbe3}.box{fill:#eef2ff;stroke:#5468c4}.good{fill:#e4f6e9;stroke:#2f8a4b}"
    ".bad{fill:#fdeaea;stroke:#c24141}.quiet{fill:#f4f5f7;stroke:#8a94a3}.small{font-size:11.5px;fill:#52606d}"
    ".strong{font-weight:600}.line{stroke:#7b8794;fill:none;stroke-width:1.3}.dash{stroke-dasharray:4 3}.head{fill:#7b8794}"
    ".read{fill:#2f8a4b}.write{fill:#b7791f}.destructive{fill:#c24141}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.card{fill:#1e2129;stroke:#3a4150}.box{fill:#2a3157;stroke:#8c9eff}"
    ".good{fill:#1d3a28;stroke:#69c387}.bad{fill:#432426;stroke:#ef8a8a}.quiet{fill:#2a2f3a;stroke:#8a94a3}.small{fill:#b6bec9}"
    ".line{stroke:#9aa5b1}.head{fill:#9aa5b1}.read{fill:#69c387}.write{fill:#e0b252}.destructive{fill:#ef8a8a}}"
)


def width(words: str, size: float = SIZE) -> float:
    """About how wide a line of text is."""
    return len(words) * _CHARACTER * size / SIZE


@dataclass
class Drawing:
    """Marks on a card; `height` grows with what is drawn."""

    title: str
    description: str
    height: float = 0
    marks: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, w: float, h: float, words: str, kind: str = "box", below: str = "") -> None:
        """A rounded box with a line of text in its middle, and perhaps a small one below that."""
        self.marks.append(f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="6"/>')
        middle = y + h / 2 + 4.5 - (8 if below else 0)
        self.words(x + w / 2, middle, words, "strong", anchor="middle")
        if below:
            self.words(x + w / 2, middle + 17, below, "small", anchor="middle")
        self._reach(y + h)

    def words(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """A line of text."""
        self.marks.append(f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text.xml(words)}</text>')
        self._reach(y + 4)

    def dot(self, x: float, y: float, kind: str) -> None:
        """A small disc."""
        self.marks.append(f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="4"/>')

    def line(self, points: list[tuple[float, float]], *, head: bool = True, dashed: bool = False) -> None:
        """A line through points, with an arrow's head at its end."""
        path = " ".join(f"{'L' if index else 'M'}{x:g} {y:g}" for index, (x, y) in enumerate(points))
        self.marks.append(f'<path class="line{" dash" if dashed else ""}" d="{path}"/>')
        (x, y), (fx, fy) = points[-1], points[-2]
        if head:
            dx, dy = (x > fx) - (x < fx), (y > fy) - (y < fy)
            wing = f"L{x - 7 * dx - 4 * dy:g} {y - 7 * dy - 4 * dx:g} L{x - 7 * dx + 4 * dy:g} {y - 7 * dy + 4 * dx:g}"
            self.marks.append(f'<path class="head" d="M{x:g} {y:g} {wing} Z"/>')
        self._reach(max(point[1] for point in points))

    def _reach(self, y: float) -> None:
        self.height = max(self.height, y)

    def svg(self) -> Code:
        """The whole picture. Its title and description are its text alternatives."""
        height = self.height + 16
        return Code(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
            f'height="{height:g}" role="img" aria-labelledby="title description">\n'
            f'<title id="title">{text.xml(self.title)}</title>\n'
            f'<desc id="description">{text.xml(self.description)}</desc>\n<style>{_STYLE}</style>\n'
            f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:g}" rx="8"/>\n'
            + "\n".join(self.marks)
            + "\n</svg>"
        )
