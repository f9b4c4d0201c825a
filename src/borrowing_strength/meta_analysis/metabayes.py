"""The words of the package metabayes 0.0.2, spoken by this one's sampler."""

import numpy as np

from borrowing_strength.core.inputs import whole_number
from borrowing_strength.meta_analysis.effects import lift_from_counts, lift_from_means
from borrowing_strength.meta_analysis.gibbs_sampler import gibbs
from borrowing_strength.meta_analysis.prior import Prior, as_prior

_COUNTS = ("control_successes", "control_sample_size", "treatment_successes", "treatment_sample_size")
_MEANS = ("control_means", "control_mean_variances", "treatment_means", "treatment_mean_variances")


class GibbsSampler:
    """Hierarchical meta-analysis of relative lifts, with the interface of metabayes 0.0.2.

    A script written for that package runs after its import is changed to
    ``from borrowing_strength.meta_analysis import GibbsSampler, Prior``. The draws come from `gibbs` with a systematic
    scan: they are from the posterior, and they repeat with the seed.

    Parameters
    ----------
    control_means, treatment_means : array_like, shape (tests,)
        Means of the two arms.
    control_mean_variances, treatment_mean_variances : array_like, shape (tests,)
        Squared standard errors of the means.
    prior : Prior
    num_iterations : int
        Iterations, those that are burnt included.
    burn : int
        Iterations discarded.
    seed : int
        Seed of `numpy.random.default_rng`; `numpy.random.seed` has no influence.
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
        columns = (control_means, control_mean_variances, treatment_means, treatment_mean_variances)
        self._effects = lift_from_means(columns, None, _MEANS, squared=True)
        self._settle(prior, num_iterations, burn, seed)

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
        """From conversions and visitors of both arms, shape (tests,); 100 iterations are burnt."""
        columns = (control_successes, control_sample_size, treatment_successes, treatment_sample_size)
        sampler = cls.__new__(cls)
        sampler._effects = lift_from_counts(columns, None, _COUNTS)
        sampler._settle(prior, num_iterations, 100, seed)
        return sampler

    def run_model(self) -> None:
        """Draw."""
        draws = self.num_iterations - self.burn
        self._tree = gibbs(*self._effects, prior=self.prior, draws=draws, tune=self.burn, chains=1, seed=self.seed)

    def get_posterior_samples(self) -> dict[str, np.ndarray]:
        """The draws after `run_model`.

        Returns
        -------
        dict of str to ndarray
            `meta_lift` and `lift_standard_deviation`, shape (num_iterations - burn,); `experiment_lifts`, shape
            (num_iterations - burn, tests).
        """
        if self._tree is None:
            raise RuntimeError("there are no draws yet: call run_model() first")
        names = {"meta_lift": "mu", "lift_standard_deviation": "effect_sd", "experiment_lifts": "effect"}
        return {word: self._tree["posterior"][name].values[0] for word, name in names.items()}

    def _settle(self, prior: Prior, num_iterations: int, burn: int, seed: int) -> None:
        self.prior, self.seed, self._tree = as_prior(prior), whole_number("seed", seed, least=0), None
        self.burn = whole_number("burn", burn, least=0)
        self.num_iterations = whole_number("num_iterations", num_iterations, least=self.burn + 1)
