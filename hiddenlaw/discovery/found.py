"""`Discovery` holds, saves and uses what was found.

A `Discovery` holds plain data (`record`, the content of `discovery.json`), every trained array
(`arrays`, the content of `models.npz`), and the theories.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hiddenlaw._letters import as_shown
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.described import as_text
from hiddenlaw.discovery.brief import discovery_in_words
from hiddenlaw.errors import DataError, FormatError, SettingsError
from hiddenlaw.results import rundir
from hiddenlaw.results.prediction import Prediction, predict_runs
from hiddenlaw.results.recovery import recovered
from hiddenlaw.results.saving import Saving
from hiddenlaw.results.theories import theories_of, with_model
from hiddenlaw.results.validity import check, check_laws
from hiddenlaw.theory.theory import Theory

if TYPE_CHECKING:
    import pandas

_PATIENCE = 60.0  # seconds that `save` waits for another process that writes the same directory


@dataclass(frozen=True, repr=False)
class Discovery:
    """What was found. `print` it, `save` it, and predict with `theory`."""

    record: dict[str, Any]
    arrays: dict[str, np.ndarray]
    theories: tuple[Theory, ...]

    def __post_init__(self):
        home = self.record, self.arrays
        theories = tuple(replace(theory, home=home) for theory in self.theories)
        object.__setattr__(self, "theories", theories)

    @property
    def verdict(self) -> str:
        """`law`, `approximate`, `memoryless` or `none`."""
        return self.record["verdict"]

    @property
    def dimension(self) -> dict[str, int | None]:
        """The smallest explaining number of variables for each class of decoder."""
        return self.record["dimension"]

    @property
    def theory(self) -> Theory:
        """The most parsimonious theory; `DataError` where no law was found."""
        if not self.theories:
            raise DataError(f"no law was found ({self.verdict}): {self.record['verdict_reason']}")
        return self.theories[self.record["selected"]]

    def save(self, directory: str | os.PathLike[str], *, report: bool = True) -> None:
        """Write discovery.json, models.npz and, unless told otherwise, the figures and the page.

        The directory appears whole: until then a discovery that was there stays as it was, and
        files of others in it are kept. Raises `FormatError` where the directory can be none, and
        `SavedElsewhere`, which is one, where this discovery had to be kept in another place.
        """
        with Saving(directory, patience=_PATIENCE) as saving:
            saving.keep(self.write)
            if report:
                from hiddenlaw.report import write_report_of

                saving.add(write_report_of)
            saving.finish()

    def write(self, directory: str | os.PathLike[str]) -> None:
        """Write discovery.json and models.npz, each whole, and nothing else; `save` does it well.

        For whoever fills a directory that nobody looks into yet. Raises `FormatError`.
        """
        record = {**self.record, "theories": [with_model(theory) for theory in self.theories]}
        rundir.write(record, self.arrays, directory)

    def predict_runs(
        self, data: Dataset, theory: int = 0, context: int | None = None
    ) -> Prediction:
        """What a theory of the table predicts for whole runs, judged where they were measured.

        Where runs start each from a state of its own, that is found from part of the response of
        `data`, as in the discovery or from the first `context` samples alone, and the rest is
        judged. Raises `DataError` where no law was
        found or the data are not like those of the discovery, `SettingsError` for a theory that is
        not in the table.
        """
        self.theory  # noqa: B018  says so where no law was found
        if not 0 <= theory < len(self.theories):
            raise SettingsError(f"theory {theory}: this discovery has {len(self.theories)} of them")
        return predict_runs(self.theories[theory], data, self.record, context)

    @property
    def plot(self) -> Any:
        """The figures of the report, each by its name: `found.plot.bottleneck(ax)`."""
        from hiddenlaw.report.plots import Plots

        return Plots(self.record, self.arrays)

    @property
    def families(self) -> pandas.DataFrame:
        """The families of law that were tried, the poorest first, and why each is believed or not.

        A row a family: family, dimension, readout, constants, heldout_error (over the variance),
        criterion, selected, reason; NaN and None where a family came to no law.
        """
        import pandas

        return pandas.DataFrame(self.record["families"])

    def __repr__(self) -> str:
        return as_text(*discovery_in_words(self.record, self.theories))

    def __str__(self) -> str:
        from hiddenlaw.report.summary import as_text

        return as_shown(as_text(self.record))

    def _repr_html_(self) -> str:
        from hiddenlaw.report.page import fragment

        return fragment(self.record)

    def _repr_latex_(self) -> str:
        return self.theory._repr_latex_() if self.theories else r"$\text{no law found}$"


def load_discovery(directory: str | os.PathLike[str]) -> Discovery:
    """Read a discovery back. Raises `FormatError` for whatever is missing or damaged."""
    record, arrays = rundir.read(recovered(directory))
    check(record, arrays, directory)
    try:
        theories = theories_of(record, arrays)
    except SettingsError as unknown:
        raise FormatError(f"{directory}: {unknown}; import the module that adds it") from None
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FormatError(f"{directory} is damaged ({error!r}); make the discovery again") from None
    check_laws(theories, directory)
    return Discovery(record, arrays, theories)
