"""Bad input: each refusal names the argument, the value and the limit that it broke."""

import pytest
from scipy import stats

from borrowing_strength.redundancy import (
    CommonCause,
    CorrelatedBeliefs,
    CorrelatedFailures,
    Prior,
    belief_from_trials,
    beta_from_mean_sd,
    fit,
    k_of_n,
    monte_carlo,
    prob_all_fail,
    pymc_model,
    upper_limit,
)

pytestmark = pytest.mark.filterwarnings("error")


NAN, INF = float("nan"), float("inf")
BELIEF = stats.beta(2, 38)
REFUSED = {
    r"mean is 0: .* between 0 and 1": lambda: beta_from_mean_sd(0, 0.1),
    r"mean is 1: .* between 0 and 1": lambda: beta_from_mean_sd(1, 0.1),
    r"mean is nan: ": lambda: beta_from_mean_sd(NAN, 0.1),
    r"sd is 0: .* above 0": lambda: beta_from_mean_sd(0.05, 0),
    r"sd is -0\.1: .* above 0": lambda: beta_from_mean_sd(0.05, -0.1),
    r"sd is nan: ": lambda: beta_from_mean_sd(0.05, NAN),
    r"sd is '0\.1': ": lambda: beta_from_mean_sd(0.05, "0.1"),
    r"components is 0: .* at least 1": lambda: prob_all_fail(0, 0.1),
    r"components is -2: ": lambda: k_of_n(1, -2, 0.1),
    r"components is 2\.5: ": lambda: prob_all_fail(2.5, 0.1),
    r"components is '5': ": lambda: prob_all_fail("5", 0.1),
    r"components is True: ": lambda: prob_all_fail(True, 0.1),
    r"k is 6 but components is 5": lambda: k_of_n(6, 5, 0.1),
    r"k is 0: .* at least 1": lambda: k_of_n(0, 5, 0.1),
    r"k is 1\.5: ": lambda: k_of_n(1.5, 5, 0.1),
    r"model is 0: .* between 0 and 1": lambda: prob_all_fail(5, 0),
    r"model is 1\.2: .* between 0 and 1": lambda: prob_all_fail(5, 1.2),
    r"model is nan: ": lambda: prob_all_fail(5, NAN),
    r"model is 'low': ": lambda: prob_all_fail(5, "low"),
    r"belief is None: ": lambda: CommonCause(None, 0.1),
    r"model is a shifted or scaled Beta": lambda: prob_all_fail(5, stats.beta(1, 2, scale=2)),
    r"the model's a is -1: ": lambda: prob_all_fail(5, stats.beta(-1, b=2)),
    r"the model's b is .*: it must be a finite number above 0": lambda: prob_all_fail(5, stats.beta(1, [1, 2])),
    r"belief is 0\.05: a probability that is known": lambda: CorrelatedBeliefs(0.05, 0.5),
    r"rho is 1\.1: it must be from 0 to 1": lambda: CorrelatedFailures(0.05, 1.1),
    r"rho is -0\.3: it must be from 0 to 1": lambda: CorrelatedBeliefs(BELIEF, -0.3),
    r"rho is nan: ": lambda: CorrelatedFailures(0.05, NAN),
    r"rho is 'high': ": lambda: CorrelatedBeliefs(BELIEF, "high"),
    r"p is 1: ": lambda: CorrelatedFailures(1, 0.5),
    r"share is 1\.5: .* 0 to 1": lambda: CommonCause(0.05, 1.5),
    r"share is -0\.1: ": lambda: CommonCause(0.05, -0.1),
    r"share is nan: ": lambda: CommonCause(0.05, NAN),
    r"share is 'all': ": lambda: CommonCause(0.05, "all"),
    r"reach is 0\.05: .* at least the share, 0\.1": lambda: CommonCause(0.05, 0.1, 0.05),
    r"reach is 0: it must be above 0": lambda: CommonCause(0.05, 0, 0),
    r"reach is 1\.1: ": lambda: CommonCause(0.05, 0.1, 1.1),
    r"draws is 1: .* at least 2": lambda: monte_carlo(5, 0.1, draws=1, seed=1),
    r"seed is -1: ": lambda: monte_carlo(5, 0.1, seed=-1),
    r"failures is 4 but trials is 3: failures cannot exceed trials": lambda: belief_from_trials(4, 3),
    r"failures is 4 but trials is 3": lambda: upper_limit(4, 3),
    r"failures is -1: ": lambda: upper_limit(-1, 3),
    r"trials is 0: ": lambda: upper_limit(0, 0),
    r"prior\[1\] is 0: ": lambda: belief_from_trials(0, 3, prior=(1, 0)),
    r"prob is 95: ": lambda: upper_limit(0, 3, 95),
    r"hours\[1\] is 0: it must be above 0": lambda: fit([1, 2], [3, 0]),
    r"hours\[0\] is -3: it must be above 0": lambda: fit([1, 2], [-3, 4]),
    r"hours\[0\] is nan: a missing value": lambda: fit([1, 2], [NAN, 4]),
    r"hours\[0\] is inf: ": lambda: fit([1, 2], [INF, 4]),
    r"failures\[0\] is 1\.5: a count must be a whole number": lambda: fit([1.5, 2], [3, 4]),
    r"failures\[1\] is -2: a count cannot be negative": lambda: fit([1, -2], [3, 4]),
    r"failures has 2 rows but hours has 1": lambda: pymc_model([1, 2], [3]),
    r"failures is empty": lambda: fit([], []),
    r"shape is 3: it must be a pair": lambda: Prior(shape=3),
    r"rate\[1\] is 0: ": lambda: Prior(rate=(1, 0)),
    r"prior is 3: it must be Prior": lambda: fit([1], [2], prior=3),
    r"labels has 1 names but there are 2": lambda: fit([1, 2], [3, 4], labels=["a"]),
    r"i is 'x': it must be a label": lambda: fit([1, 2], [3, 4]).prob_greater("x", 0),
    r"i and j both name": lambda: fit([1, 2], [3, 4]).prob_greater(1, 1),
    r"hours is 0: .* above 0": lambda: fit([1, 2], [3, 4]).predict(0),
    r"hours\[1\] is 0: ": lambda: fit([1, 2], [3, 4]).predict([1, 0]),
    r"hours is -1: .* above 0": lambda: fit([1, 2], [3, 4]).mission(-1),
    r"hours has 1 rows but the posterior has 2": lambda: fit([1, 2], [3, 4]).predict([1]),
    r"value must lie above 0": lambda: fit([1, 2], [3, 4]).density([0.0]),
    r"q\[0\] is 1: it must lie between": lambda: fit([1, 2], [3, 4]).quantile([1.0]),
    r"prob is 2: ": lambda: fit([1, 2], [3, 4]).predict(1).interval(2),
}


@pytest.mark.parametrize(("message", "call"), REFUSED.items(), ids=REFUSED)
def test_bad_input_is_refused_with_the_reason(message, call):
    with pytest.raises(ValueError, match=message):
        call()
