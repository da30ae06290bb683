"""Where data come from: files that are dropped, or an example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hiddenlaw.app.desk import Desk
from hiddenlaw.app.examples import EXAMPLES
from hiddenlaw.app.files import MOST_BYTES, MOST_FILES, shown_name
from hiddenlaw.app.gui import gui
from hiddenlaw.app.part import Part, heading
from hiddenlaw.errors import FormatError
from hiddenlaw.io import FORMATS

_LIMIT = f"{MOST_BYTES // 2**20} MiB"


def build(desk: Desk) -> list[Part]:
    """The drop zone and the examples, and below them what was taken or refused."""
    ui = gui().ui
    heading("Your data")
    upload = ui.upload(
        multiple=True,
        auto_upload=True,
        max_files=MOST_FILES,
        max_total_size=MOST_BYTES,
        label="Drop a file here, or several that are the runs of one experiment",
        on_rejected=lambda: desk.refuse(
            f"That is refused: {_LIMIT} in {MOST_FILES} files are the most"
        ),
        on_multi_upload=lambda event: _taken(desk, upload, event),
    )
    upload.props("flat bordered").classes("drop")
    suffixes = ", ".join(suffix for known in FORMATS for suffix in known.suffixes)
    ui.label(
        f"{suffixes}; up to {_LIMIT}. Files stay on this machine, and nothing in them is run."
    ).classes("soft")
    titles = {key: example.title for key, example in EXAMPLES.items()}

    async def chosen(event: Any) -> None:
        if event.value is not None:
            await gui().run.io_bound(desk.example, event.value)
            choice.set_value(None)

    choice = ui.select(titles, label="Or take an example", on_change=chosen)
    choice.props("outlined dense options-dense").classes("wide")
    told = ui.element("div")
    return [Part(told, lambda: (desk.look, desk.refused), lambda _: _told(desk))]


async def _taken(desk: Desk, upload: Any, event: Any) -> None:
    """Put what was dropped on the shelf, under names of our own, and look at it."""
    names = [shown_name(file.name) for file in event.files]
    paths: list[Path] = []
    try:
        for file, name in zip(event.files, names, strict=True):
            paths.append(desk.shelf.free(name))
            await file.save(paths[-1])
        await gui().run.io_bound(desk.take, paths, names)
    except FormatError as problem:
        desk.refuse(str(problem))
    except OSError as problem:
        desk.refuse(f"{names[0]} cannot be kept: {problem.strerror or problem}")
    finally:
        upload.reset()


def _told(desk: Desk) -> None:
    ui = gui().ui
    if desk.refused:
        ui.label(desk.refused).classes("refused").props("role=alert")
    if desk.files is not None:
        ui.label(f"Looking at {desk.files.title}.")
