"""One honest way to run PyMC: fixed seeds and chains, and a verdict before any result."""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from borrowing_strength.core.inputs import probability, real_array, whole_number
from borrowing_strength.core.rows import Labels, row_names, same_rows

if TYPE_CHECKING:
    import pymc as pm
    import xarray as xr

MAX_RHAT = 1.01
MIN_ESS = 400
MIN_BFMI = 0.3


@dataclass(frozen=True)
class Diagnosis:
    """Number of draws and of divergent ones, and the worst R-hat and effective sample sizes over all quantities.

    Sound are no divergences, every R-hat below 1.01 and every effective sample size above 400, in the bulk and
    in the tails (Vehtari et al., 2021, Bayesian Analysis 16:667), and a Bayesian fraction of missing information
    (E-BFMI, `bfmi`, the lowest of all chains) above 0.3: below, the sampler changes its energy too slowly to reach the
    tails (Betancourt, 2016, arXiv:1604.00695). `cut_short` counts steps that ended at the greatest tree depth: many of
    them make a sampler slow, not wrong.
    """

    draws: int
    divergences: int
    rhat: float
    ess_bulk: float
    ess_tail: float
    bfmi: float = 1.0
    cut_short: int = 0

    @property
    def sound(self) -> bool:
        """Whether every check passes."""
        mixed = self.rhat < MAX_RHAT and min(self.ess_bulk, self.ess_tail) > MIN_ESS
        return mixed and not self.divergences and self.bfmi > MIN_BFMI

    def __str__(self) -> str:
        if self.divergences:
            return "Do not trust these draws: some transitions diverged."
        if np.isnan(self.rhat):
            return "Do not trust these draws: of one chain, or of what never moves, there is no R-hat."
        if not self.rhat < MAX_RHAT:
            return f"Do not trust these draws: the chains disagree (an R-hat is above {MAX_RHAT})."
        if not self.bfmi > MIN_BFMI:
            return f"Do not trust the tails of these draws: the E-BFMI of a chain is below {MIN_BFMI}."
        if not self.sound:
            return f"Too few effective draws: an effective sample size is below {MIN_ESS}. Run longer chains."
        passed = f"every R-hat below {MAX_RHAT}, every effective sample size above {MIN_ESS}"
        return f"The checks pass: no divergences, {passed}."


def sample(
    model: "pm.Model",
    *,
    seed: int,
    draws: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    target_accept: float = 0.8,
) -> "xr.DataTree":
    """Draw from a PyMC model's posterior, and print one line that says whether the draws can be trusted.

    Parameters
    ----------
    model : pymc.Model
    seed : int
        The draws repeat on the same machine; another processor may give others.
    draws, tune, chains : int
        Draws kept and discarded a chain, and number of chains. Two run at a time.
    target_accept : float
        Share of steps to be accepted; nearer to one means smaller steps.

    Returns
    -------
    xarray.DataTree
        As `pymc.sample` gives it. `diagnose` has the digits behind the verdict.
    """
    import pymc as pm

    if not isinstance(model, pm.Model):
        raise ValueError(f"model is a {type(model).__name__}: it must be a pymc.Model")
    settings = {"chains": whole_number("chains", chains, each=1000), "tune": whole_number("tune", tune, 0, each=chains)}
    settings |= {"draws": whole_number("draws", draws, each=chains), "random_seed": whole_number("seed", seed, least=0)}
    settings["target_accept"] = probability("target_accept", target_accept)
    done = _announce()
    with model:
        tree = pm.sample(cores=2, quiet=True, **settings)
    done()
    print(diagnose(tree))
    return tree


