"""A theory: few state variables, the law that moves them, and how the response reads them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from hiddenlaw.cells import AbstractLinearCell, DrivenCell
from hiddenlaw.data.described import as_text
from hiddenlaw.data.heldout import Heldout
from hiddenlaw.data.instrument import PERFECT, Friction, Instrument
from hiddenlaw.errors import DataError
from hiddenlaw.holds import Span, applied, constant
from hiddenlaw.law import Law, Shown
from hiddenlaw.theory.asked import Predicting
from hiddenlaw.theory.brief import theory_in_words
from hiddenlaw.theory.friction import rubbed, started
from hiddenlaw.theory.inputs import as_runs, check_given, without_background
from hiddenlaw.theory.outward import Outward
from hiddenlaw.theory.readings import Reading
from hiddenlaw.theory.statement import Statement


@dataclass(frozen=True, eq=False, repr=False)
class Theory(Predicting, Outward):
    """A complete model of the response, in the canonical gauge, and what is said of it.

    - `law`: per site and for the response over `response_scale`. Where every run has numbers of its
      own, the law holds those of the training runs, and for new ones they are found from given
      samples of the response.
    - `dx`: width of a cell, in the data's units.
    - `span`: the inputs that were trained on, as cells are shown them; `hold`: how they run
      between samples.
    - `statement`: everything said about the theory.
    - `dead_time`: how late each channel of the input acts, in the data's units; empty where none
      does.
    - `instrument`: through which inputs and responses were recorded; what is given and predicted
      is as recorded, answers to `Heldout` runs are those of the law.
    - `covariance`: of a driven law, that of the cell's numbers and of the readout's weights behind
      them; None where it is not known.
    - `dead_time_stderr`: the standard errors of `dead_time`; empty where they are not known.
    - `home`: record and arrays of the discovery that holds it; None where none does.
    """

    law: Law
    dx: float
    span: Span
    hold: str
    statement: Statement
    dead_time: tuple[float, ...] = ()
    instrument: Instrument = PERFECT
    covariance: Float[np.ndarray, "p p"] | None = None
    dead_time_stderr: tuple[float, ...] = ()
    home: tuple[dict[str, Any], dict[str, np.ndarray]] | None = None
    _found: dict[Heldout, tuple[Law, Shown]] = field(default_factory=dict, compare=False)

    @property
    def record(self) -> dict[str, Any]:
        """The statement as plain data, as in `discovery.json`."""
        return self.statement.to_json()

    @property
    def response_scale(self) -> float:
        """The unit of every response."""
        return float(np.ravel(self.law.scale)[0])

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
        return self.law.dimension

    @property
    def readout(self) -> str:
        """The class of decoder under which this dimension is the smallest that explains."""
        return self.statement.readout

    @property
    def equation(self) -> str:
        """The law as one scalar equation, or as a first-order system where there is none."""
        return self.statement.equation

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Gains, poles, zeros and dead times of a driven law; none of another."""
        return self.statement.readings

    @property
    def own_starts(self) -> bool:
        """Whether every run starts from a state of its own."""
        return self.law.preparation.per_run

    def answer(self, input: ArrayLike, given: ArrayLike | None = None) -> Float[np.ndarray, "*any"]:
        """The responses to inputs in arrays; see `predict`."""
        array, squeeze = as_runs(input, len(self.low))
        law, shown = self._as_recorded(array, given)
        outputs = np.swapaxes(law.outputs(shown), 0, 1) * self.response_scale
        outputs = self.instrument.seen(outputs)
        if squeeze and outputs.shape[2] == 1:
            outputs = outputs[..., 0]
        return outputs[0] if np.ndim(input) == 1 else outputs

    def answer_to(self, runs: Heldout) -> Float[np.ndarray, "run site response"]:
        """The responses to the inputs of runs, knowing of them what is given."""
        law, shown = self.for_runs(runs)
        return np.swapaxes(law.outputs(shown), 0, 1) * self.response_scale

    def states_of(self, runs: Heldout) -> Float[np.ndarray, "run site d"]:
        """The canonical state variables along runs, knowing of them what is given."""
        law, shown = self.for_runs(runs)
        return np.swapaxes(law.states(shown), 0, 1) * self.state_units

    def for_runs(self, runs: Heldout) -> tuple[Law, Shown]:
        """The law with the numbers of these runs, found once, and what it is shown."""
        if runs not in self._found:
            self._found[runs] = self._ready(runs.input, runs.context)
        return self._found[runs]

    def states(
        self, input: ArrayLike, given: ArrayLike | None = None
    ) -> Float[np.ndarray, "run site d"]:
        """The canonical state variables, in the data's units, after every site; see `predict`."""
        law, shown = self._as_recorded(as_runs(input, len(self.low))[0], given)
        return np.swapaxes(law.states(shown), 0, 1) * self.state_units

    def transition(self, input: ArrayLike) -> Float[np.ndarray, "sample d d"]:
        """The update matrix over one cell, in the canonical gauge and the data's units.

        `input`: (samples,) or (samples, channels). A constant of the runs is taken at its mean.
        Of a driven law it is how a state moves without a push. Raises `NotImplementedError` for a
        law that is not linear in its state.
        """
        if not isinstance(self.law.cell, AbstractLinearCell | DrivenCell):
            raise NotImplementedError("a law that is not linear in its state has no update matrix")
        values = np.asarray(input, float)
        values = values[:, None] if values.ndim == 1 else values
        span = self.span.joined(Span(tuple(values.min(axis=0)), tuple(values.max(axis=0))))
        law, units = self._for(span), self.state_units
        along = constant(values, self.hold, self.late)[None]
        shown = law.preparation.middle.show(law.cell, along, None)[0]
        assert isinstance(law.cell, AbstractLinearCell | DrivenCell)
        return law.cell.transition(shown) * units[:, None] / units

    def out_of_range(self, input: ArrayLike) -> Bool[np.ndarray, " run"]:
        """Which runs leave the range of inputs that was trained on (by more than a thousandth)."""
        array, _ = as_runs(input, len(self.low))
        low, high = np.array(self.low), np.array(self.high)
        margin = 1e-3 * (high - low)
        outside = (array < low - margin) | (array > high + margin)
        return np.asarray(outside.any(axis=(1, 2)))

    @property
    def late(self) -> tuple[float, ...]:
        """The dead times in sites."""
        return tuple(time / self.dx for time in self.dead_time)

    @property
    def state_units(self) -> Float[np.ndarray, " d"]:
        """The unit of every state variable: what 1 in the law's state is in the data's units."""
        amplitude = self.law.readout.state_unit(self.response_scale)
        return amplitude / self.dx ** np.asarray(self.statement.orders)

    def law_for(self, span: Span) -> Law:
        """The law, exact to rounding for what it was trained on and for inputs of `span`."""
        return self._for(self.span.joined(span))

    def starts(self, runs: int) -> Float[np.ndarray, "run d"]:
        """The state that all runs start from, in the data's units. Raises `DataError` for a law
        whose runs start each from its own."""
        if self.own_starts:
            raise DataError(
                "every run of this law starts from a state of its own; give one with start="
            )
        return self.law.preparation.starts(runs) * self.state_units

    def _for(self, span: Span) -> Law:
        """The law, exact to rounding for these inputs."""
        return self.law.but(cell=self.law.cell.with_span(self.law.preparation.span(span)))  # type: ignore[attr-defined]

    def _as_recorded(
        self, input: Float[np.ndarray, "run site channel"], given: ArrayLike | None
    ) -> tuple[Law, Shown]:
        """The law with the numbers of these runs, and what it is shown, through the instrument."""
        friction, known = self.instrument.friction, without_background(given, self.instrument)
        law, shown = self._ready(self.instrument.input(input), known, friction)
        return law, shown if friction is None else rubbed(law, shown, friction)

    def _ready(
        self,
        input: Float[np.ndarray, "run site channel"],
        given: ArrayLike | None,
        friction: Friction | None = None,
    ) -> tuple[Law, Shown]:
        """The law with the numbers of these runs, and what it is shown."""
        shown = applied(input, self.hold, self.late)
        law = self._for(self.span.joined(shown.span))
        if self.own_starts:
            outputs = self.law.readout.weights.shape[1]
            known = check_given(given, input.shape[0], input.shape[1], outputs)
            known = known / self.response_scale
            seen = np.isfinite(known)
            spread = np.nanvar(known, axis=(0, 1))
            weight = seen / np.where(spread > 0, spread, 1.0)
            of_given = Shown.of(shown.values, np.where(seen, known, 0.0), weight)
            law = started(law, of_given, friction)
        return law, Shown.unanswered(shown.values)

    def judged(self, **findings: Any) -> Theory:
        """The same theory with more known of it from held-out runs (`Judgement`)."""
        from hiddenlaw.theory.judgement import Judgement

        judgement = replace(self.statement.judgement or Judgement(), **findings)
        return replace(self, statement=replace(self.statement, judgement=judgement))

    def __repr__(self) -> str:
        return as_text(*theory_in_words(self, self.statement))

    def _repr_latex_(self) -> str:
        said = self.statement
        lines = [said.law.latex] if said.law else list(said.system.latex)
        lines.append(said.readout_law.latex)
        body = " \\\\ ".join(lines)
        return f"$\\begin{{array}}{{l}} {body} \\end{{array}}$"
