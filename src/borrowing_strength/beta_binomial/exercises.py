"""Exercises of lesson 01, Beta-binomial shrinkage."""

from functools import cache

import numpy as np

from borrowing_strength import beta_binomial, datasets
from borrowing_strength.exercises.records import Choice, Exercise, Function, Mistake, Model, Number


@cache
def _post() -> beta_binomial.Posterior:
    """Scenario of the lesson: A has 10 trials."""
    return beta_binomial.fit([3, 50, 55, 60], [10, 100, 100, 100])


@cache
def _rats() -> beta_binomial.Posterior:
    rats = datasets.rat_tumors()
    return beta_binomial.fit(rats.tumors, rats.rats)


def _pull() -> float:
    post = _post()
    return (post.mean[0] - 0.3) / (post.grand_mean.mean - 0.3)


def _chance() -> float:
    rats = _rats()
    return (4 / 14 - rats.mean[-1]) / (4 / 14 - rats.grand_mean.mean)


def _prob_best(draws: np.ndarray) -> np.ndarray:
    return np.bincount(draws.argmax(axis=1), minlength=draws.shape[1]) / len(draws)


def _two_emails(a: tuple[float, float] = (16, 9), b: tuple[float, float] = (40, 8)):
    prior = beta_binomial.Gammas(a, b)
    return beta_binomial.pymc_model([19, 3], [200, 10], prior, form="rates")


def _separate_populations():
    import pymc as pm

    with pm.Model() as model:
        a = pm.Gamma("a", alpha=16, beta=9, shape=2)
        b = pm.Gamma("b", alpha=40, beta=8, shape=2)
        rate = pm.Beta("rate", alpha=a, beta=b)
        pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])
    return model


def _arguments_swapped():
    import pymc as pm

    with pm.Model() as model:
        a = pm.Gamma("a", alpha=16, beta=9)
        b = pm.Gamma("b", alpha=40, beta=8)
        rate = pm.Beta("rate", alpha=b, beta=a, shape=2)
        pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])
    return model


def _one_rate():
    import pymc as pm

    with pm.Model() as model:
        a = pm.Gamma("a", alpha=16, beta=9)
        b = pm.Gamma("b", alpha=40, beta=8)
        rate = pm.Beta("rate", alpha=a, beta=b)
        pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])
    return model


def _unused_hyperparameters():
    import pymc as pm

    with pm.Model() as model:
        pm.Gamma("a", alpha=16, beta=9)
        pm.Gamma("b", alpha=40, beta=8)
        rate = pm.Beta("rate", alpha=2, beta=5, shape=2)
        pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])
    return model


_LIKELIHOOD = '    pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])'