def diagnose(tree: "xr.DataTree") -> Diagnosis:
    """Read divergences, energies and tree depths from `sample_stats`, where they are, and the rest from `posterior`."""
    import arviz as az
    import xarray as xr

    if not isinstance(tree, xr.DataTree) or "posterior" not in tree.children:
        raise ValueError(f"tree is {type(tree).__name__}: it must be an xarray.DataTree with a group `posterior`")
    draws = tree["posterior"].dataset
    for name in draws:
        if draws[name].dtype.kind not in "biuf":
            raise ValueError(f"tree holds draws of {name!r} of type {draws[name].dtype}: they must be numbers")
    numbers = xr.DataTree.from_dict({"posterior": draws.astype(float)})
    with np.errstate(invalid="ignore", divide="ignore"):
        table = az.summary(numbers, kind="diagnostics", round_to="none")
    stats = tree["sample_stats"].dataset if "sample_stats" in tree.children else {}
    divergences = int(stats["diverging"].sum()) if "diverging" in stats else 0
    size = tree["posterior"].sizes["chain"] * tree["posterior"].sizes["draw"]
    worst = (table["r_hat"].max(skipna=False), table["ess_bulk"].min(), table["ess_tail"].min())
    # The energy's mean squared step over its variance, chain by chain.
    energy = stats["energy"].transpose("chain", "draw").values if "energy" in stats else np.array([[0.0, 1.0]])
    with np.errstate(divide="ignore", invalid="ignore"):  # a chain that never moved
        bfmi = np.mean(np.diff(energy) ** 2, axis=1) / np.var(energy, axis=1)
    cut_short = sum(int(stats[name].sum()) for name in ("maxdepth_reached", "reached_max_treedepth") if name in stats)
    return Diagnosis(size, divergences, *map(float, worst), float(bfmi.min()), cut_short)


@dataclass(frozen=True)
class Agreement:
    """How far sampled means lie from exact ones, `distance`, in Monte Carlo standard errors, `error`."""

    distance: np.ndarray
    error: np.ndarray

    @property
    def agrees(self) -> bool:
        """Whether every distance is below 4. Chance alone exceeds that once in 16,000 means."""
        return bool(np.all(np.abs(self.distance) < 4))

    def __str__(self) -> str:
        many = self.distance.size > 1
        what = f"All {self.distance.size} sampled means lie" if many else "The sampled mean lies"
        if self.agrees:
            return f"{what} within 4 Monte Carlo standard errors of the exact {'ones' if many else 'one'}."
        return "The sampler disagrees with the exact answer: a mean is more than 4 Monte Carlo standard errors away."


def compare_means(draws: "xr.DataArray", exact: object) -> Agreement:
    """Compare the means of MCMC draws with known values.

    Parameters
    ----------
    draws : xarray.DataArray, dims (chain, draw, ...)
        One variable of a posterior.
    exact : float or array_like
        Its exact posterior mean, in the shape of the remaining dimensions.
    """
    import arviz as az
    import xarray as xr

    if not isinstance(draws, xr.DataArray) or not {"chain", "draw"} <= set(draws.dims):
        raise ValueError(f"draws is {draws!r}: it must be an xarray.DataArray with the dimensions chain and draw")
    draws = draws.copy(data=real_array("draws", draws.values))
    mean = draws.mean(("chain", "draw"))
    same_rows({"exact": exact}, groups=Labels(row_names("draws", mean) or ()))
    exact, mean, moves = real_array("exact", exact), mean.values, draws.std(("chain", "draw")).values > 0
    if mean.shape != exact.shape:
        raise ValueError(f"exact has shape {exact.shape} but the draws have shape {mean.shape} a draw")
    with np.errstate(invalid="ignore", divide="ignore"):  # what never moves has no error
        error = np.where(moves, az.mcse(draws.to_dataset(name="x"))["x"].values, 0)
        distance = np.where(mean == exact, 0, (mean - exact) / error)
    if draws.size < 4 or not np.all(np.isfinite(error)):
        raise ValueError(f"draws holds {draws.size} values: they are too few for a Monte Carlo error")
    return Agreement(distance, error)


def _announce():
    """In a notebook, tell who waits what for, in a line that goes away; not in tests, which would keep it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel") or os.environ.get("BORROWING_STRENGTH_QUIET"):
        return lambda: None
    from IPython.display import clear_output

    print("Sampling. The first model of a session takes about ten seconds, most of it compilation.", flush=True)
    return clear_output
