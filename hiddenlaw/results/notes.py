"""What a reader of the theories should know: how they were found, and what cannot be known."""

from __future__ import annotations

from collections.abc import Sequence

from hiddenlaw.advice.richness import richness
from hiddenlaw.data.dataset import Dataset
from hiddenlaw.data.describe import of_windows
from hiddenlaw.data.visible import left_out_in_words
from hiddenlaw.distiller.target import Target, told
from hiddenlaw.holds import hold_called
from hiddenlaw.settings import Settings
from hiddenlaw.theory.equations.naming import factors_of
from hiddenlaw.theory.statement import Statement


def notes(
    data: Dataset,
    statements: Sequence[Statement],
    starts: str,
    chosen: Settings,
    left_out: int = 0,
    targets: Sequence[Target] = (),
) -> list[str]:
    """The notes of a record.

    `statements` are those of the theories, the best first; `starts` is the sentence that the
    preparation says of itself; `left_out` is how many runs could not be used,
    and `targets` what a black box was distilled from. First comes what
    concerns the theories themselves, then how errors and starts were found, last what the data
    cannot tell.
    """

    def told_of(text: str) -> str:
        return of_windows(text) if data.kept_back else text

    return [
        *_scale_of_waves(statements, data),
        *map(told_of, _worse_than_translator(statements[:1])),
        *dict.fromkeys(line for statement in statements for line in statement.unknowable),
        *told(targets),
        told_of(starts),
        told_of(_errors(chosen)),
        *_constants(statements[:1]),
        *_late(data),
        *([f"{left_out_in_words(left_out)}."] if left_out else []),
        *_cells(data, chosen),
        *_slopes(statements, data),
        *(f"{said[0].upper()}{said[1:]}." for said in data.remarks),
        *richness(data).warnings,
    ]


def silent_in_words(silent: Sequence[str]) -> list[str]:
    """Of responses that nothing explains."""
    if not silent:
        return []
    names, are = " and ".join(silent), "is" if len(silent) == 1 else "are"
    return [
        f"{names} {are} left out: neither the input nor the samples around say anything of "
        f"{'it' if len(silent) == 1 else 'them'}."
    ]


def _scale_of_waves(statements: Sequence[Statement], data: Dataset) -> list[str]:
    if not any(statement.born and not statement.several for statement in statements):
        return []
    response = data.response_names[0]
    return [
        f"The scale of psi is convention: {response} = psi**2 fixes it, so a factor on "
        f"{response} cannot be known. psi and -psi are the same state."
    ]


def _late(data: Dataset) -> list[str]:
    late = [name for name, time in zip(data.input_names, data.dead_time, strict=False) if time]
    if not late:
        return []
    inputs = ", ".join(late)
    return [
        f"In the equations {inputs} is what was given a dead time before; samples that hang on "
        "what was given before a run began were left out."
    ]


def _worse_than_translator(best: Sequence[Statement]) -> list[str]:
    judgements = [statement.judgement for statement in best if statement.judgement]
    return [
        "The first theory predicts held-out runs worse than the translator from which it was "
        f"distilled (error {judgement.heldout_error:.2g} of the variance against "
        f"{judgement.confirmed.translator_error:.2g}): it is not the whole law, or not the law. "
        "More seeds, another largest dimension or more runs may find it."
        for judgement in judgements
        if judgement.confirmed and not judgement.confirmed.as_good
    ]


def _errors(chosen: Settings) -> str:
    intervals = (
        f"bootstrap over runs, {chosen.bootstrap} resamples."
        if chosen.bootstrap
        else "of the same errors."
    )
    return (
        "Standard errors: Gauss–Newton at the refit or, where what is left lasts from site to site "
        "or is larger where the response is, of independent runs; no residual is taken for less "
        f"than 1e-10 of the response's standard deviation. 95 % intervals: {intervals}"
    )


def _constants(best: Sequence[Statement]) -> list[str]:
    found = [constant for statement in best for constant in statement.run_constants]
    if not found:
        return []
    names = " and ".join(constant.name for constant in found)
    said = (
        f"{names} is a constant of each run, found beside the law: {found[0].meaning}."
        if len(found) == 1
        else f"{names} are constants of each run, found beside the law."
    )
    if any(constant.stderr is None for constant in found):
        said += " Intervals of the coefficients take them as they were found."
    return [
        f"{said} Runs are looked at where the response stands above three times its noise, and the "
        "law was fitted over windows there, each with a start of its own; errors of smooth holds "
        "are not counted."
    ]


def _cells(data: Dataset, chosen: Settings) -> list[str]:
    if not hold_called(data.hold).varies or chosen.run_constants:
        return []
    return [
        "The input varies inside cells: errors include what finer cells and a smoother spline "
        "would change."
    ]


def _slopes(statements: Sequence[Statement], data: Dataset) -> list[str]:
    """What a derivative of the input means where the input jumps."""
    slopes = {name + "'" for name in data.input_names}
    laws = [statement.law.terms for statement in statements if statement.law]
    terms = [term for law in laws for entries in law.values() for term in entries]
    if not any(name in slopes for term in terms for name, _ in factors_of(term)):
        return []
    return [
        "Where the input is held constant over cells its derivative is a spike at each edge: "
        "there the first-order system is the law, and the scalar equation its form for an "
        "input that can be differentiated."
    ]
