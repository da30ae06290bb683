"""Whether a theory is the whole law: is anything predictable left of what it does not explain?

Asked on held-out runs, in four ways: does the translator predict them clearly better; does a law
that was refused, say for its many constants, leave less than half; do products of the input and the
answer, there and before, explain some of what is left; and does it remember itself, where it is
more than a little. Noise that lasts from site to site remembers itself, too, and cannot be told
from a law that is missing: where it is little it is taken for noise, and said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from hiddenlaw.theory.ranking import as_good_as_translator, error_of, floor_of
from hiddenlaw.theory.theory import Theory
from hiddenlaw.translator.fit import answer_to_own
from hiddenlaw.translator.left_over import left_over
from hiddenlaw.translator.translation import Translation

_MUCH = 0.02  # of the variance: a memory of so much is no mere colour of the noise
_MOST = 0.5  # of the variance: who leaves more explains little


@dataclass(frozen=True)
class Adequacy:
    """What is left of the response on held-out runs, over its variance.

    - `left`: by the theory, and `translator`: by the translator.
    - `input_share`: what the input still explains of what is left, with the chance of mere luck.
    - `memory`: the largest correlation of what is left with itself, up to three sites on; 0 where
      it may be luck.
    - `why`: what is predictable and left; empty where nothing is.
    """

    left: float
    translator: float
    input_share: float
    input_chance: float
    memory: float
    why: tuple[str, ...]

    @property
    def approximate(self) -> bool:
        return bool(self.why)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"why": list(self.why)}


def adequacy(theory: Theory, translation: Translation, refused: Theory | None = None) -> Adequacy:
    """Of the first theory of a search; `refused` is a law that knows more."""
    left, translator = error_of(theory), translation.fit.heldout_error
    if left <= floor_of(theory):
        return Adequacy(left, translator, 0.0, 1.0, 0.0, ())
    train, heldout = translation.train, translation.heldout
    own = answer_to_own(theory.law, train)
    found = left_over(train, heldout.judged, own, theory.answer_to(heldout))
    share = min(max(found.share, 0.0), 1.0)
    why = []
    if not as_good_as_translator(theory):
        why.append(
            f"the translator leaves {translator:.2g} of the variance, this theory {left:.2g}"
        )
    if refused is not None:
        why.append(
            f"a law that was refused leaves {error_of(refused):.2g} of the variance, this theory "
            f"{left:.2g}"
        )
    if found.told:
        why.append(f"the input still explains {100 * share:.2g} % of what is left")
    if found.remembers and left > _MUCH:
        why.append(f"what is left remembers itself, with a correlation of {found.memory:.2g}")
    if left > _MOST:
        why.append(f"{100 * left:.0f} % of the variance are left")
    return Adequacy(left, translator, share, found.chance, min(found.memory, 1.0), tuple(why))
