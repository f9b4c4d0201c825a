"""Bad input to meta-analysis: each refusal names the argument, the row and the reason."""

import pytest
from cases import SCHOOLS, SCHOOLS_PRIOR, TWO_TESTS

from borrowing_strength.core.priors import Known
from borrowing_strength.meta_analysis import (
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    Prior,
    Uniform,
    delta_method_error,
    fit,
    gibbs,
    gibbs_t,
    log_odds_ratio,
    log_risk_ratio,
    pymc_model,
    pymc_model_of_counts,
    relative_lift,
    relative_lift_of_means,
    risk_difference,
)

pytestmark = pytest.mark.filterwarnings("error")


NAN, INF = float("nan"), float("inf")
BAD_ROWS = {
    "nan": ([0.1, NAN], [1, 1], r"estimate\[1\] is nan: a missing value"),
    "nan error": ([0.1, 0.2, 0.1], [NAN, 1, NAN], r"standard_error\[0\] is nan: a missing value.*also row 2"),
    "infinite": ([0.1, INF], [1, 1], r"estimate\[1\] is inf: it must be finite"),
    "infinite error": ([0.1, 1], [1, INF], r"standard_error\[1\] is inf: it must be finite"),
    "zero error": ([0.1, 1, 2, 3], [0, 1, 0, 0], r"standard_error\[0\] is 0: it must be above 0.*also rows 2, 3"),
    "negative error": ([0.1, 1], [1, -2], r"standard_error\[1\] is -2: it must be above 0"),
    "lengths": ([0.1, 1], [1], r"estimate has 2 rows but standard_error has 1"),
    "empty": ([], [], r"estimate is empty"),
    "text": ("12", [1, 2], r"estimate is the text"),
    "text in a row": ([1, "2"], [1, 1], r"estimate\[1\] is '2'"),
    "scalar": (1.0, 1.0, r"estimate has 0 dimensions"),
    "two-dimensional": ([[1.0]], [[1.0]], r"estimate has 2 dimensions"),
    "huge": ([1e60], [1], r"estimate\[0\] is 1e\+60: .*change the unit"),
    "tiny error": ([1], [1e-60], r"standard_error\[0\] is 1e-60: .*change the unit"),
}


