"""What a readout takes back is taken off J itself, and what is left stays a square."""

import numpy as np
import pytest
from laws import problem

from hiddenlaw.parameters import flat, layout
from hiddenlaw.training.least_squares import LeastSquares
from hiddenlaw.training.projection import Features, beyond, fitted_weights

SITES, RUNS, ROWS, P, F = 9, 8, 2, 4, 3
DEPENDENT = 1e-14


def example(chunks, weightings, *, along=1.0, seed=0):
    """Features, roots of weights, targets and J in chunks; J is `along` times features, and
    noise.
    """
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(SITES, RUNS, F))
    root = rng.uniform(0.5, 2.0, (SITES, RUNS, weightings))
    target = rng.normal(size=(SITES, RUNS, ROWS))
    mix = along * rng.normal(size=(ROWS, F, P))
    slopes = np.einsum("srf,ofp->srop", features, mix) * root[..., None]
    slopes = slopes + rng.normal(size=slopes.shape)
    pieces = np.array_split(np.arange(RUNS), chunks)
    return [tuple(part[:, runs] for part in (features, root, target, slopes)) for runs in pieces]


def projected(parts):
    """JᵀJ as training has it."""
    features = [Features.of(*part[:3]) for part in parts]
    total, inside = np.zeros((P, P)), []
    for basis, part in zip(features, parts, strict=True):
        left, seen = basis.without(part[3])
        rows = left.reshape(-1, P)
        total += rows.T @ rows
        inside.append(seen)
    return total + beyond(inside, features, DEPENDENT), features


def rows_of(parts, output):
    """Weighted features, target and J of one output, of all chunks together."""
    joined = [np.concatenate(part, axis=1) for part in zip(*parts, strict=True)]
    features, root, target, slopes = joined
    root = root[..., output % root.shape[2]]
    phi = (features * root[..., None]).reshape(-1, F)
    return phi, (target[..., output] * root).ravel(), slopes[:, :, output].reshape(-1, P)


@pytest.mark.parametrize("weightings", [1, ROWS])
@pytest.mark.parametrize("chunks", [1, 3, 8])
def test_chunk_by_chunk_it_is_the_projection_of_the_whole(chunks, weightings):
    parts = example(chunks, weightings)
    found, features = projected(parts)
    weights, expected = fitted_weights(features, DEPENDENT), 0.0
    for output in range(ROWS):
        phi, target, slopes = rows_of(parts, output)
        best = np.linalg.lstsq(phi, target, rcond=None)[0]
        np.testing.assert_allclose(weights[:, output], best, rtol=1e-11)
        rest = slopes - phi @ np.linalg.lstsq(phi, slopes, rcond=None)[0]
        expected = expected + rest.T @ rest
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("chunks", [1, 3])
def test_the_matrix_has_no_negative_direction_where_a_difference_of_two_has(chunks):
    """Where solutions grow J lies almost in what the readout takes back: here to nine digits."""
    parts = example(chunks, 1, along=1e9)
    found, _ = projected(parts)
    difference, expected = 0.0, 0.0
    for output in range(ROWS):
        phi, _, slopes = rows_of(parts, output)
        mixed, gram = phi.T @ slopes, phi.T @ phi
        difference = difference + slopes.T @ slopes - mixed.T @ np.linalg.solve(gram, mixed)
        q = np.linalg.qr(phi)[0]
        rest = slopes - q @ (q.T @ slopes)
        rest = rest - q @ (q.T @ rest)
        expected = expected + rest.T @ rest
    least = np.linalg.eigvalsh(found)[0]
    assert np.linalg.eigvalsh(difference)[0] < -least
    assert least > 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_it_stays_so_in_a_law_whose_solutions_grow():
    """A variable that grows a billionfold: JᵀJ − mixedᵀ Gram⁻¹ mixed loses its sign."""
    law, shown = problem("generator", "quadratic")
    numbers = flat(law)
    matrices = np.zeros(law.cell.matrices.shape)
    matrices[0] = np.diag([3.0, -0.1])
    matrices[1] = [[0.0, 0.3], [-0.2, 0.1]]
    numbers[layout(law).cell] = matrices.ravel()
    free = layout(law).mask(cell=True, starts=True)
    asked = LeastSquares(law, shown, free, eliminate_weights=True)
    found = asked.at(numbers).equations().matrix
    kept = LeastSquares(law, shown, free | layout(law).mask(weights=True))
    whole = kept.at(numbers).equations().matrix
    p = len(found)
    mixed, gram = whole[p:, :p], whole[p:, p:]
    difference = whole[:p, :p] - mixed.T @ np.linalg.pinv(gram, rcond=1e-14) @ mixed
    size = np.abs(found).max()
    assert np.linalg.eigvalsh(difference)[0] < -1e-3 * size
    assert np.linalg.eigvalsh(found)[0] > -1e-14 * size


def test_of_equal_features_the_smaller_weights():
    """Twice the same feature: the sum of the weights is known, and each has half of it."""
    rng = np.random.default_rng(1)
    feature = rng.normal(size=(SITES, RUNS, 1))
    both = np.concatenate([feature, feature], axis=2)
    part = Features.of(both, np.ones((SITES, RUNS, 1)), 3 * feature)
    np.testing.assert_allclose(fitted_weights([part], DEPENDENT), [[1.5], [1.5]], rtol=1e-12)
