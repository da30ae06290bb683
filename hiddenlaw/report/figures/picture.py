"""A drawn figure with its words, laid out once and rendered once for each format."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hiddenlaw.data.described import shortened
from hiddenlaw.report.figures.style import DPI, house_style
from hiddenlaw.report.markup import escaped

if TYPE_CHECKING:
    import matplotlib.figure

# zlib's level: 6, which is Matplotlib's, takes half as long again for files a tenth smaller.
_COMPRESSION = 3


@dataclass(frozen=True, repr=False)
class Picture:
    """One figure of the report: its file name, its heading, and what to see in it."""

    name: str
    title: str
    caption: str
    figure: matplotlib.figure.Figure

    def __repr__(self) -> str:
        return shortened(f"Picture({self.name}: {self.title}. {self.caption})")

    def png(self) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        buffer = io.BytesIO()
        with house_style():
            lay_out(self.figure)
            canvas = self.figure.canvas
            if not isinstance(canvas, FigureCanvasAgg):  # after an SVG
                canvas = FigureCanvasAgg(self.figure)
            canvas.print_png(
                buffer, metadata={"Software": None}, pil_kwargs={"compress_level": _COMPRESSION}
            )
        return buffer.getvalue()

    def svg(self) -> bytes:
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        buffer = io.BytesIO()
        with house_style():
            lay_out(self.figure)
            FigureCanvasSVG(self.figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
            self.figure.set_dpi(DPI)  # Matplotlib leaves it at the 72 of an SVG
        return buffer.getvalue()

    def html(self) -> str:
        """With its caption, as outlines that stay sharp at any size."""
        data = base64.b64encode(self.svg()).decode("ascii")
        alternative = html.escape(f"{self.title}. {self.caption}", quote=True)
        return (
            f'<figure><img alt="{alternative}" src="data:image/svg+xml;base64,{data}">'
            f"<figcaption><b>{escaped(self.title)}.</b> {escaped(self.caption)}</figcaption>"
            "</figure>"
        )

    _repr_html_ = html  # what a notebook shows


def lay_out(figure: matplotlib.figure.Figure) -> None:
    """Find a place for everything, once: drawing in a format then measures no label again.

    Saving a figure in Matplotlib's usual way lays it out anew, in two passes over all its text,
    for each format, and draws it once more without output to find out how large it is.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.execute(figure)
        figure.set_layout_engine("none")
