"""scikit-learn's own checks of estimators: all but those that ask what no law can give.

They bring at most 200 samples of noise or of static maps, mostly some thirty. As one record these
are too few to look for a law, and cut into runs of eight a search ends without one: so these checks
hold the estimator to its manners, and `test_estimator.py` to what it predicts.
"""

import subprocess
import sys

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is an extra: pip install 'hiddenlaw[sklearn]'")

from sklearn.utils.estimator_checks import estimator_checks_generator

from hiddenlaw.sklearn import HiddenLaw, NoLawWarning

NOT_APPLICABLE = {
    "check_methods_sample_order_invariance": "a law remembers: the order of samples is that of "
    "time, and another order is another record",
    "check_methods_subset_invariance": "a part of a record starts elsewhere than the record does",
    "check_array_api_input": "it runs only where SCIPY_ARRAY_API is set, and laws are NumPy's",
}
# Here the types of arguments are checked as well, and refuse them sooner; in a program of its own
# nothing does.
ODD_SETTINGS = "check_do_not_raise_errors_in_init_or_set_params"
SLOW_SEARCHES = (  # in ten inputs
    "check_dtype_object",
    "check_regressor_data_not_an_array",
    "check_regressors_int",
    "check_regressors_train",
)
WITH_SEARCHES = """
import warnings
from sklearn.utils.estimator_checks import estimator_checks_generator
from hiddenlaw.sklearn import HiddenLaw, NoLawWarning

warnings.simplefilter("ignore", NoLawWarning)
quick = {"family": "driven", "max_dimension": 1, "decoders": ("linear",), "seeds": 1,
         "translator_seeds": 1, "run_length": 8}
for model, check in estimator_checks_generator(HiddenLaw(**quick), mark=None):
    name = getattr(check, "func", check).__name__
    if name not in LEFT_OUT:
        try:
            check(model)
            print("passed", name)
        except Exception as failed:
            print("FAILED", name, failed)
"""


def name_of(check):
    return getattr(check, "func", check).__name__


EVERY = [check for _, check in estimator_checks_generator(HiddenLaw(), mark=None)]


@pytest.mark.filterwarnings(f"ignore::{NoLawWarning.__module__}.NoLawWarning")
@pytest.mark.parametrize(
    "check", [c for c in EVERY if name_of(c) not in (*NOT_APPLICABLE, ODD_SETTINGS)], ids=name_of
)
def test_as_one_record(check):
    check(HiddenLaw())


def test_with_searches():
    left_out = (*NOT_APPLICABLE, *SLOW_SEARCHES)
    program = WITH_SEARCHES.replace("LEFT_OUT", repr(left_out))
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert [line for line in lines if line.startswith("FAILED")] == []
    assert f"passed {ODD_SETTINGS}" in lines
    assert len(lines) == sum(name_of(check) not in left_out for check in EVERY)


def test_no_check_is_left_out_that_is_not_there():
    known = {name_of(check) for check in EVERY}
    assert {*NOT_APPLICABLE, *SLOW_SEARCHES, ODD_SETTINGS} <= known
