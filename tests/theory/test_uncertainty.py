"""Error bars: exact for a linear model, honest about known errors, the same by the bootstrap."""

from dataclasses import replace

import numpy as np
import pytest
from distilled_example import distilled, theory_of

from hiddenlaw.systems import Schroedinger, measure
from hiddenlaw.theory.equations.intervals import NORMAL, equation_with_errors, with_intervals
from hiddenlaw.theory.equations.term import Term
from hiddenlaw.theory.fits.uncertainty import covariance, information, inverse_of, multiplicity

pytestmark = pytest.mark.slow

KAPPA, ENERGY, DX = 1.3, 0.4, 0.2


def test_the_covariance_is_that_of_linear_regression():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = x @ [1.0, -2.0, 0.5] + 0.1 * rng.normal(size=400)
    _, (square,), *_ = np.linalg.lstsq(x, y, rcond=None)
    found = covariance(x.T @ x / 400, square / 400, 400.0, 1, np.ones(3))
    np.testing.assert_allclose(found, square / 397 * np.linalg.inv(x.T @ x), rtol=1e-10)
    one = covariance(x.T @ x / 400, square / 400, 400.0, 1, np.array([1, 0, 1]))
    assert not one[1].any()
    assert not one[:, 1].any()


def test_errors_are_not_taken_for_less_than_the_measurement_says():
    matrix, loss = np.eye(2), 1e-6
    free = np.ones(2)
    modest = covariance(matrix, loss, 100.0, 1, free, known=1e-4)
    np.testing.assert_allclose(modest, np.eye(2) * 1e-4 / 100)
    worse = covariance(matrix, 1e-2, 100.0, 1, free, known=1e-4)
    np.testing.assert_allclose(worse, covariance(matrix, 1e-2, 100.0, 1, free))


def test_the_choice_among_many_terms_has_its_price():
    """ln C(P, k): none where there is no choice, and more the more are on offer."""
    assert multiplicity(0, 12) == multiplicity(12, 12) == 0
    assert multiplicity(2, 12) == pytest.approx(2 * np.log(66))
    assert multiplicity(2, 30) > multiplicity(2, 12)
    assert information(1e-3, 100.0, 3, floor=1e-2) == information(1e-2, 100.0, 3)


def test_intervals_stand_beside_every_coefficient_and_in_the_equation():
    law = {"psi''": {"psi": Term(-0.37, 0.01)}}
    (term,) = with_intervals(law)["psi''"].values()
    np.testing.assert_allclose(term.ci95, [-0.37 - NORMAL * 0.01, -0.37 + NORMAL * 0.01])
    assert pytest.approx(1.96, abs=1e-3) == NORMAL
    other = {"psi''": {"psi": Term(-0.37, 0.02)}}
    (both,) = with_intervals(law, 2.0, other)["psi''"].values()
    assert both.stderr == 0.01
    assert both.stderr_bootstrap == 0.02
    np.testing.assert_allclose(both.ci95, [-0.41, -0.33])
    (exact,) = with_intervals({"y'": {"y": Term(1.0, 0.0)}})["y'"].values()
    assert exact.ci95 == (1.0, 1.0)
    bare = {"y'": {"y": Term(1.0)}}
    assert with_intervals(bare) == bare
    terms = {"V*psi": Term(1.0002, 0.0003, (0.9996, 1.0008)), "psi": term}
    text = equation_with_errors("psi''", terms)
    assert text == "psi'' = (1.0002 ± 0.0006)*V*psi - (0.37 ± 0.02)*psi"
    assert r"\pm" in equation_with_errors("psi''", terms, latex=True)


def start_near_the_truth(data):
    """A distiller that holds the true law, a little wrong and in some basis."""
    matrices = np.array([[[0, 1], [-ENERGY, 0]], [[0, 0], [KAPPA, 0.0]]])
    return distilled(matrices, (1.0, 0.0), data, error=1e-4, seed=1)


def derived(share, seed=0, **options):
    clean = Schroedinger(kappa=KAPPA, energy=ENERGY).simulate(runs=30, sites=40, dx=DX, seed=0)
    data = measure(clean, noise=f"gaussian:{share}", seed=seed, **options)
    train, heldout = data.split(0.2, 0)
    return train, heldout, start_near_the_truth(data)


def terms_of(theory):
    ((left, terms),) = theory.record["law"]["terms"].items()
    assert left == "psi''"
    return terms


def test_the_bootstrap_agrees_with_the_fit_where_noise_is_alike():
    train, heldout, start = derived(0.05)
    theory = theory_of(start, "quadratic", train, heldout, bootstrap=80, seed=3)
    for entry in terms_of(theory).values():
        assert 0.6 < entry["stderr_bootstrap"] / entry["stderr"] < 1.7
    again = theory_of(start, "quadratic", train, heldout, bootstrap=80, seed=3)
    assert terms_of(again) == terms_of(theory)


