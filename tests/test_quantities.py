"""Quantities of pint in and out: converted where they are of one kind, refused where they are not.

The dimensions of coefficients are checked against exponents of kilogram, metre, second and ampere
that are written out here by hand, and their values against the constants of a simulation in SI.
"""

import builtins

import numpy as np
import pytest
from scipy.signal import cont2discrete

import hiddenlaw as hl
from hiddenlaw.data.checks import as_numbers
from hiddenlaw.errors import DataError, FormatError
from hiddenlaw.theory.equations.term import Term
from hiddenlaw.theory.equations.units import units_of

pint = pytest.importorskip("pint", reason="pint is an extra: pip install 'hiddenlaw[units]'")

REGISTRY = pint.UnitRegistry()  # of the user's own, not the application's
Q = REGISTRY.Quantity
RUNS, SITES = 4, 6
U = np.random.default_rng(0).normal(size=(RUNS, SITES))
Y = np.random.default_rng(1).normal(size=(RUNS, SITES))
# Exponents of (kg, m, s, A).
SI = {
    "J": (1, 2, -2, 0), "m": (0, 1, 0, 0), "nm": (0, 1, 0, 0), "s": (0, 0, 1, 0),
    "ms": (0, 0, 1, 0), "V": (1, 2, -3, -1), "mV": (1, 2, -3, -1), "N": (1, 1, -2, 0),
    "m/s^2": (0, 1, -2, 0), "1": (0, 0, 0, 0), "rpm": (0, 0, -1, 0), "kg/m^3": (1, -3, 0, 0),
}  # fmt: skip
BASES = ("[mass]", "[length]", "[time]", "[current]")


def exponents(unit):
    found = dict(unit.dimensionality)
    assert set(found) <= set(BASES)
    return tuple(found.get(base, 0) for base in BASES)


@pytest.mark.parametrize(
    ("left", "term", "units", "by_hand"),
    [
        # psi'' = K V psi: K = 1/([V] [x]^2)
        ("psi''", "V*psi", {"x": "m", "V": "J"}, (-1, -4, 2, 0)),
        ("psi''", "V*psi", {"x": "nm", "V": "1"}, (0, -2, 0, 0)),
        # y'' = K u, -k y, -d y', b y**3: [y]/([x]^2 times the term)
        ("y''", "u", {"x": "s", "u": "N", "y": "m"}, (-1, 0, 0, 0)),
        ("y''", "y", {"x": "ms", "u": "N", "y": "m"}, (0, 0, -2, 0)),
        ("y''", "y'", {"x": "s", "u": "N", "y": "m"}, (0, 0, -1, 0)),
        ("y''", "y**3", {"x": "s", "u": "N", "y": "m"}, (0, -2, -2, 0)),
        ("y''", "1", {"x": "s", "u": "m/s^2", "y": "m"}, (0, 1, -2, 0)),
        ("y'", "u", {"x": "s", "u": "m/s^2", "y": "rpm"}, (0, -1, 0, 0)),
        ("y'", "u**2*y", {"x": "s", "u": "V", "y": "kg/m^3"}, (-2, -4, 5, 2)),
    ],
)
def test_units_of_coefficients_are_read_by_pint_with_the_dimensions_by_hand(
    left, term, units, by_hand
):
    channel = next(name for name in units if name in ("u", "V"))
    state = left.rstrip("'")
    found = units_of({left: {term: Term(1.0)}}, {state: 0}, units, x="x", inputs=(channel,),
                     response="y")  # fmt: skip
    text = found[left][term]
    assert exponents(REGISTRY.Unit(text)) == by_hand
    # What is written out above, once more: both sides of the equation are of one dimension.
    factors = {"1": 0, **dict.fromkeys(units, 0)}
    for factor in [] if term == "1" else term.replace("**", "^").split("*"):
        name, _, power = factor.partition("^")
        factors[name.rstrip("'")] = factors.get(name.rstrip("'"), 0) + int(power or 1)
        factors["x"] -= name.count("'")
    if "y" not in units:
        factors.pop(state)
        own = np.zeros(4)
    else:
        own = np.array(SI[units["y"]])
    product = sum(n * np.array(SI[units[name]]) for name, n in factors.items() if name in units)
    side = own - left.count("'") * np.array(SI[units["x"]])
    np.testing.assert_array_equal(np.array(by_hand) + product, side)


