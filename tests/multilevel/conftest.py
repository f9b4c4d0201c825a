"""What several tests of multilevel regression look at."""

import pytest
from cases import MARKETS, TWO_MARKETS

from borrowing_strength import datasets
from borrowing_strength.multilevel import fit


@pytest.fixture(scope="module")
def post():
    return fit(*TWO_MARKETS, labels=MARKETS)


@pytest.fixture(scope="module")
def twenty():
    return datasets.twenty_markets().set_index("market")
