"""95 % intervals beside every value that has a standard error, in a theory's record."""

from typing import Any

from scipy.stats import norm

from hiddenlaw.theory.equations.naming import latex_name, latex_term, number

NORMAL = float(norm.ppf(0.975))


def with_intervals(record: Any, quantile: float = NORMAL, resampled: Any = None) -> Any:
    """The record with `ci95` beside every `value` and `stderr` of a coefficient.

    `resampled` is the same record with standard errors of a bootstrap, which then make the interval
    and stand beside the others as `stderr_bootstrap`.
    """
    if isinstance(record, list):
        others = resampled if resampled is not None else [None] * len(record)
        return [with_intervals(a, quantile, b) for a, b in zip(record, others, strict=True)]
    if not isinstance(record, dict):
        return record
    done = {
        key: with_intervals(item, quantile, None if resampled is None else resampled[key])
        for key, item in record.items()
    }
    if isinstance(record.get("value"), float) and isinstance(record.get("stderr"), float):
        stderr = record["stderr"]
        if resampled is not None:
            done["stderr_bootstrap"] = stderr = resampled["stderr"]
        half = quantile * stderr
        done["ci95"] = [record["value"] - half, record["value"] + half]
    return done


def equation_with_errors(left: str, terms: dict[str, Any], *, latex: bool = False) -> str:
    """left = Σ (value ± half of the 95 % interval)·term."""
    sign, dot = ("\\pm", "\\,") if latex else ("±", "*")
    parts = []
    for term, entry in terms.items():
        value, (low, high) = entry["value"], entry["ci95"]
        half = (high - low) / 2
        name = "" if term == "1" else (latex_term(term) if latex else term)
        width = f"{half:.1g}"
        if latex and "e" in width:
            mantissa, power = width.split("e")
            width = f"{mantissa}\\cdot 10^{{{int(power)}}}"
        body = f"({number(abs(value), half)} {sign} {width})" if half else number(abs(value))
        body = body if not name else (name if body == "1" else f"{body}{dot}{name}")
        parts.append((" - " if value < 0 else " + ", body))
    right = "".join(s + body for s, body in parts) or "0"
    right = "-" + right[3:] if right.startswith(" - ") else right.removeprefix(" + ")
    return f"{latex_name(left) if latex else left} = {right}"
