"""Exercises of lesson 01, Beta-binomial shrinkage."""

from functools import partial

import numpy as np
from scipy.stats import beta, chi2_contingency

from borrowing_strength import beta_binomial, datasets
from borrowing_strength.exercises.records import Choice, Function, Given, Model, Number, When, exercise


def _p_values() -> dict[str, float]:
    """Section A of the lesson: the six comparisons of four variants with 100 trials each."""
    successes, found = {"A": 30, "B": 50, "C": 55, "D": 60}, {}
    for pair in ("AB", "AC", "AD", "BC", "BD", "CD"):
        counts = [[successes[name] for name in pair], [100 - successes[name] for name in pair]]
        found[pair] = chi2_contingency(counts, correction=False).pvalue
    return found


GIVEN = Given(
    beta=beta,
    p_values=lambda: _p_values(),
    post10=lambda: beta_binomial.fit([3, 50, 55, 60], [10, 100, 100, 100], labels=list("ABCD")),
    next_20=lambda post10: post10.predict(20),
    rats=lambda: datasets.rat_tumors(),
    rats_post=lambda rats: beta_binomial.fit(rats.tumors, rats.rats),
)

exercise = partial(exercise, given=GIVEN)


def _model(n: list[int], clicks: list[int], *, lines: bool = False) -> object:
    """Build the model of exercise 1.4 with the e-mails in another order, or with a line for each of them."""
    import pymc as pm

    with pm.Model() as model:
        a, b = pm.Gamma("a", alpha=16, beta=9), pm.Gamma("b", alpha=40, beta=8)
        rates = [pm.Beta(f"rate_{i}", a, b) for i in range(2)] if lines else pm.Beta("rate", a, b, shape=2)
        pm.Binomial("clicks", n=n, p=pm.math.stack(rates) if lines else rates, observed=clicks)
    return model


