"""A theory: few state variables, the law that moves them, and how the response reads them."""

from dataclasses import dataclass, replace
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from hiddenlaw._precision import float64
from hiddenlaw.cells import AbstractGeneratorCell
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.errors import DataError
from hiddenlaw.holds._base import Span, applied, constant
from hiddenlaw.levels.bound_states import BoundStates, bound_states
from hiddenlaw.levels.curvature import curvature_law
from hiddenlaw.readouts import AbstractReadout, Linear, Quadratic
from hiddenlaw.theory.fits.new_runs import found_starts
from hiddenlaw.theory.fits.refit import with_nodes_for
from hiddenlaw.theory.gauges.offsets import span_with
from hiddenlaw.training.recurrent import Recurrent, with_constant
from hiddenlaw.translator import open_sequences, sequences_for


@dataclass(frozen=True)
class Theory:
    """A complete model of the response, in the canonical gauge.

    - `model`: initial state, generator cell and readout, per site and for the response over
      `response_scale`. Where every run starts from a state of its own, `model.initial` holds those
      of the training runs, and for new ones they are found from given samples of the response.
    - `dx`: width of a cell, in the data's units.
    - `span`: the inputs that were trained on, as cells are shown them; `hold`: how they run
      between samples.
    - `record`: everything said about the theory, as in `discovery.json`.
    """

    model: Recurrent
    response_scale: float
    dx: float
    span: Span
    hold: str
    record: dict[str, Any]

    @property
    def low(self) -> tuple[float, ...]:
        """Lowest input of each channel that was trained on."""
        return self.span.low

    @property
    def high(self) -> tuple[float, ...]:
        """Highest input of each channel that was trained on."""
        return self.span.high

    @property
    def dimension(self) -> int:
        return self.model.cell.dimension

    @property
    def readout(self) -> str:
        """The class of decoder under which this dimension is the smallest that explains."""
        return self.record["readout"]

    @property
    def equation(self) -> str:
        """The law as one scalar equation, or as a first-order system where there is none."""
        law = self.record["law"]
        return law["equation"] if law else "; ".join(self.record["system"]["equations"])

    def predict(
        self, input: ArrayLike, given: ArrayLike | None = None
    ) -> Float[np.ndarray, "run site response"]:
        """The responses to new inputs, by the law alone: the same preparation, the same dx.

        `input` is (runs, sites, channels), (runs, sites) or (sites,); the answer has the same
        leading axes and lacks the channel axis where the input does and there is one response.
        `given`, of the shape of the answer or with fewer sites, holds what is known of the response
        (NaN where nothing is): each run's initial state is found from it. Only laws of runs that
        do not start alike look at it, and these need it.

        Raises `DataError` where the number of channels is another one, a value is not finite, or
        nothing is given of a run that needs it.
        """
        array, squeeze = self._inputs(input)
        outputs = self._run(array, given)[1] * self.response_scale
        if squeeze and outputs.shape[2] == 1:
            outputs = outputs[..., 0]
        return outputs[0] if np.ndim(input) == 1 else outputs

    def answer_to(self, runs: Heldout) -> Float[np.ndarray, "run site response"]:
        """The responses to the inputs of runs, knowing of them what is given."""
        return self.predict(runs.input, runs.context)

    def states(
        self, input: ArrayLike, given: ArrayLike | None = None
    ) -> Float[np.ndarray, "run site d"]:
        """The canonical state variables, in the data's units, after every site; see `predict`."""
        array, _ = self._inputs(input)
        return self._run(array, given)[0] * self.state_units

    def transition(self, input: ArrayLike) -> Float[np.ndarray, "sample d d"]:
        """The update matrix over one cell, in the canonical gauge and the data's units.

        `input`: (samples,) or (samples, channels). A constant of the runs is taken at its mean.
        """
        values = np.asarray(input, float)
        values = values[:, None] if values.ndim == 1 else values
        units = self.state_units
        span = self.span.joined(Span(tuple(values.min(axis=0)), tuple(values.max(axis=0))))
        shown = constant(values, self.hold)
        if self.model.constants is not None:
            middle = np.full((len(values), 1), float(np.mean(self.model.constants)))
            cell = self.model.cell
            assert isinstance(cell, AbstractGeneratorCell)
            shown = np.asarray(with_constant(cell, shown[:, None], middle[:, 0]))[:, 0]
        model = with_nodes_for(self.model, span_with(self.model, span))
        return _transition(model, shown) * units[:, None] / units

    def out_of_range(self, input: ArrayLike) -> Bool[np.ndarray, " run"]:
        """Which runs leave the range of inputs that was trained on (by more than a thousandth)."""
        array, _ = self._inputs(input)
        low, high = np.array(self.low), np.array(self.high)
        margin = 1e-3 * (high - low)
        outside = (array < low - margin) | (array > high + margin)
        return np.asarray(outside.any(axis=(1, 2)))

    def bound_states(self, V: ArrayLike, x: ArrayLike, *, count: int | None = None) -> BoundStates:
        """The energy levels that the law gives a trap V(x), at most `count` of the lowest.

        For a law ψ'' = (κV + b) ψ these are the E at which ψ'' = κ (V - E) ψ has a solution that
        vanishes at both ends: the constant b is that of the energy at which the law was found.
        `V` and `x` have shape (sites,); see `hiddenlaw.levels.bound_states`.

        Raises `LawError` where the law gives no levels, `DataError` for a trap that cannot be used
        or is too narrow for its levels, and `SettingsError` for a count below 1.
        """
        law = curvature_law(self.record, self.low, self.high)
        return bound_states(law, V, x, count=count)

    @property
    def state_units(self) -> Float[np.ndarray, " d"]:
        amplitude = self.response_scale
        if isinstance(self.model.readout, Quadratic):
            amplitude = np.sqrt(amplitude)
        derivatives = self.record.get("derivatives") or range(self.dimension)
        return amplitude / self.dx ** np.asarray(derivatives)

    def _inputs(self, input: ArrayLike) -> tuple[Float[np.ndarray, "run site channel"], bool]:
        array = np.asarray(input, float)
        channels = len(self.low)
        squeeze = array.ndim < 3
        if array.ndim == 1:
            array = array[None]
        if array.ndim == 2:
            array = array[..., None]
        if array.ndim != 3 or array.shape[2] != channels:
            raise DataError(
                f"input has shape {np.shape(input)} and the law takes {channels} channel(s); "
                "give (runs, sites, channels)"
            )
        if not np.isfinite(array).all():
            run, site, _ = np.argwhere(~np.isfinite(array))[0]
            raise DataError(
                f"input is not finite in run {run} at site {site}; mend or drop the run"
            )
        return array, squeeze

    @property
    def own_starts(self) -> bool:
        """Whether every run starts from a state of its own."""
        return self.model.own_starts

    def _run(self, input: np.ndarray, given: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
        """States and outputs, with Chebyshev nodes for these inputs."""
        shown = applied(input, self.hold)
        model = with_nodes_for(self.model, span_with(self.model, self.span.joined(shown.span)))
        known = self._given(given, input) if self.own_starts else None
        return _run(model, shown.values, known)

    def _given(self, given: ArrayLike | None, input: np.ndarray) -> np.ndarray:
        """What is known of the response, over its scale: (run, site, output), NaN elsewhere."""
        runs, sites = input.shape[:2]
        known = np.full((runs, sites, self.model.readout.weights.shape[1]), np.nan)
        if given is None:
            raise DataError(
                "every run of this law starts from a state of its own; give samples of its "
                "response to find it: predict(input, given=response)"
            )
        values = np.asarray(given, float)
        values = values[None] if np.ndim(given) == 1 else values
        values = values[..., None] if values.ndim == 2 else values
        wrong = values.ndim != 3 or (values.shape[0], values.shape[2]) != (runs, known.shape[2])
        if wrong or values.shape[1] > sites:
            raise DataError(
                f"given has shape {np.shape(given)} and the input is of {runs} runs and {sites} "
                f"sites; give ({runs}, at most {sites}, {known.shape[2]})"
            )
        known[:, : values.shape[1]] = values / self.response_scale
        empty = ~np.isfinite(known).any(axis=(1, 2))
        if empty.any():
            raise DataError(
                f"nothing is given of run {int(np.argmax(empty))}; some samples of its response "
                "are needed to find where it starts"
            )
        return known

    def __repr__(self) -> str:
        return f"Theory({self.dimension} variables, {self.readout} readout: {self.equation})"

    def _repr_latex_(self) -> str:
        law = self.record["law"]
        lines = [law["latex"]] if law else list(self.record["system"]["latex"])
        lines.append(self.record["readout_law"]["latex"])
        body = " \\\\ ".join(lines)
        return f"$\\begin{{array}}{{l}} {body} \\end{{array}}$"


@float64
def _run(
    model: Recurrent, input: np.ndarray, known: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    outputs = model.readout.weights.shape[1]
    target = np.zeros((*input.shape[:2], outputs))
    sequences_of = sequences_for if model.constants is None else open_sequences
    if known is not None:
        seen = np.isfinite(known)
        spread = np.nanvar(known, axis=(0, 1))
        weight = seen / np.where(spread > 0, spread, 1.0)
        given = sequences_of(model.cell, input, np.where(seen, known, 0.0), weight)
        starts, constants = found_starts(model, given)
        model = replace(model, initial=starts, constants=constants)
    states, answers = _run_jit(model, sequences_of(model.cell, input, target))
    return (
        np.asarray(states).transpose(2, 0, 1),
        np.asarray(answers).transpose(2, 0, 1),
    )


@eqx.filter_jit
def _run_jit(model, sequences):
    return model.states(sequences), model.outputs(sequences)


@float64
def _transition(model: Recurrent, values: np.ndarray) -> np.ndarray:
    return np.asarray(_transition_jit(model.cell, jnp.asarray(values)))


@eqx.filter_jit
def _transition_jit(cell, values):
    return cell.transition(values)


def readout_from(name: str, weights: np.ndarray) -> AbstractReadout:
    """The refitted readout of a theory: linear, or quadratic for every other decoder class."""
    kind = Linear if name == "linear" else Quadratic
    return kind(weights, np.zeros(0))
