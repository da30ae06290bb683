"""The pipeline in one page: data, translator, hidden states, bottleneck, theories.

`discover` runs it and returns a `Discovery`: what was found as plain data (`record`, the content of
`discovery.json`), every trained array (`arrays`, the content of `models.npz`), and the theories.
"""

import time
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from hiddenlaw._precision import float64
from hiddenlaw.data.dataset import Dataset, Truth
from hiddenlaw.data.discoverable import check_discoverable
from hiddenlaw.data.visible import cut_to_visible
from hiddenlaw.distiller.bottleneck import Bottleneck, sweep
from hiddenlaw.distiller.coordinates import hidden_coordinates
from hiddenlaw.distiller.hidden_runs import hidden_runs
from hiddenlaw.errors import DataError
from hiddenlaw.results.record import distiller_arrays, model_arrays, notes, opening, versions
from hiddenlaw.results.showcase import showcase
from hiddenlaw.settings import Settings, settings
from hiddenlaw.theory.candidates import Theories, choose_dimensions
from hiddenlaw.theory.derive import Before, compile_ahead
from hiddenlaw.theory.evidence import evidence
from hiddenlaw.theory.ranking import noise_floor
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.translator import answer_to, joint_span, starts_of
from hiddenlaw.translator.translation import Translation, translate
from hiddenlaw.translator.verdict import judge


@dataclass(frozen=True, repr=False)
class Discovery:
    """What was found. `print` it, `save` it, and predict with `theory`."""

    record: dict[str, Any]
    arrays: dict[str, np.ndarray]
    theories: tuple[Theory, ...]

    @property
    def verdict(self) -> str:
        """`law`, `memoryless` or `none`."""
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

    def save(self, directory, *, report: bool = True) -> None:
        """Write discovery.json, models.npz and, unless told otherwise, the figures and the page."""
        from hiddenlaw.results.rundir import save

        save(self, directory, report=report)

    def __repr__(self) -> str:
        best = repr(self.theory) if self.theories else "no theory"
        return f"Discovery(verdict {self.verdict}; {best})"

    def __str__(self) -> str:
        from hiddenlaw.report.summary import as_text

        return as_text(self.record)

    def _repr_html_(self) -> str:
        from hiddenlaw.report.page import fragment

        return fragment(self.record)

    def _repr_latex_(self) -> str:
        return self.theory._repr_latex_() if self.theories else r"$\text{no law found}$"


def discover(
    data: Dataset | ArrayLike,
    response: ArrayLike | None = None,
    *,
    dx: float | None = None,
    x: ArrayLike | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Discovery:
    """Find the fewest hidden variables that explain a response, and their law.

    `data` is a `Dataset`, or the input as an array (runs, sites[, channels]) with `response` beside
    it and `dx` or `x`. `options` are the fields of `hiddenlaw.settings.Settings`.

    Raises `DataError` where the data cannot be used, `SettingsError` for a wrong option and
    `TrainingError` where every seed of the translator diverged.
    """
    chosen = settings(**options)
    if not isinstance(data, Dataset):
        if response is None:
            raise DataError("give the response beside the input: discover(V, rho, dx=0.2)")
        data = Dataset.from_arrays(data, response, x=x, dx=dx)
    elif response is not None or dx is not None or x is not None:
        raise DataError("a Dataset brings its own response and grid; give it alone")
    check_discoverable(data)
    if chosen.run_constants and len(data.input_names) > 1:
        raise DataError(
            f"run_constants takes one input channel and these data have {len(data.input_names)}"
        )
    return _discover(data.without_truth(), data.truth, chosen, progress or Silent())


@float64
def _discover(
    data: Dataset, truth: Truth | None, chosen: Settings, progress: Progress
) -> Discovery:
    """The pipeline. `truth` is used after everything is found, for comparison in the pictures."""
    clock, unseen = _Clock(), 0
    if chosen.run_constants:
        data, unseen = cut_to_visible(replace(data, truth=truth))
        data, truth = data.without_truth(), data.truth
    translation = translate(data, chosen, progress)
    fit, train, heldout = translation.fit, translation.train, translation.heldout
    data = replace(data, hold=train.hold)
    clock.lap("translator")
    verdict = judge(train, heldout.judged, answer_to(fit.translator, heldout))
    record, trained = opening(data, translation, chosen, verdict), {}
    theories: tuple[Theory, ...] = ()

    if verdict.verdict == "law":
        bottleneck, spectrum, before = _distil(translation, chosen, progress)
        clock.lap("distiller")
        choices = choose_dimensions(bottleneck, chosen, fit.junk(train))
        record["spectrum"] = [max(float(v), 0.0) for v in spectrum[:12]]
        record["sweep"] = bottleneck.records()
        record["dimension"] = {name: choice.dimension for name, choice in choices.items()}
        record["reason"] = {name: choice.reason for name, choice in choices.items()}

        theories = Theories(bottleneck, translation, before, chosen).derive(choices, progress)
        clock.lap("theory")
        record["dimension"] |= {theory.readout: theory.dimension for theory in theories}
        record["reason"] |= {theory.readout: theory.record["reason"] for theory in theories}
        if not theories:
            record["verdict"] = "none"
            record["verdict_reason"] = "no width of any decoder explains it"
        trained = distiller_arrays(bottleneck)

    record["theories"] = [theory.record for theory in theories]
    record["selected"] = 0 if theories else None
    if theories:
        record["noise"] = noise_floor(theories[0], heldout)
        record["evidence"] = evidence(theories[0], theories[1:], train, heldout)
    known = None
    if truth is not None:
        seen, unseen_runs = replace(data, truth=truth).split(*chosen.parts)
        assert seen.truth is not None and unseen_runs.truth is not None  # noqa: PT018
        known = seen.truth, unseen_runs.truth
    shown, record["truth"] = showcase(data, heldout, fit, theories, known)
    record["notes"] = notes(data, theories, translation, chosen, unseen)
    clock.lap("pictures")
    record["settings"] = chosen.model_dump(mode="json")
    record["seconds"] = clock.seconds
    record["versions"] = versions()
    return Discovery(record, {**model_arrays(fit, theories), **trained, **shown}, theories)


def _distil(
    translation: Translation, chosen: Settings, progress: Progress
) -> tuple[Bottleneck, np.ndarray, Before]:
    """The bottleneck sweep over the translator's hidden states, and the spectrum of these.

    Last, the hidden coordinates from which the training runs start, where these differ.
    """
    fit, train, heldout = translation.fit, translation.train, translation.heldout
    starts = kept_back = before = None
    if fit.translator.initial is None:
        starts = starts_of(fit.translator, train)
        kept_back = starts_of(fit.translator, heldout.given)
    coordinates = hidden_coordinates(
        fit.translator, train, error=fit.heldout_error, seed=chosen.seed, starts=starts
    )
    if starts is not None:
        before = np.asarray(coordinates(jnp.asarray(starts)))
    span = joint_span(train, heldout.judged)
    bottleneck = sweep(
        hidden_runs(fit.translator, coordinates, train, span, starts),
        hidden_runs(fit.translator, coordinates, heldout.judged, span, kept_back),
        dimensions=chosen.dimensions,
        decoders=chosen.classes,
        cell="taylor" if chosen.cell == "taylor" else "generator",
        seeds=chosen.seeds,
        seed=chosen.seed,
        progress=progress,
        on_jump=lambda d: compile_ahead(d.distiller, d.decoder, train, heldout.judged, before),
    )
    return bottleneck, np.asarray(coordinates.spectrum), before


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now
