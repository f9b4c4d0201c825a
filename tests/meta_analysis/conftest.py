"""What several tests of meta-analysis look at."""

import numpy as np
import pytest

from borrowing_strength import datasets
from borrowing_strength.meta_analysis import HalfCauchy, Prior, fit, relative_lift

SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
SCHOOLS_PRIOR = Prior(mu_sd=5, effect_sd=HalfCauchy(5))
FORTY = ["control_successes", "control_trials", "treatment_successes", "treatment_trials"]


@pytest.fixture(scope="module")
def schools():
    return fit(*SCHOOLS, prior=SCHOOLS_PRIOR, labels=list("ABCDEFGH"))


@pytest.fixture(scope="module")
def forty():
    table = datasets.ab_tests().set_index("test")
    return relative_lift(*(table[name] for name in FORTY))
