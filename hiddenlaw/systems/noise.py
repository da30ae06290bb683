"""What a measurement does to a clean response: it blurs, it adds noise, it loses samples.

The order is that of an experiment: the optics blur the density, the camera counts atoms and adds
its own noise, and some samples are lost. Inputs are left as they are.

Source of the counting noise: absorption or fluorescence images of atom clouds are limited by the
Poisson statistics of what is counted; the rest of a camera's noise is Gaussian.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float64

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import DataError, SettingsError

Array = np.ndarray
NOISES = ("gaussian", "poisson")
# Of this many counts a Poisson generator with 64-bit integers is still sure.
_MOST_COUNTS = 1e12


@dataclass(frozen=True)
class Measurement:
    """How a response is measured; a part that is 0 is left out.

    - `blur`: standard deviation of the Gaussian by which the response is blurred, in units of x.
    - `poisson`: counts a sample at the mean response of its channel. Each sample becomes a count,
      scaled back, and `response_error` its expected standard deviation, that of one count at least.
    - `gaussian`: standard deviation of the noise relative to that of the response, pooled over all
      runs and sites of its channel.
    - `missing`: fraction of the samples that are lost; they become NaN.

    As a string, and for `parse`: `blur:0.1,poisson:1000,gaussian:0.02,missing:0.01`, in any order.
    Raises `SettingsError` for a number that makes no measurement.
    """

    blur: float = 0.0
    poisson: float = 0.0
    gaussian: float = 0.0
    missing: float = 0.0

    def __post_init__(self):
        for part in fields(self):
            value = getattr(self, part.name)
            if not (np.isfinite(value) and value >= 0):
                raise SettingsError(f"{part.name} is {value:g}; it must be a number, 0 or larger")
        if self.missing >= 1:
            raise SettingsError(f"missing is {self.missing:g}; it is a fraction, smaller than 1")
        if self.poisson > _MOST_COUNTS:
            raise SettingsError(
                f"poisson is {self.poisson:g} counts; at most {_MOST_COUNTS:g} can be drawn"
            )

    def __str__(self) -> str:
        given = [(part.name, getattr(self, part.name)) for part in fields(self)]
        return ",".join(f"{name}:{value!r}" for name, value in given if value)

    @classmethod
    def parse(cls, text: str) -> Measurement:
        """The measurement that `text` describes. Raises `SettingsError`, naming what is known."""
        known = [part.name for part in fields(cls)]
        found: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, number = (word.strip() for word in part.partition(":"))
            if name not in known:
                raise SettingsError(
                    f"no measurement is called {name!r}; there are {', '.join(known)}"
                )
            try:
                value = float(number)
            except ValueError:
                raise SettingsError(
                    f"{part!r} gives {name} no number; write it as {name}:0.02"
                ) from None
            if name in found:
                raise SettingsError(f"{name} is given twice in {text!r}; give it once")
            found[name] = value
        return cls(**found)

    def apply(self, dataset: Dataset, seed: int) -> Dataset:
        """The dataset as this measurement would have found it; its truth stays the clean one.

        Equal seeds give equal data. Raises `DataError` for a response that cannot be measured so:
        blurred where samples are missing or errors are given, counted where it is negative.
        """
        if seed < 0:
            raise SettingsError(f"seed is {seed}; it must be at least 0")
        if not str(self):
            return dataset
        # Streams of their own, apart from those that drew the inputs and the preparations.
        noise, loss = (np.random.default_rng([seed, stream]) for stream in (2, 3))
        blurred = _blur(dataset, self.blur) if self.blur else dataset.response
        spread = self.gaussian * np.nanstd(blurred, axis=(0, 1))
        response, error = blurred, dataset.response_error
        if self.poisson:
            response, own = _count(noise, blurred, self.poisson, dataset.response_names)
            error = own if error is None else np.hypot(error, own)
        if self.gaussian:
            response = response + spread * noise.standard_normal(response.shape)
            error = None if error is None else np.hypot(error, spread)
        if self.missing:
            response = np.where(_lost(loss, response.shape, self.missing), np.nan, response)
        return replace(
            dataset,
            response=response,
            response_error=error,
            allow_missing=dataset.allow_missing or self.missing > 0,
            source=f"{dataset.source or 'arrays'}; measured with {self}, seed {seed}",
        )


def measure(
    dataset: Dataset,
    *,
    noise: str | None = None,
    blur: float = 0.0,
    missing: float = 0.0,
    seed: int,
) -> Dataset:
    """The dataset as it would have been measured: blurred, then noisy, then with samples missing.

    - `noise`: `gaussian:0.02`, `poisson:1000`, both with a comma between, or None.
    - `blur`: standard deviation of the imaging resolution, in units of x; 0 for none.
    - `missing`: fraction of the samples that are lost; 0 for none.

    Raises `SettingsError` and `DataError` as `Measurement` does.
    """
    parsed = Measurement.parse(noise or "")
    if parsed.blur or parsed.missing:
        raise SettingsError(f"noise is {noise!r}; it can be {' or '.join(NOISES)}")
    return replace(parsed, blur=blur, missing=missing).apply(dataset, seed)


def blur_matrix(x: Float64[Array, " site"], width: float) -> Float64[Array, "site site"]:
    """The matrix that blurs samples at x by a Gaussian of standard deviation `width`.

    The samples are joined by a cubic spline, mirrored at both ends, so that rows add up to 1 and a
    constant stays constant; that spline is averaged at steps fine enough for the Gaussian, so that
    resolutions finer than the grid are right too.
    """
    from scipy.interpolate import CubicSpline  # half a second

    step = width / 4
    offsets = step * np.arange(-32, 33)
    weights = np.exp(-0.5 * (offsets / width) ** 2)
    length = x[-1] - x[0]
    place = np.mod(x[:, np.newaxis] + offsets - x[0], 2 * length)
    mirrored = x[0] + np.minimum(place, 2 * length - place)
    spline = CubicSpline(x, np.eye(x.size))
    return np.einsum("o,iox->ix", weights / weights.sum(), spline(mirrored))


def _blur(dataset: Dataset, width: float) -> Array:
    if dataset.response_error is not None or not dataset.observed.all():
        raise DataError(
            "the response has errors or missing samples, so it was measured before; blur comes "
            "first: blur the clean response"
        )
    blurred = np.einsum("ix,rxc->ric", blur_matrix(dataset.x, width), dataset.response)
    # Near a zero of the density the spline may dip below it.
    return np.maximum(blurred, 0.0) if dataset.response.min() >= 0 else blurred


def _count(
    rng: np.random.Generator, response: Array, counts: float, names: tuple[str, ...]
) -> tuple[Array, Array]:
    """The response as counted, and its expected standard error."""
    seen = np.isfinite(response)
    for channel, name in enumerate(names):
        lowest, mean = np.nanmin(response[:, :, channel]), np.nanmean(response[:, :, channel])
        if lowest < 0 or not mean > 0:
            raise DataError(
                f"response {name} goes down to {lowest:g} with mean {mean:g}; only what is "
                "nowhere negative, and somewhere positive, can be counted: use gaussian noise"
            )
    one = np.nanmean(response, axis=(0, 1)) / counts
    expected = np.where(seen, response, 0.0) / one
    counted = np.where(seen, rng.poisson(expected) * one, np.nan)
    return counted, np.sqrt(np.maximum(expected, 1.0)) * one


def _lost(rng: np.random.Generator, shape: tuple[int, ...], fraction: float) -> Array:
    """Which samples are lost; of every run and channel one is kept at least."""
    drawn = rng.random(shape)
    return (drawn < fraction) & (drawn < drawn.max(axis=1, keepdims=True))
