"""Exponentials of many small matrices, their slopes, and interpolation between them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm, expm_frechet

from hiddenlaw.cells.chebyshev import cardinal_functions, derivative_along, grid_on, nodes_on
from hiddenlaw.cells.exponential import exponential, exponential_slopes


@pytest.mark.parametrize("size", [1e-6, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("dimension", [1, 2, 3, 6])
def test_exponentials_are_those_of_scipy(dimension, size):
    matrices = np.random.default_rng(dimension).normal(size=(7, dimension, dimension))
    matrices *= size / np.linalg.norm(matrices, axis=(1, 2), keepdims=True)
    expected = expm(matrices)
    scale = np.abs(expected).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(exponential(matrices) / scale, expected / scale, atol=1e-13)


@pytest.mark.parametrize("each_its_own", [False, True])
@pytest.mark.parametrize("size", [1e-6, 0.3, 2.0, 5.0])
@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_their_slopes_are_the_frechet_derivatives_of_scipy(dimension, size, each_its_own):
    """In any direction: the same for all matrices, or each its own."""
    rng = np.random.default_rng(dimension)
    matrices = rng.normal(size=(5, dimension, dimension))
    matrices *= size / np.linalg.norm(matrices, axis=(1, 2), keepdims=True)
    directions = rng.normal(size=(5 if each_its_own else 1, 3, dimension, dimension))
    values, slopes = exponential_slopes(matrices, directions)
    np.testing.assert_array_equal(values, exponential(matrices))
    for n, matrix in enumerate(matrices):
        for q, direction in enumerate(directions[n if each_its_own else 0]):
            _, expected = expm_frechet(matrix, direction)
            close = 1e-12 * np.abs(expected).max()
            np.testing.assert_allclose(slopes[n, q], expected, rtol=0, atol=close)


def test_what_overflows_is_no_error():
    huge = np.full((1, 2, 2), 1e200)
    assert not np.isfinite(exponential(huge)).all()
    assert not np.isfinite(exponential_slopes(huge, np.ones((1, 1, 2, 2)))[1]).all()


BOX = np.array([-2.0, 0.5, 1.0]), np.array([1.0, 3.0, 1.5])
COUNTS = (6, 4, 5)


def polynomial(place):
    """Of degree 5, 3 and 4, with its derivatives by the three variables."""
    x, y, z = np.moveaxis(place, -1, 0)
    value = x**5 - 2 * x * y**3 + x**2 * z**4 + y * z
    slopes = (
        5 * x**4 - 2 * y**3 + 2 * x * z**4,
        -6 * x * y**2 + z,
        4 * x**2 * z**3 + y,
    )
    return value, slopes


def test_a_polynomial_of_low_degree_is_interpolated_exactly_and_so_are_its_slopes():
    low, high = BOX
    place = np.random.default_rng(0).uniform(low, high, (4, 25, 3))
    cardinal = cardinal_functions(place, low, high, COUNTS)
    at_nodes = polynomial(grid_on(low, high, COUNTS))[0]
    value, slopes = polynomial(place)
    np.testing.assert_allclose(cardinal @ at_nodes, value, rtol=1e-12, atol=1e-12)
    for variable in range(3):
        found = derivative_along(cardinal, low, high, COUNTS, variable) @ at_nodes
        np.testing.assert_allclose(found, slopes[variable], rtol=1e-10, atol=1e-10)


def test_at_a_node_itself_and_outside_the_slope_is_that_of_the_polynomial():
    low, high, counts = np.array([-1.0]), np.array([1.0]), (7,)
    nodes = nodes_on(7)
    place = np.concatenate([nodes, [-1.0, 1.0, 1.3]])[:, None]
    cardinal = cardinal_functions(place, low, high, counts)
    np.testing.assert_allclose(cardinal[:7], np.eye(7), atol=1e-12)
    slope = derivative_along(cardinal, low, high, counts, 0) @ nodes**6
    np.testing.assert_allclose(slope, 6 * place[:, 0] ** 5, rtol=1e-10, atol=1e-10)


@settings(max_examples=30)
@given(
    low=st.floats(-5, 5),
    width=st.floats(0.1, 10),
    count=st.integers(2, 40),
    seed=st.integers(0, 2**16),
)
def test_slopes_of_the_cardinal_functions_sum_to_zero(low, width, count, seed):
    """Their sum is 1 everywhere."""
    ends = np.array([low]), np.array([low + width])
    place = np.random.default_rng(seed).uniform(*ends, (6, 1))
    cardinal = cardinal_functions(place, *ends, (count,))
    np.testing.assert_allclose(cardinal.sum(axis=1), 1.0, rtol=1e-12)
    slopes = derivative_along(cardinal, *ends, (count,), 0)
    size = np.abs(slopes).max() + 1e-300
    np.testing.assert_allclose(slopes.sum(axis=1) / size, 0.0, atol=1e-10)
