"""What several tests of meta-analysis look at."""

import pytest
from cases import SCHOOLS, SCHOOLS_PRIOR, columns

from borrowing_strength import datasets
from borrowing_strength.meta_analysis import fit, relative_lift


@pytest.fixture(scope="module")
def schools():
    return fit(*SCHOOLS, prior=SCHOOLS_PRIOR, labels=list("ABCDEFGH"))


@pytest.fixture(scope="module")
def forty():
    table = datasets.ab_tests().set_index("test")
    return relative_lift(*columns(table))