EXERCISES = (
    Exercise(
        id="1.1",
        title="What survives the correction?",
        purpose="Apply a Bonferroni correction, and see what it makes the answer depend on.",
        stub="survivors = ...",
        answer="survivors",
        solution="survivors = sum(p < 0.05 / 105 for p in p_values.values())",
        why=(
            "A against B is no longer significant, although not one click of A or B has changed. The correction "
            "guards against a single false alarm among all tests. The price is power, and every new variant raises it."
        ),
        hints=(
            "With 105 comparisons every p-value has to be below 0.05 / 105.",
            "0.05 / 105 is 0.00048. How many of the six printed p-values are smaller than that?",
        ),
        check=Number(lambda: 2.0, abs_tol=0.001),
        mistakes=(
            Mistake(
                "survivors = 3",
                "Three survive a correction for six comparisons. Here there are 105 of them.",
                value=lambda: 3.0,
            ),
            Mistake(
                "survivors = 6",
                "Six is the number of p-values. Count those that are below 0.05 / 105.",
                value=lambda: 6.0,
            ),
            Mistake(
                "survivors = 0.05 / 105",
                "This is the corrected threshold. How many p-values are below it?",
                value=lambda: 0.05 / 105,
            ),
        ),
    ),
    Exercise(
        id="1.2",
        title="E-mail B, on its own",
        purpose="Repeat a worked example: the mean of a Beta posterior.",
        stub="mean_of_b = ...",
        answer="mean_of_b",
        solution="mean_of_b = beta(2 + 3, 5 + 7).mean()",
        why=(
            "B's estimate is nearly three times A's. Ten recipients and an invented prior made it; the 200 recipients "
            "of A, who read the same newsletter, had no say in it."
        ),
        hints=(
            "B: 3 of 10 clicked. The worked example for A has `beta(2 + 19, 5 + 181)`.",
            "7 of B's recipients did not click. The mean of Beta(a, b) is a / (a + b).",
        ),
        check=Number(lambda: 5 / 17, abs_tol=0.0045),
        mistakes=(
            Mistake(
                "mean_of_b = 3 / 10",
                "This is the raw rate. The prior Beta(2, 5) adds 2 clicks and 5 non-clicks to the data.",
                value=lambda: 0.3,
            ),
            Mistake(
                "mean_of_b = beta(21 + 3, 186 + 7).mean()",
                "This counts A's recipients as if they had received B: one rate for both. Here B stands alone.",
                value=lambda: 24 / 217,
            ),
            Mistake(
                "mean_of_b = 4 / 15",
                "This is the peak of the posterior (its mode). The mean of Beta(a, b) is a / (a + b).",
                value=lambda: 4 / 15,
            ),
            Mistake(
                "mean_of_b = beta(2 + 3, 5 + 10).mean()",
                "The second number counts those who did *not* click: 7, not 10.",
                value=lambda: 5 / 20,
            ),
            Mistake(
                "mean_of_b = beta(2 + 19, 5 + 181).mean()",
                "This is e-mail A once more. B has 3 clicks from 10 recipients.",
                value=lambda: 21 / 207,
            ),
        ),
    ),
    Exercise(
        id="1.3",
        title="How much can this hyperprior lend?",
        purpose="Read a hyperprior as a statement about shrinkage before any data.",
        stub="weight_on_population = ...",
        answer="weight_on_population",
        solution="weight_on_population = (16 / 9 + 40 / 8) / (16 / 9 + 40 / 8 + 100)",
        why=(
            "The Gamma hyperprior holds a + b near 7 unless you observe dozens of groups. A variant with 100 trials then "
            "goes 6% of the way, even if all variants are alike. A hyperprior that looks harmless has decided the question."
        ),
        hints=(
            "The population counts as a + b trials, and the variant has 100 of its own.",
            "The mean of Gamma(shape, rate) is shape / rate, so a + b is about 16/9 + 40/8 = 6.8. "
            "The weight on the population is (a + b) / (a + b + trials).",
        ),
        check=Number(lambda: (16 / 9 + 5) / (16 / 9 + 105), abs_tol=0.004),
        mistakes=(
            Mistake(
                "weight_on_population = 100 / (16 / 9 + 40 / 8 + 100)",
                "This is the weight on the variant's own data. The population gets the rest.",
                value=lambda: 100 / (16 / 9 + 105),
            ),
            Mistake(
                "weight_on_population = (16 / 9 + 40 / 8) / (16 / 9 + 40 / 8 + 10)",
                "This is the weight for 10 trials. The question is about 100.",
                value=lambda: (16 / 9 + 5) / (16 / 9 + 15),
            ),
            Mistake(
                "weight_on_population = (16 / 9) / (16 / 9 + 40 / 8)",
                "This is the grand rate, a / (a + b). The weight compares a + b with the variant's own trials.",
                value=lambda: (16 / 9) / (16 / 9 + 5),
            ),
            Mistake(
                "weight_on_population = (16 / 9 + 40 / 8) / 100",
                "Compare with *all* trials, the population's included: divide by a + b + 100.",
                value=lambda: (16 / 9 + 5) / 100,
            ),
            Mistake(
                "weight_on_population = 16 / 9 + 40 / 8",
                "This is a + b itself, the number of trials that the population counts as. What share is it of the total?",
                value=lambda: 16 / 9 + 5,
            ),
            Mistake(
                "weight_on_population = (16 + 40) / (16 + 40 + 100)",
                "16 and 40 are shapes. The mean of a Gamma is its shape divided by its rate.",
                value=lambda: 56 / 156,
            ),
        ),
    ),
    Exercise(
        id="1.4",
        title="Make it hierarchical",
        purpose="Turn two separate models into one, by giving the prior's numbers a prior of their own.",
        stub=(
            "with pm.Model() as hierarchical:\n"
            "    a = ...  # Gamma(16, 9)\n"
            "    b = ...  # Gamma(40, 8)\n"
            '    rate = pm.Beta("rate", alpha=2, beta=5, shape=2)\n' + _LIKELIHOOD
        ),
        answer="hierarchical",
        solution=(
            "with pm.Model() as hierarchical:\n"
            '    a = pm.Gamma("a", alpha=16, beta=9)\n'
            '    b = pm.Gamma("b", alpha=40, beta=8)\n'
            '    rate = pm.Beta("rate", alpha=a, beta=b, shape=2)\n' + _LIKELIHOOD
        ),
        why=(
            "Three lines make the difference: a and b are unknown, and both rates come from the same Beta(a, b). "
            "Now each e-mail's clicks can teach the model about the other. The next cell shows how much comes of it."
        ),
        hints=(
            'A Gamma variable is written `pm.Gamma("a", alpha=shape, beta=rate)`.',
            "The fixed numbers 2 and 5 in the line for `rate` have to become `a` and `b`, or nothing is shared.",
        ),
        check=Model(_two_emails),
        mistakes=(
            Mistake(
                'with pm.Model() as hierarchical:\n    a = pm.Gamma("a", alpha=16, beta=9)\n'
                '    b = pm.Gamma("b", alpha=40, beta=8)\n'
                '    rate = pm.Beta("rate", alpha=2, beta=5, shape=2)\n' + _LIKELIHOOD,
                "`a` and `b` exist but nothing depends on them: the rates still come from the fixed Beta(2, 5).",
                value=_unused_hyperparameters,
            ),
            Mistake(
                'with pm.Model() as hierarchical:\n    a = pm.Gamma("a", alpha=16, beta=9, shape=2)\n'
                '    b = pm.Gamma("b", alpha=40, beta=8, shape=2)\n'
                '    rate = pm.Beta("rate", alpha=a, beta=b)\n' + _LIKELIHOOD,
                "Each e-mail has an `a` and a `b` of its own here, so nothing is shared. One pair must serve both.",
                value=_separate_populations,
            ),
            Mistake(
                'with pm.Model() as hierarchical:\n    a = pm.Gamma("a", alpha=40, beta=8)\n'
                '    b = pm.Gamma("b", alpha=16, beta=9)\n'
                '    rate = pm.Beta("rate", alpha=a, beta=b, shape=2)\n' + _LIKELIHOOD,
                "The two hyperpriors are swapped: a has Gamma(16, 9), b has Gamma(40, 8).",
                value=lambda: _two_emails((40, 8), (16, 9)),
            ),
            Mistake(
                'with pm.Model() as hierarchical:\n    a = pm.Gamma("a", alpha=16, beta=9)\n'
                '    b = pm.Gamma("b", alpha=40, beta=8)\n'
                '    rate = pm.Beta("rate", alpha=b, beta=a, shape=2)\n' + _LIKELIHOOD,
                "In the line for `rate` the two are swapped: `alpha` is `a`, `beta` is `b`.",
                value=_arguments_swapped,
            ),
            Mistake(
                'with pm.Model() as hierarchical:\n    a = pm.Gamma("a", alpha=16, beta=9)\n'
                '    b = pm.Gamma("b", alpha=40, beta=8)\n'
                '    rate = pm.Beta("rate", alpha=a, beta=b)\n' + _LIKELIHOOD,
                "There is one `rate` for both e-mails here: that is complete pooling. `shape=2` gives each its own.",
                value=_one_rate,
            ),
            Mistake(
                'with pm.Model() as hierarchical:\n    a = pm.Gamma("a", alpha=16, beta=1 / 9)\n'
                '    b = pm.Gamma("b", alpha=40, beta=1 / 8)\n'
                '    rate = pm.Beta("rate", alpha=a, beta=b, shape=2)\n' + _LIKELIHOOD,
                "PyMC's `beta` of a Gamma is a rate already: 9 and 8, not one over them.",
                value=lambda: _two_emails((16, 1 / 9), (40, 1 / 8)),
            ),
        ),
    ),
    Exercise(
        id="1.5",
        title="How far is A pulled?",
        purpose="Turn 'strongly shrunk' into a number that can be checked.",
        stub="pull = ...",
        answer="pull",
        solution="pull = (post10.mean[0] - 0.30) / (post10.grand_mean.mean - 0.30)",
        why=(
            "About three quarters of the way from its raw rate to the grand rate, and no further. Ten trials still "
            "carry information, and the model uses it."
        ),
        hints=(
            "It is a fraction: the distance that A was moved, divided by the distance to the grand rate.",
            "A moved from 0.30 to `post10.mean[0]`; the grand rate is `post10.grand_mean.mean`.",
        ),
        check=Number(_pull, abs_tol=0.006),
        mistakes=(
            Mistake(
                "pull = 1.0",
                "A value of 1 would put A on the grand rate itself. Look at the figure: A stops short of the dashed line.",
                value=lambda: 1.0,
            ),
            Mistake(
                "pull = (post10.grand_mean.mean - post10.mean[0]) / (post10.grand_mean.mean - 0.30)",
                "This is the part of the way that A has *not* gone. Take one minus it.",
                value=lambda: 1 - _pull(),
            ),
            Mistake(
                "pull = 100 * (post10.mean[0] - 0.30) / (post10.grand_mean.mean - 0.30)",
                "This is a percentage. Give the fraction, a number between 0 and 1.",
                value=lambda: 100 * _pull(),
            ),
            Mistake(
                "pull = post10.mean[0] - 0.30",
                "This is how far A was moved. Divide by how far it was from the grand rate.",
                value=lambda: _post().mean[0] - 0.3,
            ),
            Mistake(
                "pull = (post10.mean[0] - 0.30) / (168 / 310 - 0.30)",
                "You measured against the rate of all trials thrown together (168 of 310). The grand rate of the "
                "population is `post10.grand_mean.mean`.",
                value=lambda: (_post().mean[0] - 0.3) / (168 / 310 - 0.3),
            ),
        ),
    ),
    Exercise(
        id="1.6",
        title="Who is best? From draws",
        purpose="Write a probability as a count over draws.",
        stub=(
            "def prob_best(draws):\n"
            '    """One row of `draws` is one draw, one column is one variant."""\n'
            "    return ..."
        ),
        answer="prob_best",
        solution=(
            "def prob_best(draws):\n"
            '    """One row of `draws` is one draw, one column is one variant."""\n'
            "    winner = draws.argmax(axis=1)\n"
            "    return np.bincount(winner, minlength=draws.shape[1]) / len(draws)"
        ),
        why=(
            "Any question about several rates at once becomes a count over joint draws. The exact engine gives "
            "the same numbers without draws; you can use it to check the count."
        ),
        hints=(
            "Within one row, which column is largest? `draws.argmax(axis=1)` says so for every row.",
            "Count how often each column wins with `np.bincount(winner, minlength=draws.shape[1])`, "
            "and divide by the number of rows.",
        ),
        check=Function(
            lambda: _prob_best,
            cases=(
                (np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.1, 0.5, 0.2], [0.4, 0.2, 0.3]]),),
                (np.array([[0.5, 0.1], [0.4, 0.2], [0.3, 0.6]]),),
                (np.array([[0.2, 0.9, 0.1, 0.3], [0.2, 0.8, 0.1, 0.3], [0.7, 0.1, 0.2, 0.3]]),),
            ),
            abs_tol=1e-9,
        ),
        mistakes=(
            Mistake(
                "def prob_best(draws):\n    return np.bincount(draws.argmax(axis=1), minlength=draws.shape[1])",
                "These are counts. Divide by the number of draws to get probabilities.",
                value=lambda: lambda draws: np.bincount(draws.argmax(axis=1), minlength=draws.shape[1]),
            ),
            Mistake(
                "def prob_best(draws):\n    return draws.mean(axis=0)",
                "These are the mean rates. The question is how often each column holds the largest value of its row.",
                value=lambda: lambda draws: draws.mean(axis=0),
            ),
            Mistake(
                "def prob_best(draws):\n    return np.bincount(draws.argmax(axis=1)) / len(draws)",
                "A variant that never wins still needs its 0: give `np.bincount` the number of columns as `minlength`.",
                value=lambda: lambda draws: np.bincount(draws.argmax(axis=1)) / len(draws),
            ),
            Mistake(
                "def prob_best(draws):\n    return draws.argmax(axis=1)",
                "This names the winner of each draw. Count how often every variant wins.",
                value=lambda: lambda draws: draws.argmax(axis=1),
            ),
            Mistake(
                "def prob_best(draws):\n"
                "    return np.bincount(draws.argmin(axis=1), minlength=draws.shape[1]) / len(draws)",
                "`argmin` finds the smallest rate of each draw: this is the probability of being the worst.",
                value=lambda: lambda draws: np.bincount(draws.argmin(axis=1), minlength=draws.shape[1]) / len(draws),
            ),
        ),
    ),
    Exercise(
        id="1.7",
        title="Why is A ahead of B?",
        purpose="Keep the probability of being best apart from the size of the advantage.",
        stub='reason = ...  # "a", "b", "c" or "d"',
        answer="reason",
        solution='reason = "b"',
        why=(
            "Being best rewards uncertainty: what nobody knows well is sometimes on top. The expected loss also counts "
            "how far below A is when it is not. So choose by the expected loss."
        ),
        hints=(
            "Look at the densities in section E: whose reaches furthest to both sides?",
            "A lies above 0.6 more often than B does, and below 0.4 far more often. Which of the two columns sees the latter?",
        ),
        check=Choice(
            options={
                "a": "A has the better rate on average",
                "b": "A's rate is so uncertain that it is on top a little more often, and far below much more often",
                "c": "A's rate is larger than B's by 0.113 - 0.088 = 2.5 points",
                "d": "the model favours A because it has the fewest data",
            },
            right="b",
            wrong={
                "a": "A's posterior mean is the lowest of the four. The order of the means is in the first column.",
                "c": "A difference of two probabilities is no size of a rate. It says how often, not by how much.",
                "d": "The model favours nobody. Less data means a wider posterior, and that cuts both ways.",
            },
        ),
    ),
    Exercise(
        id="1.8",
        title="From a rate to a count",
        purpose="Keep the uncertainty of a rate apart from the spread of a future count.",
        stub="sd_of_count = ...",
        answer="sd_of_count",
        solution="sd_of_count = post10.predict(20).sd[0]",
        why=(
            "Two sources of spread add up, as variances: you do not know A's rate, and even at a known rate 20 visitors "
            "would not all behave alike. Lesson 2 will take the two apart."
        ),
        hints=(
            "A prediction contains the uncertainty of the rate and the luck of 20 visitors.",
            "`post10.predict(20)` is the distribution of the count; it has `.mean`, `.sd` and `.interval()`, "
            "one value a variant, A first.",
        ),
        check=Number(lambda: _post().predict(20).sd[0], abs_tol=0.02),
        mistakes=(
            Mistake(
                "sd_of_count = 20 * post10.sd[0]",
                "This is the uncertainty of the rate, times 20. The luck of the 20 visitors is missing.",
                value=lambda: 20 * _post().sd[0],
            ),
            Mistake(
                "sd_of_count = np.sqrt(20 * post10.mean[0] * (1 - post10.mean[0]))",
                "This is the luck of 20 visitors at a known rate. You do not know the rate.",
                value=lambda: float(np.sqrt(20 * _post().mean[0] * (1 - _post().mean[0]))),
            ),
            Mistake(
                "sd_of_count = post10.predict(20).sd[0] ** 2",
                "This is the variance. The standard deviation is its square root.",
                value=lambda: _post().predict(20).sd[0] ** 2,
            ),
            Mistake(
                "sd_of_count = post10.sd[0]",
                "This is the standard deviation of the rate. The question is about a number of clicks.",
                value=lambda: _post().sd[0],
            ),
        ),
    ),
    Exercise(
        id="1.9",
        title="How much of it was chance?",
        purpose="Use the model on real data: read one experiment beside seventy others.",
        stub="share = ...",
        answer="share",
        solution=(
            "current, grand = rats_post.mean[-1], rats_post.grand_mean.mean\n"
            "share = (4 / 14 - current) / (4 / 14 - grand)"
        ),
        why=(
            "About half of the excess of the current experiment over the average is put down to chance. An experiment "
            "with 50 rats and the same raw rate would keep most of it."
        ),
        hints=(
            "It is the pull of exercise 1.5 again: from the raw rate 4 / 14 towards the grand rate.",
            "The current experiment is the last one, `rats_post.mean[-1]`; the grand rate is `rats_post.grand_mean.mean`.",
        ),
        check=Number(_chance, abs_tol=0.008),
        mistakes=(
            Mistake(
                "share = (rats_post.mean[-1] - rats_post.grand_mean.mean) / (4 / 14 - rats_post.grand_mean.mean)",
                "This is the part of the excess that the model believes. One minus it is put down to chance.",
                value=lambda: 1 - _chance(),
            ),
            Mistake(
                "share = rats_post.mean[-1]",
                "This is the posterior mean of the rate. How far is it from 4 / 14, as a share of the way to the grand rate?",
                value=lambda: _rats().mean[-1],
            ),
            Mistake(
                "share = 4 / 14 - rats_post.mean[-1]",
                "This is how far the estimate was moved. Divide by the excess, 4 / 14 less the grand rate.",
                value=lambda: 4 / 14 - _rats().mean[-1],
            ),
            Mistake(
                "share = (4 / 14 - rats_post.mean[0]) / (4 / 14 - rats_post.grand_mean.mean)",
                "You took the first experiment. The current one is the last, at position -1.",
                value=lambda: (4 / 14 - _rats().mean[0]) / (4 / 14 - _rats().grand_mean.mean),
            ),
            Mistake(
                "current = rats_post.mean[-1]\nshare = (4 / 14 - current) / (4 / 14 - rats.tumors.sum() / rats.rats.sum())",
                "You measured against the rate of all rats thrown together. The grand rate is the mean of the population "
                "of experiments, `rats_post.grand_mean.mean`.",
                value=lambda: (4 / 14 - _rats().mean[-1]) / (4 / 14 - 267 / 1739),
            ),
        ),
    ),
    Exercise(
        id="1.10",
        title="What does a divergence mean?",
        purpose="Meet the misconception that divergences are noise.",
        stub='meaning = ...  # "a", "b", "c" or "d"',
        answer="meaning",
        solution='meaning = "c"',
        why=(
            "A divergence marks a place where the sampler lost its path. The draws may lack what lies there, and nothing "
            "in the draws themselves says how much that matters. Here it is the region of large a + b."
        ),
        hints=(
            "The sampler follows a path over the posterior. Diverging means that the path flew off somewhere.",
            "It flies off in the same kind of place each time. What does that do to the draws from that place?",
        ),
        check=Choice(
            options={
                "a": "a rounding problem; a handful among thousands of draws does not matter",
                "b": "the model is wrong for these data",
                "c": "a part of the posterior may be missing, and the estimates may be biased by an unknown amount",
                "d": "too few draws; ten times as many will cure it",
            },
            right="c",
            wrong={
                "a": "They come from one region, and that region may be missing from the draws. Few does not mean harmless.",
                "b": "The model may be fine: you have seen the exact posterior of this same model. The sampler failed.",
                "d": "More draws of the same kind have the same trouble. The model has to be written another way.",
            },
        ),
    ),
    Exercise(
        id="1.11",
        title="Which of these belong together?",
        purpose="Tell exchangeable groups from groups that one knows to differ.",
        stub='together = ...  # "a", "b", "c" or "d"',
        answer="together",
        solution='together = "a"',
        why=(
            "Exchangeable does not mean equal: the four colours may differ a lot. It means that before the data you would "
            "not know which way. In the other three you would."
        ),
        hints=(
            "Ask of each: before any data, would I bet differently on one of the groups?",
            "You would expect more clicks from a desktop, or more after a redesign. About colours you may have no such idea.",
        ),
        check=Choice(
            options={
                "a": "four colours of a button, on which you have no opinion",
                "b": "three colours of a button, and a page in another language",
                "c": "the same page on desktop and on mobile",
                "d": "last year's form and this year's redesign",
            },
            right="a",
            wrong={
                "b": "You know beforehand that the page in another language is the odd one. It may well differ from the three.",
                "c": "Before the data you would bet on one of the two. A known difference belongs into the model (lesson 4).",
                "d": "The redesign was made to be better: you know which way you expect the difference to go.",
            },
        ),
    ),
    Exercise(
        id="1.12",
        title="A hyperprior for your own data",
        purpose="Choose a hyperprior for data that the default refuses, and know why.",
        stub='choice = ...  # "a", "b", "c" or "d"',
        answer="choice",
        solution='choice = "d"',
        why=(
            "It is proper, so data without any click are no obstacle; its mean says what you know about such "
            "campaigns; and it leaves the amount of pooling open, to be decided by later data."
        ),
        hints=(
            "No campaign has a click, so the hyperprior has to be proper. Which ones are?",
            "Of the proper ones, Gammas((16, 9), (40, 8)) expects rates near 26%. What does Beta(1, 49) expect?",
        ),
        check=Choice(
            options={
                "a": "PowerLaw(2.5), because it is the default and lets the data speak",
                "b": "Gammas((16, 9), (40, 8)), because it is proper",
                "c": "none: without a click nothing can be said",
                "d": "MeanConcentration(mean=(1, 49), scale=20)",
            },
            right="d",
            wrong={
                "a": "Without a group that has both clicks and non-clicks the posterior has an infinite integral: `fit` refuses it.",
                "b": "It is proper, but it was made for rates near 26% and holds a + b near 7. Your campaigns are near 2%.",
                "c": "Forty visitors without a click are information: a rate of 20% has become very unlikely.",
            },
        ),
    ),
)
