"""The words of the package metabayes 0.0.2, with draws that are from the posterior."""

import numpy as np

from borrowing_strength.core.inputs import numbers, one_each, one_or_more, real_array, refuse, whole_number
from borrowing_strength.core.options import a_kind_of
from borrowing_strength.core.rows import same_rows
from borrowing_strength.meta_analysis.posterior import fit
from borrowing_strength.meta_analysis.prior import Prior

_MEANS = ("control_means", "treatment_means", "control_mean_variances", "treatment_mean_variances")
_LIFT = ("control_mean", "treatment_mean", "var_control_mean", "var_treatment_mean")
_COUNTS = ("control_sample_size", "control_successes", "treatment_sample_size", "treatment_successes")


class GibbsSampler:
    """Hierarchical meta-analysis of relative lifts, with the interface of metabayes 0.0.2.

    A script written for that package runs after its import is changed to
    ``from borrowing_strength.meta_analysis import GibbsSampler, Prior``. Its sampler draws from the wrong distribution;
    here the collapsed posterior is integrated first (`fit`), so that every draw is independent of the one before, and
    from the posterior. `num_iterations` and `burn` keep their meaning for the shapes, and lists serve as arrays.

    Refused, where metabayes goes on with infinities or NaN: values that are missing or infinite, columns of different
    lengths, a control mean of 0 (no lift is relative to it), lifts without variance (no success under treatment, or
    no failure in either arm), no trials, more successes than trials, and a `prior` that is not this package's `Prior`.

    Parameters
    ----------
    control_means, treatment_means : array_like, shape (tests,)
        Means of the two arms; the lift is relative to the control's, of any sign.
    control_mean_variances, treatment_mean_variances : array_like, shape (tests,)
        Squared standard errors of the means.
    prior : Prior
        Its `alpha`, `beta` and `epsilon` can be set until the model is run.
    num_iterations : int
        Draws, those that are burnt included.
    burn : int
        Draws left out at the beginning. Nothing needs them to be.
    seed : int
        Seed of `numpy.random.default_rng`; `numpy.random.seed` has no influence.

    Attributes
    ----------
    parameters : dict
        The data: `num_experiments`, `control_mean`, `treatment_mean`, `var_control_mean`, `var_treatment_mean`,
        `percent_deltas` (the lifts) and `omega` (their precisions).
    simulation_settings : dict
        `num_iterations` and `burn`.

    Raises
    ------
    ValueError
        For what is refused; argument, row and reason are named.
    """

    def __init__(
        self,
        control_means: object,
        treatment_means: object,
        control_mean_variances: object,
        treatment_mean_variances: object,
        prior: Prior,
        num_iterations: int = 10000,
        burn: int = 100,
        *,
        seed: int = 0,
    ):
        given = (control_means, treatment_means, control_mean_variances, treatment_mean_variances)
        columns = [numbers(name, value) for name, value in zip(_MEANS, given, strict=True)]
        same_rows(dict(zip(_MEANS, given, strict=True)), columns)
        for name, variance in zip(_MEANS[2:], columns[2:], strict=True):
            refuse(name, variance, variance < 0, "a variance cannot be negative")
        certain = (columns[2] == 0) & (columns[3] == 0)
        refuse(_MEANS[2], columns[2], certain, "both variances are 0, and the lift would be certain")
        refuse(_MEANS[0], columns[0], columns[0] == 0, "no lift is relative to 0")
        self._settle(columns, prior, num_iterations, burn, seed)

    @classmethod
    def from_binary_counts(
        cls,
        control_sample_size: object,
        control_successes: object,
        treatment_sample_size: object,
        treatment_successes: object,
        prior: Prior,
        num_iterations: int = 10000,
        *,
        seed: int = 0,
    ) -> "GibbsSampler":
        """From conversions and visitors of both arms; 100 draws are burnt.

        Each shape (tests,), or a number for all tests. Weighted counts need not be whole.
        """
        given = (control_sample_size, control_successes, treatment_sample_size, treatment_successes)
        length = max(len(one_or_more(numbers, name, x)) for name, x in zip(_COUNTS, given, strict=True))
        n_c, y_c, n_t, y_t = (
            one_each(name, x, numbers, length, owner="the longest") for name, x in zip(_COUNTS, given, strict=True)
        )
        same_rows(dict(zip(_COUNTS, given, strict=True)))
        for name, column in zip(_COUNTS, (n_c, y_c, n_t, y_t), strict=True):
            _bounded(name, column)
        for size, n, successes, y in ((_COUNTS[0], n_c, _COUNTS[1], y_c), (_COUNTS[2], n_t, _COUNTS[3], y_t)):
            refuse(size, n, n <= 0, "it must be above 0")
            refuse(successes, y, (y < 0) | (y > n), f"it must lie between 0 and {size}")
        cure = "log_risk_ratio(..., correction=0.5) can use the row"
        refuse(_COUNTS[1], y_c, y_c == 0, f"no lift is relative to 0; {cure}")
        certain = (y_t == 0) | ((y_t == n_t) & (y_c == n_c))
        refuse(_COUNTS[3], y_t, certain, f"the lift would have a standard error of 0; {cure}")
        p_c, p_t = y_c / n_c, y_t / n_t
        sampler = cls.__new__(cls)
        sampler._settle([p_c, p_t, p_c * (1 - p_c) / n_c, p_t * (1 - p_t) / n_t], prior, num_iterations, 100, seed)
        return sampler

    @staticmethod
    def calculate_relative_delta_variance(
        control_mean: float | np.ndarray,
        treatment_mean: float | np.ndarray,
        var_control_mean: float | np.ndarray,
        var_treatment_mean: float | np.ndarray,
    ) -> np.ndarray:
        """Variance of ``treatment_mean / control_mean - 1`` by the delta method, element by element."""
        given = dict(zip(_LIFT, (control_mean, treatment_mean, var_control_mean, var_treatment_mean), strict=True))
        control, treatment, var_control, var_treatment = (
            _bounded(name, real_array(name, x)) for name, x in given.items()
        )
        same_rows(given)
        refuse("control_mean", control, control == 0, "no lift is relative to 0")
        return (var_treatment + (treatment / control) ** 2 * var_control) / control**2

    def _settle(self, columns: list[np.ndarray], prior: Prior, num_iterations: int, burn: int, seed: int) -> None:
        data = dict(zip(_LIFT, columns, strict=True))
        control = data["control_mean"]
        self.prior, self._draws = a_kind_of(Prior, "prior", prior), None
        self._seed = whole_number("seed", seed, least=0)
        self.parameters = {"num_experiments": len(control)} | data
        self.parameters["percent_deltas"] = data["treatment_mean"] / control - 1
        self.parameters["omega"] = 1 / self.calculate_relative_delta_variance(**data)
        iterations = whole_number("num_iterations", num_iterations, each=2 * len(control))
        self.simulation_settings = {"num_iterations": iterations, "burn": whole_number("burn", burn, least=0)}

    def run_model(self) -> None:
        """Draw."""
        lift, error = self.parameters["percent_deltas"], self.parameters["omega"] ** -0.5
        draws = self.simulation_settings["num_iterations"]
        tree = fit(lift, error, prior=self.prior).sample(draws, seed=self._seed, chains=1)
        names = {"meta_lift": "mu", "lift_standard_deviation": "effect_sd", "experiment_lifts": "effect"}
        self._draws = {word: tree["posterior"][name].values[0] for word, name in names.items()}

    def get_posterior_samples(self) -> dict[str, np.ndarray]:
        """The draws after `run_model`.

        Returns
        -------
        dict of str to ndarray
            `meta_lift` and `lift_standard_deviation`, shape (num_iterations - burn,); `experiment_lifts`, shape
            (num_iterations - burn, tests). Empty where all is burnt.
        """
        if self._draws is None:
            raise RuntimeError("there are no draws yet: call run_model() first")
        return {word: values[self.simulation_settings["burn"] :] for word, values in self._draws.items()}


def _bounded(name: str, values: np.ndarray) -> np.ndarray:
    size = np.abs(values)
    refuse(name, values, (size > 1e30) | ((size > 0) & (size < 1e-30)), "it must be 0 or between 1e-30 and 1e30")
    return values
