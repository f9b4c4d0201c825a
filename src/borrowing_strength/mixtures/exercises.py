"""Exercises of lesson 02, Mixtures of binomials."""

from functools import cache

import numpy as np

from borrowing_strength import mixtures
from borrowing_strength.exercises.records import Choice, Exercise, Function, Mistake, Number

_DOC_SPLIT = '    """Return the two parts of the variance, as an array."""\n'
_DOC_M = '    """Row i of `share` holds the probabilities of the kinds for campaign i."""\n'


@cache
def _coin() -> mixtures.BinomialMixture:
    return mixtures.BinomialMixture(10, [0.3, 0.7], [0.5, 0.5])


def _first_flips() -> float:
    smooth, flips = mixtures.spikes_to_beta(10, 0.5, 0.2, 1), 1
    while np.allclose(_coin().predict(flips).pmf(), smooth.predict(flips).pmf()):
        flips += 1
    return float(flips)


def _right_call(practice: int) -> float:
    """Probability of calling the next flip rightly after some practice flips."""
    chance = _coin().predict(practice).pmf()
    rates = np.array([_coin().update(k, practice).rate_mean for k in range(practice + 1)])
    return float(chance @ np.maximum(rates, 1 - rates))


def _split(n: int, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mean = weights @ probs
    return np.array([n * weights @ (probs * (1 - probs)), n**2 * weights @ (probs - mean) ** 2])


def _split_mean_rate(n: int, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    mean = weights @ probs
    return np.array([n * mean * (1 - mean), _split(n, probs, weights)[1]])


def _m_step(share: np.ndarray, counts: np.ndarray, trials: np.ndarray) -> np.ndarray:
    return np.array([share.mean(axis=0), counts @ share / (trials @ share)])


def _m_step_of_rates(share: np.ndarray, counts: np.ndarray, trials: np.ndarray) -> np.ndarray:
    return np.array([share.mean(axis=0), (counts / trials) @ share / share.sum(axis=0)])


def _m_step_hard(share: np.ndarray, counts: np.ndarray, trials: np.ndarray) -> np.ndarray:
    hard = (share == share.max(axis=1, keepdims=True)).astype(float)
    return _m_step(hard, counts, trials)


def _m_step_of_all(share: np.ndarray, counts: np.ndarray, trials: np.ndarray) -> np.ndarray:
    return np.array([share.mean(axis=0), counts @ share / trials.sum()])


EXERCISES = (
    Exercise(
        id="2.1",
        title="What will ten flips look like?",
        purpose="Commit to a picture of a mixture before seeing it.",
        stub='picture = ...  # "a", "b", "c" or "d"',
        answer="picture",
        solution='picture = "c"',
        why=(
            "You hold one of two coins. One gives about 3 heads, the other about 7, and the picture is half of each. "
            "Five heads, the average, is a result that neither coin favours."
        ),
        hints=(
            "Suppose that you knew which coin you hold. Where would the most likely number of heads be?",
            "Draw the bars of the 30% coin and those of the 70% coin, each at half its height, and add them up.",
        ),
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
    ),
    Exercise(
        id="2.2",
        title="A new coin for every flip",
        purpose="Tell a coin drawn anew for each flip from one that is drawn once and shared by all.",
        stub="variance_of_third_game = ...",
        answer="variance_of_third_game",
        solution="variance_of_third_game = 10 * 0.5 * (1 - 0.5)",
        why=(
            "This is the fair coin again. Each flip is heads with probability one half, and no flip tells anything about "
            "the next. The bag widens the count only when all ten flips share one draw from it."
        ),
        hints=(
            "What is the probability of heads on one flip of this game? Do earlier flips say anything about it?",
            "Ten independent flips with probability p have the variance 10 p (1 - p), and here p is one half.",
        ),
        check=Number(lambda: 2.5, abs_tol=0.02),
        mistakes=(
            Mistake(
                "variance_of_third_game = coin.variance",
                "This is the second game, with one coin for all ten flips. Here every flip has a coin of its own.",
                value=lambda: _coin().variance,
            ),
            Mistake(
                "variance_of_third_game = 10 * 0.3 * 0.7",
                "This is the variance for ten flips of one coin that you know. Here the coin changes with every flip.",
                value=lambda: 2.1,
            ),
            Mistake(
                "variance_of_third_game = 10 * (0.5 * 0.5 + 0.2**2)",
                "This counts the draw of the coin twice: heads with probability one half has it in already.",
                value=lambda: 2.9,
            ),
            Mistake(
                "variance_of_third_game = 2.5**0.5",
                "This is the standard deviation. The variance is its square.",
                value=lambda: 2.5**0.5,
            ),
            Mistake(
                "variance_of_third_game = 0.5 * (1 - 0.5)",
                "This is the variance of one flip. Independent flips add their variances, and there are ten.",
                value=lambda: 0.25,
            ),
        ),
    ),
    Exercise(
        id="2.3",
        title="Take the variance apart",
        purpose="Write the law of total variance for a bag of coins, after a worked example.",
        stub=("def split(n, probs, weights):\n" + _DOC_SPLIT + "    aleatoric = ...\n    epistemic = ...\n")
        + "    return np.array([aleatoric, epistemic])",
        answer="split",
        solution=("def split(n, probs, weights):\n" + _DOC_SPLIT)
        + "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
        + "    mean = np.sum(weights * probs)\n"
        + "    epistemic = n**2 * np.sum(weights * (probs - mean) ** 2)\n"
        + "    return np.array([aleatoric, epistemic])",
        why=(
            "One part grows with n, the other with its square. So in the share of heads the luck averages out over a long "
            "run, and what remains is that you do not know the coin."
        ),
        hints=(
            "Aleatoric: the variance n p (1 - p) of each coin, averaged with the weights.",
            "Epistemic: the variance of n p over the coins. Its mean is `np.sum(weights * probs)`; a factor n inside "
            "a variance comes out as n squared.",
        ),
        check=Function(
            lambda: _split,
            cases=(
                (10, np.array([0.3, 0.7]), np.array([0.5, 0.5])),
                (20, np.array([0.2, 0.5, 0.8]), np.array([0.25, 0.5, 0.25])),
                (5, np.array([0.1, 0.4]), np.array([0.9, 0.1])),
            ),
            abs_tol=1e-6,
        ),
        mistakes=(
            Mistake(
                "def split(n, probs, weights):\n"
                "    mean = np.sum(weights * probs)\n"
                "    epistemic = n**2 * np.sum(weights * (probs - mean) ** 2)\n"
                "    return np.array([n * mean * (1 - mean), epistemic])",
                "The aleatoric part here is that of a single coin with the mean probability. Average p (1 - p) over the "
                "coins instead: it comes out smaller.",
                value=lambda: _split_mean_rate,
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    mean = np.sum(weights * probs)\n"
                "    return np.array([aleatoric, n * np.sum(weights * (probs - mean) ** 2)])",
                "The epistemic part is the variance of n p, and the factor n comes out of a variance squared.",
                value=lambda: lambda n, probs, weights: _split(n, probs, weights) / [1, n],
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    mean = np.sum(weights * probs)\n"
                "    return np.array([aleatoric, np.sum(weights * (probs - mean) ** 2)])",
                "This epistemic part is the variance of p. The count needs the variance of n p.",
                value=lambda: lambda n, probs, weights: _split(n, probs, weights) / [1, n**2],
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    mean = np.sum(weights * probs)\n"
                "    return np.array([aleatoric, n * np.sqrt(np.sum(weights * (probs - mean) ** 2))])",
                "The epistemic part here is a standard deviation. The parts are variances: square it.",
                value=lambda: lambda n, probs, weights: _split(n, probs, weights) ** [1, 0.5],
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    return np.array([aleatoric, np.sum(weights * (n * probs) ** 2)])",
                "The epistemic part here is the mean of the squares. A variance measures from the mean: subtract that first.",
                value=lambda: lambda n, p, w: np.array([_split(n, p, w)[0], w @ (n * p) ** 2]),
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    return np.array([aleatoric, n**2 * np.sum(weights * (probs - np.mean(probs)) ** 2)])",
                "In the epistemic part the mean of the coins is unweighted. The weights need not be equal: use them there too.",
                value=lambda: lambda n, p, w: np.array([_split(n, p, w)[0], n**2 * w @ (p - p.mean()) ** 2]),
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    return np.array([aleatoric, n**2 * np.var(probs)])",
                "The aleatoric part is right. `np.var` treats all coins as equally likely: the weights belong there too.",
                value=lambda: lambda n, p, w: np.array([_split(n, p, w)[0], n**2 * np.var(p)]),
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    return np.array([n * np.mean(probs * (1 - probs)), n**2 * np.var(probs)])",
                "This treats all coins as equally likely. The weights have to enter both parts.",
                value=lambda: lambda n, p, w: np.array([n * np.mean(p * (1 - p)), n**2 * np.var(p)]),
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    mean = np.sum(weights * probs)\n"
                "    epistemic = n**2 * np.sum(weights * (probs - mean) ** 2)\n"
                "    return np.array([epistemic, aleatoric])",
                "The two parts are right, but swapped: the aleatoric one comes first.",
                value=lambda: lambda n, probs, weights: _split(n, probs, weights)[::-1],
            ),
            Mistake(
                "def split(n, probs, weights):\n"
                "    aleatoric = n * np.sum(weights * probs * (1 - probs))\n"
                "    mean = np.sum(weights * probs)\n"
                "    epistemic = n**2 * np.sum(weights * (probs - mean) ** 2)\n"
                "    return np.sqrt([aleatoric, epistemic])",
                "These are the roots of the two parts. Variances add up, standard deviations do not: return the variances.",
                value=lambda: lambda n, probs, weights: np.sqrt(_split(n, probs, weights)),
            ),
        ),
    ),
    Exercise(
        id="2.4",
        title="Sixty heads and fifty-seven tails",
        purpose="See that Bayes' rule weighs only what tells the coins apart.",
        stub="weight_of_70 = ...",
        answer="weight_of_70",
        solution="weight_of_70 = coin.update(60, 117).weights[1]",
        why=(
            "The same as after three heads in a row. With these coins each tail undoes one head, so only the lead of three remains. Note "
            "that 51% heads looks like neither coin: Bayes' rule compares the coins it was given, and asks no further."
        ),
        hints=(
            "Here a head multiplies the odds of the 70% coin by 7/3, and a tail divides them by 7/3.",
            "`coin.update(heads, flips)` does all flips at once. The flips number 60 + 57.",
        ),
        check=Number(lambda: float(_coin().update(60, 117).weights[1]), abs_tol=0.004),
        mistakes=(
            Mistake(
                "weight_of_70 = 60 / 117",
                "This is the share of heads. Asked is the probability that the coin is the 70% one.",
                value=lambda: 60 / 117,
            ),
            Mistake(
                "weight_of_70 = coin.update(60, 117).weights[0]",
                "This is the weight of the 30% coin, which comes first.",
                value=lambda: float(_coin().update(60, 117).weights[0]),
            ),
            Mistake(
                "weight_of_70 = (7 / 3) ** 3",
                "These are the odds of the 70% coin. A probability is odds / (1 + odds).",
                value=lambda: (7 / 3) ** 3,
            ),
            Mistake(
                "weight_of_70 = 0.7**3",
                "This is the probability of three heads with the 70% coin. Compare it with that of the 30% coin.",
                value=lambda: 0.7**3,
            ),
            Mistake(
                "weight_of_70 = 0.5",
                "Half is what you knew before the flips. Do three heads more than tails say nothing?",
                value=lambda: 0.5,
            ),
            Mistake(
                "weight_of_70 = coin.update(60, 117).rate_mean",
                "This is the probability that the next flip is heads. Asked is the weight of the 70% coin.",
                value=lambda: _coin().update(60, 117).rate_mean,
            ),
        ),
    ),
    Exercise(
        id="2.5",
        title="When does the shape begin to matter?",
        purpose="See how much of a belief a number of flips can reveal.",
        stub="first_flips = ...",
        answer="first_flips",
        solution=(
            "first_flips = 1\n"
            "while np.allclose(coin.predict(first_flips).pmf(), smooth.predict(first_flips).pmf()):\n"
            "    first_flips += 1"
        ),
        why=(
            "The counts of n flips depend on the first n moments of the belief: the averages of p, p², p³ and so on. The "
            "mean settles the first, the variance the second, symmetry about one half the third. Nothing settles the fourth."
        ),
        hints=(
            "`coin.predict(2).pmf()` and `smooth.predict(2).pmf()` are the two predictions for two flips. Compare them.",
            "Go on with three flips, with four. `np.allclose(x, y)` says whether two arrays agree up to rounding.",
        ),
        check=Number(_first_flips, abs_tol=0.001),
        mistakes=(
            Mistake(
                "first_flips = 1",
                "For one flip only the mean of p counts, and both have the same. (If `==` says that they differ, that is rounding.)",
                value=lambda: 1.0,
            ),
            Mistake(
                "first_flips = 2",
                "Two flips are both heads with probability E[p²], which mean and variance settle. Both agree on these.",
                value=lambda: 2.0,
            ),
            Mistake(
                "first_flips = 3",
                "Three heads have the probability E[p³]. Both beliefs are symmetric about one half, which settles it.",
                value=lambda: 3.0,
            ),
            Mistake(
                "first_flips = 10",
                "For that many flips the two predictions do differ, but they differ for fewer flips already.",
                when=lambda answer: 4 < float(answer) < 1e6,
            ),
        ),
    ),
    Exercise(
        id="2.6",
        title="What does the p-value say?",
        purpose="Read a posterior predictive p-value, and none of the things it is not.",
        stub='meaning = ...  # "a", "b", "c" or "d"',
        answer="meaning",
        solution='meaning = "b"',
        why=(
            "It places one statistic of the data among the same statistic of data that the model generates. That the real "
            "data lie well inside means that, in this respect, the model can produce data like yours. No more."
        ),
        hints=(
            "Recall how it was computed: which share of what was counted?",
            "Of the simulated data sets, seven in ten are at least as spread out as the real one. Which option says this and no more?",
        ),
        check=Choice(
            options={
                "a": "the model is right with probability 0.7",
                "b": "a spread like that of the real data is nothing unusual for this model",
                "c": "0.7 is far above 0.05, so the model is accepted at the 5% level",
                "d": "the experiments' rates have a Beta distribution",
            },
            right="b",
            wrong={
                "a": "No model got a probability here: the simulation takes this one as given. A share of data sets is no "
                "probability of a model.",
                "c": "Nothing is accepted here, and there is no level of 5%. The same data fitted the model, so under a right model such "
                "p-values do not spread evenly: they tend to keep nearer to the middle (Meng, 1994).",
                "d": "The check found nothing against it, in one respect. Other populations with as much spread may pass as well.",
            },
        ),
    ),
    Exercise(
        id="2.7",
        title="The second half of EM",
        purpose="Estimate rates from rows of which one knows the kind only with some probability.",
        stub=("def m_step(share, counts, trials):\n" + _DOC_M + "    weights = ...\n    probs = ...\n")
        + "    return np.array([weights, probs])",
        answer="m_step",
        solution=("def m_step(share, counts, trials):\n" + _DOC_M)
        + "    weights = share.mean(axis=0)\n"
        + "    probs = (counts @ share) / (trials @ share)\n"
        + "    return np.array([weights, probs])",
        why=(
            "If you knew the kinds, you would pool the campaigns of each kind. You know them with some probability, so "
            "you pool with that probability as the weight. That is all there is to the M-step."
        ),
        hints=(
            "A kind's weight is its average share: `share.mean(axis=0)` takes the mean over the rows, one number a column.",
            "A kind's rate is its conversions over its visitors. `counts @ share` adds up the conversions of every kind, "
            "each campaign counted by its share; do the same for `trials`.",
        ),
        check=Function(
            lambda: _m_step,
            cases=(
                (np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([4, 30, 10]), np.array([100, 300, 150])),
                (np.array([[1.0, 0.0], [0.3, 0.7]]), np.array([3, 20]), np.array([60, 200])),
                (
                    np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1], [0.6, 0.2, 0.2]]),
                    np.array([1, 40, 9, 5]),
                    np.array([80, 400, 120, 90]),
                ),
            ),
            abs_tol=1e-6,
        ),
        mistakes=(
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    probs = (counts / trials) @ share / share.sum(axis=0)\n"
                "    return np.array([share.mean(axis=0), probs])",
                "This averages the campaigns' rates, a small campaign counting as much as a large one. Add up "
                "conversions and visitors first, then divide.",
                value=lambda: _m_step_of_rates,
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    hard = (share == share.max(axis=1, keepdims=True)).astype(float)\n"
                "    return np.array([hard.mean(axis=0), (counts @ hard) / (trials @ hard)])",
                "This gives each campaign wholly to its likelier kind. Keep the probabilities: a campaign may be in doubt.",
                value=lambda: _m_step_hard,
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    hard = (share > 0.5).astype(float)\n"
                "    return np.array([hard.mean(axis=0), (counts @ hard) / (trials @ hard)])",
                "This counts only the kinds that are likelier than one half. Keep the probabilities: a campaign may be in doubt.",
                value=lambda: lambda share, counts, trials: _m_step((share > 0.5).astype(float), counts, trials),
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    hard = share > 0.5\n"
                "    return np.array([share.mean(axis=0), (counts @ hard) / (trials @ hard)])",
                "The weights are right. The rates count only the likelier kind: use the probabilities there as well.",
                value=lambda: (
                    lambda share, counts, trials: np.array(
                        [share.mean(axis=0), counts @ (share > 0.5) / (trials @ (share > 0.5))]
                    )
                ),
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    return np.array([share.mean(axis=0), (counts @ share) / share.sum(axis=0)])",
                "The weights are right. A rate is conversions over visitors, and this divides by campaigns.",
                value=lambda: (
                    lambda share, counts, trials: np.array([share.mean(axis=0), counts @ share / share.sum(axis=0)])
                ),
            ),
            Mistake(
                "def m_step(share, counts, trials):\n    return np.array([share.mean(axis=0), counts @ share])",
                "The weights are right. The second row holds conversions; divide by the visitors of each kind.",
                value=lambda: lambda share, counts, trials: np.array([share.mean(axis=0), counts @ share]),
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    return np.array([share.mean(axis=0), (counts @ share) / (trials @ share)]).T",
                "The numbers are right, but transposed: one row of weights, then one row of rates.",
                value=lambda: lambda share, counts, trials: _m_step(share, counts, trials).T,
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    return np.array([share.sum(axis=0), (counts @ share) / (trials @ share)])",
                "The rates are right. The weights have to sum to one: take the mean over the campaigns, not the sum.",
                value=lambda: lambda share, counts, trials: _m_step(share, counts, trials) * [[len(share)], [1]],
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    return np.array([share.mean(axis=0), (counts @ share) / trials.sum()])",
                "The weights are right. Each kind's conversions belong over its own visitors, `trials @ share`, not over all.",
                value=lambda: _m_step_of_all,
            ),
            Mistake(
                "def m_step(share, counts, trials):\n"
                "    return np.array([(counts @ share) / (trials @ share), share.mean(axis=0)])",
                "Both rows are right, but swapped: the weights come first.",
                value=lambda: lambda share, counts, trials: _m_step(share, counts, trials)[::-1],
            ),
        ),
    ),
    Exercise(
        id="2.8",
        title="What practice is worth",
        purpose="Give a second-order probability its cash value.",
        stub="right_call = ...",
        answer="right_call",
        solution=(
            "majority_right = 0.7**3 + 3 * 0.7**2 * 0.3  # three of three, or two of three\n"
            "right_call = majority_right * 0.7 + (1 - majority_right) * 0.3"
        ),
        why=(
            "Three practice flips raise your chance from one half to about 61%; 70% would be the most, for someone who "
            "knows the coin. With a fair coin no practice helps. That is what lies behind the same 'one half'."
        ),
        hints=(
            "Two steps. First: how often does the majority of the three flips point to the coin that you hold?",
            "It does if all three, or two of the three, fall to the side that your coin favours, each with probability 0.7.",
            "That has the probability 0.7**3 + 3 * 0.7**2 * 0.3. Then you win with 0.7, otherwise with 0.3.",
        ),
        check=Number(lambda: _right_call(3), abs_tol=0.004),
        mistakes=(
            Mistake(
                "right_call = 0.7",
                "This would be your chance if you knew the coin. Three flips can mislead you about it.",
                value=lambda: 0.7,
            ),
            Mistake(
                "right_call = 0.7**3 + 3 * 0.7**2 * 0.3",
                "This is the probability of naming the coin rightly. Even then the next flip may go against you.",
                value=lambda: 0.784,
            ),
            Mistake(
                "right_call = 0.7**2 + 0.3**2",
                "This is your chance after one practice flip. (After two as well: the second cannot change a call for the better.) You have three.",
                value=lambda: 0.58,
            ),
            Mistake(
                "right_call = coin.update(3, 3).rate_mean",
                "This is your chance after three equal flips. Two against one happens more often, and helps less.",
                value=lambda: _coin().update(3, 3).rate_mean,
            ),
            Mistake(
                "right_call = 0.5",
                "This is your chance without practice. The three flips say something about the coin.",
                value=lambda: 0.5,
            ),
        ),
    ),
    Exercise(
        id="2.9",
        title="A mean without a meaning",
        purpose="Recognise label switching, and what a good R-hat would not have cured.",
        stub='trouble = ...  # "a", "b", "c" or "d"',
        answer="trouble",
        solution='trouble = "c"',
        why=(
            "The posterior has two copies of itself, one for each way to number the kinds. What does not depend on the "
            "numbering, such as the larger of the two rates or the prediction for a new campaign, can be averaged as it is."
        ),
        hints=(
            "Look at the picture: which rate does a chain call `rate[0]`?",
            "Swap the two kinds everywhere, rates and weights. Does the likelihood change?",
        ),
        check=Choice(
            options={
                "a": "the chains are too short; with enough draws the mean will be right",
                "b": "R-hat is too strict: the chains agree on the two rates",
                "c": "kind 0 is weak in some chains and strong in others",
                "d": "none: 6% is the campaigns' average rate",
            },
            right="c",
            wrong={
                "a": "Chains that visited both copies equally often would satisfy R-hat. The means of `rate[0]` and `rate[1]` "
                "would then be the same number, and neither would be the rate of a kind.",
                "b": "They agree on the pair, but not on which of the two is `rate[0]`. It is `rate[0]` that was averaged, and about it the chains disagree.",
                "d": "`rate[0]` is meant to be the rate of one kind, and no kind has that rate. How near the mean comes "
                "to 6% depends on how many chains chose which numbering.",
            },
        ),
    ),
)