def oscillator(mass, stiffness, drag, dt):
    """Forces in newton and positions in metres of m y'' = u - k y - c y', from rest."""
    rates = np.array([[0, 1], [-stiffness / mass, -drag / mass]]), np.array([[0], [1 / mass]])
    step, push, *_ = cont2discrete((*rates, np.eye(2), np.zeros((2, 1))), dt)
    u = np.repeat(np.random.default_rng(0).normal(size=(8, 12)), 3, axis=1)
    state, y = np.zeros((8, 2)), np.empty_like(u)
    for site in range(u.shape[1]):
        state = state @ step.T + u[:, site, None] * push[:, 0]
        y[:, site] = state[:, 0]
    return u, y


def test_a_law_found_in_millimetres_and_milliseconds_has_the_constants_of_the_simulation_in_si():
    mass, stiffness, drag, dt = 0.25, 1.0, 0.1, 0.1
    u, y = oscillator(mass, stiffness, drag, dt)
    quick = {"family": "driven", "dimension": 2, "readout": "linear", "seeds": 1,
             "translator_seeds": 1, "initial_state": "shared"}  # fmt: skip
    found = hl.discover(Q(u * 1e3, "mN"), Q(y * 1e3, "mm"), dx=Q(dt * 1e3, "ms"), **quick)
    theory = found.theory
    law = theory.quantities()["y''"]
    assert law["u"].to("1/kg").magnitude == pytest.approx(1 / mass, rel=1e-6)
    assert law["y"].to("1/s^2").magnitude == pytest.approx(-stiffness / mass, rel=1e-6)
    assert law["y'"].to("1/s").magnitude == pytest.approx(-drag / mass, rel=1e-6)
    table = theory.coefficients.set_index(["equation", "term"])
    for term, value in law.items():
        row = table.loc[("y''", term)]
        assert value.magnitude == row["value"]
        assert REGISTRY.Unit(row["unit"]).dimensionality == value.units.dimensionality

    new = theory.predict(Q(u, "N"))
    assert str(new.units) == "millimeter"
    np.testing.assert_allclose(new.to("m").magnitude, y, atol=1e-9)
    with pytest.raises(DataError, match=r"the input is in V, .* is to be in mN"):
        theory.predict(Q(u, "V"))
    numbers = hl.discover(u, y, dx=dt, **quick).theory
    with pytest.raises(DataError, match=r"coefficients have no units.*units=\{"):
        numbers.quantities()
    with pytest.raises(DataError, match="give u no unit"):
        numbers.predict(Q(u, "N"))


def test_quantities_bring_their_units():
    data = hl.as_dataset(Q(U, "V"), Q(Y, "m/s**2"), dx=Q(10, "ms"))
    assert data.units == {"u": "V", "y": "m/s^2", "x": "ms"}
    assert data.dx == 10
    np.testing.assert_array_equal(data.response[..., 0], Y)
    columns = {"t": Q(np.arange(24.0), "s"), "u": Q(U.ravel(), ""), "y": Q(Y.ravel(), "mm")}
    assert hl.as_dataset(columns).units == {"t": "s", "u": "1", "y": "mm"}
    xarray = pytest.importorskip("xarray")
    labelled = [
        xarray.DataArray(Q(values, unit), dims=("run", "t"), name=name)
        for values, unit, name in ((U, "V", "u"), (Y, "mm", "y"))
    ]
    assert hl.as_dataset(*labelled).units == {"u": "V", "y": "mm"}
    assert hl.as_dataset(U, Y, dx="0.5 s").units == {"x": "s"}


