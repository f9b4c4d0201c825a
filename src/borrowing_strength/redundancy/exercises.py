"""Exercises of lesson 03, Redundancy and failure risk."""

from collections.abc import Callable
from functools import cache

import numpy as np

from borrowing_strength import datasets, redundancy
from borrowing_strength.exercises.records import Choice, Draws, Exercise, Function, Mistake, Number, Order
from borrowing_strength.redundancy import CommonCause, CorrelatedBeliefs, CorrelatedFailures, k_of_n, prob_all_fail


def _belief(sd: float = 0.03):
    return redundancy.beta_from_mean_sd(0.05, sd)


@cache
def _model() -> CommonCause:
    return CommonCause(_belief(), 0.05)


@cache
def _pumps() -> redundancy.Posterior:
    pumps = datasets.pump_failures()
    return redundancy.fit(pumps.failures, pumps.thousand_hours)


def _all_fail(components: int, a: float, b: float) -> float:
    steps = np.arange(components)
    return float(np.prod((a + steps) / (a + b + steps)))


def _draws_for_one_percent(sd: float = 0.03) -> float:
    belief = _belief(sd)
    return (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01**2


def _ten_times(model: Callable[[float], object]) -> float:
    """The rho at which five pumps are ten times as dangerous as independent ones."""
    from scipy.optimize import brentq

    return brentq(lambda rho: prob_all_fail(5, model(rho)) / 0.05**5 - 10, 0.001, 0.999)


def _failures_at_ten_times(model: Callable[[float], object]) -> float:
    """The correlation between two failures, as 0 or 1, at that rho."""
    return (prob_all_fail(2, model(_ten_times(model))) - 0.05**2) / (0.05 * 0.95)


def _read_off() -> float:
    """The middle between the two outer curves, correlated failures and the narrow belief."""
    return (
        _failures_at_ten_times(lambda rho: CorrelatedFailures(0.05, rho))
        + _failures_at_ten_times(lambda rho: CorrelatedBeliefs(_belief(), rho))
    ) / 2


def _tests_needed() -> float:
    return float(next(n for n in range(1, 1000) if redundancy.upper_limit(0, n) < 0.01))


def _is_the_root(answer: object) -> bool:
    return abs(float(answer) - np.log(0.05) / np.log(0.99)) < 0.02 and float(answer) != 298


def _worth(demands: int = 4) -> float:
    return demands * 500e6 * (prob_all_fail(5, _model()) - 0.05 * prob_all_fail(4, _model()))


_ALL = (
    "def all_fail(components, a, b):\n"
    '    """Probability that all fail, for one p ~ Beta(a, b) shared by all."""\n'
    "    risk, failed = 1.0, 0\n"
    "    while failed < components:\n"
    "        risk *= {}\n"
    "        failed += 1\n"
    "    return risk"
)

EXERCISES = (
    Exercise(
        id="3.1",
        title="A good batch or a bad one",
        purpose="Average the risks of two possible worlds, not their percentages.",
        stub="all_five = ...",
        answer="all_five",
        solution="all_five = (0.02**5 + 0.08**5) / 2",
        why=(
            "Five times the risk of a known 5%, although each pump still fails on 5% of demands on average. Nearly all of "
            "it comes from the bad batch: 0.08^5 is about a thousand times 0.02^5."
        ),
        hints=(
            "If the batch is good, all five fail with probability 0.02^5. If it is bad, with 0.08^5.",
            "Each batch has probability one half: average the two risks, not the two percentages.",
        ),
        check=Number(lambda: (0.02**5 + 0.08**5) / 2, rel_tol=0.03),
        mistakes=(
            Mistake(
                "all_five = ((0.02 + 0.08) / 2) ** 5",
                "You averaged the percentages first. That forgets that one batch serves all five pumps: "
                "take the fifth power within each batch, then average.",
                value=lambda: 0.05**5,
            ),
            Mistake(
                "all_five = 0.02**5 + 0.08**5",
                "This is the risk of a batch that is surely bad (0.02^5 hardly changes the sum). "
                "The batch is bad with probability one half.",
                value=lambda: 0.02**5 + 0.08**5,
            ),
            Mistake(
                "all_five = (0.02**5 + 0.08**5) / 2 / 0.05**5",
                "This says how many times the risk of 0.05^5 it is. The probability itself is asked for.",
                value=lambda: (0.02**5 + 0.08**5) / 2 / 0.05**5,
            ),
            Mistake(
                "all_five = (0.02 + 0.08) / 2",
                "That is the probability that one pump fails. All five are asked for.",
                value=lambda: 0.05,
            ),
            Mistake(
                "all_five = 0.02**5 * 0.08**5",
                "A product would need five good and five bad pumps, all failing. There is one batch, good or bad: take the "
                "average of the two risks.",
                value=lambda: 0.02**5 * 0.08**5,
            ),
        ),
    ),
    Exercise(
        id="3.2",
        title="The first pump has failed",
        purpose="See that a shared unknown probability makes failures evidence for more failures.",
        stub="second = ...",
        answer="second",
        solution="a, b = belief.args\nsecond = (a + 1) / (a + b + 1)",
        why=(
            "One failure lifts the chance of the next from 5% to nearly 7%. The pumps do not touch each other. They are "
            "linked by what you do not know: a failure is news about p, and p is the same for all."
        ),
        hints=(
            "The failure is data: update the Beta as in lesson 0, then take the mean.",
            "One failure and no success turn Beta(a, b) into Beta(a + 1, b). Its mean is the first number over the sum.",
        ),
        check=Number(lambda: prob_all_fail(2, _belief()) / prob_all_fail(1, _belief()), abs_tol=0.0008),
        mistakes=(
            Mistake(
                "second = 0.05",
                "Before any demand, yes. But a pump with the same p has just failed, and that is evidence that p is high.",
                value=lambda: 0.05,
            ),
            Mistake(
                "second = prob_all_fail(2, belief)",
                "This is the probability that both fail, seen from before. The first has failed already: divide by its "
                "probability.",
                value=lambda: prob_all_fail(2, _belief()),
            ),
            Mistake(
                "a, b = belief.args\nsecond = a / (a + b + 1)",
                "You counted the first pump as a success. A failure adds one to `a` (and so to the sum as well).",
                value=lambda: _belief().args[0] / (sum(_belief().args) + 1),
            ),
            Mistake(
                "a, b = belief.args\nsecond = (a + 1) / (a + b)",
                "The failure is missing below the line: the sum a + b grows by one too.",
                value=lambda: (_belief().args[0] + 1) / sum(_belief().args),
            ),
        ),
    ),
    Exercise(
        id="3.3",
        title="All of them, in one loop",
        purpose="Turn the chain of updated probabilities into the formula for E[p^n].",
        stub=_ALL.format("...  # the chance of one more failure"),
        answer="all_fail",
        solution=_ALL.format("(a + failed) / (a + b + failed)  # the chance of one more failure"),
        why=(
            "No integral, no simulation: n fractions. Each is a Beta's mean after one more failure, so the formula is "
            "nothing but updating, n times."
        ),
        hints=(
            "In exercise 3.2 one failure had been seen. What is the chance after `failed` of them?",
            "After `failed` failures the belief is Beta(a + failed, b). The mean of Beta(a, b) is a / (a + b).",
        ),
        check=Function(lambda: _all_fail, cases=((1, 2.0, 38.0), (5, 2.6, 49.2), (3, 0.5, 0.5)), rel_tol=1e-4),
        mistakes=(
            Mistake(
                _ALL.format("a / (a + b)"),
                "This never learns: it is the mean to the power of n, the answer for a p that is known.",
                value=lambda: lambda n, a, b: (a / (a + b)) ** n,
            ),
            Mistake(
                _ALL.format("(a + failed) / (a + b)"),
                "The failures are missing below the line: the sum a + b grows with each of them too.",
                value=lambda: lambda n, a, b: float(np.prod((a + np.arange(n)) / (a + b))),
            ),
            Mistake(
                _ALL.format("(a + 1) / (a + b + 1)"),
                "This is the chance after exactly one failure, for every pump. Let `failed` say how many there were.",
                value=lambda: lambda n, a, b: ((a + 1) / (a + b + 1)) ** n,
            ),
            Mistake(
                _ALL.format("(a + failed + 1) / (a + b + failed + 1)"),
                "One too far: `failed` starts at 0, and the first pump fails with probability a / (a + b).",
                value=lambda: lambda n, a, b: _all_fail(n, a + 1, b),
            ),
            Mistake(
                _ALL.format("(a + failed) / (b + failed)"),
                "These are odds. A probability divides by the sum of both: a + b + failed.",
                value=lambda: lambda n, a, b: float(np.prod((a + np.arange(n)) / (b + np.arange(n)))),
            ),
        ),
    ),
    Exercise(
        id="3.4",
        title="How many draws for one percent?",
        purpose="Plan a simulation from its exact variance.",
        stub="draws_needed = ...",
        answer="draws_needed",
        solution="draws_needed = (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01**2",
        why=(
            "About 300,000 draws for two reliable digits, and the exact answer is five fractions. A thousand draws serve "
            "for a mean of p. They do not serve for its fifth power, which lives in the tail."
        ),
        hints=(
            "The relative error is the spread of one draw, divided by the square root of the number of draws. Solve for "
            "that number.",
            "The square of the relative spread of one draw is `prob_all_fail(10, belief) / prob_all_fail(5, belief)**2 - 1`. "
            "Divide it by the square of 0.01. (Or start from the 17.4% of 1,000 draws.)",
        ),
        check=Number(_draws_for_one_percent, rel_tol=0.012),
        mistakes=(
            Mistake(
                "draws_needed = prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 / 0.01**2",
                "Nearly: a variance is the mean of the square less the square of the mean. Relative to the latter that "
                "takes away 1.",
                value=lambda: _draws_for_one_percent() + 1e4,
            ),
            Mistake(
                "draws_needed = (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) ** 0.5 / 0.01",
                "This is the square root of the answer. The error falls with the root of the number of draws, so square "
                "both sides.",
                value=lambda: _draws_for_one_percent() ** 0.5,
            ),
            Mistake(
                "draws_needed = prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1",
                "This many draws give an error as large as the answer itself. For 1% of it, divide by the square of 0.01.",
                value=lambda: _draws_for_one_percent() * 1e-4,
            ),
            Mistake(
                "draws_needed = 1000 * 17.4",
                "The error falls with the root of the number of draws: a tenth of the error takes a hundred times the draws.",
                value=lambda: 1000 * (_draws_for_one_percent() / 1000) ** 0.5,
            ),
            Mistake(
                "wider = beta_from_mean_sd(0.05, 0.05)\n"
                "draws_needed = (prob_all_fail(10, wider) / prob_all_fail(5, wider) ** 2 - 1) / 0.01**2",
                "That is for an sd of 0.05. `belief` has 0.03.",
                value=lambda: _draws_for_one_percent(0.05),
            ),
        ),
    ),
    Exercise(
        id="3.5",
        title="Ten times",
        purpose="Read a logarithmic plot, and say of a correlation what it is a correlation of.",
        stub="ten_times_at = ...",
        answer="ten_times_at",
        solution="ten_times_at = 0.017  # read off: the curves cross the line between 0.016 and 0.018",
        why=(
            "A correlation that looks like nothing, and 0.05^5 is off by ten. It stands for a rho of 0.066 in correlated "
            "failures, of 0.37 in beliefs with sd 0.05, and of 0.94 in beliefs with sd 0.03: the same danger, three numbers."
        ),
        hints=(
            "Follow the thin horizontal line at 10 to the curves, and go straight down.",
            "The curves cross it between the marks at 0.01 and 0.02. Or compute: "
            "`between_failures(CorrelatedFailures(0.05, rho))`, with a rho at which the risk is ten times.",
        ),
        check=Number(_read_off, abs_tol=0.003),
        mistakes=(
            Mistake(
                "ten_times_at = 0.066",
                "That is the rho of the normal numbers behind correlated failures. The axis of the figure shows the "
                "correlation between the failures: pass it through `between_failures`.",
                value=lambda: _ten_times(lambda rho: CorrelatedFailures(0.05, rho)),
            ),
            Mistake(
                "ten_times_at = 0.94",
                "That is the rho of beliefs with sd 0.03. The axis of the figure shows the correlation between the failures.",
                value=lambda: _ten_times(lambda rho: CorrelatedBeliefs(_belief(), rho)),
            ),
            Mistake(
                "ten_times_at = 0.37",
                "That is the rho of beliefs with sd 0.05. The axis of the figure shows the correlation between the failures.",
                value=lambda: _ten_times(lambda rho: CorrelatedBeliefs(_belief(0.05), rho)),
            ),
            Mistake(
                "ten_times_at = 0.0256",
                "That is where rho is 0.1 for correlated failures. The risk is 25 times as large there: the vertical scale is "
                "logarithmic.",
                value=lambda: (prob_all_fail(2, CorrelatedFailures(0.05, 0.1)) - 0.05**2) / (0.05 * 0.95),
            ),
            Mistake(
                "ten_times_at = 10",
                "10 is the multiple, on the vertical axis. The correlation is on the horizontal one.",
                value=lambda: 10.0,
            ),
        ),
    ),
    Exercise(
        id="3.6",
        title="From safe to dangerous",
        purpose="Predict the order of four kinds of dependence before computing it.",
        stub='order = ...  # such as "abcd", the safest first',
        answer="order",
        solution='order = "bdac"',
        why=(
            "3e-7, 3e-6, 8e-6 and 5e-4. The common cause has the smallest-looking number, 1%, and is worst by far: it needs "
            "only one event, where the others need five failures."
        ),
        hints=(
            "Two of them stand in the tables of sections B and D, and b is 0.05^5.",
            "For the common cause: it strikes on 1% of 5% of demands. That alone is 0.0005.",
        ),
        check=Order(
            "bdac",
            wrong={
                "bcda": "A share of 1% looks smallest. But one event is enough: it strikes on 0.01 times 0.05 of all demands, "
                "and then all five fail. Compare that with the other three.",
                "bdca": "Nearly: compare 0.01 times 0.05, the common cause alone, with the 8e-6 of the correlated failures.",
                "badc": "Close. A shared p with sd 0.03 makes 11 times, failures with correlation 0.1 make 25 times.",
                "acdb": "One pump failing says nothing about the others in b. Whatever they share makes it worse, so b is safest.",
                "cadb": "This is the order from dangerous to safe. The safest comes first.",
            },
        ),
    ),
    Exercise(
        id="3.7",
        title="Two of five are needed",
        purpose="Use the k-out-of-n convention, and see what a common cause does to it.",
        stub="two_needed = ...",
        answer="two_needed",
        solution="two_needed = k_of_n(2, 5, model)",
        why=(
            "Only 4% more than when one pump was enough, although the plant now fails with four failures already. Nearly all "
            "of both numbers is the common cause, and it does not ask how many spares there are."
        ),
        hints=(
            "The first argument of `k_of_n` is the number of pumps that have to work, not of those that may fail.",
            "`k_of_n(needed, components, model)`, with the `model` of the cell above.",
        ),
        check=Number(lambda: k_of_n(2, 5, _model()), rel_tol=0.01),
        mistakes=(
            Mistake(
                "two_needed = k_of_n(4, 5, model)",
                "`k` counts the pumps that must work, not those that may fail. This is a plant that needs four of five.",
                value=lambda: k_of_n(4, 5, _model()),
            ),
            Mistake(
                "two_needed = k_of_n(3, 5, model)",
                "This is a plant that needs three of five. `k` counts the pumps that must work: two.",
                value=lambda: k_of_n(3, 5, _model()),
            ),
            Mistake(
                "two_needed = k_of_n(2, 5, 0.05)",
                "This is for a known 5% and independent failures. Pass `model`, which holds the belief and the share.",
                value=lambda: k_of_n(2, 5, 0.05),
            ),
            Mistake(
                "two_needed = prob_all_fail(5, model)",
                "This is the old plant, where one pump was enough. Four failures of five are now too many as well.",
                value=lambda: prob_all_fail(5, _model()),
            ),
            Mistake(
                "two_needed = k_of_n(2, 5, belief)",
                "This leaves the common cause out: pass `model`, which holds the belief and the share.",
                value=lambda: k_of_n(2, 5, _belief()),
            ),
            Mistake(
                "two_needed = 1 - k_of_n(2, 5, model)",
                "`k_of_n` is the probability that the system fails. You took one minus it.",
                value=lambda: 1 - k_of_n(2, 5, _model()),
            ),
        ),
    ),
    Exercise(
        id="3.8",
        title="What does a test buy?",
        purpose="Keep knowing more apart from being safer.",
        stub='after_the_test = ...  # "a", "b", "c" or "d"',
        answer="after_the_test",
        solution='after_the_test = "b"',
        why=(
            "Your beliefs are an average over the results that you think possible, and a test only takes that average apart. "
            "It makes nothing safer by itself. It pays by what you do after a bad result."
        ),
        hints=(
            "A good result lowers the risk, a bad one raises it. How often does each come, and by how much?",
            "Average the risk over all results, each weighted with your probability of it: that is the law of total "
            "probability.",
        ),
        check=Choice(
            options={
                "a": "smaller, because the uncertainty shrinks",
                "b": "the same",
                "c": "larger, because failures come to light",
                "d": "the same, whatever the result: the pumps do not change",
            },
            right="b",
            wrong={
                "a": "A good result makes it smaller, a bad one raises it, and by more. Average over both.",
                "c": "Failures may come to light and raise it. But few failures are likelier, and lower it. Average over both.",
                "d": "The pumps do not change, but what you know about p does: each result gives another risk.",
            },
        ),
    ),
    Exercise(
        id="3.9",
        title="A thousand hours without failure",
        purpose="Average over the rate instead of plugging in its mean.",
        stub="survives = ...",
        answer="survives",
        solution="survives = post.predict(1.0).pmf(0)[8]",
        why=(
            "Jensen once more. exp(-rate) bends upward, so its average, 0.26, lies above its value at the mean rate, 0.20. "
            "Uncertainty about the rate makes long survival more likely, and many failures as well."
        ),
        hints=(
            "`post.predict(1.0)` is the distribution of the number of failures in 1.0 thousand hours, for every pump.",
            "Its `.pmf(0)` gives the probability of no failure, pump 1 first. Pump 9 is at position 8.",
        ),
        check=Number(lambda: _pumps().predict(1.0).pmf(0)[8], abs_tol=0.006),
        mistakes=(
            Mistake(
                "survives = np.exp(-post.mean[8])",
                "This plugs the mean rate in as if it were known. Average exp(-rate) over the posterior instead.",
                value=lambda: float(np.exp(-_pumps().mean[8])),
            ),
            Mistake(
                "survives = np.exp(-4 / 2.096)",
                "This is what the raw rate of pump 9 would give if it were known. (Position 9, which is pump 10, happens to give the same.) Pump 9 is at position 8: what does `post.predict` say of it?",
                value=lambda: float(np.exp(-4 / 2.096)),
            ),
            Mistake(
                "survives = post.predict(1000).pmf(0)[8]",
                "The hours of this data set are in thousands: 1,000 hours are 1.0.",
                value=lambda: _pumps().predict(1000).pmf(0)[8],
            ),
            Mistake(
                "survives = post.predict(0.1).pmf(0)[8]",
                "This is for 100 hours. The data are in thousands of hours: 1,000 hours are 1.0.",
                value=lambda: _pumps().predict(0.1).pmf(0)[8],
            ),
            Mistake(
                "survives = 1 - post.predict(1.0).pmf(0)[8]",
                "This is the probability of at least one failure. The probability of none is asked for.",
                value=lambda: 1 - _pumps().predict(1.0).pmf(0)[8],
            ),
            Mistake(
                "survives = post.predict(1.0).pmf(1)[8]",
                "This is the probability of exactly one failure. None is asked for.",
                value=lambda: _pumps().predict(1.0).pmf(1)[8],
            ),
            Mistake(
                "survives = post.predict(1.0).pmf(0)[7]",
                "Positions count from 0: pump 9 is at position 8.",
                value=lambda: _pumps().predict(1.0).pmf(0)[7],
            ),
        ),
    ),
    Exercise(
        id="3.10",
        title="How many tests without failure?",
        purpose="Turn a claim about a failure probability into the size of a test.",
        stub="tests_needed = ...",
        answer="tests_needed",
        solution=("tests_needed = 1\nwhile upper_limit(0, tests_needed) >= 0.01:\n    tests_needed += 1"),
        why=(
            "299 tests for one pump at 1%. The plan is fragile too: if p is 1%, all 299 pass with probability 5% only, and "
            "one failure ends the claim. Such a plan suits pumps that are much better than what is to be shown."
        ),
        hints=(
            "The rule of three says 3 / trials. Which number of trials does that give, nearly?",
            "Look around it: `upper_limit(0, n)` has to be below 0.01. Try n = 297 to 301.",
        ),
        check=Number(_tests_needed, abs_tol=0.4),
        mistakes=(
            Mistake(
                "tests_needed = 300",
                "That is the rule of three: a little more than needed. Find the smallest number with the exact limit.",
                value=lambda: 300.0,
            ),
            Mistake(
                "tests_needed = np.log(0.05) / np.log(0.99)",
                "The equation is right. Tests come in whole numbers, so round up.",
                when=_is_the_root,
            ),
            Mistake(
                "tests_needed = 298",
                "With 298 the exact limit is still just above 0.01: print six decimals. (298 would do for the Bayesian "
                "limit under a flat prior, which counts as one more test.)",
                value=lambda: 298.0,
            ),
            Mistake(
                "tests_needed = 100",
                "With 100 tests and no failure the limit is near 0.03. At p = 0.01 all 100 would pass with probability 37%: "
                "that is no surprise yet.",
                value=lambda: 100.0,
            ),
        ),
    ),
    Exercise(
        id="3.11",
        title="What is a different pump worth?",
        purpose="Carry an exact risk into a decision.",
        stub="worth = ...",
        answer="worth",
        solution="worth = 4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))",
        why=(
            "Nearly five million a year, for a pump that may be no better than the others. What it has is that it does "
            "not fail with them. How much it is worth rests on the share, so find out about the share first."
        ),
        hints=(
            "Compare the expected loss a year of five like pumps with that of four like pumps and a different one.",
            "All five fail with `prob_all_fail(5, model)` in the first case, and with `0.05 * prob_all_fail(4, model)` in "
            "the second. Take the difference, times 500 million, times 4 demands.",
        ),
        check=Number(_worth, rel_tol=0.01),
        mistakes=(
            Mistake(
                "worth = 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))",
                "This is per demand. There are four demands a year.",
                value=lambda: _worth(1),
            ),
            Mistake(
                "worth = 4 * 500e6 * prob_all_fail(5, model)",
                "Nearly all of this is the expected loss with five like pumps. With the different one, 0.05 times the risk of "
                "the four like ones remains, and these still share a common cause. Subtract that.",
                value=lambda: 4 * 500e6 * prob_all_fail(5, _model()),
            ),
            Mistake(
                "worth = 4 * 500e6 * (prob_all_fail(5, model) - prob_all_fail(4, model))",
                "The different pump has dropped out of the second risk: it has to fail as well, with probability 0.05.",
                value=lambda: 4 * 500e6 * (prob_all_fail(5, _model()) - prob_all_fail(4, _model())),
            ),
            Mistake(
                "worth = 4 * 500e6 * 0.05 * prob_all_fail(4, model)",
                "This is the expected loss that remains with the different pump. Subtract it from the one with five like "
                "pumps.",
                value=lambda: 4 * 500e6 * 0.05 * prob_all_fail(4, _model()),
            ),
            Mistake(
                "worth = 4 * 500e6 * (prob_all_fail(5, belief) - 0.05 * prob_all_fail(4, belief))",
                "This leaves the common cause out: use `model`, which holds the belief and the share.",
                value=lambda: 4 * 500e6 * (prob_all_fail(5, _belief()) - 0.05 * prob_all_fail(4, _belief())),
            ),
            Mistake(
                "worth = prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model)",
                "This is by how much the risk of a demand falls. Put it into money: 500 million a failure, four demands a "
                "year.",
                value=lambda: _worth() / 2e9,
            ),
            Mistake(
                "worth = 4 * 500 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))",
                "This is in millions. Give it in units of money: 500 million is `500e6`.",
                value=lambda: _worth() / 1e6,
            ),
        ),
    ),
    Exercise(
        id="3.12",
        title="A line that runs and is wrong",
        purpose="Know NumPy's convention for the Gamma distribution, a classic bug of samplers.",
        stub=(
            "# rng.gamma(shape + 22, population_hours + 10.48, size=5000) runs. What is wrong?\n"
            "rng, shape, population_hours = np.random.default_rng(12), 1.0, 1.0\n"
            "rate_10 = ..."
        ),
        answer="rate_10",
        solution=(
            "rng, shape, population_hours = np.random.default_rng(12), 1.0, 1.0\n"
            "rate_10 = rng.gamma(shape + 22, 1 / (population_hours + 10.48), size=5000)"
        ),
        why=(
            "NumPy's second argument is a scale, one over the rate; PyMC's `beta` is a rate. A sampler with this slip can "
            "run, mix well and pass every diagnostic. A comparison with a known answer finds it."
        ),
        hints=(
            "Pump 10 had 22 failures in 10.48 thousand hours, so its rate must be near 2. What do the draws of the wrong "
            "line average?",
            "`help(rng.gamma)`: the second argument is `scale`, which is one over the rate.",
        ),
        check=Draws(mean=lambda: 23 / 11.48, sd=lambda: 23**0.5 / 11.48),
        mistakes=(
            Mistake(
                "rate_10 = np.random.default_rng(12).gamma(1.0 + 22, 1.0 + 10.48, size=5000)",
                "This is the wrong line itself: its draws are near 260 failures per thousand hours, and the pump had about 2. "
                "NumPy's second argument is a scale.",
                value=lambda: (23 * 11.48, 23**0.5 * 11.48),
            ),
            Mistake(
                "rate_10 = np.random.default_rng(12).gamma(22, 1 / 10.48, size=5000)",
                "The scale is right now, but the population has dropped out: the shape is `shape + 22`, the hours "
                "`population_hours + 10.48`.",
                value=lambda: (22 / 10.48, 22**0.5 / 10.48),
            ),
            Mistake(
                "rate_10 = np.random.default_rng(12).gamma(1.0, 1 / 1.0, size=5000)",
                "These are draws from the population. The data of pump 10 are missing.",
                value=lambda: (1.0, 1.0),
            ),
        ),
    ),
)