EXERCISES = (
    exercise(
        "1.1 What survives the correction?",
        paper="The six p-values: {', '.join(f'{pair} {p:.5f}' for pair, p in p_values.items())}.",
        purpose="Apply a Bonferroni correction, and see what it makes the answer depend on.",
        solution="survivors = sum(p < 0.05 / 66 for p in p_values.values())",
        check=Number(abs_tol=0.001),
        mistakes={
            "sum(p < 0.05 / 6 for p in p_values.values())": "Three survive 0.05 / 6, and 0.05 / 12. But 12 variants make 66 comparisons.",
            "len(p_values)": "Six is the number of p-values. Count those that are below 0.05 / 66.",
            "0.05 / 66": "This is the corrected threshold. How many p-values are below it?",
            "66": "This is the number of comparisons. How many of the six p-values are below 0.05 / 66?",
            "sum(p > 0.05 / 66 for p in p_values.values())": "These are the ones that do *not* survive. Count those below 0.05 / 66.",
            "sum(p < 0.05 / 6 / 66 for p in p_values.values())": "One is what is left if the level is divided twice, by 6 and by "
            "66. Divide 0.05 by 66 only: that is 0.00076.",
            "np.array(list(p_values.values())) * 66": "These are corrected p-values. How many of them are below 0.05?",
            "0": "Two of the printed p-values are that small: compare each with 0.05 / 66 = 0.00076.",
            "[pair for pair, p in p_values.items() if p < 0.05 / 66]": When(
                lambda answer: isinstance(answer, list | tuple | set | np.ndarray) and len(answer) == 2,
                "These are the pairs that survive. Their number is asked for.",
            ),
            "[p < 0.05 / 66 for p in p_values.values()]": When(
                lambda answer: np.size(answer) == 6 and np.asarray(answer).dtype == bool,
                "These are the six verdicts. Count those that are true: `sum`.",
            ),
        },
        neighbours={
            "the share of the six that survives": "2 / 6",
            "the number of pairs with a new variant": "66 - 6",
            "the number of false alarms to expect in 66 such tests without a correction": "66 * 0.05",
        },
        hints=[
            "With 66 comparisons every p-value has to be below 0.05 / 66.",
            "0.05 / 66 is 0.00076. How many of the six printed p-values are smaller than that?",
        ],
        why="A against B is no longer significant, because more tests were made, whatever came out of them. The correction "
        "guards against a single false alarm among all tests. The price is power, and every new variant raises it.",
    ),
    exercise(
        "1.2 E-mail B, on its own",
        paper="The prior is Beta(2, 5), as for e-mail A. The mean of Beta(a, b) is a / (a + b).",
        purpose="Repeat a worked example: the mean of a Beta posterior.",
        solution="mean_of_b = beta(2 + 3, 5 + 7).mean()",
        check=Number(abs_tol=0.0045),
        mistakes={
            "3 / 10": "This is the raw rate. The prior Beta(2, 5) adds 2 clicks and 5 non-clicks to the data.",
            "beta(21 + 3, 186 + 7).mean()": "This counts A's recipients as if they had received B: one rate for both. Here B stands alone.",
            "4 / 15": "This is the peak of the posterior (its mode). The mean of Beta(a, b) is a / (a + b).",
            "beta(2 + 3, 5 + 10).mean()": "The second number counts those who did *not* click: 7, not 10.",
            "beta(2 + 3, 5 + 3).mean()": "The 3 are clicks. The second number counts those who did *not* click: 5 + 7.",
            "beta(3, 5 + 7).mean()": "The prior's 2 clicks are missing: the first number is 2 + 3.",
            "beta(1 + 3, 1 + 7).mean()": "4 / 12 has the flat prior Beta(1, 1); 5 / 15 leaves the prior's 2 clicks out below the line.",
            "beta(2 + 3, 5 + 7)": When(
                lambda answer: hasattr(answer, "ppf"), "This is the whole posterior. Its mean is asked for: `.mean()`."
            ),
            "(2 + 3) / 10": "Below the line belong the prior's 7 trials and all 10 of B: 5 / (7 + 10).",
            "(2 / 7 + 3 / 10) / 2": "This weighs the prior's mean and the raw rate alike. The prior counts as 7 trials, the data as 10.",
            "beta(2 + 7, 5 + 3).mean()": "The first number of the Beta counts clicks: 2 and 3. The second counts non-clicks: 5 and 7.",
            "beta(5 + 3, 2 + 7).mean()": "The prior is turned round: 2 goes with the clicks, 5 with the non-clicks.",
            "5 / 12": "These are odds, clicks to non-clicks. A rate divides by all of them: 5 / (5 + 12).",
        },
        neighbours={
            "the posterior mean of A": "beta(2 + 19, 5 + 181).mean()",
            "the prior's mean": "2 / 7",
            "the prior's share of the trials": "7 / 17",
            "the raw rate of both e-mails together": "22 / 210",
            "B's number of clicks for each non-click": "3 / 7",
            "the posterior median": "beta(2 + 3, 5 + 7).median()",
            "the posterior standard deviation": "beta(2 + 3, 5 + 7).std()",
        },
        hints=[
            "B: 3 of 10 clicked. The worked example for A has `beta(2 + 19, 5 + 181)`.",
            "7 of B's recipients did not click. The mean of Beta(a, b) is a / (a + b).",
        ],
        why="B's estimate is nearly three times A's. Ten recipients and an invented prior made it; the 200 recipients "
        "of A, who read the same newsletter, had no say in it.",
    ),
    exercise(
        "1.4 Make it hierarchical",
        purpose="Turn two separate models into one, by giving the prior's numbers a prior of their own.",
        solution="""
            with pm.Model() as hierarchical:
                a = pm.Gamma("a", alpha=16, beta=9)
                b = pm.Gamma("b", alpha=40, beta=8)
                rate = pm.Beta("rate", alpha=a, beta=b, shape=2)
                pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])
        """,
        gaps={
            'pm.Gamma("a", alpha=16, beta=9)': "...  # Gamma(16, 9)",
            'pm.Gamma("b", alpha=40, beta=8)': "...  # Gamma(40, 8)",
            "alpha=a, beta=b": "alpha=2, beta=5",
        },
        check=Model(also=[lambda: _model([10, 200], [3, 19]), lambda: _model([200, 10], [19, 3], lines=True)]),
        mistakes={
            'rate = pm.Beta("rate", alpha=2, beta=5, shape=2)': "`a` and `b` exist but nothing depends on them: "
            "the rates still come from the fixed Beta(2, 5).",
            """
            a = pm.Gamma("a", alpha=16, beta=9, shape=2)
            b = pm.Gamma("b", alpha=40, beta=8, shape=2)
            rate = pm.Beta("rate", alpha=a, beta=b)
            """: "Each e-mail has an `a` and a `b` of its own here, so nothing is shared. One pair must serve both.",
            """
            a = pm.Gamma("a", alpha=40, beta=8)
            b = pm.Gamma("b", alpha=16, beta=9)
            """: "The two hyperpriors are swapped: a has Gamma(16, 9), b has Gamma(40, 8).",
            'rate = pm.Beta("rate", alpha=b, beta=a, shape=2)': "In the line for `rate` the two are swapped: `alpha` is `a`, `beta` is `b`.",
            'rate = pm.Beta("rate", alpha=a, beta=b)': "There is one `rate` for both e-mails here: that is complete pooling. "
            "`shape=2` gives each its own.",
            """
            with pm.Model() as hierarchical:
                a = pm.Gamma("a", alpha=16, beta=9)
                rate = pm.Beta("rate", alpha=a, beta=5, shape=2)
                pm.Binomial("conversions", n=[200, 10], p=rate, observed=[19, 3])
            """: "`b` has no effect yet: the 5 has to become `b` as well.",
            'rate = pm.Beta("rate", alpha=a, beta=5, shape=2)': "`b` exists but has no effect: the 5 is left.",
            'rate = pm.Beta("rate", alpha=2, beta=b, shape=2)': "`a` has no effect yet: the 2 has to become `a` as well.",
            """
            a = pm.Gamma("a", alpha=16, beta=1 / 9)
            b = pm.Gamma("b", alpha=40, beta=1 / 8)
            """: "PyMC's `beta` of a Gamma is a rate already: 9 and 8, not one over them.",
            """
            a = pm.Gamma("a", alpha=9, beta=16)
            b = pm.Gamma("b", alpha=8, beta=40)
            """: "Shape and rate are swapped: Gamma(16, 9) has `alpha=16` and `beta=9`.",
            """
            a = pm.Gamma("a", mu=16, sigma=9)
            b = pm.Gamma("b", mu=40, sigma=8)
            """: "16 and 9 are shape and rate, `alpha` and `beta`; `mu` and `sigma` are mean and standard deviation.",
            """
            a = 16 / 9
            b = 40 / 8
            """: "The prior's means are fixed numbers here: nothing is learnt about the population. Make `a` and `b` Gamma variables.",
            'pm.Binomial("conversions", n=[200, 10], p=a / (a + b), observed=[19, 3])': "Both e-mails have the grand rate here: "
            "that is complete pooling. Each has its own `rate`.",
            'rate = pm.Beta("rate", alpha=2 + a, beta=5 + b, shape=2)': "`a` and `b` take the place of 2 and 5; they are not added.",
            'rate = pm.Beta("rate", alpha=a + np.array([19, 3]), beta=b + np.array([181, 7]), shape=2)': "The clicks are counted twice: "
            "leave them to the last line. PyMC works out the posterior.",
            'rate = pm.Beta("rate", alpha=a / (a + b), beta=a + b, shape=2)': "These are the population's mean and concentration, "
            "which a Beta calls `mu` and `nu`. Its `alpha` is `a`, its `beta` is `b`.",
            """
            with pm.Model() as hierarchical:
                a = pm.Gamma("a", alpha=16, beta=9)
                b = pm.Gamma("b", alpha=40, beta=8)
                pm.BetaBinomial("conversions", n=[200, 10], alpha=a, beta=b, observed=[19, 3])
            """: "Here the rates are integrated out, which is right for `a` and `b`. Keep `rate` in the model: it is asked for.",
            'rate = pm.Beta("rate", mu=a / (a + b), sigma=0.1, shape=2)': "`sigma` fixes how far the rates may lie apart. "
            "With `alpha=a, beta=b` that is learned.",
            'rate = pm.Gamma("rate", alpha=a, beta=b, shape=2)': "A rate lies between 0 and 1: it has a Beta. `a` and `b` have the Gammas.",
            """
            a = pm.Beta("a", alpha=16, beta=9)
            b = pm.Beta("b", alpha=40, beta=8)
            """: "A Beta lies between 0 and 1, but a is near 16 / 9 and b near 40 / 8: both have a Gamma.",
            'a = pm.Gamma("a", alpha=9, beta=16)': "Shape and rate of `a` are swapped: Gamma(16, 9) has `alpha=16` and `beta=9`.",
            'b = pm.Gamma("b", alpha=16, beta=9)': "`b` has the hyperprior of `a` here: it has Gamma(40, 8).",
            'b = pm.Gamma("b", alpha=8, beta=40)': "Shape and rate of `b` are swapped: Gamma(40, 8) has `alpha=40` and `beta=8`.",
            'pm.Binomial("conversions", n=[200, 10], p=rate)': "Nothing is observed here: `observed=[19, 3]` is missing.",
            'pm.Binomial("conversions", n=[181, 7], p=rate, observed=[19, 3])': "`n` counts all recipients, 200 and 10, "
            "not those who did not click.",
            'pm.Binomial("conversions", n=[200, 10], p=rate, observed=[181, 7])': "181 and 7 did not click. The clicks are 19 and 3.",
        },
        hints=[
            'A Gamma variable is written `pm.Gamma("a", alpha=shape, beta=rate)`.',
            "The fixed numbers 2 and 5 in the line for `rate` have to become `a` and `b`, or nothing is shared.",
        ],
        why="Three lines make the difference: a and b are unknown, and both rates come from the same Beta(a, b). "
        "Now each e-mail's clicks can teach the model about the other. The next cell shows how much comes of it.",
    ),
    exercise(
        "1.3 How much can this hyperprior lend?",
        paper="A group with n trials gives the population the weight (a + b) / (a + b + n).",
        purpose="Read a hyperprior as a statement about shrinkage before any data.",
        solution="weight_on_population = (16 / 9 + 40 / 8) / (16 / 9 + 40 / 8 + 100)",
        check=Number(rel_tol=0.002, also=[0.064]),
        mistakes={
            "100 / (16 / 9 + 40 / 8 + 100)": "This is the weight on the variant's own data. The population gets the rest.",
            "(16 / 9) / (16 / 9 + 40 / 8)": "This is the grand rate, a / (a + b). The weight compares a + b with the variant's own trials.",
            "(16 / 9 + 40 / 8) / 100": "Compare with *all* trials, the population's included: divide by a + b + 100.",
            "16 / 9 + 40 / 8": "This is a + b itself, the number of trials that the population counts as. What share is it of the total?",
            "(16 + 40) / (16 + 40 + 100)": "16 and 40 are shapes. The mean of a Gamma is its shape divided by its rate.",
            "(16 * 9 + 40 * 8) / (16 * 9 + 40 * 8 + 100)": "The mean of a Gamma is its shape *divided* by its rate.",
            "(9 / 16 + 8 / 40) / (9 / 16 + 8 / 40 + 100)": "The mean of a Gamma is shape / rate: 16 / 9 and 40 / 8.",
            "(16 / 9) / (16 / 9 + 100)": "The population counts as a + b trials, not as a alone.",
            "(40 / 8) / (40 / 8 + 100)": "The population counts as a + b trials, not as b alone.",
            "(40 / 8) / (16 / 9 + 40 / 8 + 100)": "The population counts as a + b trials above the line too, not as b alone.",
            "(16 / 9) / (16 / 9 + 100) + (40 / 8) / (40 / 8 + 100)": "Add a and b first: together they are one population.",
            "16 / 9 + 40 / 8 / (16 / 9 + 40 / 8 + 100)": "Division comes first: put a + b into brackets.",
            "(9 + 8) / (9 + 8 + 100)": "9 and 8 are the Gammas' rates. The mean of a Gamma is its shape divided by its rate.",
            "(16 / 81 + 40 / 64) / (16 / 81 + 40 / 64 + 100)": "These are the Gammas' variances, shape / rate**2. The means are shape / rate.",
            "(16 + 9 + 40 + 8) / (16 + 9 + 40 + 8 + 100)": "A Gamma's mean is its shape divided by its rate: nothing is added within a pair.",
            "(1.71 + 5.11) / (1.71 + 5.11 + 100)": "1.71 and 5.11 are posterior means. The question is about the prior.",
            "7 / (7 + 100)": "7 is the prior Beta(2, 5) of section B. Here a + b is about 16 / 9 + 40 / 8.",
        },
        neighbours={
            "the weight for 10 trials": "(16 / 9 + 40 / 8) / (16 / 9 + 40 / 8 + 10)",
            "the weight for 200 trials": "(16 / 9 + 40 / 8) / (16 / 9 + 40 / 8 + 200)",
            "the weight at the most probable a and b": "(15 / 9 + 39 / 8) / (15 / 9 + 39 / 8 + 100)",
            "a / b, the odds of a click in the population": "(16 / 9) / (40 / 8)",
        },
        hints=[
            "The population counts as a + b trials, and the variant has 100 of its own.",
            "The mean of Gamma(shape, rate) is shape / rate, so a + b is about 16/9 + 40/8 = 6.8. "
            "The weight on the population is (a + b) / (a + b + trials).",
        ],
        why="The Gamma hyperprior holds a + b near 7; even the 71 groups of section H move it only to 8. A variant with 100 trials then "
        "goes 6% of the way, even if all variants are alike. A hyperprior that looks harmless has decided the question.",
    ),
    exercise(
        "1.5 How far is A pulled?",
        paper="The grand rate is {post10.grand_mean.mean:.3f}, A's posterior mean {post10.mean[0]:.3f}.",
        purpose="Turn 'strongly shrunk' into a number that can be checked.",
        solution="pull = (post10.mean[0] - 0.30) / (post10.grand_mean.mean - 0.30)",
        check=Number(abs_tol=0.0045),
        mistakes={
            "1.0": "A value of 1 would put A on the grand rate itself. Look at the figure: A stops short of the dashed line.",
            "(post10.grand_mean.mean - post10.mean[0]) / (post10.grand_mean.mean - 0.30)": "This is the part of the way that A has "
            "*not* gone. Take one minus it.",
            "post10.mean[0] - 0.30": "This is how far A was moved. Divide by how far it was from the grand rate.",
            "post10.grand_mean.mean - 0.30": "This is the whole way to the grand rate. Which share of it has A gone?",
            "(post10.mean[0] - 0.30) / (168 / 310 - 0.30)": "You measured against the rate of all trials thrown together (168 of 310). "
            "The grand rate of the population is `post10.grand_mean.mean`.",
            "(post10.mean[0] - 0.30) / (0.4875 - 0.30)": "You measured against the mean of the four raw rates. "
            "The grand rate of the population is `post10.grand_mean.mean`.",
            "(post10.mean[0] - 0.30) / (0.55 - 0.30)": "You measured against the mean of B, C and D. "
            "The grand rate of the population is `post10.grand_mean.mean`.",
            "(post10.mean[0] - 0.30) / 0.30": "This compares the move with 0.30: A's raw rate, or the way to D. Divide by the way to the grand rate.",
            "(post10.mean[0] - 0.30) / post10.mean[0]": "This compares the move with the estimate. Divide by the way to the grand rate.",
            "post10.mean[0] / post10.grand_mean.mean": "Both start from 0 here. Measure the move, and the way, from A's raw rate 0.30.",
            "post10.mean[0] / 0.30": "This is the estimate as a multiple of the raw rate. Compare the move, from 0.30, with the way.",
            "(post10.mean[0] - 0.30) / post10.grand_mean.mean": "This compares the move with the grand rate itself. "
            "Divide by the way to it, from 0.30.",
            "post10.mean[0] - 0.30 / post10.grand_mean.mean - 0.30": "Division comes first: put each difference into brackets.",
            "(post10.mean[0] - 0.30) / post10.grand_mean.mean - 0.30": "The second difference needs brackets too: division comes first.",
            "(post10.mean[1] - 0.30) / (post10.grand_mean.mean - 0.30)": "You took B's estimate. A's is the first, `post10.mean[0]`.",
            "(post10.mean[0] - 0.30) / post10.sd[0]": "This is the move in standard deviations. Divide by the way to the grand rate.",
            """
            post100 = bs.beta_binomial.fit([30, 50, 55, 60], [100, 100, 100, 100])
            pull = (post100.mean[0] - 0.30) / (post100.grand_mean.mean - 0.30)
            """: "This is the scenario with 100 trials. Here A has 10: `post10`.",
        },
        neighbours={
            "the pull on B": "(post10.mean[1] - 0.50) / (post10.grand_mean.mean - 0.50)",
            "the pull on C": "(post10.mean[2] - 0.55) / (post10.grand_mean.mean - 0.55)",
            "the pull on D": "(post10.mean[3] - 0.60) / (post10.grand_mean.mean - 0.60)",
            "how far A still is from the grand rate": "post10.grand_mean.mean - post10.mean[0]",
            "A's posterior mean": "post10.mean[0]",
            "the grand rate": "post10.grand_mean.mean",
            "the shrinkage weight that the table calls `shrinkage`": "post10.shrinkage[0]",
            "the weight for 10 trials at the prior means of the Gammas": "(16 / 9 + 40 / 8) / (16 / 9 + 40 / 8 + 10)",
        },
        hints=[
            "It is a fraction: the distance that A was moved, divided by the distance to the grand rate.",
            "A moved from 0.30 to `post10.mean[0]`; the grand rate is `post10.grand_mean.mean`.",
        ],
        why="About three quarters of the way from its raw rate to the grand rate, and no further. Ten trials still "
        "carry information, and the model uses it.",
    ),
    exercise(
        "1.6 Who is best? From draws",
        paper="Try it by hand on four draws of three rates: (0.1, 0.3, 0.2), (0.4, 0.2, 0.3), (0.2, 0.5, 0.4), (0.1, 0.2, 0.3).",
        purpose="Write a probability as a count over draws.",
        solution='''
            def prob_best(draws):
                """One row of `draws` is one draw, one column is one variant."""
                winner = draws.argmax(axis=1)
                return np.bincount(winner, minlength=draws.shape[1]) / len(draws)
        ''',
        stub='''
            def prob_best(draws):
                """One row of `draws` is one draw, one column is one variant."""
                return ...
        ''',
        check=Function(
            cases=[
                (np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.1, 0.5, 0.2], [0.4, 0.2, 0.3], [0.6, 0.5, 0.7]]),),
                (np.array([[0.5, 0.1], [0.4, 0.2], [0.3, 0.6]]),),
                (np.array([[0.2, 0.9, 0.1, 0.3], [0.2, 0.8, 0.1, 0.3], [0.7, 0.1, 0.2, 0.3]]),),
                (np.array([[0.3, 0.1, 0.2], [0.35, 0.1, 0.9], [0.3, 0.1, 0.2], [0.36, 0.4, 0.1]]),),
            ],
            abs_tol=1e-9,
        ),
        mistakes={
            "np.bincount(winner, minlength=draws.shape[1])": "These are counts. Divide by the number of draws to get probabilities.",
            "draws.mean(axis=0)": "These are the mean rates. The question is how often each column holds the largest value of its row.",
            "np.bincount(winner) / len(draws)": "A variant that never wins still needs its 0: give `np.bincount` the number of columns "
            "as `minlength`.",
            "np.bincount(winner, minlength=4) / len(draws)": "The function should work for any number of variants: `draws.shape[1]`, not 4.",
            "np.sort(np.unique(winner, return_counts=True)[1])[::-1] / len(draws)": "These are sorted by size, as `value_counts` does, "
            "and a variant that never wins is missing. Give one number a column, in the columns' order.",
            "winner": "This names the winner of each draw. Count how often every variant wins.",
            "draws.mean(axis=0).argmax()": "This names the variant with the best average. Count how often *each* of them wins.",
            "draws.max(axis=1)": "This is the winning rate of each draw. The question is which column it stands in: `argmax`.",
            "winner = draws.argmin(axis=1)": "`argmin` finds the smallest rate of each draw: this is the probability of being the worst.",
            "winner = draws.argmax(axis=0)": "`axis=0` finds the best *draw* of each column. Within each draw, along the row, is `axis=1`.",
            "np.bincount(winner, minlength=draws.shape[1]) / draws.size": "`draws.size` counts all numbers. "
            "Divide by the number of draws, `len(draws)`.",
            "np.bincount(winner, minlength=draws.shape[1]) / draws.shape[1]": "This divides by the number of variants. "
            "Divide by the number of draws, `len(draws)`.",
            "100 * np.bincount(winner, minlength=draws.shape[1]) / len(draws)": "These are percentages: give them as fractions.",
            "(draws > draws.mean(axis=1, keepdims=True)).mean(axis=0)": "This says how often each beats the *average* of its row. "
            "To be best it has to beat every other one.",
            "np.array([np.mean(draws[:, [j]] > np.delete(draws, j, axis=1)) for j in range(draws.shape[1])])": "This averages "
            "comparisons of pairs. To be best a variant has to beat all others in the same draw.",
            "np.array([np.prod([np.mean(draws[:, j] > draws[:, k]) for k in range(draws.shape[1]) if k != j]) "
            "for j in range(draws.shape[1])])": "This multiplies the probabilities of pairs, as if they were independent. "
            "Count the draws in which a variant beats all others at once.",
            "draws.mean(axis=0) / draws.mean(axis=0).sum()": "These are the mean rates, scaled to sum to one. Count how often each "
            "column holds the largest value of its row.",
            "(draws == draws.max()).mean(axis=0)": "`draws.max()` is the largest of *all* numbers. The best of each draw is needed: "
            "the largest of its row.",
            "draws.argmax(axis=0)": "`axis=0` finds the best *draw* of each column. Within each draw, along the row, is `axis=1`; "
            "then count the winners.",
            "draws.argmax(axis=1).mean()": "This is the average position of the winners. Count how often every variant wins.",
            "np.array([np.mean(draws[:, j] > draws[:, 0]) for j in range(draws.shape[1])])": "This compares each with the first only.",
            "np.eye(draws.shape[1])[draws.mean(axis=0).argmax()]": "This gives all to the variant with the best average. "
            "Count how often *each* of them wins.",
            "np.median(draws, axis=0)": "These are median rates. The question is how often each column holds the largest value of its row.",
            "(draws.max(axis=1, keepdims=True) - draws).mean(axis=0)": "This is the expected loss: by how much. Count how often.",
            "(draws == draws.max(axis=0)).mean(axis=0)": "`max(axis=0)` is the largest of each column. The best of each draw is the "
            "largest of its row: `axis=1`, with `keepdims=True`.",
            "draws.max(axis=0)": "This is the largest rate of each column. Which column wins within each row?",
            "(draws == draws.max(axis=1, keepdims=True)).mean()": "The mean over everything: `axis=0` gives one for each column.",
            "draws.argmax()": "Without `axis=1`, `argmax` looks for one winner among all numbers. Each row has its own.",
            "np.mean(winner == 0)": "This is the first variant's probability. Each variant's is asked for: does `return` stand in the loop?",
            "np.bincount(winner).max() / len(draws)": "This is the largest of the probabilities. Each variant's is asked for.",
            "np.bincount(winner).argmax()": "This names the variant that wins most often. Each variant's share of wins is asked for.",
            "np.bincount(winner, minlength=draws.shape[1]) // len(draws)": "`//` rounds down to a whole number. Divide with `/`.",
            "(np.bincount(winner, minlength=draws.shape[1]) / len(draws)).round(1)": "These are rounded. Return all digits.",
            "np.histogram(winner, bins=draws.shape[1])[0] / len(draws)": "`np.histogram` spreads its bins between the smallest and "
            "the largest winner that it sees. `np.bincount` counts from 0.",
            "(draws.argsort(axis=1) == draws.shape[1] - 1).mean(axis=0)": "`argsort` names columns, from the smallest value to the largest. "
            "It gives no ranks: the winner of each row is its last entry.",
            "(draws > draws[:, [draws.mean(axis=0).argmax()]]).mean(axis=0)": "This compares each with the variant of the best average. "
            "To be best it has to beat all others in the same draw.",
            "(draws > draws.mean(axis=0).max()).mean(axis=0)": "This compares each draw with an average. "
            "To be best a variant has to beat all others in the same draw.",
        },
        hints=[
            "Within one row, which column is largest? `draws.argmax(axis=1)` says so for every row.",
            "Count how often each column wins with `np.bincount(winner, minlength=draws.shape[1])`, and divide by the number of rows.",
        ],
        why="Any question about several rates at once becomes a count over joint draws. The exact engine gives "
        "the same numbers without draws; you can use it to check the count.",
    ),
    exercise(
        "1.7 Why is A ahead of B?",
        purpose="Keep the probability of being best apart from the size of the advantage.",
        answer="reason",
        check=Choice(
            options={
                "a": "A has the better rate on average, once its bad luck is allowed for",
                "b": "A's rate is the least certain, so it is on top now and then",
                "c": "A's rate is larger than B's by 0.113 - 0.088 = 2.5 points",
                "d": "the model favours A because it has the fewest data",
            },
            right="b",
            wrong={
                "a": "A's posterior mean allows for bad luck already, and it is the lowest of the four: see the first column.",
                "c": "A difference of two probabilities is no size of a rate. It says how often, not by how much.",
                "d": "The model favours nobody. Less data means a wider posterior, and that cuts both ways.",
            },
        ),
        hints=[
            "Look at the densities in section E: whose reaches furthest to both sides?",
            "A lies above 0.6 more often than B does, and below 0.4 far more often. Which of the two columns sees the latter?",
        ],
        why="Being best rewards uncertainty: what nobody knows well is sometimes on top. "
        "The expected loss also counts how far below A is when it is not. So choose by the expected loss, which is smallest where the mean is largest.",
    ),
    exercise(
        "1.8 From a rate to a count",
        paper="A's rate has the mean {post10.mean[0]:.3f} and the standard deviation {post10.sd[0]:.3f}. For a known rate p, the count of 20 visitors has the variance 20 p (1 − p).",
        purpose="Keep the uncertainty of a rate apart from the spread of a future count.",
        solution="sd_of_count = post10.predict(20).sd[0]",
        check=Number(rel_tol=0.005),
        mistakes={
            "20 * post10.sd[0]": "This is the uncertainty of the rate, times 20. The luck of the 20 visitors is missing.",
            "np.sqrt(20 * post10.mean[0] * (1 - post10.mean[0]))": "This is the luck of 20 visitors at a known rate. You do not know the rate.",
            "np.sqrt(20 * 0.3 * 0.7)": "This is the luck of 20 visitors at the raw rate, as if that were known.",
            "20 * post10.sd[0] + np.sqrt(20 * post10.mean[0] * (1 - post10.mean[0]))": "You have both parts. "
            "They add as variances: square, add, take the root; or take `.sd`, which has done so.",
            "np.sqrt(400 * post10.sd[0] ** 2 + 20 * post10.mean[0] * (1 - post10.mean[0]))": "Nearly: the luck is to be averaged over "
            "the rates, and m * (1 - m) is its value at their mean m, which is larger. Subtract 20 * sd**2, or take `.sd`. "
            "(From draws it may come out so by chance.)",
            "np.random.default_rng(1).binomial(20, post10.sample(1000, seed=3).posterior['rate'].values[..., 0]).std()": When(
                lambda answer: 2.95 < answer < 3.05,
                "Nearly. If it comes from draws, it is off by chance: `.sd` is exact.",
            ),
            "np.sqrt(400 * post10.sd[0] ** 2 + 20 * 0.3 * 0.7)": "You have both parts, but the luck is at A's rate, not at the raw rate 0.30.",
            "np.std(next_20.pmf()[0])": "This says how unequal the 21 probabilities are. The spread of the count is `.sd`.",
            "np.sqrt(20) * post10.sd[0]": "All 20 visitors share one unknown rate, so its uncertainty counts 20 times, not root 20 times. "
            "And the luck of the visitors is missing.",
            "np.sqrt(20 * post10.sd[0] ** 2 + 20 * post10.mean[0] * (1 - post10.mean[0]))": "All 20 visitors share one unknown rate: "
            "its variance counts 20 * 20 times, not 20 times.",
            "np.sqrt(next_20.mean[0])": "This is the spread of a Poisson count. Here there are 20 visitors, and A's rate is unknown.",
            "np.diff(next_20.interval()[0])[0] / 3.92": "That would do for a normal distribution. The count's own is `.sd`.",
            "post10.predict(20).sd[0] ** 2": "This is the variance. The standard deviation is its square root.",
            "post10.sd[0]": "This is the standard deviation of the rate. The question is about a number of clicks.",
            "np.diff(next_20.interval()[0])[0]": "This is the width of the 95% interval. The standard deviation is `.sd`.",
            "next_20.interval()[0]": When(
                lambda answer: np.size(answer) == 2,
                "This is the 95% interval of the count. One number is asked for, `.sd` of A.",
            ),
            "20 * post10.new_group().sd[0]": "This is about a new variant's rate. A has data of its own.",
        },
        neighbours={
            "the answer for B": "next_20.sd[1]",
            "the answer for C": "next_20.sd[2]",
            "the answer for D": "next_20.sd[3]",
            "the mean of the answers for all four": "next_20.sd.mean()",
            "the answer for a new variant": "post10.new_group().predict(20).sd[0]",
            "the answer if A had 100 trials": "bs.beta_binomial.fit([30, 50, 55, 60], [100] * 4).predict(20).sd[0]",
            "the answer for 10 visitors": "post10.predict(10).sd[0]",
            "the answer for 100 visitors": "post10.predict(100).sd[0]",
            "the variance of the count at a known rate": "20 * post10.mean[0] * (1 - post10.mean[0])",
            "the spread of the share of clicks at a known rate": "np.sqrt(post10.mean[0] * (1 - post10.mean[0]) / 20)",
            "the spread of one visitor's click": "np.sqrt(post10.mean[0] * (1 - post10.mean[0]))",
            "half the width of the 95% interval": "np.diff(next_20.interval()[0])[0] / 2",
            "the expected number of clicks": "next_20.mean[0]",
        },
        hints=[
            "A prediction contains the uncertainty of the rate and the luck of 20 visitors.",
            "`post10.predict(20)` is the distribution of the count; it has `.mean`, `.sd` and `.interval()`, one value a variant, A first.",
        ],
        why="Two sources of spread add up, as variances: you do not know A's rate, and even at a known rate 20 visitors "
        "would not all behave alike. Lesson 2 will take the two apart.",
    ),
    exercise(
        "1.9 How much of it was chance?",
        paper="The grand rate is {rats_post.grand_mean.mean:.3f}, the experiment's posterior mean {rats_post.mean[-1]:.3f}.",
        purpose="Use the model on real data: read one experiment beside seventy others.",
        solution="""
            current, grand = rats_post.mean[-1], rats_post.grand_mean.mean
            share = (4 / 14 - current) / (4 / 14 - grand)
        """,
        stub="share = ...",
        check=Number(abs_tol=0.006),
        mistakes={
            "(current - grand) / (4 / 14 - grand)": "This is the part of the excess that the model believes. One minus it is put down to chance.",
            "current": "This is the posterior mean of the rate. How far is it from 4 / 14, as a share of the way to the grand rate?",
            "4 / 14 - current": "This is how far the estimate was moved. Divide by the excess, 4 / 14 less the grand rate.",
            "4 / 14 - grand": "This is the whole excess. Which share of it is put down to chance?",
            "(4 / 14 - current) / (4 / 14)": "This compares with the whole raw rate. Divide by the excess over the grand rate.",
            "(4 / 14 - current) / current": "This compares with the estimate. Divide by the excess over the grand rate.",
            "grand / (4 / 14)": "This compares the grand rate with the raw rate. Which share of the excess between them is put down to chance?",
            "current / (4 / 14)": "This is what is left of the raw rate. The question is about the excess over the grand rate.",
            "current, grand = rats_post.mean[0], rats_post.grand_mean.mean": "You took the first experiment. "
            "The current one is the last, at position -1.",
            "current, grand = rats_post.mean[-1], rats.tumors.sum() / rats.rats.sum()": "You measured against the rate of all rats "
            "thrown together. The grand rate is the mean of the population of experiments, `rats_post.grand_mean.mean`.",
            "current, grand = rats_post.mean[-1], (rats.tumors / rats.rats).mean()": "You measured against the mean of the raw rates. "
            "The grand rate is `rats_post.grand_mean.mean`.",
            "(4 / 14 - current) / grand": "This compares the move with the grand rate itself. Divide by the excess over it.",
            "(14 / 4 - current) / (14 / 4 - grand)": "The raw rate is 4 / 14: 4 of 14 rats.",
            "4 / 14 - current / (4 / 14 - grand)": "Division comes first: put each difference into brackets.",
            "4 / 14 - current / 4 / 14 - grand": "Division comes first: put each difference into brackets, and 4 / 14 too.",
            "4 / 14 - current / (4 / 14) - grand": "Both differences need brackets: division comes before subtraction.",
            "(4 / 14 - current) / 4 / 14 - grand": "The second difference needs brackets too: division comes first.",
            "(4 / 14 - current) / (4 / 14 - post10.grand_mean.mean)": "This is the grand rate of the four variants. "
            "The rats' is `rats_post.grand_mean.mean`.",
            "current, grand = rats_post.mean[-1], rats.tumors[:-1].sum() / rats.rats[:-1].sum()": "You measured against the rate of "
            "the other rats thrown together. The grand rate is the mean of the population of experiments, `rats_post.grand_mean.mean`.",
            "(current - grand) / current": "This is what is left of the excess, as a share of the estimate. "
            "Divide what was taken off by the whole excess.",
        },
        neighbours={
            "the raw rate": "4 / 14",
            "the grand rate": "grand",
            "the excess as a share of the raw rate": "(4 / 14 - grand) / (4 / 14)",
            "what the model believes of the excess, in points": "current - grand",
        },
        hints=[
            "It is the pull of exercise 1.5 again: from the raw rate 4 / 14 towards the grand rate.",
            "The current experiment is the last one, `rats_post.mean[-1]`; the grand rate is `rats_post.grand_mean.mean`.",
        ],
        why="About half of the excess of the current experiment over the average is put down to chance. An experiment "
        "with 50 rats and the same raw rate would keep most of it.",
    ),
    exercise(
        "1.10 What does a divergence mean?",
        paper="The sampler reports divergences: steps at which a chain lost its path.",
        purpose="Meet the misconception that divergences are noise.",
        answer="meaning",
        check=Choice(
            options={
                "a": "a rounding problem; a handful among thousands of draws does not matter",
                "b": "the model may not fit these data; another one is needed",
                "c": "a part of the posterior may be missing from the draws",
                "d": "too few draws; ten times as many should cure it",
            },
            right="c",
            wrong={
                "a": "They come from one region, and that region may be missing from the draws. Few does not mean harmless.",
                "b": "The model may be fine: you have seen the exact posterior of this same model. The sampler failed.",
                "d": "More draws of the same kind have the same trouble. The model has to be written another way.",
            },
        ),
        hints=[
            "The sampler follows a path over the posterior. Diverging means that the path flew off somewhere.",
            "It flies off in the same kind of place each time. What does that do to the draws from that place?",
        ],
        why="A divergence marks a place where the sampler lost its path. "
        "The draws may lack what lies there, and so the estimates may be off. By how much the draws cannot say for certain: they "
        "can only hint at it, by where the divergences lie and by a poor R-hat. Here it is the region of large a + b.",
    ),
    exercise(
        "1.11 Which of these belong together?",
        purpose="Tell exchangeable groups from groups that one knows to differ.",
        answer="together",
        check=Choice(
            options={
                "a": "four colours of a button, on which you have no opinion",
                "b": "three colours of a button and a page in another language, because four groups say more than three",
                "c": "the same page on desktop and on mobile, because the page is the same",
                "d": "last year's form and this year's redesign, because both ask for the same things",
            },
            right="a",
            wrong={
                "b": "You know beforehand that the page in another language is the odd one. It may well differ from the three.",
                "c": "Before the data you would bet on one of the two. A known difference belongs into the model (lesson 4).",
                "d": "The redesign was made to be better: you know which way you expect the difference to go.",
            },
        ),
        hints=[
            "Ask of each: before any data, would I bet differently on one of the groups?",
            "You would expect more clicks from a desktop, or more after a redesign. About colours you may have no such idea.",
        ],
        why="Exchangeable does not mean equal: the four colours may differ a lot. "
        "It means that before the data you would not know which way. In the other three you would.",
    ),
    exercise(
        "1.12 A hyperprior for your own data",
        purpose="Choose a hyperprior for data that the default refuses, and know why.",
        answer="choice",
        check=Choice(
            options={
                "a": "`PowerLaw(2.5)`, because it is the default and lets the data speak",
                "b": "`Gammas((16, 9), (40, 8))`, because it is proper (its total probability is finite)",
                "c": "none: without a click nothing can be said",
                "d": "`MeanConcentration(mean=(1, 49), scale=20)`, because Beta(1, 49) has a mean of 2%",
            },
            right="d",
            wrong={
                "a": "Without a group that has both clicks and non-clicks the posterior has an infinite integral: `fit` refuses it.",
                "b": "It is proper, but it was made for rates near 26% and holds a + b near 7. Your campaigns are near 2%.",
                "c": "Forty recipients without a click are information: a rate of 20% has become very unlikely.",
            },
        ),
        hints=[
            "No campaign has a click, so the hyperprior has to be proper. Which ones are?",
            "Of the proper ones, Gammas((16, 9), (40, 8)) expects rates near 26%. What does Beta(1, 49) expect?",
        ],
        why="It is proper, so data without any click are no obstacle; its mean says what you know about such campaigns; and it leaves the amount of pooling open, to be decided by later data.",
    ),
)
