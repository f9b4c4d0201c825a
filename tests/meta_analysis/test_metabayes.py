"""A script for metabayes 0.0.2 runs with the import changed alone; its draws are from the posterior."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from borrowing_strength import datasets
from borrowing_strength.meta_analysis import GibbsSampler, Prior, fit, relative_lift, relative_lift_of_means

FORTY = ("control_sample_size", "control_successes", "treatment_sample_size", "treatment_successes")


@pytest.fixture(scope="module")
def counts():
    table = datasets.ab_tests()
    columns = ("control_trials", "control_successes", "treatment_trials", "treatment_successes")
    return dict(zip(FORTY, (table[name].to_numpy() for name in columns), strict=True))


def drawn(sampler):
    sampler.run_model()
    return sampler.get_posterior_samples()


def test_the_default_run_draws_from_the_posterior_of_the_effects(counts):
    samples = drawn(GibbsSampler.from_binary_counts(**counts, prior=Prior(alpha=0.1, beta=0.00001, epsilon=1600)))
    assert {name: values.shape for name, values in samples.items()} == {
        "meta_lift": (9900,),
        "lift_standard_deviation": (9900,),
        "experiment_lifts": (9900, 40),
    }
    post = fit(*relative_lift(*(counts[FORTY[i]] for i in (1, 0, 3, 2))), prior=Prior())
    error = 4.5 / np.sqrt(9900)  # the draws are independent
    assert_allclose(samples["experiment_lifts"].mean(axis=0), post.mean, atol=error * post.sd.max())
    assert samples["meta_lift"].mean() == pytest.approx(post.mu.mean, abs=error * post.mu.sd)
    for q in (0.1, 0.5, 0.9):
        share = np.mean(samples["lift_standard_deviation"] <= post.effect_sd.quantile(q))
        assert share == pytest.approx(q, abs=4.5 * np.sqrt(q * (1 - q) / 9900))


def test_every_draw_is_independent_of_the_one_before(counts):
    import arviz as az

    samples = drawn(GibbsSampler.from_binary_counts(**counts, prior=Prior()))
    for values in samples.values():
        assert np.all(az.ess(values.reshape(1, 9900, -1), sample_dims=[0, 1]) > 7500)


def test_what_a_script_may_read_and_set_is_there():
    means, variances = ([-0.1, 0.2, 0.05], [-0.11, 0.19, 0.06]), ([1e-5, 2e-5, 1e-5], [1e-5, 1e-5, 2e-5])
    prior = Prior()
    sampler = GibbsSampler(*map(np.array, (*means, *variances)), prior, num_iterations=60, burn=10, seed=4)
    with pytest.raises(RuntimeError, match=r"call run_model\(\) first"):
        sampler.get_posterior_samples()
    assert sampler.simulation_settings == {"num_iterations": 60, "burn": 10}
    assert sampler.parameters["num_experiments"] == 3
    assert_allclose(sampler.parameters["percent_deltas"], [0.1, -0.05, 0.2])
    variance = GibbsSampler.calculate_relative_delta_variance(0.2, 0.19, 2e-5, 1e-5)
    assert variance == pytest.approx(1e-5 / 0.2**2 + 0.19**2 / 0.2**4 * 2e-5)
    assert sampler.parameters["omega"][1] == pytest.approx(1 / variance)
    prior.alpha, prior.beta, prior.epsilon = 2.0, 1e-4, 400.0
    assert (prior.alpha, prior.beta, prior.epsilon) == pytest.approx((2.0, 1e-4, 400.0))
    lift, error = sampler.parameters["percent_deltas"], sampler.parameters["omega"] ** -0.5
    own = fit(lift, error, prior=Prior(2.0, 1e-4, 400.0)).sample(60, seed=4, chains=1)["posterior"]["mu"].values[0, 10:]
    assert np.array_equal(drawn(sampler)["meta_lift"], own)


def test_positive_means_give_the_lifts_of_this_package():
    means, errors = ([0.1, 0.2], [0.11, 0.19]), ([0.003, 0.004], [0.003, 0.003])
    sampler = GibbsSampler(*means, *np.square(errors), Prior())
    lift = relative_lift_of_means(means[0], errors[0], means[1], errors[1])
    assert_allclose(sampler.parameters["percent_deltas"], lift.estimate)
    assert_allclose(sampler.parameters["omega"] ** -0.5, lift.standard_error)


def test_one_sample_size_serves_all_tests_and_weights_need_not_be_whole():
    sampler = GibbsSampler.from_binary_counts(1000, [100, 90.5], 1000.5, [110, 95.25], Prior())
    assert_allclose(sampler.parameters["control_mean"], [0.1, 0.0905])
    assert_allclose(sampler.parameters["var_treatment_mean"][0], 0.11 / 1.0005 * (1 - 0.11 / 1.0005) / 1000.5)


def test_burning_everything_leaves_empty_arrays():
    sampler = GibbsSampler([0.1], [0.2], [1e-4], [1e-4], Prior(), num_iterations=50, burn=50)
    assert {name: values.shape for name, values in drawn(sampler).items()} == {
        "meta_lift": (0,),
        "lift_standard_deviation": (0,),
        "experiment_lifts": (0, 1),
    }


@pytest.mark.parametrize(
    ("refusal", "call"),
    [
        (r"control_sample_size\[1\] is 0", lambda: GibbsSampler.from_binary_counts([9, 0], [1, 0], 9, 1, Prior())),
        (r"control_successes\[0\] is 10: .* control_sample_size", lambda: counts_of(y_c=10)),
        (r"control_successes\[0\] is 0: no lift is relative to 0", lambda: counts_of(y_c=0)),
        (r"treatment_successes\[0\] is 0: the lift would have a standard error of 0", lambda: counts_of(y_t=0)),
        (r"treatment_successes\[0\] is 9: the lift would have a", lambda: counts_of(y_c=9, y_t=9)),
        (r"control_mean_variances\[0\] is 0: both", lambda: GibbsSampler([1], [1], [0], [0], Prior())),
        (r"treatment_mean_variances\[0\] is -1", lambda: GibbsSampler([1], [1], [0], [-1], Prior())),
        (r"control_means\[0\] is 0", lambda: GibbsSampler([0], [1], [1], [1], Prior())),
        (r"control_means has 1 rows but treatment_means has 2", lambda: GibbsSampler([1], [1, 2], [1], [1], Prior())),
        (r"prior is None", lambda: GibbsSampler([1], [1], [1], [1], None)),
    ],
)
def test_what_is_refused_on_purpose_is_named(refusal, call):
    with pytest.raises(ValueError, match=refusal):
        call()


def counts_of(y_c=4, y_t=4):
    return GibbsSampler.from_binary_counts([9], [y_c], [9], [y_t], Prior())
