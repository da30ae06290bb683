"""An estimator in the manner of scikit-learn: `fit`, `predict`, `score`, for pipelines as well.

scikit-learn is an extra. Nothing else in hiddenlaw imports this folder.
"""

import importlib.util

if importlib.util.find_spec("sklearn") is None:
    raise ModuleNotFoundError(
        "hiddenlaw.sklearn needs scikit-learn; pip install 'hiddenlaw[sklearn]'", name="sklearn"
    )

from hiddenlaw.sklearn.estimator import HiddenLaw as HiddenLaw
from hiddenlaw.sklearn.warned import NoLawWarning as NoLawWarning