@pytest.mark.parametrize("function", [fit, gibbs, gibbs_t, pymc_model])
@pytest.mark.parametrize(("estimate", "error", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows_are_refused_with_the_reason(function, estimate, error, message):
    with pytest.raises(ValueError, match=message):
        function(estimate, error)


BAD_COUNTS = {
    "successes over trials": (
        [5, 12],
        [10, 10],
        [1, 1],
        [9, 9],
        r"control_trials\[1\] is 10 but control_successes\[1\] is 12",
    ),
    "negative": ([5, 5], [10, 10], [1, -1], [9, 9], r"treatment_successes\[1\] is -1: a count cannot be negative"),
    "fraction": ([5, 5.5], [10, 10], [1, 1], [9, 9], r"control_successes\[1\] is 5.5: a count must be a whole number"),
    "nan": ([5, 5], [10, NAN], [1, 1], [9, 9], r"control_trials\[1\] is nan"),
    "no trials": ([5, 0], [10, 0], [1, 1], [9, 9], r"control_trials\[1\] is 0: an arm without trials"),
    "no trials treated": ([5, 5], [10, 10], [0, 0], [0, 0], r"treatment_trials\[0\] is 0.*also row 1"),
    "lengths": ([5, 5], [10, 10], [1], [9], r"control_successes has 2 rows but treatment_successes has 1"),
    "no tests": ([], [], [], [], r"control_successes is empty"),
}


@pytest.mark.parametrize(
    "function",
    [relative_lift, log_risk_ratio, log_odds_ratio, risk_difference, delta_method_error, pymc_model_of_counts],
)
@pytest.mark.parametrize(("y_c", "n_c", "y_t", "n_t", "message"), BAD_COUNTS.values(), ids=BAD_COUNTS)
def test_bad_counts_are_refused_with_the_reason(function, y_c, n_c, y_t, n_t, message):
    with pytest.raises(ValueError, match=message):
        function(y_c, n_c, y_t, n_t)


def test_effects_that_cannot_be_computed_are_refused_with_the_reason():
    some = [5, 5, 5], [10, 10, 10]
    refused = {
        r"control_successes\[0\] is 0: a control without conversions.*also row 2": lambda: relative_lift(
            [0, 5, 0], [10] * 3, *some
        ),
        r"treatment_successes\[1\] is 0: a treatment without conversions": lambda: relative_lift(
            *some, [1, 0, 1], [10] * 3
        ),
        r"treatment_successes\[0\] is 3: both arms always convert": lambda: relative_lift([4], [4], [3], [3]),
        r"control_successes\[1\] is 0: no outcome varies": lambda: risk_difference([1, 0], [2, 2], [2, 2], [2, 2]),
        r"control_successes\[0\] is 0: no .*pymc_model_of_counts\(..., effect=\"risk_difference\"\) can use": lambda: (
            risk_difference([0], [105], [0], [101])
        ),
        r"control_mean\[0\] is -1: it must be above 0": lambda: relative_lift_of_means([-1], [1], [1], [1]),
        r"treatment_standard_error\[0\] is 0": lambda: relative_lift_of_means([1], [1], [1], [0]),
        r"treatment_mean\[0\] is nan": lambda: relative_lift_of_means([1], [1], [NAN], [1]),
        r"correction is 0.0: ": lambda: log_risk_ratio([1], [2], [1], [2], correction=0),
        r"correction is 'yes': ": lambda: log_odds_ratio([1], [2], [1], [2], correction="yes"),
        r"prob is 95: ": lambda: delta_method_error([1], [2], [1], [2], prob=95),
    }
    for message, call in refused.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_bad_settings_are_refused_with_the_reason(schools):
    refused = {
        r"alpha is 0: it must be a finite number above 0": lambda: Prior(0, 1, 1),
        r"alpha is -1": lambda: Prior(alpha=-1),
        r"alpha is 1e\+09: ": lambda: Prior(alpha=1e9),
        r"beta is -1e-05": lambda: Prior(beta=-1e-5),
        r"beta is nan": lambda: Prior(beta=NAN),
        r"epsilon is 0: ": lambda: Prior(epsilon=0),
        r"epsilon is 1 / mu_sd": lambda: Prior(epsilon=3, mu_sd=1),
        r"alpha and beta describe": lambda: Prior(alpha=3, effect_sd=HalfNormal(1)),
        r"mu_sd is inf": lambda: Prior(mu_sd=INF),
        r"mu_mean is nan: ": lambda: Prior(mu_mean=NAN),
        r"mu_mean is '0': ": lambda: Prior(mu_mean="0"),
        r"effect_sd is 3: it must be a prior": lambda: Prior(effect_sd=3),
        r"effect_sd is Known\(scale=0.1\): it must be a prior": lambda: Prior(effect_sd=Known(0.1)),
        r"scale is 0: ": lambda: HalfCauchy(0),
        r"df is -2: ": lambda: HalfStudentT(-2, 1),
        r"upper is 1e\+60: .*change the unit": lambda: Uniform(1e60),
        r"prior is 'wide': it must be Prior": lambda: fit(*SCHOOLS, prior="wide"),
        r"need GammaPrecision": lambda: gibbs(*SCHOOLS, prior=SCHOOLS_PRIOR),
        r"draws is 0: ": lambda: gibbs(*SCHOOLS, draws=0),
        r"tune is -1: ": lambda: gibbs(*SCHOOLS, tune=-1),
        r"chains is 0: ": lambda: gibbs_t(*SCHOOLS, chains=0),
        r"seed is 1.5: ": lambda: gibbs(*SCHOOLS, seed=1.5),
        r"seed is None: ": lambda: schools.sample(seed=None),
        r"scan is 'random': ": lambda: gibbs(*SCHOOLS, scan="random"),
        r"df is 0: ": lambda: gibbs_t(*SCHOOLS, df=0),
        r"form is 'best': ": lambda: pymc_model(*SCHOOLS, form="best"),
        r"effect is 'lift': it must be 'relative_lift', ": lambda: pymc_model_of_counts(*TWO_TESTS, effect="lift"),
        r"labels has 1 names but there are 8": lambda: fit(*SCHOOLS, labels=["a"]),
        r"prob is 95: ": lambda: schools.interval(95),
        r"q\[1\] is nan: a missing value": lambda: schools.quantile([0.5, NAN]),
        r"value is nan: a missing value": lambda: schools.cdf(NAN),
        r"draws is 0": lambda: schools.sample(0),
        r"i is 'Z': it must be a label or a position from 0 to 7": lambda: schools.prob_greater("Z", 0),
        r"j is 8: ": lambda: schools.prob_greater(0, 8),
        r"i and j both name test 'A'": lambda: schools.prob_greater("A", 0),
        r"standard_error is 0: ": lambda: schools.predict(0),
        r"standard_error has 2 rows but the posterior has 8": lambda: schools.predict([1, 1]),
    }
    for message, call in refused.items():
        with pytest.raises(ValueError, match=message):
            call()
