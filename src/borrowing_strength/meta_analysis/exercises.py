"""Exercises of lesson 05, Gibbs-sampled meta-analysis."""

from functools import cache

import numpy as np
from scipy.special import ndtr

from borrowing_strength import datasets
from borrowing_strength import meta_analysis as ma
from borrowing_strength.exercises.records import Choice, Exercise, Function, Mistake, Number, Order, exercise

ALPHA, BETA, EPSILON = 0.1, 1e-5, 1600.0


@cache
def _lifts() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Estimates and standard errors of the forty tests, the estimates of the rerun, and who won."""
    tests, truth = datasets.ab_tests(), datasets.ab_tests_truth()
    c, t = tests.control_trials, tests.treatment_trials
    first = ma.relative_lift(tests.control_successes, c, tests.treatment_successes, t)
    again = ma.relative_lift(truth.rerun_control_successes, c, truth.rerun_treatment_successes, t)
    estimate, error = map(np.asarray, first)
    return estimate, error, np.asarray(again.estimate), estimate > 1.96 * error


@cache
def _post() -> ma.Posterior:
    """Section G of the lesson."""
    estimate, error, _, _ = _lifts()
    return ma.fit(estimate, error, ma.Prior(mu_sd=0.05, effect_sd=ma.HalfNormal(0.05)))


@cache
def _bcg() -> ma.Posterior:
    trials = datasets.bcg_trials()
    columns = (trials.control_cases, trials.controls, trials.vaccinated_cases, trials.vaccinated)
    ratio = ma.log_risk_ratio(*columns, labels=trials.trial)
    return ma.fit(ratio.estimate, ratio.standard_error, ma.Prior(mu_sd=2, effect_sd=ma.HalfNormal(1)))


def _kept() -> float:
    estimate, _, again, won = _lifts()
    return again[won].mean() / estimate[won].mean()


def _effect_given(estimate: float, omega: float, mu: float, tau: float) -> tuple[float, float]:
    return (omega * estimate + tau * mu) / (omega + tau), omega + tau


def _mu_given(effects: np.ndarray, tau: float, epsilon: float) -> tuple[float, float]:
    return tau * np.sum(effects) / (len(effects) * tau + epsilon), len(effects) * tau + epsilon


def _tau_given(effects: np.ndarray, mu: float, alpha: float, beta: float) -> tuple[float, float]:
    return alpha + len(effects) / 2, beta + np.sum((np.asarray(effects) - mu) ** 2) / 2


def _sweep(mu_from: str = "new", tau_from: str = "new", centre: str = "new"):
    """A sweep; each argument says whether an update uses what the sweep has just drawn, or what it began with."""

    def sweep(
        effects: np.ndarray,
        mu: np.ndarray,
        tau: np.ndarray,
        y: np.ndarray,
        omega: np.ndarray,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, ...]:
        precision = omega + tau
        new = rng.normal((omega * y + tau * mu) / precision, precision**-0.5)
        used = new if mu_from == "new" else effects
        precision = EPSILON + used.shape[-1] * tau
        new_mu = rng.normal(tau * used.sum(-1, keepdims=True) / precision, precision**-0.5)
        used = new if tau_from == "new" else effects
        squares = ((used - (new_mu if centre == "new" else mu)) ** 2).sum(-1, keepdims=True)
        return new, new_mu, rng.gamma(ALPHA + used.shape[-1] / 2, 1 / (BETA + squares / 2))

    return sweep


# One test a set: then effects, mu and tau have one shape.
_STATES = tuple(
    (*(np.array([x]) for x in numbers), np.random.default_rng(seed))
    for seed, numbers in enumerate([(0.09, -0.01, 900.0, 0.05, 800.0), (-0.04, 0.02, 2500.0, -0.11, 1600.0)])
)


def _sweep_tau_first():
    """A right sweep with its last two lines exchanged."""

    def sweep(
        effects: np.ndarray,
        mu: np.ndarray,
        tau: np.ndarray,
        y: np.ndarray,
        omega: np.ndarray,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, ...]:
        precision = omega + tau
        new = rng.normal((omega * y + tau * mu) / precision, precision**-0.5)
        squares = ((new - mu) ** 2).sum(-1, keepdims=True)
        new_tau = rng.gamma(ALPHA + new.shape[-1] / 2, 1 / (BETA + squares / 2))
        precision = EPSILON + new.shape[-1] * new_tau
        return new, rng.normal(new_tau * new.sum(-1, keepdims=True) / precision, precision**-0.5), new_tau

    return sweep


def _repair(effects: str, mu: str, tau: str) -> str:
    return (
        "def repaired(effects, mu, tau, y, omega, rng):\n"
        "    new_effects = draw_effects(mu, tau, y, omega, rng)\n"
        f"    new_mu = draw_mu({effects}, tau, rng)\n"
        f"    new_tau = draw_tau({tau}, {mu}, rng)\n"
        "    return new_effects, new_mu, new_tau"
    )


EXERCISES = (
    Exercise(
        id="5.1",
        title="How much of the winners' lift is left?",
        purpose="See the winner's curse in data, before it has a name.",
        stub="kept = ...",
        answer="kept",
        solution="kept = rerun[won].mean() / estimate[won].mean()",
        why=(
            "A little more than half is left, and the five are the ones you would have shipped. Nothing changed between the "
            "two runs except luck. The rerun has luck too: its average of five is uncertain by about two points. "
            "In real life there is no second run: section G estimates the fall from the first one."
        ),
        hints=(
            "`estimate[won]` holds the five lifts of the first run, `rerun[won]` the same five tests in the second.",
            "Take the mean of each, and divide the second by the first.",
        ),
        check=Number(_kept, abs_tol=0.006),
        mistakes=(
            Mistake(
                "kept = rerun.mean() / estimate.mean()",
                "This compares all forty tests. Select the winners on both sides with `[won]`.",
                value=lambda: _lifts()[2].mean() / _lifts()[0].mean(),
            ),
            Mistake(
                "kept = 1 - rerun[won].mean() / estimate[won].mean()",
                "This is the part that was lost. The question is what is left.",
                value=lambda: 1 - _kept(),
            ),
            Mistake(
                "kept = (rerun[won] / estimate[won]).mean()",
                "This averages five ratios. Divide the mean of the rerun by the mean of the first run instead: "
                "the mean of ratios gives small denominators too much say.",
                value=lambda: float((_lifts()[2][_lifts()[3]] / _lifts()[0][_lifts()[3]]).mean()),
            ),
            Mistake(
                "kept = estimate[won].mean() / rerun[won].mean()",
                "The fraction is upside down: the rerun goes on top.",
                value=lambda: 1 / _kept(),
            ),
            Mistake(
                "kept = truth.lift[won].mean() / estimate[won].mean()",
                "This takes the true lifts, which only a simulation knows. The rerun is asked for.",
                value=lambda: float(
                    datasets.ab_tests_truth().lift[_lifts()[3]].mean() / _lifts()[0][_lifts()[3]].mean()
                ),
            ),
            Mistake(
                "kept = rerun[won].mean()",
                "This is the winners' average lift in the rerun. Divide it by their average in the first run.",
                value=lambda: _lifts()[2][_lifts()[3]].mean(),
            ),
        ),
    ),
    Exercise(
        id="5.2",
        title="Why did they fall?",
        purpose="Tell selection from a change in the world.",
        stub='cause = ...  # "a", "b", "c" or "d"',
        answer="cause",
        solution='cause = "c"',
        why=(
            "Every estimate is a true lift plus luck. The selected tests usually had some of both, so among them the luck is "
            "positive on average, and a rerun draws it anew. The name for this is the winner's curse, or regression to the mean."
        ),
        hints=(
            "The rerun is a simulation: the same true rates, the same number of visitors.",
            "Look at the worst ten tests of the first run: as a group they rise in the rerun. What would do both?",
        ),
        check=Choice(
            options={
                "a": "visitors got used to the changes, and their novelty wore off",
                "b": "the tests were small, so each estimate is biased upwards",
                "c": "they were chosen for high estimates, and part of these was luck",
                "d": "the level was too lax: tests that win at 1% would not have fallen",
            },
            right="c",
            wrong={
                "a": "Novelty effects exist, but not here: both runs were simulated with the same true rates.",
                "b": "A single test of this size, chosen beforehand, has next to no bias. It is the choosing that makes one. Small tests make the fall larger; they do not cause it by themselves.",
                "d": "A stricter level picks the more extreme estimates, and with them their luck. The true lifts of what it picks may be larger, but the estimates still fall.",
            },
        ),
    ),
    exercise(
        "5.3",
        "The standard error of a lift",
        purpose="Complete a formula that has just been derived.",
        answer="standard_error",
        solution="""
            def standard_error(y_c, n_c, y_t, n_t):
                p_c, p_t = y_c / n_c, y_t / n_t
                var_c = p_c * (1 - p_c) / n_c
                var_t = p_t * (1 - p_t) / n_t
                return np.sqrt(var_c * p_t**2 / p_c**4 + var_t / p_c**2)
        """,
        gaps={"(1 - p_t) / n_t": "...", "p_t**2 / p_c**4": "...", "var_t / p_c**2": "var_t * ..."},
        check=Function(cases=[(100, 1000, 120, 1000), (4145, 34900, 4040, 34900), (30, 400, 90, 1600)], rel_tol=1e-6),
        mistakes={
            "var_c * p_t**2 / p_c**4 + var_t / p_c**2": "This is the variance. The standard error is its square root.",
            "np.sqrt(var_t / p_c**2)": "This treats the control's rate as known. Its uncertainty is the second term, "
            "`p_t**2 * var_c / p_c**4`.",
            "np.sqrt(var_c + var_t)": "This is the standard error of the difference p_t - p_c. The lift is that difference "
            "divided by p_c, which is uncertain too.",
            "np.sqrt(var_c + var_t) / p_c": "A common formula: it divides by the control's rate as if that were known. "
            "The factor of `var_c` is `p_t**2 / p_c**4`.",
            "np.sqrt(var_c * p_t / p_c**4 + var_t / p_c**2)": "Nearly: the factor of `var_c` is a square, so `p_t` is squared too.",
            "var_t = p_t * (1 - p_t)": "`var_t` is the variance of one visitor. Divide it by the number of visitors, as in `var_c`.",
        },
        neighbours={"the lift itself": "p_t / p_c - 1"},
        hints=[
            "`var_t` is built like `var_c`, from the treatment's rate and number of visitors.",
            "The variance is `var_t / p_c**2 + p_t**2 * var_c / p_c**4`. The standard error is its root: `np.sqrt(...)`.",
        ],
        why="With equal arms the control counts about as much as the treatment, although its rate is only the yardstick. "
        "An experiment that gives the control 10% of the visitors has an imprecise yardstick, and so an imprecise lift.",
    ),
    Exercise(
        id="5.4",
        title="What lies between",
        purpose="Read a prior on a standard deviation as probabilities of ranges.",
        stub="between = ...",
        answer="between",
        solution="between = published.cdf(1) - published.cdf(0.1)",
        why=(
            "One fifth, and a third lies beyond. So half of this prior is on companies whose lifts differ by more than 10 "
            "points from test to test. With many tests the data overrule that; with few, this half has a say. A prior that "
            "was chosen for its formula can say odd things about the world: always ask it for ranges."
        ),
        hints=(
            "`published.cdf(x)` is the prior probability that the standard deviation is at most x; 10% is `0.1`, 100% is `1`.",
            "What lies between is the probability below 1, less the probability below 0.1.",
        ),
        check=Number(lambda: float(ma.GammaPrecision().cdf(1.0) - ma.GammaPrecision().cdf(0.1)), abs_tol=0.006),
        mistakes=(
            Mistake(
                "between = published.cdf(1)",
                "This is everything below 100%. Take away what lies below 10%.",
                value=lambda: float(ma.GammaPrecision().cdf(1.0)),
            ),
            Mistake(
                "between = 1 - published.cdf(0.1)",
                "This is everything above 10%. Take away what lies above 100%.",
                value=lambda: float(1 - ma.GammaPrecision().cdf(0.1)),
            ),
            Mistake(
                "between = published.cdf(0.1)",
                "This is the probability below 10%. Which part lies above it, and below 100%?",
                value=lambda: float(ma.GammaPrecision().cdf(0.1)),
            ),
            Mistake(
                "between = published.cdf(100) - published.cdf(10)",
                "These are the fractions 10 and 100, that is 1,000% and 10,000%. 10% is `0.1` and 100% is `1`.",
                value=lambda: float(ma.GammaPrecision().cdf(100.0) - ma.GammaPrecision().cdf(10.0)),
            ),
        ),
    ),
    Exercise(
        id="5.5",
        title="The first conditional: an effect",
        purpose="Combine an estimate and a population, weighted by their precisions.",
        stub=(
            "def effect_given(estimate, omega, mu, tau):\n"
            "    precision = ...\n"
            "    mean = ...\n"
            "    return mean, precision"
        ),
        answer="effect_given",
        solution=(
            "def effect_given(estimate, omega, mu, tau):\n"
            "    precision = omega + tau\n"
            "    mean = (omega * estimate + tau * mu) / precision\n"
            "    return mean, precision"
        ),
        why=(
            "This is the shrinkage of lesson 1 again. The weight on the population is tau / (omega + tau): large for a "
            "small test, and large when the effects are alike."
        ),
        hints=(
            "Precisions add: what the test knows is `omega`, what the population knows is `tau`.",
            "The mean weighs the estimate with `omega` and `mu` with `tau`, and divides by the sum of the weights.",
        ),
        check=Function(
            lambda: _effect_given, cases=((0.1, 400.0, 0.0, 1600.0), (-0.05, 900.0, 0.02, 300.0)), rel_tol=1e-9
        ),
        mistakes=(
            Mistake(
                "def effect_given(estimate, omega, mu, tau):\n"
                "    return (tau * estimate + omega * mu) / (omega + tau), omega + tau",
                "The weights are swapped: a precise test (large `omega`) should stay near its own estimate.",
                value=lambda: lambda y, o, m, t: ((t * y + o * m) / (o + t), o + t),
            ),
            Mistake(
                "def effect_given(estimate, omega, mu, tau):\n"
                "    return (omega * estimate + tau * mu) / (omega + tau), 1 / (omega + tau)",
                "The mean is right. The second number is the variance; the precision is asked for.",
                value=lambda: lambda y, o, m, t: ((o * y + t * m) / (o + t), 1 / (o + t)),
            ),
            Mistake(
                "def effect_given(estimate, omega, mu, tau):\n"
                "    return (omega * estimate + tau * mu) / (omega + tau), (omega + tau) ** -0.5",
                "The mean is right. The second number is the standard deviation; the precision is asked for.",
                value=lambda: lambda y, o, m, t: ((o * y + t * m) / (o + t), (o + t) ** -0.5),
            ),
            Mistake(
                "def effect_given(estimate, omega, mu, tau):\n"
                "    return omega + tau, (omega * estimate + tau * mu) / (omega + tau)",
                "Both numbers are right, in the wrong order: the mean comes first.",
                value=lambda: lambda y, o, m, t: (o + t, (o * y + t * m) / (o + t)),
            ),
            Mistake(
                "def effect_given(estimate, omega, mu, tau):\n    return (estimate + mu) / 2, omega + tau",
                "This gives estimate and population equal weights. Weigh each with its precision.",
                value=lambda: lambda y, o, m, t: ((y + m) / 2, o + t),
            ),
            Mistake(
                "def effect_given(estimate, omega, mu, tau):\n    return omega * estimate + tau * mu, omega + tau",
                "The weighted sum still has to be divided by the sum of the weights.",
                value=lambda: lambda y, o, m, t: (o * y + t * m, o + t),
            ),
        ),
    ),
    Exercise(
        id="5.6",
        title="The second conditional: the average",
        purpose="Use the same rule once more, with k measurements and a prior.",
        stub=("def mu_given(effects, tau, epsilon):\n    precision = ...\n    mean = ...\n    return mean, precision"),
        answer="mu_given",
        solution=(
            "def mu_given(effects, tau, epsilon):\n"
            "    k = len(effects)\n"
            "    precision = k * tau + epsilon\n"
            "    mean = tau * np.sum(effects) / precision\n"
            "    return mean, precision"
        ),
        why=(
            "The data do not appear: once the effects are known, the estimates have nothing more to say about their average. "
            "That is what makes Gibbs sampling easy, and as section H shows also what makes it slow."
        ),
        hints=(
            "Each of the k effects measures mu with precision `tau`; the prior has precision `epsilon` and mean 0.",
            "The precision is `k * tau + epsilon`. In the mean, each effect has weight `tau`, and the prior's mean adds nothing.",
        ),
        check=Function(
            lambda: _mu_given,
            cases=((np.array([0.05, -0.02, 0.01]), 900.0, 1600.0), (np.array([0.1, 0.2]), 100.0, 400.0)),
            rel_tol=1e-9,
        ),
        mistakes=(
            Mistake(
                "def mu_given(effects, tau, epsilon):\n    return np.mean(effects), len(effects) * tau + epsilon",
                "The precision is right. This mean ignores the prior, which pulls towards 0 with weight `epsilon`.",
                value=lambda: lambda e, t, p: (np.mean(e), len(e) * t + p),
            ),
            Mistake(
                "def mu_given(effects, tau, epsilon):\n"
                "    return tau * np.sum(effects) / (tau + epsilon), tau + epsilon",
                "This counts one effect only. There are k of them, each with precision `tau`.",
                value=lambda: lambda e, t, p: (t * np.sum(e) / (t + p), t + p),
            ),
            Mistake(
                "def mu_given(effects, tau, epsilon):\n    k = len(effects)\n"
                "    return tau * np.mean(effects) / (k * tau + epsilon), k * tau + epsilon",
                "Sum the effects instead of averaging them: each one has the weight `tau`.",
                value=lambda: lambda e, t, p: (t * np.mean(e) / (len(e) * t + p), len(e) * t + p),
            ),
            Mistake(
                "def mu_given(effects, tau, epsilon):\n"
                "    return tau * np.sum(effects) / (40 * tau + epsilon), 40 * tau + epsilon",
                "The function should work for any number of effects: `len(effects)`, not 40.",
                value=lambda: lambda e, t, p: (t * np.sum(e) / (40 * t + p), 40 * t + p),
            ),
            Mistake(
                "def mu_given(effects, tau, epsilon):\n    k = len(effects)\n"
                "    return tau * np.sum(effects) / (k * tau + epsilon), 1 / (k * tau + epsilon)",
                "The mean is right. The second number is the variance; the precision is asked for.",
                value=lambda: lambda e, t, p: (t * np.sum(e) / (len(e) * t + p), 1 / (len(e) * t + p)),
            ),
        ),
    ),
    Exercise(
        id="5.7",
        title="The third conditional: the spread",
        purpose="Read a Gamma distribution off a product of densities.",
        stub="def tau_given(effects, mu, alpha, beta):\n    shape = ...\n    rate = ...\n    return shape, rate",
        answer="tau_given",
        solution=(
            "def tau_given(effects, mu, alpha, beta):\n"
            "    shape = alpha + len(effects) / 2\n"
            "    rate = beta + np.sum((effects - mu) ** 2) / 2\n"
            "    return shape, rate"
        ),
        why=(
            "The prior counts as 2 alpha effects that were seen already, with a sum of squares of 2 beta. Now all three conditionals are "
            "distributions that NumPy can draw from, and the sampler is only a loop."
        ),
        hints=(
            "Multiply: the powers of tau add up, and so do the exponents.",
            "The shape gains 1/2 from each of the k effects. The rate gains half of the sum of `(effects - mu) ** 2`.",
        ),
        check=Function(
            lambda: _tau_given,
            cases=((np.array([0.05, -0.02, 0.01]), 0.01, 0.1, 1e-5), (np.array([0.1, 0.2]), 0.3, 2.0, 0.5)),
            rel_tol=1e-9,
        ),
        mistakes=(
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects), beta + np.sum((effects - mu) ** 2)",
                "Each effect brings the power 1/2 of tau, and the exponent has half of its square: both need the factor 1/2.",
                value=lambda: lambda e, m, a, b: (a + len(e), b + np.sum((e - m) ** 2)),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects) / 2, beta + np.sum((effects - np.mean(effects)) ** 2) / 2",
                "Measure the effects from `mu`, where the sampler is, and not from their own mean.",
                value=lambda: lambda e, m, a, b: (a + len(e) / 2, b + np.sum((e - np.mean(e)) ** 2) / 2),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects) / 2, 1 / (beta + np.sum((effects - mu) ** 2) / 2)",
                "The second number is the scale, which NumPy's `gamma` wants. The rate, its inverse, is asked for.",
                value=lambda: lambda e, m, a, b: (a + len(e) / 2, 1 / (b + np.sum((e - m) ** 2) / 2)),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects), beta + np.sum((effects - mu) ** 2) / 2",
                "The rate is right. Each effect brings the power 1/2 of tau, so the shape gains half of their number.",
                value=lambda: lambda e, m, a, b: (a + len(e), b + np.sum((e - m) ** 2) / 2),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects) / 2, beta + np.sum((effects - mu) ** 2)",
                "The shape is right. The exponent has half of each square: the factor 1/2 is missing in the rate.",
                value=lambda: lambda e, m, a, b: (a + len(e) / 2, b + np.sum((e - m) ** 2)),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha - 1 + len(effects) / 2, beta + np.sum((effects - mu) ** 2) / 2",
                "The rate is right. The first number is the exponent of tau, which is the shape less 1.",
                value=lambda: lambda e, m, a, b: (a - 1 + len(e) / 2, b + np.sum((e - m) ** 2) / 2),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects) / 2, beta - np.sum((effects - mu) ** 2) / 2",
                "The shape is right. Both exponents carry a minus, so the rate is their sum.",
                value=lambda: lambda e, m, a, b: (a + len(e) / 2, b - np.sum((e - m) ** 2) / 2),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + 1 / 2, beta + np.sum((effects - mu) ** 2) / 2",
                "The rate is right. The shape gains 1/2 from *each* effect.",
                value=lambda: lambda e, m, a, b: (a + 0.5, b + np.sum((e - m) ** 2) / 2),
            ),
            Mistake(
                "def tau_given(effects, mu, alpha, beta):\n"
                "    return alpha + len(effects) / 2, beta + np.sum(effects - mu) / 2",
                "The distances from mu have to be squared before they are summed.",
                value=lambda: lambda e, m, a, b: (a + len(e) / 2, b + np.sum(e - m) / 2),
            ),
        ),
    ),
    Exercise(
        id="5.8",
        title="Put the sampler in order",
        purpose="Know which value every line of a sweep needs.",
        stub='order = ...  # such as "abcdef"',
        answer="order",
        solution='order = "efcadb"',
        why=(
            "Every line needs only names that exist by then, and always their newest values. After `c`, lines `a` and `d` may "
            "change places: any order of the conditionals will do, as long as each starts from where the others are now."
        ),
        hints=(
            "The start comes first, then the loop. Inside it, which of the three draws can be made with what the start provides?",
            "The start has `mu` and `tau`, so the effects are drawn first. The finished sweep is recorded last.",
        ),
        check=Order(
            right="efcadb",
            also=("efcdab",),
            wrong={
                "fecadb": "With the start inside the loop, every sweep begins at the start again: the chain never moves on.",
                "efacdb": "`a` needs `effects`, and in the first sweep there are none yet.",
                "efcabd": "`b` records before `tau` is drawn: the new mu beside the old tau. Record the finished sweep.",
                "efbcad": "`b` records before anything is drawn, so the start would be the first draw. Record the finished sweep.",
            },
        ),
    ),
    Exercise(
        id="5.9",
        title="What do the checks say?",
        purpose="Know what R-hat and effective sample size can see, and what they cannot.",
        stub='they_say = ...  # "a", "b", "c" or "d"',
        answer="they_say",
        solution='they_say = "b"',
        why=(
            "R-hat compares chains with chains, and the effective sample size compares a chain with itself. No posterior "
            "appears in either formula. Keep this answer in mind through section F."
        ),
        hints=(
            "What are R-hat and ESS computed from? Do they ever see the model, or the data?",
            "Imagine four chains that all draw from a standard normal, whatever the data. What would R-hat be?",
        ),
        check=Choice(
            options={
                "a": "the draws come from the posterior",
                "b": "the chains agree with each other, and are worth more than 400 draws",
                "c": "the model describes the forty tests well",
                "d": "every posterior mean is right to within 1%",
            },
            right="b",
            wrong={
                "a": "From *a* distribution on which the chains agree. Whether it is the posterior, R-hat cannot know: it never sees the model.",
                "c": "The checks see draws only. A model that fits badly can be sampled perfectly.",
                "d": "The 1.01 is a ratio of standard deviations, not an error of the mean. The Monte Carlo error is the posterior sd over the root of the effective sample size.",
            },
        ),
    ),
    Exercise(
        id="5.10",
        title="Find the bug",
        purpose="Repair a sampler that runs, converges and is wrong.",
        stub=_repair("effects", "mu", "effects") + ", ...",
        answer="repaired",
        solution=_repair("new_effects", "new_mu", "new_effects"),
        why=(
            "Three names changed. R-hat and ESS had nothing to say against the old version: it took "
            "a test of the whole sampler against something known."
        ),
        hints=(
            "Compare with `sweep` of section D, line by line: which *values* does each line receive there?",
            "`draw_mu` must see the effects that were drawn one line above, and `draw_tau` both of the new values.",
        ),
        check=Function(lambda: _sweep(), cases=_STATES, rel_tol=1e-9),
        mistakes=(
            Mistake(
                _repair("effects", "mu", "effects"),
                "This is still the version that failed: mu and tau are drawn from the values of the sweep before.",
                value=lambda: _sweep("old", "old", "old"),
            ),
            Mistake(
                _repair("new_effects", "mu", "effects"),
                "mu is repaired. `draw_tau` still measures old effects from the old mu.",
                value=lambda: _sweep("new", "old", "old"),
            ),
            Mistake(
                _repair("new_effects", "mu", "new_effects"),
                "Nearly: tau still measures the new effects from the old mu.",
                value=lambda: _sweep("new", "new", "old"),
            ),
            Mistake(
                _repair("effects", "new_mu", "new_effects"),
                "tau is repaired. mu is still drawn from the old effects.",
                value=lambda: _sweep("old", "new", "new"),
            ),
            Mistake(
                "def repaired(effects, mu, tau, y, omega, rng):\n"
                "    effects = draw_effects(mu, tau, y, omega, rng)\n"
                "    tau = draw_tau(effects, mu, rng)\n"
                "    mu = draw_mu(effects, tau, rng)\n"
                "    return effects, mu, tau",
                "This is a right sampler too, with tau drawn before mu. To be compared, keep the order of the lines.",
                value=_sweep_tau_first,
            ),
            Mistake(
                _repair("new_effects", "new_mu", "effects"),
                "tau still measures the old effects, now from a mu that belongs to the new ones.",
                value=lambda: _sweep("new", "old", "new"),
            ),
        ),
    ),
    Exercise(
        id="5.11",
        title="In one sentence",
        purpose="Say why updating everything at once is wrong.",
        stub='sentence = ...  # "a", "b", "c" or "d"',
        answer="sentence",
        solution='sentence = "d"',
        why=(
            "Each of the three draws is a right one, for the values that it was given. After the sweep it stands beside "
            "others. Three draws that do not know of each other are each plausible, and do not fit together."
        ),
        hints=(
            "Take one sweep of the second sampler. Do the new mu and the new effects know of each other?",
            "A full conditional says where mu may be *beside these effects*. Which effects stand beside it after the sweep?",
        ),
        check=Choice(
            options={
                "a": "the chains move faster, so they would need a longer warm-up before their draws count",
                "b": "every value is drawn from old values, so the record lags one sweep behind the posterior",
                "c": "the conditional distributions are no longer right when the three are computed at once",
                "d": "every value is drawn to stand beside values that the same sweep replaces",
            },
            right="d",
            wrong={
                "a": "The chains forget their starts quickly, and that is the trouble: they settle on another distribution.",
                "b": "A lag alone would be harmless: the posterior does not move. What matters is which values stand beside each other.",
                "c": "Both samplers call the same three functions, and one of them passes. Each draw is right for the values it was given.",
            },
        ),
    ),
    Exercise(
        id="5.12",
        title="How many of the five really help?",
        purpose="Turn posterior probabilities into an expected count.",
        stub="helping = ...",
        answer="helping",
        solution="helping = (1 - post.cdf(0))[won].sum()",
        why=(
            "Nearly all five are expected to help (in truth all five do), and at the same time their lifts are expected to be "
            "about half of what was measured. Whether a change works and how much it brings are two questions."
        ),
        hints=(
            "`post.cdf(0)` holds for every test the probability of a lift of at most 0. What is left is the probability that it helps.",
            "The expected number is the sum of the five probabilities: select them with `[won]`.",
        ),
        check=Number(lambda: float((1 - _post().cdf(0))[_lifts()[3]].sum()), abs_tol=0.03),
        mistakes=(
            Mistake(
                "helping = (post.mean > 0)[won].sum()",
                "This counts each of the five in full, as if it were certain. Add up the probabilities.",
                value=lambda: 5.0,
            ),
            Mistake(
                "from scipy.stats import norm\nhelping = norm.cdf(estimate / error)[won].sum()",
                "These probabilities come from the raw estimates, which were chosen for being high. Use `post`.",
                value=lambda: float(ndtr(_lifts()[0] / _lifts()[1])[_lifts()[3]].sum()),
            ),
            Mistake(
                "helping = (1 - post.cdf(0))[won].mean()",
                "This is the average probability of the five. The expected number is their sum.",
                value=lambda: float((1 - _post().cdf(0))[_lifts()[3]].mean()),
            ),
            Mistake(
                "helping = post.cdf(0)[won].sum()",
                "This counts those that do *not* help. `cdf(0)` is the probability of a lift of at most 0.",
                value=lambda: float(_post().cdf(0)[_lifts()[3]].sum()),
            ),
            Mistake(
                "helping = (1 - post.cdf(0)).sum()",
                "This is the expected number among all forty. Select the winners with `[won]`.",
                value=lambda: float((1 - _post().cdf(0)).sum()),
            ),
            Mistake(
                "helping = 0.95 * 5",
                "95% was the level of the intervals, not the probability that a winner helps. The posterior has a probability for each test.",
                value=lambda: 4.75,
            ),
        ),
    ),
    Exercise(
        id="5.13",
        title="What will the next test show?",
        purpose="Keep three uncertainties apart: of the average, of a new effect, of a new estimate.",
        stub="estimate_sd = ...",
        answer="estimate_sd",
        solution="estimate_sd = post.new_effect.predict(0.03).sd",
        why=(
            "Three uncertainties, one inside the other: where the average is, how far the next effect lies from it, and how "
            "far its estimate lies from the effect. More tests shrink the first. They measure the second, but do not make it smaller; and the third comes with every test."
        ),
        hints=(
            "The question is about an *estimate*: `post.new_effect` is the true lift, without the luck of the test. Variances add up.",
            "`post.new_effect.predict(standard_error)` is the distribution of the estimate; it has `.mean` and `.sd`.",
        ),
        check=Number(lambda: float(_post().new_effect.predict(0.03).sd), abs_tol=0.0006),
        mistakes=(
            Mistake(
                "estimate_sd = post.new_effect.sd",
                "This is the uncertainty of the true lift. The estimate has the luck of the test on top.",
                value=lambda: float(_post().new_effect.sd),
            ),
            Mistake(
                "estimate_sd = post.mu.sd",
                "This is how well you know the *average* lift. A single new test lies far from the average.",
                value=lambda: float(_post().mu.sd),
            ),
            Mistake(
                "estimate_sd = post.mu.predict(0.03).sd",
                "This leaves out how much tests differ: it is for a test whose true lift is exactly the average.",
                value=lambda: float(_post().mu.predict(0.03).sd),
            ),
            Mistake(
                "estimate_sd = post.new_effect.sd + 0.03",
                "Standard deviations of independent parts do not add. Their squares do.",
                value=lambda: float(_post().new_effect.sd + 0.03),
            ),
            Mistake(
                "estimate_sd = (post.effect_sd.mean**2 + 0.03**2) ** 0.5",
                "Nearly: the average is uncertain as well, and so is the spread. `post.new_effect` has all of that.",
                value=lambda: float(np.hypot(_post().effect_sd.mean, 0.03)),
            ),
            Mistake(
                "estimate_sd = post.effect_sd.mean + 0.03",
                "Standard deviations of independent parts do not add. Their squares do. And the average is uncertain too.",
                value=lambda: float(_post().effect_sd.mean + 0.03),
            ),
            Mistake(
                "estimate_sd = 0.03",
                "This is the luck of the test alone. Its true lift is unknown too.",
                value=lambda: 0.03,
            ),
        ),
    ),
    Exercise(
        id="5.14",
        title="A vaccine in a new place",
        purpose="Tell the average effect from the effect in the next place.",
        stub="prob_helps = ...",
        answer="prob_helps",
        solution="prob_helps = vaccine.new_effect.cdf(0)",
        why=(
            "The average effect is almost certainly protective, and yet in the next place it may fail. A summary that stops at the "
            "average hides this, and it is the question that a health minister has."
        ),
        hints=(
            "A log risk ratio below 0 means fewer cases among the vaccinated. Which quantity describes a place that has no trial yet?",
            "`vaccine.new_effect` is that quantity; `.cdf(0)` is the probability that it lies below 0.",
        ),
        check=Number(lambda: float(_bcg().new_effect.cdf(0)), abs_tol=0.006),
        mistakes=(
            Mistake(
                "prob_helps = vaccine.mu.cdf(0)",
                "This is the probability that the *average* effect is protective. Places differ.",
                value=lambda: float(_bcg().mu.cdf(0)),
            ),
            Mistake(
                "prob_helps = 1 - vaccine.new_effect.cdf(0)",
                "This is the probability of *more* cases among the vaccinated. Protection is a log risk ratio below 0.",
                value=lambda: float(1 - _bcg().new_effect.cdf(0)),
            ),
            Mistake(
                "prob_helps = vaccine.new_effect.cdf(1)",
                "A risk ratio of 1 is a *log* risk ratio of 0.",
                value=lambda: float(_bcg().new_effect.cdf(1)),
            ),
            Mistake(
                "prob_helps = (vaccine.estimate < 0).mean()",
                "This is the share of trials whose estimate was protective. It takes every estimate for the truth.",
                value=lambda: float((_bcg().estimate < 0).mean()),
            ),
        ),
    ),
)
