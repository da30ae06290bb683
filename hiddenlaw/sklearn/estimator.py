"""`HiddenLaw`: the search for a law as a regressor of scikit-learn, samples in order of time."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from hiddenlaw.discovery import discover
from hiddenlaw.families.registry import families_for
from hiddenlaw.kinds import choose
from hiddenlaw.sklearn.answering import answered, known_of
from hiddenlaw.sklearn.stretches import cut, dataset_of, shortage, stretches_of
from hiddenlaw.sklearn.warned import NoLawWarning

_OF_DISCOVER = ("family", "max_dimension", "decoders", "hold", "initial_state", "context",
                "held_out", "seeds", "translator_seeds", "bootstrap", "seed")  # fmt: skip
_CONTEXT = 4  # runs that are cut are this many times as long as what is read of them, as windows


class HiddenLaw(RegressorMixin, BaseEstimator):
    """The law behind a record, as a regressor: `fit(X, y)`, `predict(X)`, `score(X, y)`.

        model = HiddenLaw(dx=0.01, family="driven").fit(u, y)
        print(model.equation_)
        model.predict(u_new)

    Rows of X are samples in the order of time, one every `dx`; its columns are the inputs. y is the
    response at the same samples, (samples,) or (samples, responses). All rows are one record,
    unless `fit` is told `groups`. A law remembers: what is predicted at a sample follows from the
    inputs up to it, so rows must not be shuffled, and `TimeSeriesSplit` or `GroupKFold` is what
    cuts them.

    - `dx`: the time, or length, from one sample to the next: a number in a unit of yours, or with
      its unit, "10 ms".
    - `run_length`: cut the record, or every group, into runs of so many samples, each with a start
      of its own, and look for the law in these. By default one record is cut as `hl.discover` cuts
      it, which takes about 370 samples; with `run_length` 16 some 64 are enough.
    - `family`, `max_dimension`, `decoders`, `hold`, `initial_state`, `held_out`, `seeds`,
      `translator_seeds`, `bootstrap`, `seed`: as in `hl.discover`, where None is its default.
    - `context`: how many first samples of a run's response tell where it starts. Runs are then
      searched with `initial_state` "context", and `predict` looks at so many of `y_context`.

    What a fit leaves:

    - `discovery_`, `theory_`: the `Discovery` and its best `Theory`; None where there is none.
    - `verdict_`: "law", "approximate", "memoryless" or "none"; "too short" where there were too few
      samples to look for a law.
    - `equation_`: the law in text, and `coefficients_`: its coefficients, a DataFrame (see
      `Theory.coefficients`); None where there is no law.
    - `mean_` (responses,): the mean of the response.
    - `n_features_in_`, and `feature_names_in_` if X names its columns by text. Names go into the
      equation; a header such as `speed (rpm)` is name and unit.

    Where no law is found, `predict` gives the mean, and a `NoLawWarning` says so.
    """

    def __init__(
        self,
        *,
        dx: float | str = 1.0,
        run_length: int | None = None,
        family: str = "auto",
        max_dimension: int | None = None,
        decoders: Any = ("linear", "quadratic"),
        hold: Any = None,
        initial_state: Any = "auto",
        context: int | None = None,
        held_out: float | None = None,
        seeds: int = 8,
        translator_seeds: int | None = None,
        bootstrap: int = 0,
        seed: int = 0,
    ):
        self.dx = dx
        self.run_length = run_length
        self.family = family
        self.max_dimension = max_dimension
        self.decoders = decoders
        self.hold = hold
        self.initial_state = initial_state
        self.context = context
        self.held_out = held_out
        self.seeds = seeds
        self.translator_seeds = translator_seeds
        self.bootstrap = bootstrap
        self.seed = seed

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Look for the law of X (samples, inputs) and y (samples,) or (samples, responses).

        `groups` (samples,): stretches of equal group are runs, of any lengths; samples of one run
        follow one another. Raises `DataError` and `SettingsError`, both `ValueError`s, for data and
        settings that mean nothing, and `TrainingError` where every training diverged.
        """
        names = _headers(y)
        X, y = validate_data(
            self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=2
        )
        self._flat = y.ndim == 1
        y = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        asked = self._asked()
        chosen = choose(**asked)
        families_for(chosen)  # raises for settings that go with none
        runs = cut(stretches_of(groups, len(X)), self.run_length)
        heads = getattr(self, "feature_names_in_", None)
        data = dataset_of(X, y, runs, self.dx, (None if heads is None else list(heads), names))
        lacking = shortage(data, chosen)
        found = None if lacking else discover(data, **asked)
        theory = found.theory if found is not None and found.theories else None
        self.mean_ = y.mean(axis=0)
        self.discovery_, self.theory_ = found, theory
        self.verdict_ = "too short" if found is None else found.verdict
        self.equation_ = None if theory is None else theory.equation
        self.coefficients_ = None if theory is None else theory.coefficients
        self._told = list(data.response_names)
        self._reason = lacking or (found.record["verdict_reason"] if found else "")
        if theory is None:
            self._warn()
        return self

    def predict(self, X: Any, y_context: Any = None, groups: Any = None) -> np.ndarray:
        """The response to X (samples, inputs), of the shape of y: a free run of the law.

        One run, or several by `groups` as in `fit`. Where a run starts:

        - from the start that all runs share, if the law was found so (`theory_.own_starts` is
          False): runs of `groups` that were all prepared alike;
        - from the state that `y_context` tells, if every run has a start of its own, as windows of
          a record have: the first samples of the response, (k,) or (k, responses), of which the
          first `context` are looked at; of several runs a row for every sample, NaN where nothing
          is known;
        - without `y_context` from the mean of the starts that were fitted, for a stationary record
          its mean state. What that costs fades as fast as the law forgets; a law that does not
          forget needs `y_context`.

        Where `fit` found no law, the mean of the response is given, with a `NoLawWarning`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        runs = stretches_of(groups, len(X))
        found = np.tile(self.mean_, (len(X), 1))
        known = None
        if y_context is not None:
            known = known_of(y_context, len(X), len(self.mean_), runs, self.context)
        if self.theory_ is None or self.discovery_ is None:
            self._warn()
        else:
            # What answers to nothing is no part of the law, and keeps its mean.
            columns = [self._told.index(n) for n in self.discovery_.record["dataset"]["response"]]
            of_law = None if known is None else known[:, columns]
            found[:, columns] = answered(self.theory_, X, runs, of_law)
        return found[:, 0] if self._flat else found

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        # A response without memory has no law here, and its mean is predicted.
        tags.regressor_tags.poor_score = True
        return tags

    def _asked(self) -> dict[str, Any]:
        """What of the settings goes to `discover`, without those left to it."""
        asked = {name: getattr(self, name) for name in _OF_DISCOVER}
        asked = {name: value for name, value in asked.items() if value is not None}
        if asked["initial_state"] == "auto":
            if self.run_length is not None:
                asked.setdefault("context", max(1, self.run_length // _CONTEXT))
            if "context" in asked:
                asked["initial_state"] = "context"
        return asked

    def _warn(self) -> None:
        said = f"no law ({self.verdict_}), so that the mean of the response is predicted: "
        remedy = "; or cut it into runs with run_length=" if self.verdict_ == "too short" else ""
        warnings.warn(said + self._reason + remedy, NoLawWarning, stacklevel=3)


def _headers(y: Any) -> list[str] | None:
    """What a Series, or the columns of a table, of responses are called, if that is text."""
    names = list(getattr(y, "columns", [])) or [getattr(y, "name", None)]
    return names if all(isinstance(name, str) and name for name in names) else None
