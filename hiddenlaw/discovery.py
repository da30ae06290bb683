"""The pipeline in one page: data, translator, hidden states, bottleneck, theories.

`discover` runs it and returns a `Discovery`: what was found as plain data (`record`, the content of
`discovery.json`), every trained array (`arrays`, the content of `models.npz`), and the theories.
"""

import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hiddenlaw._precision import float64
from hiddenlaw.bottleneck import Bottleneck, hidden_runs, sweep
from hiddenlaw.dataset import Dataset, Truth, check_discoverable
from hiddenlaw.distiller import Distiller, HiddenRuns
from hiddenlaw.errors import DataError
from hiddenlaw.hidden_states import hidden_coordinates
from hiddenlaw.ranking import attach_errors, rank
from hiddenlaw.settings import Settings, settings
from hiddenlaw.showcase import showcase
from hiddenlaw.theory.derive import derive_theory
from hiddenlaw.theory.selection import Choice, choose_dimension
from hiddenlaw.theory.theory import Theory
from hiddenlaw.training.progress import Progress, Silent
from hiddenlaw.translator import HIDDEN, TranslatorFit, train_translator
from hiddenlaw.verdict import Verdict, judge

FORMAT, VERSION = "hiddenlaw.discovery", 1
_TRANSLATOR_SEEDS = {"generator": 3, "taylor": 3, "gru": 2}


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
        from hiddenlaw.rundir import save

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
    return _discover(data.without_truth(), data.truth, chosen, progress or Silent())


@float64
def _discover(
    data: Dataset, truth: Truth | None, chosen: Settings, progress: Progress
) -> Discovery:
    """The pipeline. `truth` is used after everything is found, for comparison in the pictures."""
    clock = _Clock()
    train, heldout = data.split(chosen.held_out, chosen.seed)
    fit = train_translator(
        train,
        heldout,
        cell=chosen.cell,
        hidden=chosen.hidden or HIDDEN[chosen.cell],
        seeds=chosen.translator_seeds or _TRANSLATOR_SEEDS[chosen.cell],
        seed=chosen.seed,
        steps=chosen.steps,
        progress=progress,
    )
    clock.lap("translator")
    verdict = judge(train, heldout, fit.heldout_error)
    record = _opening(data, heldout, chosen, fit, verdict)
    if verdict.verdict != "law":
        return _closed(record, {}, (), data, heldout, fit, truth, chosen, clock)

    coordinates = hidden_coordinates(
        fit.translator, train, error=fit.heldout_error, seed=chosen.seed
    )
    shown = hidden_runs(fit.translator, coordinates, train)
    unseen = hidden_runs(fit.translator, coordinates, heldout)
    bottleneck = sweep(
        shown,
        unseen,
        dimensions=chosen.dimensions,
        decoders=chosen.classes,
        cell="taylor" if chosen.cell == "taylor" else "generator",
        seeds=chosen.seeds,
        seed=chosen.seed,
        progress=progress,
    )
    clock.lap("distiller")
    choices = {name: _choice(bottleneck, name, chosen) for name in bottleneck.decoders()}
    record["spectrum"] = [float(v) for v in np.asarray(coordinates.spectrum)[:12]]
    record["sweep"] = bottleneck.records()
    record["dimension"] = {name: choice.dimension for name, choice in choices.items()}
    record["reason"] = {name: choice.reason for name, choice in choices.items()}

    progress.start("theory", len(choices))
    theories = []
    for name, choice in choices.items():
        if choice.dimension is None:
            continue
        distillation = bottleneck.distillations[choice.dimension, name]
        theory = derive_theory(distillation.distiller, name, train, heldout)
        theory.record["reason"] = choice.reason
        theory.record["reconstruction_loss"] = float(distillation.heldout_loss[distillation.best])
        theory.record["encoder"] = _encoder_check(distillation.distiller, unseen) | {
            "train_loss": float(distillation.train_loss[distillation.best])
        }
        attach_errors(theory, heldout)
        theories.append(theory)
        progress.advance("theory", theory.equation)
    theories = rank(theories)
    clock.lap("theory")
    if not theories:
        record["verdict"], record["verdict_reason"] = "none", "no width of any decoder explains it"
    arrays = _trained(bottleneck, choices)
    return _closed(record, arrays, tuple(theories), data, heldout, fit, truth, chosen, clock)


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now


def _choice(bottleneck: Bottleneck, decoder: str, chosen: Settings) -> Choice:
    if chosen.dimension is not None:
        return Choice(chosen.dimension, "asked for")
    return choose_dimension(bottleneck.of(decoder))


