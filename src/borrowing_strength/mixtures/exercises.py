"""Exercises of lesson 02, Mixtures of binomials."""

from functools import partial

import numpy as np

from borrowing_strength import mixtures
from borrowing_strength.exercises.records import Choice, Function, Given, Number, When, exercise

GIVEN = Given(
    BinomialMixture=mixtures.BinomialMixture,
    coin=lambda: mixtures.BinomialMixture(10, [0.3, 0.7], [0.5, 0.5]),
    smooth=lambda: mixtures.spikes_to_beta(10, 0.5, 0.2, 1),
)

exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "2.1 What will ten flips look like?",
        purpose="Commit to a picture of a mixture before seeing it.",
        answer="picture",
        check=Choice(
            options={
                "a": "those of the fair coin: heads has probability one half in both games",
                "b": "one hump at 5, wider than that of the fair coin",
                "c": "two humps, near 3 and near 7",
                "d": "two bars, at 3 and at 7",
            },
            right="c",
            wrong={
                "a": "One flip is the same. But the second flip comes from the same coin as the first, so the two go together.",
                "b": "Wider, yes. But no coin in the bag favours 5: where do 30% and 70% have their humps?",
                "d": "That would be so without luck. Even a coin that you know gives 3 heads of 10 only some of the time.",
            },
        ),
        hints=[
            "Suppose that you knew which coin you hold. Where would the most likely number of heads be?",
            "Draw the bars of the 30% coin and those of the 70% coin, each at half its height, and add them up.",
        ],
        why="You hold one of two coins. One gives about 3 heads, the other about 7, and the picture is half of each. "
        "Five heads, the average, is a result that neither coin favours.",
    ),
    exercise(
        "2.2 A new coin for every flip",
        purpose="Tell a coin drawn anew for each flip from one that is drawn once and shared by all.",
        solution="variance_of_third_game = 10 * 0.5 * (1 - 0.5)",
        check=Number(rel_tol=0.002),
        mistakes={
            "coin.variance": "This is the second game, with one coin for all ten flips. Here every flip has a coin of its own.",
            "10 * 0.3 * 0.7": "This is the variance for ten flips of one coin that you know. Here the coin changes with every flip.",
            "10 * (0.5 * 0.5 + 0.2**2)": "This counts the draw of the coin twice: heads with probability one half has it in already.",
            "2.5**0.5": "This is the standard deviation. The variance is its square.",
            "0.5 * (1 - 0.5)": "This is the variance of one flip. Independent flips add their variances, and there are ten.",
            "10 * 0.5": "This is the expected number of heads. Its variance is asked for.",
            "10**2 * 0.5 * (1 - 0.5)": "Ten *independent* flips: their variances add up, ten times one, not ten squared times.",
            "10 * 0.2**2": "This is the spread of the coins alone. Heads with probability one half has that in it already.",
            "10 * coin.variance": "This is ten times the second game. There is one game of ten flips, with a new coin for each.",
            "coin.epistemic": "This is the epistemic part of the second game. Here no coin is shared by all flips, so it averages out.",
            "coin.variance / 10": "A tenth of game two's variance is not one flip's: its ten flips share a coin, so their variances do not simply add up.",
            "2 * 10 * 0.3 * 0.7": "This adds up ten flips of each kind of coin. There are ten flips in all: what is the probability of heads on one?",
            "10 * 0.5 * 0.3 * 0.7": "This multiplies the draw's probability with both coins'. What is the probability of heads on one flip, whichever coin it is?",
            "10 * 0.5 * 0.7": When(
                lambda answer: min(abs(answer - 3.5), abs(answer - 1.5)) < 1e-9,
                "p (1 - p) has one p in it, the probability of heads on one flip. Which is it, whichever coin is drawn?",
            ),
            "10 * 0.5 * 0.5 + coin.epistemic": "This adds game two's epistemic part to the fair coin's variance. Here no coin is shared by all flips.",
            "10 * 0.2": "This is the standard deviation of 3 and 7, the coins' expected counts. In this game no coin stays for ten flips.",
        },
        neighbours={
            "the variance of the share of heads": "0.25 / 10",
            "the probability of heads on one flip": "0.5",
            "the expected number of heads with the 30% coin": "10 * 0.3",
            "the standard deviation of the second game": "coin.variance**0.5",
            "the aleatoric part of one flip": "0.3 * 0.7",
            "the epistemic part of one flip": "0.2**2",
        },
        hints=[
            "What is the probability of heads on one flip of this game? Do earlier flips say anything about it?",
            "Ten independent flips with probability p have the variance 10 p (1 - p), and here p is one half.",
        ],
        why="This is the fair coin again. Each flip is heads with probability one half, and no flip tells anything about "
        "the next. The bag widens the count only when all ten flips share one draw from it.",
    ),
    exercise(
        "2.3 Take the variance apart",
        paper="On paper, do it for game two: p is {coin.probs[0]} or {coin.probs[1]}, each with the weight {coin.weights[0]}.",
        purpose="Write the law of total variance for a bag of coins, after a worked example.",
        solution='''
            def split(n, probs, weights):
                """Return the two parts of the variance, as an array."""
                aleatoric = n * np.sum(weights * probs * (1 - probs))
                mean = np.sum(weights * probs)
                epistemic = n**2 * np.sum(weights * (probs - mean) ** 2)
                return np.array([aleatoric, epistemic])
        ''',
        stub='''
            def split(n, probs, weights):
                """Return the two parts of the variance, as an array."""
                aleatoric = ...
                epistemic = ...
                return np.array([aleatoric, epistemic])
        ''',
        check=Function(
            cases=[
                (10, np.array([0.3, 0.6]), np.array([0.5, 0.5])),
                (20, np.array([0.2, 0.5, 0.8]), np.array([0.25, 0.5, 0.25])),
                (5, np.array([0.1, 0.4]), np.array([0.9, 0.1])),
            ],
            parts=("aleatoric part", "epistemic part"),
            abs_tol=1e-6,
        ),
        mistakes={
            "aleatoric = n * np.sum(weights * probs) * (1 - np.sum(weights * probs))": "The aleatoric part here is that of a single coin with the mean probability. Average p (1 - p) over the "
            "coins instead: it comes out smaller.",
            "epistemic = n * np.sum(weights * (probs - mean) ** 2)": "The epistemic part is the variance of n p, "
            "and the factor n comes out of a variance squared.",
            "epistemic = np.sum(weights * (probs - mean) ** 2)": "This epistemic part is the variance of p. The count needs the variance of n p.",
            "epistemic = n * np.sqrt(np.sum(weights * (probs - mean) ** 2))": "The epistemic part here is a standard deviation. "
            "The parts are variances: square it.",
            "epistemic = np.sum(weights * (n * probs) ** 2)": "The epistemic part here is the mean of the squares. "
            "A variance measures from the mean: subtract that first.",
            "epistemic = n**2 * np.sum(weights * (probs - np.mean(probs)) ** 2)": "In the epistemic part the mean of the coins is "
            "unweighted. The weights need not be equal: use them there too.",
            "epistemic = n**2 * np.sum(weights * (probs - 0.5) ** 2)": "The aleatoric part is right. One half is the mean of game two's bag: "
            "measure from the mean of the bag that was passed.",
            "epistemic = n * np.sum(weights * np.abs(probs - mean))": "The aleatoric part is right. A variance averages the *squared* distances "
            "from the mean.",
            "epistemic = n**2 * np.sum(weights * (probs - mean))": When(
                lambda answer: abs(answer(5, np.array([0.1, 0.4]), np.array([0.9, 0.1]))[1]) < 1e-9,
                "The second number is 0. Distances from the mean cancel: square them first.",
            ),
            "epistemic = np.sum(weights * (n * probs - mean) ** 2)": "The aleatoric part is right. These are distances of n p from the mean of p: "
            "the factor n belongs to both.",
            "epistemic = np.sum(weights * (n * probs * (1 - probs) - aleatoric) ** 2)": "The aleatoric part is right. This says how far the coins' "
            "variances differ. Asked is the variance of their expected counts, n p.",
            "epistemic = n * mean * (1 - mean)": "The aleatoric part is right. This is the variance with a new coin for every flip: "
            "the epistemic part is the variance of n p.",
            "epistemic = n * (n - 1) * np.sum(weights * (probs - mean) ** 2)": "The aleatoric part is right. This is what a shared coin adds to a new coin for every flip. "
            "The variance of n p has the factor n squared.",
            "epistemic = (n * (probs[-1] - probs[0]) / 2) ** 2": "The aleatoric part is right. Half the distance between the coins will do for two "
            "that are equally many. Weigh the squared distances from the mean.",
            "epistemic = n * mean": "The aleatoric part is right. This is the expected count: its variance over the coins is asked for.",
            "mean = np.mean(weights * probs)": "The aleatoric part is right. The mean of the coins is the *sum* of weight times probability: "
            "the weights sum to 1 already.",
            "epistemic = n**2 * np.var(probs, ddof=1)": "The aleatoric part is right. The bag is no sample, so nothing is divided by one less: "
            "weigh the squared distances.",
            "epistemic = n**2 * np.var(probs)": "The aleatoric part is right. `np.var` treats all coins as equally likely: "
            "the weights belong there too.",
            """
            aleatoric = n * np.mean(probs * (1 - probs))
            epistemic = n**2 * np.var(probs)
            """: "This treats all coins as equally likely. The weights have to enter both parts.",
            "aleatoric = n * np.mean(probs * (1 - probs))": "The epistemic part is right. The aleatoric one treats all coins as equally "
            "likely: use the weights.",
            """
            aleatoric = n * np.sum(weights * probs) * (1 - np.sum(weights * probs))
            epistemic = n**2 * np.var(probs)
            """: "Two slips: the aleatoric part is the average of n p (1 - p), not that of the mean p; and `np.var` leaves out the weights.",
            "aleatoric = n * np.sum(probs * (1 - probs))": "The epistemic part is right. The aleatoric one adds up the coins' variances: "
            "average them with the weights.",
            "aleatoric = n * np.sum(weights * probs)": "The epistemic part is right. The first number is the expected count: a variance has the factor 1 - p as well.",
            "aleatoric = np.sum(weights * np.sqrt(n * probs * (1 - probs))) ** 2": "The epistemic part is right. The aleatoric one averages "
            "standard deviations: average the variances.",
            "aleatoric = np.sum(weights * probs * (1 - probs))": "The epistemic part is right. The aleatoric one is for one flip: "
            "the factor n is missing.",
            "aleatoric = n**2 * np.sum(weights * probs * (1 - probs))": "The epistemic part is right. Given the coin the flips are "
            "independent, so their variances add up: n of them, not n squared.",
            "epistemic = n**2 * np.sum(weights * (probs - mean) ** 2) + aleatoric": "The aleatoric part is right. The second number is "
            "the whole variance: the epistemic part is what the coins add.",
            "epistemic = np.var(n * probs * weights)": "The weights say how often each coin comes; they do not multiply its count. "
            "Weigh the squared distances from the mean.",
            "epistemic = n**2 * np.sum(weights**2 * (probs - mean) ** 2)": "The aleatoric part is right. Each weight counts once, not squared.",
            "return aleatoric + epistemic": "This is the sum, the whole variance. Return the two parts, aleatoric first.",
            "return np.array([n * probs * (1 - probs), (n * probs - n * probs.mean()) ** 2])": "This has one value a coin. "
            "Average over the coins with their weights.",
            "return np.array([n * weights * probs * (1 - probs), n**2 * weights * (probs - mean) ** 2])": "This has one term a coin. Add them up.",
            "return np.array([aleatoric, epistemic]) / len(probs)": "The weights sum to 1, so a weighted average is a sum: "
            "`np.mean` divides once more, by the number of coins.",
            "return np.array([aleatoric, epistemic]) / (aleatoric + epistemic)": "These are shares of the variance. Return the two parts themselves.",
            "return np.array([epistemic, aleatoric])": "The two parts are right, but swapped: the aleatoric one comes first.",
            "return np.sqrt([aleatoric, epistemic])": "These are the roots of the two parts. Variances add up, "
            "standard deviations do not: return the variances.",
        },
        hints=[
            "Aleatoric: the variance n p (1 - p) of each coin, averaged with the weights.",
            "Epistemic: the variance of n p over the coins. Its mean is `np.sum(weights * probs)`; a factor n inside "
            "a variance comes out as n squared.",
        ],
        why="One part grows with n, the other with its square. So in the share of heads the luck averages out over a long "
        "run, and what remains is that you do not know the coin.",
    ),
    exercise(
        "2.4 Sixty heads and fifty-seven tails",
        purpose="See that Bayes' rule weighs only what tells the coins apart.",
        solution="weight_of_70 = coin.update(60, 117).weights[1]",
        check=Number(abs_tol=0.004),
        mistakes={
            "60 / 117": "This is the share of heads. Asked is the probability that the coin is the 70% one.",
            "coin.update(60, 117).weights[0]": "This is the weight of the 30% coin, which comes first.",
            "(7 / 3) ** 3": "These are the odds of the 70% coin. A probability is odds / (1 + odds).",
            "0.7**3": "This is the probability of three heads with the 70% coin. Compare it with that of the 30% coin.",
            "0.5": "Half is what you knew before the flips. Do three heads more than tails say nothing?",
            "coin.update(60, 117).rate_mean": "This is the probability that the next flip is heads. Asked is the weight of the 70% coin.",
            "coin.update(3, 117).weights[1]": When(
                lambda answer: 0 < answer < 1e-9,
                "This is nearly 0. `update` takes the heads, 60 and not the lead of 3, then all flips, 117. "
                "(If this is a likelihood: divide it by the sum over both coins.)",
            ),
            "7 / 3": "These are the odds after one head. Heads lead by three; and a probability is odds / (1 + odds).",
            "(3 / 7) ** 3": "These are the odds of the 30% coin. The weight of the 70% coin is asked for.",
            """
            from scipy.stats import binom
            weight_of_70 = binom.sf(59, 117, 0.5)
            """: When(
                lambda answer: min(abs(answer - 0.4267), abs(answer - 0.5733)) < 0.0005,
                "This asks about a fair coin, and the bag holds none. Compare the 70% coin with the 30% coin.",
            ),
            """
            from scipy.stats import binom
            weight_of_70 = binom.sf(59, 117, 0.7)
            """: When(
                lambda answer: 1e-6 < 1 - answer < 1e-4,
                "This is one minus a p-value. Asked is how probable the 70% coin is, given the 60 heads: compare the two coins.",
            ),
            """
            from scipy.stats import binom
            weight_of_70 = 0.5 * binom.pmf(60, 117, 0.7)
            """: "This is not scaled yet: divide it by the sum of the two coins' values.",
            "coin.update(8, 12).update(60, 117).weights[1]": "This goes on from the twelve flips. You drew another coin: begin with `coin` again.",
            "0.5 * 0.7**3": "This is not scaled yet. Divide it by the sum of the two coins' values: the weights have to sum to 1.",
            """
            from scipy.stats import binom
            weight_of_70 = binom.pmf(60, 117, 0.7)
            """: "This is the probability of 60 heads with the 70% coin. Compare it with that of the 30% coin.",
            "0.7 * 60 / (0.7 * 60 + 0.3 * 57)": "Every flip multiplies the weight, 60 times by 0.7 and 57 times by 0.3: powers, not products with the counts.",
            "coin.update(60, 60).weights[1]": When(
                lambda answer: 0 <= 1 - answer < 1e-9, "This is sixty heads in a row. There were 117 flips."
            ),
            "(7 / 3) ** 2 / (1 + (7 / 3) ** 2)": "This is a lead of two. Heads lead by 60 - 57 = 3.",
            "(7 / 3) ** 4 / (1 + (7 / 3) ** 4)": "This is a lead of four. Heads lead by 60 - 57 = 3.",
            "1 - (3 / 7) ** 3": "(3/7)^3 are the odds of the 30% coin. Its probability is odds / (1 + odds); take one minus that.",
            """
            from scipy.stats import beta
            weight_of_70 = beta(61, 58).sf(0.5)
            """: "This asks whether a rate of any size is above one half. The bag holds two rates only, 30% and 70%.",
            "3 * (7 / 3) / (1 + 3 * (7 / 3))": "A lead of three multiplies the odds by 7/3 three *times*: (7/3)^3, not 3 times 7/3.",
            "(0.1 * 0.7**3) / (0.1 * 0.7**3 + 0.9 * 0.3**3)": "Both coins are equally likely before the flips.",
            "BinomialMixture(10, [0.3, 0.5, 0.7], [0.25, 0.5, 0.25]).update(60, 117).weights[2]": "This is its weight in a bag "
            "with fair coins, which take nearly all of it. The bag of game two has none: `coin` is that bag.",
            "BinomialMixture(10, [0.3, 0.5, 0.7], [0.25, 0.5, 0.25]).update(60, 117).weights[1]": "This is the weight of a fair "
            "coin, in a bag that holds some. The bag of game two has none: `coin` is that bag.",
            "BinomialMixture(10, [0.3, 0.5, 0.7]).update(60, 117).weights[2]": "This is its weight in a bag with as many fair "
            "coins as others. The bag of game two has none: `coin` is that bag.",
            "0.7": "This is what the 70% coin is called. Asked is the probability that you hold it.",
            "coin.update(60, 117).weights": When(
                lambda answer: np.size(answer) == 2,
                "These are both weights. The one of the 70% coin is asked for, the second.",
            ),
        },
        neighbours={"the lead of heads as a share of the flips": "3 / 117", "the ratio of heads to tails": "60 / 57"},
        hints=[
            "Here a head multiplies the odds of the 70% coin by 7/3, and a tail divides them by 7/3.",
            "`coin.update(heads, flips)` does all flips at once. The flips number 60 + 57.",
        ],
        why="The same as after three heads in a row. With these coins each tail undoes one head, so only the lead of three "
        "remains. Note that 51% heads looks like neither coin: Bayes' rule compares the coins it was given, and asks no further.",
    ),
    exercise(
        "2.5 When does the shape begin to matter?",
        paper="`coin` is a coin of 30% or of 70%, each with probability one half; `smooth` is one Beta for p with the same mean and variance. On paper: on which averages of p does the probability of two heads in two flips depend, and of three in three?",
        purpose="See how much of a belief a number of flips can reveal.",
        solution="first_flips = next(n for n in range(1, 99) if not np.allclose(coin.predict(n).pmf(), smooth.predict(n).pmf()))",
        check=Number(abs_tol=0.001),
        mistakes={
            "1": "For one flip only the mean of p counts, and both have the same. (If `==` says that they differ, that is rounding.)",
            "2": "Two flips are both heads with probability E[p²], which mean and variance settle. Both agree on these.",
            "3": "Three heads have the probability E[p³]. Both beliefs are symmetric about one half, which settles it.",
            "10": When(
                lambda answer: 4 < float(answer) < 1e6,
                "For that many flips the two predictions do differ, but they differ for fewer flips already.",
            ),
            "np.inf": When(
                lambda answer: np.isinf(float(answer)),
                "They share mean and variance, but not every average of powers of p: some number of flips tells them apart.",
            ),
            "0": "Without a flip there is nothing to predict. Begin with one flip, and go on.",
        },
        hints=[
            "`coin.predict(2).pmf()` and `smooth.predict(2).pmf()` are the two predictions for two flips. Compare them.",
            "Go on with three flips, with four. `np.allclose(x, y)` says whether two arrays agree up to rounding.",
        ],
        why="Two beliefs with one mean and one variance, both symmetric, predict up to three flips alike. From four flips on "
        "the shape counts: the more flips share the coin, the more of the belief shows in them.",
    ),
    exercise(
        "2.6 What does the p-value say?",
        purpose="Read a posterior predictive p-value, and none of the things it is not.",
        answer="meaning",
        check=Choice(
            options={
                "a": "the model is right with probability 0.7",
                "b": "such a spread is usual under this model",
                "c": "0.7 is far above 0.05, so the model is accepted at the 5% level",
                "d": "the experiments' rates have a Beta distribution",
            },
            right="b",
            wrong={
                "a": "No model got a probability here: the simulation takes this one as given. A share of data sets is no probability of a model.",
                "c": "Nothing is accepted here, and there is no level of 5%. "
                "The same data fitted the model, so under a right model such p-values do not spread evenly: they tend to keep nearer to the middle (Meng, 1994).",
                "d": "The check found nothing against it, in one respect. Other populations with as much spread may pass as well.",
            },
        ),
        hints=[
            "Recall how it was computed: which share of what was counted?",
            "Of the simulated data sets, seven in ten are at least as spread out as the real one. Which option says this and no more?",
        ],
        why="It places one statistic of the data among the same statistic of data that the model generates. "
        "That the real data lie well inside means that, in this respect, the model can produce data like yours. No more.",
    ),
    exercise(
        "2.7 The second half of EM",
        paper="By hand: two campaigns, 3 of 10 and 20 of 100; the first belongs to kind 0 with probability 0.25, the second with 0.75.",
        purpose="Estimate rates from rows of which one knows the kind only with some probability.",
        solution='''
            def m_step(share, counts, trials):
                """Row i of `share` holds the probabilities of the kinds for campaign i."""
                weights = share.mean(axis=0)
                probs = (counts @ share) / (trials @ share)
                return np.array([weights, probs])
        ''',
        gaps={"share.mean(axis=0)": "...", "(counts @ share) / (trials @ share)": "..."},
        check=Function(
            cases=[
                (np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([4, 30, 10]), np.array([100, 300, 150])),
                (np.array([[1.0, 0.0], [0.3, 0.7]]), np.array([3, 20]), np.array([60, 200])),
                (
                    np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1], [0.6, 0.2, 0.2]]),
                    np.array([1, 40, 9, 5]),
                    np.array([80, 400, 120, 90]),
                ),
            ],
            parts=("row of weights", "row of rates"),
            abs_tol=1e-6,
        ),
        mistakes={
            "probs = (counts / trials) @ share / share.sum(axis=0)": "This averages the campaigns' rates, a small campaign counting as "
            "much as a large one. Add up conversions and visitors first, then divide.",
            "probs = (counts / trials) @ share": "This adds up the campaigns' rates. Add up conversions and visitors of each kind, then divide.",
            "probs = (counts / trials) @ share / len(share)": "This averages rates over *all* campaigns. "
            "Add up conversions and visitors of each kind, then divide.",
            """
            share = (share == share.max(axis=1, keepdims=True)).astype(float)
            weights = share.mean(axis=0)
            """: "This gives each campaign wholly to its likelier kind. Keep the probabilities: a campaign may be in doubt.",
            """
            share = (share > 0.5).astype(float)
            weights = share.mean(axis=0)
            """: "This counts only the kinds that are likelier than one half. Keep the probabilities: a campaign may be in doubt.",
            "probs = (counts @ (share > 0.5)) / (trials @ (share > 0.5))": "The weights are right. The rates count only the likelier kind: "
            "use the probabilities there as well.",
            """
            likelier = (share == share.max(axis=1, keepdims=True)).astype(float)
            probs = (counts @ likelier) / (trials @ likelier)
            """: "The weights are right. The rates count each campaign wholly for its likelier kind: use the probabilities there as well.",
            "probs = (counts @ share) / (trials @ share) / np.sum((counts @ share) / (trials @ share))": "The weights are right. "
            "Weights sum to one; rates need not.",
            "probs = (counts @ share) / share.sum(axis=0)": "The weights are right. A rate is conversions over visitors, "
            "and this divides by campaigns.",
            "probs = counts @ share": "The weights are right. The second row holds conversions; divide by the visitors of each kind.",
            "probs = (counts @ share) / ((trials - counts) @ share)": "The weights are right. These are odds: divide by all visitors, "
            "not by those who did not convert.",
            "probs = (counts @ share) / (counts @ share).sum()": "The weights are right. These are shares of the conversions. "
            "A rate is conversions over visitors.",
            "probs = (trials @ share) / (counts @ share)": "The weights are right. The rates are upside down: conversions over visitors.",
            "probs = np.full(share.shape[1], counts.sum() / trials.sum())": "The weights are right. This is one pooled rate for all kinds: "
            "count each campaign by its share.",
            "probs = (counts @ share) / trials.sum()": "The weights are right. Each kind's conversions belong over its own visitors, "
            "`trials @ share`, not over all.",
            "weights = share.sum(axis=0)": "The rates are right. The weights have to sum to one: take the mean over the campaigns, not the sum.",
            "weights = (trials @ share) / trials.sum()": "The rates are right. A kind's weight is its share of the *campaigns*: "
            "each counts once, however many visitors it has.",
            "weights = (counts @ share) / counts.sum()": "The rates are right. A kind's weight is its share of the *campaigns*, not of the conversions.",
            "weights = np.full(share.shape[1], 1 / share.shape[1])": "The rates are right. These weights are all equal. Take the mean of each column of `share`: `axis=0`.",
            """
            likelier = (share == share.max(axis=1, keepdims=True)).astype(float)
            weights = likelier.mean(axis=0)
            """: "The rates are right. The weights count only the likelier kind: average the probabilities there as well.",
            "weights = share[0]": "The rates are right. These weights are the first campaign's shares. Take the mean over all campaigns: `axis=0`.",
            "weights = share.sum(axis=0) / (len(share) - 1)": "The rates are right. A mean divides by the number of campaigns, not by one less.",
            "weights = (counts @ share) / (trials @ share) / np.sum((counts @ share) / (trials @ share))": "The rates are right. A kind's weight says how many campaigns are of that kind: the mean of its column of `share`.",
            "probs = share.mean(axis=0) * counts.sum() / trials.sum()": "The weights are right. A rare kind need not have a low rate: pool the conversions "
            "and visitors of each kind.",
            "probs = (counts @ share + 1) / (trials @ share + 2)": "The weights are right. This adds a conversion and two visitors to each kind, which is a prior. "
            "Here only the data count.",
            "probs = (counts @ share**2) / (trials @ share**2)": "The weights are right. Each campaign counts by its share, not by the share's square.",
            "return np.array([[weights[0], 1 - weights[0]], probs[:2]])": "This is for two kinds. `share` may have more columns: return one value for each.",
            "probs = (counts @ share) / (trials.sum() * weights)": "The weights are right. A kind's visitors are `trials @ share`: its campaigns need not be of average size.",
            "return np.concatenate([weights, probs])": "The numbers are right. Put them into two rows: `np.array([weights, probs])`.",
            "return np.array([[weights], [probs]])": "The numbers are right, but there is one pair of brackets too many: two rows, one column a kind.",
            "return np.array([weights, probs]).T": "The numbers are right, but transposed: one row of weights, then one row of rates.",
            "return np.array([probs, weights])": "Both rows are right, but swapped: the weights come first.",
        },
        hints=[
            "A kind's weight is its average share: `share.mean(axis=0)` takes the mean over the rows, one number a column.",
            "A kind's rate is its conversions over its visitors. `counts @ share` adds up the conversions of every kind, "
            "each campaign counted by its share; do the same for `trials`.",
        ],
        why="If you knew the kinds, you would pool the campaigns of each kind. You know them with some probability, so "
        "you pool with that probability as the weight. That is all there is to the M-step.",
    ),
    exercise(
        "2.8 What practice is worth",
        paper="Half of the coins in the bag show heads 30% of the time, the other half 70%.",
        purpose="Give a second-order probability its cash value.",
        solution="""
            majority_right = 0.7**3 + 3 * 0.7**2 * 0.3  # three of three, or two of three
            right_call = majority_right * 0.7 + (1 - majority_right) * 0.3
        """,
        stub="right_call = ...",
        check=Number(abs_tol=0.0009),
        mistakes={
            "0.7": "This would be your chance if you knew the coin. Three flips can mislead you about it. "
            "(It is also the weight of a coin after two flips against one.)",
            "majority_right": "This is the probability of naming the coin rightly. Even then the next flip may go against you.",
            "majority_right * 0.7": "The majority may be wrong, and then you still win with probability 0.3. Add that.",
            "majority_right**2": "After a right majority you win with 0.7, after a wrong one with 0.3: average these two.",
            "majority_right**2 + (1 - majority_right) ** 2": "This is how often two majorities of three agree. You call one flip, not a second majority.",
            "(1 - majority_right) * 0.3": "This is one of two ways to win: a wrong majority, then luck. Add a right majority, then 0.7.",
            "0.7**2 + 0.3**2": "This is your chance after one practice flip. (After two as well: the second cannot change a call for the "
            "better. And after two of three against one.) You have three, and they may all agree.",
            "coin.update(3, 3).weights[1]": "This is the weight of a coin after three equal flips. Asked is how often you call the *next flip* rightly, "
            "whatever the three show.",
            "(coin.update(3, 3).rate_mean + coin.update(2, 3).rate_mean) / 2": "Three equal flips are rarer than two against one: "
            "weigh the two chances with 0.37 and 0.63.",
            "(majority_right + 0.7) / 2": "This averages two steps that follow each other. After a right majority you win with 0.7, after a wrong one with 0.3.",
            "0.7**3": "This is the probability that all three fall to your coin's side. Two of three make a majority as well.",
            "0.7**3 + 0.3**3": "This is how often all three agree. (Or two of three was counted in one order only: there are three.) "
            "You call after two against one as well.",
            "0.7**4 + 0.3**4": "This is how often four flips agree. You may also call after two against one, and win.",
            "0.7**4 + 4 * 0.7**3 * 0.3": "This is three or more of four. Not any three do: the *fourth* flip has to agree with the majority of the first three.",
            "3 * 0.7**3 * 0.3 + 3 * 0.7 * 0.3**3": "This is winning after two against one alone. Three equal flips are a majority too: add them.",
            "coin.update(3, 3).weights[1] * 0.7": "This is only for three equal flips, and even then the other coin can make you win. "
            "Average over what the three may show.",
            "0.7**2": "This is two flips on your coin's side. You have three for practice, and a majority may also mislead you into a right call.",
            "1.0": "Even if you knew the coin, you would win with probability 0.7 only.",
            "coin.update(3, 3).rate_mean": "This is your chance after three equal flips. Two against one happens more often, and helps less.",
            "1 - majority_right": "This is how often the majority misleads. What is then the chance of a right call?",
            "3 * 0.7**2 * 0.3": "This is the probability of exactly two of three. It is one step on the way.",
            "0.5": "This is your chance without practice. The three flips say something about the coin.",
            "majority_right = 0.7**3": "Two of three flips make a majority as well: add 3 * 0.7**2 * 0.3.",
            "majority_right = 0.7**3 + 0.7**2 * 0.3": "Two of three can come in three orders: 3 * 0.7**2 * 0.3.",
            "majority_right = 0.7**5 + 5 * 0.7**4 * 0.3 + 10 * 0.7**3 * 0.3**2": "This is for five practice flips. You have three.",
        },
        neighbours={
            "what the practice adds to one half": "majority_right * 0.7 + (1 - majority_right) * 0.3 - 0.5",
            "the share of the majority in two flips against one": "2 / 3",
        },
        hints=[
            "Two steps. First: how often does the majority of the three flips point to the coin that you hold?",
            "It does if all three, or two of the three, fall to the side that your coin favours, each with probability 0.7.",
            "That has the probability 0.7**3 + 3 * 0.7**2 * 0.3. Then you win with 0.7, otherwise with 0.3.",
        ],
        why="Three practice flips raise your chance from one half to about 61%; 70% would be the most, for someone who "
        "knows the coin. With a fair coin no practice helps. That is what lies behind the same 'one half'.",
    ),
    exercise(
        "2.9 One mean of eight chains",
        paper="The model says that every campaign is of one of two kinds, with the rates `rate[0]` and `rate[1]`.",
        purpose="Recognise label switching, and what a good R-hat would not have cured.",
        answer="trouble",
        check=Choice(
            options={
                "a": "the chains are too short; with enough draws the mean will be right",
                "b": "R-hat is too strict: the chains agree on the two rates",
                "c": "kind 0 is weak in some chains and strong in others",
                "d": "none: 6% is the campaigns' average rate",
            },
            right="c",
            wrong={
                "a": "Chains that visited both copies equally often would satisfy R-hat. "
                "The means of `rate[0]` and `rate[1]` would then be the same number, and neither would be the rate of a kind.",
                "b": "They agree on the pair, but not on which of the two is `rate[0]`. "
                "It is `rate[0]` that was averaged, and about it the chains disagree.",
                "d": "`rate[0]` is meant to be the rate of one kind, and no kind has that rate. "
                "How near the mean comes to 6% depends on how many chains chose which numbering.",
            },
        ),
        hints=[
            "Look at the picture: which rate does a chain call `rate[0]`?",
            "Swap the two kinds everywhere, rates and weights. Does the likelihood change?",
        ],
        why="The posterior has two copies of itself, one for each way to number the kinds. "
        "What does not depend on the numbering, such as the larger of the two rates or the prediction for a new campaign, can be averaged as it is.",
    ),
)