def test_pulls_over_many_noises_have_the_width_of_the_error_bars():
    """(found − true) / stderr: mean 0 and variance 1, over 20 noises of the same experiment."""
    pulls = []
    for seed in range(20):
        train, heldout, start = derived(0.03, seed)
        terms = terms_of(theory_of(start, "quadratic", train, heldout))
        pulls.append([(terms[t]["value"] - v) / terms[t]["stderr"] for t, v in TRUE.items()])
    pulls = np.array(pulls)
    # 40 numbers, the two of one fit correlated: 4 standard errors of mean and variance.
    assert np.abs(pulls.mean(axis=0)).max() < 4 / np.sqrt(20)
    assert 0.4 < pulls.var() < 1.9


TRUE = {"V*psi": KAPPA, "psi": -ENERGY}


def test_missing_samples_cost_accuracy_and_nothing_else():
    train, heldout, start = derived(0.02, missing=0.3)
    whole = derived(0.02)[0]
    assert np.isnan(train.response).mean() == pytest.approx(0.3, abs=0.03)
    terms = terms_of(theory_of(start, "quadratic", train, heldout))
    full = terms_of(theory_of(start, "quadratic", whole, heldout))
    assert set(terms) == set(TRUE)
    for name, value in TRUE.items():
        assert abs(terms[name]["value"] - value) < 4 * terms[name]["stderr"]
        assert 1.0 < terms[name]["stderr"] / full[name]["stderr"] < 1.6


def test_known_errors_weigh_and_give_a_chi_square_of_one():
    """Half of the runs are a hundred times noisier: with their errors known they do no harm."""
    clean = Schroedinger(kappa=KAPPA, energy=ENERGY).simulate(runs=60, sites=40, dx=DX, seed=0)
    rng = np.random.default_rng(2)
    sigma = np.where(np.arange(60) % 2, 1.0, 1e-2)[:, None, None] * np.sqrt(clean.variance)
    sigma = np.broadcast_to(0.3 * sigma, clean.response.shape)
    noisy = clean.response + sigma * rng.normal(size=clean.response.shape)
    plain = replace(clean, response=noisy)
    weighted = replace(plain, response_error=sigma)
    start = start_near_the_truth(clean)
    blind = terms_of(theory_of(start, "quadratic", *plain.split(0.2, 0)))
    theory = theory_of(start, "quadratic", *weighted.split(0.2, 0))
    assert theory.record["fit"]["chi_square"] == pytest.approx(1.0, abs=0.15)
    for name, value in TRUE.items():
        entry = terms_of(theory)[name]
        assert abs(entry["value"] - value) < 4 * entry["stderr"]
        assert entry["stderr"] < 0.1 * blind[name]["stderr"]


def test_powers_of_ten_are_typeset_in_latex():
    terms = {"psi": Term(1.0, 3e-13, (1 - 6e-13, 1 + 6e-13))}
    text = equation_with_errors("psi''", terms, latex=True)
    assert r"6\cdot 10^{-13}" in text


def test_what_the_data_do_not_tell_has_a_huge_error_unless_it_is_the_basis():
    """J of three numbers, of which only a sum of two and the third are seen."""
    j = np.random.default_rng(0).normal(size=(50, 3))
    j[:, 1] = j[:, 0]
    matrix, free = j.T @ j, np.ones(3, bool)
    left_out = inverse_of(matrix, free, 1)
    np.testing.assert_allclose(left_out, np.linalg.pinv(matrix), rtol=1e-6)
    np.testing.assert_allclose(inverse_of(matrix, free), left_out, rtol=1e-9)
    unknown = inverse_of(matrix, free, 0)
    assert unknown[0, 0] > 1e9 * left_out[0, 0]
    assert unknown[2, 2] == pytest.approx(left_out[2, 2], rel=1e-2)
    of_sum = np.array([1.0, 1.0, 0.0])  # it is seen, and no less well known for that
    assert of_sum @ unknown @ of_sum == pytest.approx(of_sum @ left_out @ of_sum, rel=0.3)


@pytest.mark.parametrize("seen", [0.0, 1e-9])
def test_a_number_that_nothing_depends_on_is_unknown(seen):
    j = np.random.default_rng(1).normal(size=(50, 2)) * np.array([1.0, seen])
    found = inverse_of(j.T @ j, np.ones(2, bool), 0)
    assert np.isfinite(found).all()
    assert found[1, 1] > 1e12 * found[0, 0]