def _opening(
    data: Dataset, heldout: Dataset, chosen: Settings, fit: TranslatorFit, verdict: Verdict
) -> dict[str, Any]:
    """The record as far as it is known before distillation."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "dataset": {
            "runs": data.runs,
            "sites": data.sites,
            "dx": data.dx,
            "x": data.x_name,
            "x_start": float(data.x[0]),
            "input": list(data.input_names),
            "response": list(data.response_names),
            "hold": data.hold,
            "units": dict(data.units),
            "input_range": np.asarray(data.input_range).tolist(),
            "source": data.source,
        },
        "heldout_runs": heldout.runs,
        "verdict": verdict.verdict,
        "verdict_reason": verdict.reason,
        "dimension": {name: None for name in chosen.classes},
        "reason": {name: verdict.reason for name in chosen.classes},
        "selected": None,
        "theories": [],
        "sweep": [],
        "spectrum": [],
        "translator": {
            "cell": chosen.cell,
            "hidden": chosen.hidden or HIDDEN[chosen.cell],
            "train_error": fit.train_error,
            "heldout_error": fit.heldout_error,
            "static_error": verdict.static_error,
            "seed_errors": [
                [float(e) if np.isfinite(e) else None for e in pair] for pair in fit.seed_errors
            ],
        },
    }


def _closed(record, arrays, theories, data, heldout, fit, truth, chosen, clock) -> Discovery:
    """The record completed, with what the pictures show."""
    record["theories"] = [theory.record for theory in theories]
    record["selected"] = 0 if theories else None
    shown, comparison = showcase(data, heldout, fit, theories, truth, chosen.seed)
    record["truth"] = comparison
    record["notes"] = _notes(data, theories)
    clock.lap("pictures")
    record["settings"] = chosen.model_dump(mode="json")
    record["seconds"] = clock.seconds
    record["versions"] = {
        "python": platform.python_version(),
        **{name: _version(name) for name in ("hiddenlaw", "jax", "equinox", "optimistix", "numpy")},
    }
    translator = {f"translator/{i}": leaf for i, leaf in enumerate(_leaves(fit.translator))}
    models = {
        f"theory/{t}/{name}": np.asarray(value)
        for t, theory in enumerate(theories)
        for name, value in {
            "matrices": theory.model.cell.matrices,
            "initial": theory.model.initial,
            "weights": theory.model.readout.weights,
        }.items()
    }
    return Discovery(record, {**translator, **arrays, **models, **shown}, theories)


def _notes(data: Dataset, theories: tuple[Theory, ...]) -> list[str]:
    notes = [
        "All runs are taken to share one preparation (the state before the first site).",
        "Error bars: Gauss–Newton at the refit; no residual is taken for less than 1e-10 of the "
        "response's standard deviation.",
    ]
    if any(theory.record["born"] for theory in theories):
        response = data.response_names[0]
        notes.insert(
            0,
            f"The scale of psi is convention: {response} = psi**2 fixes it, so a factor on "
            f"{response} cannot be known. psi and -psi are the same state.",
        )
    if any(
        "V'" in str(theory.record["law"]) or "'*" in str(theory.record["law"])
        for theory in theories
    ):
        notes.append(
            "Where the input is held constant over cells its derivative is a spike at each edge: "
            "there the first-order system is the law, and the scalar equation its form for an input "
            "that can be differentiated."
        )
    return notes


def _version(name: str) -> str:
    try:
        return version(name)
    except Exception:
        return "unknown"


def _leaves(model: Any) -> list[np.ndarray]:
    import jax

    return [np.asarray(leaf) for leaf in jax.tree.leaves(model)]


def _trained(bottleneck: Bottleneck, choices: dict[str, Choice]) -> dict[str, np.ndarray]:
    """The arrays of the best distiller of every width and class."""
    return {
        f"distiller/{decoder}/{dimension}/{i}": leaf
        for (dimension, decoder), found in bottleneck.distillations.items()
        for i, leaf in enumerate(_leaves(found.distiller))
    }


def _encoder_check(distiller: Distiller, runs: HiddenRuns) -> dict[str, float]:
    """Encode the hidden state in the middle of each held-out run, roll on, compare."""
    import equinox as eqx
    import jax

    sites = runs.input.shape[1]
    middle = sites // 2
    ahead = min(20, sites - middle)
    after = slice(middle, middle + ahead)
    rebuilt = eqx.filter_jit(jax.vmap(lambda h, v: distiller(h, v)))(
        runs.coordinates[:, middle - 1], runs.input[:, after]
    )
    misfit = np.sum((np.asarray(rebuilt) - runs.coordinates[:, after]) ** 2, axis=2)
    return {"sites": ahead, "heldout_loss": float(np.mean(misfit))}