def test_other_units_of_the_same_kind_are_converted_and_that_is_told():
    asked = {"y": "m", "x": "s"}
    errors = Q(np.full(Y.shape, 20.0), "um")
    data = hl.as_dataset(Q(U, "V"), Q(Y, "mm"), dx="10 ms", units=asked, response_error=errors)
    assert data.units == {"u": "V", "y": "m", "x": "s"}
    assert data.dx == 0.01
    np.testing.assert_allclose(data.response[..., 0], Y / 1000)
    np.testing.assert_allclose(data.response_error, 2e-5)
    assert data.remarks == ("dx is converted from ms to s", "y is converted from mm to m")

    runs = [Q(Y[0], "mm"), *(Q(y / 1000, "m") for y in Y[1:])]
    data = hl.as_dataset([Q(u, "V") for u in U], runs, x=Q(np.arange(6.0), "s"))
    np.testing.assert_allclose(data.response[..., 0], Y)
    assert data.remarks == ("the response of 3 runs is converted from m to mm",)

    warm = hl.as_dataset(Q(U, "V"), Q(Y, "degC"), response_error=Q(0 * Y + 1, "kelvin"),
                         units={"y": "K"})  # fmt: skip
    np.testing.assert_allclose(warm.response[..., 0], Y + 273.15)
    np.testing.assert_allclose(warm.response_error, 1.0)


def test_files_in_millimetres_and_metres_are_one_dataset(tmp_path):
    paths = []
    for unit, factor in (("mm", 1.0), ("m", 1e-3), ("s", 1.0)):
        paths.append(tmp_path / f"{unit}.csv")
        rows = (f"{k},{U[0, k]},{factor * Y[0, k]}\n" for k in range(SITES))
        paths[-1].write_text(f"t [s],u [V],y [{unit}]\n" + "".join(rows))
    data = hl.load(paths[:2], input="u", response="y")
    assert data.units["y"] == "mm"
    np.testing.assert_allclose(data.response[1], data.response[0])
    assert any("y is converted from m to mm" in said for said in data.remarks)
    with pytest.raises((DataError, FormatError), match="unit s of y"):
        hl.load([paths[0], paths[2]], input="u", response="y")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dx": "10 sx"}, "the unit 'sx' of dx is none that pint knows; write it like 'ms'"),
        ({"dx": "ten"}, "dx is 'ten'; give a number, or one with its unit"),
        ({"dx": "1 9^9^9^9^9"}, "is none that pint knows"),
        ({"units": {"y": "metres long"}}, "the unit 'metres long' of y is none that pint knows"),
        ({"dx": Q(0.1, "m"), "units": {"x": "s"}}, "dx is in m, a length, .* in s, a time"),
        ({"x": Q(np.arange(6.0), "s"), "resample": Q(1, "m")}, "resample is in m, a length"),
        ({"units": {"y": "V"}}, r"y is in mm, a length, and is to be in V, a length\^2 mass/"),
        ({"response_error": Q(Y**2 + 1, "V")}, "the error of y is in V"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(given, said):
    with pytest.raises(DataError, match=said) as caught:
        hl.as_dataset(Q(U, "V"), Q(Y, "mm"), **given)
    assert "\n" not in str(caught.value)


def test_runs_of_two_dimensions_are_refused():
    forces = [Q(u, "V") for u in U]
    with pytest.raises(DataError, match=r"run 2 of the response is in s, a time, .* mm, a length"):
        hl.as_dataset(forces, [Q(Y[0], "mm"), Q(Y[1], "m"), *(Q(y, "s") for y in Y[2:])])
    with pytest.raises(DataError, match="run 1 of the response has no unit and others have one"):
        hl.as_dataset(forces, [Q(Y[0], "mm"), *Y[1:]])
    with pytest.raises(DataError, match=r"input is a quantity of pint; give these to hl\.discover"):
        as_numbers("input", Q(U[..., None], "V"))


def test_text_that_is_no_unit_stays_as_it_is_where_nothing_is_computed_with_it():
    data = hl.as_dataset(U, Y, units={"y": "ADC counts, raw", "x": "s"})
    assert data.units["y"] == "ADC counts, raw"


def test_without_pint_its_extra_is_named(monkeypatch):
    found = builtins.__import__

    def without(name, *others, **named):
        if name == "pint":
            raise ImportError(name)
        return found(name, *others, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError, match=r"needs pint; pip install 'hiddenlaw\[units\]'"):
        hl.as_dataset(U, Y, dx="10 ms")
