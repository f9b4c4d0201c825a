"""Lesson 06: arms within tests. Exact posterior of every click rate of an archive of tests.

    clicks_i ~ Poisson(trials_i level_t quality_i),   quality_i ~ Gamma(c, c),   c = 1 / spread**2

One number is shared by all tests: the spread of arms within a test. `fit` integrates over every test's level and over
the spread by quadrature; its cost grows with the number of arms.
"""

from borrowing_strength.core.priors import HalfNormal
from borrowing_strength.headlines.archive import TwoSpreads
from borrowing_strength.headlines.decide import expected_gain
from borrowing_strength.headlines.for_pymc import pymc_model
from borrowing_strength.headlines.posterior import Posterior, fit
from borrowing_strength.headlines.reading import tidy
from borrowing_strength.headlines.tail import learn_tail

__all__ = ["HalfNormal", "Posterior", "TwoSpreads", "expected_gain", "fit", "learn_tail", "pymc_model", "tidy"]
