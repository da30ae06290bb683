"""Features of a readout, an orthonormal basis of them, and what lies outside.

Chunk by chunk a QR decomposition leaves as many rows as there are features; what chunks have in
common is found from these few rows. So nothing is squared before it is projected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Weighting = tuple[Float[np.ndarray, "sample _f"], Float[np.ndarray, "_g _f"]]


@dataclass(frozen=True)
class Features:
    """The features of a chunk times the root of the weights, Q R, for every weighting.

    `target` holds Qᵀ y of every output.
    """

    parts: tuple[Weighting, ...]
    target: Float[np.ndarray, "f output"]

    @classmethod
    def of(
        cls,
        features: Float[np.ndarray, "site run f"],
        root: Float[np.ndarray, "site run one_or_output"],
        target: Float[np.ndarray, "site run output"],
    ) -> Features:
        outputs, weightings = target.shape[2], root.shape[2]
        parts, seen = [], []
        for w in range(weightings):
            rows = (features * root[..., w, None]).reshape(-1, features.shape[-1])
            basis, triangle = np.linalg.qr(rows)
            mine = slice(None) if weightings == 1 else slice(w, w + 1)
            parts.append((basis, triangle))
            weighted = (target[..., mine] * root[..., w, None]).reshape(len(rows), -1)
            seen.append(basis.T @ weighted)
        assert weightings in (1, outputs)
        return cls(tuple(parts), np.concatenate(seen, axis=1))

    def without(
        self, values: Float[np.ndarray, "site run row p"]
    ) -> tuple[Float[np.ndarray, "site run row p"], Float[np.ndarray, "row f p"]]:
        """What no feature takes back, and the rest in terms of the basis."""
        sites, runs, rows, p = values.shape
        if len(self.parts) == 1:
            # All rows have the same features: one product of large matrices for all.
            basis, left = self.parts[0][0], values.reshape(sites * runs, rows * p)
            inside = basis.T @ left
            left = left - basis @ inside
            again = basis.T @ left  # once more: the first time leaves its own rounding
            left -= basis @ again
            seen = (inside + again).reshape(-1, rows, p)
            return left.reshape(values.shape), np.swapaxes(seen, 0, 1)
        flat, seen = values.reshape(sites * runs, rows, p), []
        left = np.empty_like(flat)
        for row in range(rows):
            basis = self.parts[row][0]
            inside = basis.T @ flat[:, row]
            rest = flat[:, row] - basis @ inside
            again = basis.T @ rest
            left[:, row] = rest - basis @ again
            seen.append(inside + again)
        return left.reshape(values.shape), np.stack(seen)


def _stacked(features: Sequence[Features], w: int) -> tuple[np.ndarray, ...]:
    """Singular vectors, values and scale of the features of all chunks, for one weighting."""
    triangles = np.concatenate([part.parts[w][1] for part in features])
    scale = np.linalg.norm(triangles, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    left, values, right = np.linalg.svd(triangles / scale, full_matrices=False)
    return left, values, right, scale


def _kept(values: np.ndarray, dependent: float) -> np.ndarray:
    return values > np.sqrt(dependent) * values[0]


def fitted_weights(features: Sequence[Features], dependent: float) -> Float[np.ndarray, "f output"]:
    """The weights with which the features come closest to the target, by least squares."""
    target = np.concatenate([part.target for part in features])
    weightings, columns = len(features[0].parts), []
    for w in range(weightings):
        left, values, right, scale = _stacked(features, w)
        kept = _kept(values, dependent)
        mine = target if weightings == 1 else target[:, w : w + 1]
        inverse = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
        columns.append(right.T @ (inverse[:, None] * (left.T @ mine)) / scale[:, None])
    return np.concatenate(columns, axis=1)


def beyond(
    inside: Sequence[Float[np.ndarray, "row f p"]], features: Sequence[Features], dependent: float
) -> Float[np.ndarray, "p p"]:
    """JᵀJ of what lies in the span of a chunk's features but not in that of all chunks together."""
    weightings, p = len(features[0].parts), inside[0].shape[-1]
    total = np.zeros((p, p))
    every = np.concatenate(inside, axis=1)  # row, f of all chunks, p
    for w in range(weightings):
        left, values, _, _ = _stacked(features, w)
        basis = left[:, _kept(values, dependent)]
        if basis.shape[0] == basis.shape[1]:
            continue  # one chunk whose features are all independent: nothing lies beyond
        mine = every if weightings == 1 else every[w : w + 1]
        for _ in range(2):
            mine = mine - basis @ (basis.T @ mine)
        flat = mine.reshape(-1, p)
        total += flat.T @ flat
    return total
