"""Exercises of lesson 03, Redundancy and failure risk."""

from functools import partial

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta, gamma

from borrowing_strength import datasets, redundancy
from borrowing_strength.exercises.records import Choice, Draws, Function, Given, Number, Order, When, exercise
from borrowing_strength.redundancy import (
    CommonCause,
    CorrelatedBeliefs,
    CorrelatedFailures,
    beta_from_mean_sd,
    k_of_n,
    prob_all_fail,
    upper_limit,
)


def between_failures(kind: object) -> float:
    """The correlation between two failures, as 0 or 1: section D of the lesson."""
    return (prob_all_fail(2, kind) - 0.05**2) / (0.05 * 0.95)


GIVEN = Given(
    beta=beta,
    beta_from_mean_sd=beta_from_mean_sd,
    prob_all_fail=prob_all_fail,
    k_of_n=k_of_n,
    upper_limit=upper_limit,
    between_failures=between_failures,
    CommonCause=CommonCause,
    CorrelatedBeliefs=CorrelatedBeliefs,
    CorrelatedFailures=CorrelatedFailures,
    belief=beta_from_mean_sd(0.05, 0.03),
    a=lambda belief: belief.args[0],
    b=lambda belief: belief.args[1],
    model=lambda belief: CommonCause(belief, 0.05),
    pumps=lambda: datasets.pump_failures(),
    post=lambda pumps: redundancy.fit(pumps.failures, pumps.thousand_hours, prior=redundancy.Prior()),
)


def _read_off() -> float:
    """The middle between the two outer curves, where five pumps are ten times as dangerous as independent ones."""
    kinds = (lambda rho: CorrelatedFailures(0.05, rho), lambda rho: CorrelatedBeliefs(GIVEN["belief"], rho))
    rhos = [brentq(lambda rho, k=k: prob_all_fail(5, k(rho)) / 0.05**5 - 10, 0.001, 0.999) for k in kinds]
    return sum(between_failures(kind(rho)) for kind, rho in zip(kinds, rhos, strict=True)) / 2


exercise = partial(exercise, given=GIVEN)

EXERCISES = (
    exercise(
        "3.1 A good batch or a bad one",
        paper="The five pumps are from one batch: a good one, in which a pump fails on 2% of demands, or a bad one with 8%, each with probability one half.",
        purpose="Average the risks of two possible worlds, not their percentages.",
        solution="all_five = (0.02**5 + 0.08**5) / 2",
        check=Number(rel_tol=0.0005),
        mistakes={
            "((0.02 + 0.08) / 2) ** 5": "You averaged the percentages first. That forgets that one batch serves all five pumps: "
            "take the fifth power within each batch, then average.",
            "0.02**5 + 0.08**5": "This is the risk of a batch that is surely bad (0.02^5 hardly changes the sum). "
            "The batch is bad with probability one half.",
            "0.02**5": "This is the risk of a good batch. It may be a bad one, with probability one half.",
            "0.08**5 / 2": "The good batch is missing. It adds little, but this is asked exactly.",
            "0.02**5 * 0.08**5": "A product would need five good and five bad pumps, all failing. There is one batch, good or bad: "
            "take the average of the two risks.",
            "(0.02**5 + 0.08**5) / 2 / 0.05**5": "This says how many times the risk of 0.05^5 it is. The probability itself is asked for.",
            "(0.02 + 0.08) / 2": "That is the probability that one pump fails. All five are asked for.",
            "1 - 0.95**5": "This is the probability that *at least one* of five fails, at 5% each. All five are asked for.",
            "(0.02 + 0.08) ** 5 / 2": "Take the fifth power of each percentage first, then add.",
            "(0.5 * 0.02) ** 5 + (0.5 * 0.08) ** 5": "The one half is the probability of a batch: it stands outside the fifth power.",
            "(0.02 * 0.08) ** 2.5": "This is the geometric mean of the two risks. Probabilities are averaged as they are.",
            "(2**5 + 8**5) / 2": "Write 2% and 8% as 0.02 and 0.08.",
            "0.2 * 0.02**5 + 0.8 * 0.08**5": "These are the odds after one failure. No pump has failed yet: the odds are even.",
        },
        neighbours={
            "the expected number of failures": "5 * 0.05",
            "the probability that none fails": "(0.98**5 + 0.92**5) / 2",
            "the probability that at least one fails": "1 - (0.98**5 + 0.92**5) / 2",
            "the risk of four pumps": "(0.02**4 + 0.08**4) / 2",
            "what the product 0.05^5 leaves out": "(0.02**5 + 0.08**5) / 2 - 0.05**5",
            "the risk under a Beta with the same mean and sd, which comes next": "prob_all_fail(5, beta_from_mean_sd(0.05, 0.03))",
        },
        hints=[
            "If the batch is good, all five fail with probability 0.02^5. If it is bad, with 0.08^5.",
            "Each batch has probability one half: average the two risks, not the two percentages.",
        ],
        why="Five times the risk of a known 5%, although each pump still fails on 5% of demands on average. Nearly all of "
        "it comes from the bad batch: 0.08^5 is about a thousand times 0.02^5.",
    ),
    exercise(
        "3.2 The first pump has failed",
        paper="a is {a:.2f}, b is {b:.2f}.",
        purpose="See that a shared unknown probability makes failures evidence for more failures.",
        solution="""
            a, b = belief.args
            second = (a + 1) / (a + b + 1)
        """,
        stub="second = ...",
        check=Number(rel_tol=0.003),
        mistakes={
            "second = 0.05": "Before any demand, yes. But a pump with the same p has just failed, and that is evidence that p is high.",
            "second = 0.05**2": "This is the probability that two *independent* pumps both fail, seen from before. "
            "The first has failed already, and it says something about the p of the second.",
            "second = prob_all_fail(2, belief)": "This is the probability that both fail, seen from before. "
            "The first has failed already: divide by its probability.",
            "second = a / (a + b + 1)": "You counted the first pump as a success. A failure adds one to `a` (and so to the sum as well).",
            "second = (a + 1) / (a + b)": "The failure is missing below the line: the sum a + b grows by one too.",
            "second = (a + 1) / (a + b + 2)": "One failure adds one to `a` and nothing to `b`: the sum grows by one, not by two.",
            "second = (a + 2) / (a + b + 2)": "This is the chance of the *third* pump, after two failures.",
            "second = a / (a + b - 1)": "One demand has been *added* to what you know: a + 1 over a + b + 1.",
            "second = beta(a + 1, b)": When(
                lambda answer: hasattr(answer, "ppf"),
                "This is the whole updated belief. The probability that the second pump fails is its mean.",
            ),
            "second = beta(a + 1, b).median()": "This is the median of the updated belief. The probability that the second pump fails is its mean.",
            "second = a + 1 / (a + b + 1)": "Brackets are missing: `/` comes before `+`.",
            "second = 1.0": "That is one failure in one demand, and nothing else. What you believed before, Beta(a, b), counts as well.",
        },
        neighbours={
            "the chance of the fifth pump, after four failures": "(a + 4) / (a + b + 4)",
            "the chance of one more, after five failures": "(a + 5) / (a + b + 5)",
            "the probability that p is above 5%, before the failure": "belief.sf(0.05)",
            "the probability that p is above 5%, after the failure": "beta(a + 1, b).sf(0.05)",
            "how many times the chance of the first pump it is": "prob_all_fail(2, belief) / 0.05**2",
            "by how much the failure raises the chance": "(a + 1) / (a + b + 1) - a / (a + b)",
            "the risk that all five fail": "prob_all_fail(5, belief)",
        },
        hints=[
            "The failure is data: update the Beta as in lesson 0, then take the mean.",
            "One failure and no success turn Beta(a, b) into Beta(a + 1, b). Its mean is the first number over the sum.",
        ],
        why="One failure lifts the chance of the next from 5% to nearly 7%. The pumps do not touch each other. They are "
        "linked by what you do not know: a failure is news about p, and p is the same for all.",
    ),
    exercise(
        "3.3 All of them, in one loop",
        paper="By hand: the five factors for a = {a:.2f} and b = {b:.2f}.",
        purpose="Turn the chain of updated probabilities into the formula for E[p^n].",
        solution='''
            def all_fail(components, a, b):
                """Probability that all fail, for one p ~ Beta(a, b) shared by all."""
                risk, failed = 1.0, 0
                while failed < components:
                    risk *= (a + failed) / (a + b + failed)  # the chance of one more failure
                    failed += 1
                return risk
        ''',
        gaps={"(a + failed) / (a + b + failed)": "..."},
        check=Function(cases=[(1, 2.0, 38.0), (5, 2.6, 49.2), (3, 0.5, 0.7)], rel_tol=1e-4),
        mistakes={
            "risk *= a / (a + b)": "This never learns: it is the mean to the power of n, the answer for a p that is known.",
            "risk *= (a + failed) / (a + b)": "The failures are missing below the line: the sum a + b grows with each of them too.",
            "risk *= a / (a + b + failed)": "The failures are missing above the line: `a` grows with each of them too.",
            "risk *= (a + failed) / (a + b + failed + 1)": "Below the line stands one too many: before the first pump the sum is a + b.",
            "risk *= (a + 1) / (a + b + 1)": "This is the chance after exactly one failure, for every pump. Let `failed` say how many there were.",
            "risk *= (a + failed + 1) / (a + b + failed + 1)": "One too far: `failed` starts at 0, and the first pump fails "
            "with probability a / (a + b).",
            "risk *= (a + failed) / (b + failed)": "These are odds. A probability divides by the sum of both: a + b + failed.",
            "risk *= (a + failed) / (a + b + 2 * failed)": "A failure adds one to `a` and nothing to `b`: "
            "the sum grows by `failed`, not by twice that.",
            "risk *= (a + failed) / (a + b + components)": "Below the line stands what has been seen so far, `failed`, not all components at once.",
            "risk *= (a + components) / (a + b + components)": "Use what has been seen so far, `failed`, not all components at once.",
            "risk *= (b + failed) / (a + b + failed)": "`a` counts failures, `b` successes: this is the probability that all *work*.",
            "risk *= (a - failed) / (a + b - failed)": "A failure is added to what you know, not taken away.",
            "risk *= (a + 2 * failed) / (a + b + 2 * failed)": "Every failure is counted twice (does a line of yours change `a` as well?).",
            "risk *= a + failed / a + b + failed": "Both pairs of brackets are missing: `/` comes before `+`.",
            "risk *= a + failed / (a + b + failed)": "The brackets around `a + failed` are missing: `/` comes before `+`.",
            "risk *= (a + failed) / a + b + failed": "The brackets around `a + b + failed` are missing: `/` comes before `+`.",
            "risk *= risk * (a + failed) / (a + b + failed)": "`*=` multiplies by `risk` already.",
            "risk += (a + failed) / (a + b + failed)": "Chances that must all come true are multiplied, not added.",
            "risk *= prob_all_fail(failed + 1, beta(a, b))": "This is the probability that all so far fail, not the chance of one more.",
            "risk *= 1 - (a + failed) / (a + b + failed)": "This is the chance that the next one *works*.",
            "risk = (a + failed) / (a + b + failed)": "`risk =` forgets the pumps before. `*=` multiplies.",
            """
            def all_fail(components, a, b):
                risk, failed = 1.0, 0
                while failed < components:
                    risk *= (a + failed) / (a + b + failed)
                    failed += 1
                    return risk
            """: "The `return` stands inside the loop, so it ends after one pump.",
        },
        hints=[
            "In exercise 3.2 one failure had been seen. What is the chance after `failed` of them?",
            "After `failed` failures the belief is Beta(a + failed, b). The mean of Beta(a, b) is a / (a + b).",
        ],
        why="No integral, no simulation: n fractions. Each is a Beta's mean after one more failure, so the formula is nothing but updating, n times.",
    ),
    exercise(
        "3.4 How many draws for one percent?",
        paper="Over this belief, p^5 has the average {prob_all_fail(5, belief):.3g}, and its square {prob_all_fail(10, belief):.3g}. The square of the relative spread of one draw is the second over the square of the first, less 1.",
        purpose="Plan a simulation from its exact variance.",
        solution="draws_needed = (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01**2",
        check=Number(rel_tol=0.012),
        mistakes={
            "prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 / 0.01**2": "Nearly: a variance is the mean of the square "
            "less the square of the mean. Relative to the latter that takes away 1.",
            "(prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) ** 0.5 / 0.01": "This is the square root of the answer. "
            "The error falls with the root of the number of draws, so square both sides.",
            "prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1": "This many draws give an error as large as the answer "
            "itself. For 1% of it, divide by the square of 0.01.",
            "(prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01": "Square the 0.01: the error falls with the "
            "root of the number of draws.",
            "1.96**2 * (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01**2": "This makes *1.96* standard errors "
            "1%. One standard error is asked for.",
            "4 * (prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) / 0.01**2": "This makes *two* standard errors 1%. One is asked for.",
            "1 / (prob_all_fail(5, belief) * 0.01**2)": "This is for counting simulated failures of all five. "
            "Here each draw gives its p^5, which varies less.",
            "1000 * 1.7**2": "The 1.7% are those of importance sampling. Drawn from `belief` itself, 1,000 draws have 17.4%.",
            "1000 * 17**2": "The plan is right. The printed 17.4% has more digits: use them, or the exact variance.",
            "1000 * 17.4": "The error falls with the root of the number of draws: a tenth of the error takes a hundred times the draws.",
            "1000 * 31.1**2": "That is for an sd of 0.05. `belief` has 0.03.",
            "1000 * 3.6**2": When(
                lambda answer: 12_900 <= answer <= 13_200, "That is for an sd of 0.01. `belief` has 0.03."
            ),
            "1 / 0.01**2": "This holds if one draw spreads by as much as its mean. Here it spreads by 5.5 times as much.",
            "(prob_all_fail(10, belief) - prob_all_fail(5, belief) ** 2) / 0.01**2": "The error is relative: divide the variance by the square of the mean.",
            "(prob_all_fail(10, belief) / prob_all_fail(5, belief) - prob_all_fail(5, belief)) / 0.01**2": "The error is relative: "
            "divide the variance by the *square* of the mean.",
            "1000 / 17.4**2": "A smaller error takes more draws, not fewer.",
            "1000 * 100": "A hundred times the draws make a *tenth* of the 17.4%: that is 1.7%, not 1%.",
        },
        neighbours={
            "how many times a thousand draws it takes": "17.4**2",
            "how many times smaller than with 1,000 draws the error has to be": "17.4",
            "the relative standard error of 1,000 draws": "0.174",
            "the relative spread of one draw": "(prob_all_fail(10, belief) / prob_all_fail(5, belief) ** 2 - 1) ** 0.5",
            "the number of draws for the mean of p, not of p^5": "(0.03 / 0.05) ** 2 / 0.01**2",
            "the number with importance sampling, which draws where the risk comes from": "2779",
        },
        hints=[
            "The relative error is the spread of one draw, divided by the square root of the number of draws. Solve for that number.",
            "The square of the relative spread of one draw is `prob_all_fail(10, belief) / prob_all_fail(5, belief)**2 - 1`. "
            "Divide it by the square of 0.01. (Or start from the 17.4% of 1,000 draws.)",
        ],
        why="About 300,000 draws for two reliable digits, and the exact answer is five fractions. A thousand draws serve "
        "for a mean of p. They do not serve for its fifth power, which lives in the tail.",
    ),
    exercise(
        "3.5 Ten times",
        purpose="Read a logarithmic plot, and say of a correlation what it is a correlation of.",
        solution="ten_times_at = 0.017  # read off: the curves cross the line between 0.016 and 0.018",
        check=Number(expected=_read_off, abs_tol=0.0041),
        mistakes={
            "0.066": When(
                lambda answer: 0.06 <= answer <= 0.12,
                "That is the rho of the normal numbers behind correlated failures. The axis of the figure shows the "
                "correlation between the failures: pass it through `between_failures`.",
            ),
            "0.17": When(
                lambda answer: 0.13 <= answer <= 0.21 or 0.0012 <= answer <= 0.0021,
                "Count the zeros: the marks on the horizontal axis are 0.01, 0.02 and so on. "
                "(0.0018 is what the lesson printed for beliefs with rho 0.1.)",
            ),
            "0.05": When(
                lambda answer: 0.04 <= answer < 0.06,
                "There the risk is more than fifty times as large. Take the line at 10.",
            ),
            "0.94": When(
                lambda answer: 0.21 < answer <= 1,
                "So large is only the rho of beliefs: ten times takes 0.94 with sd 0.03, 0.37 with sd 0.05. The axis of the figure shows the correlation between the failures.",
            ),
            "between_failures(CorrelatedFailures(0.05, 0.1))": "That is where rho is 0.1 for correlated failures. "
            "The risk is 25 times as large there: the vertical scale is logarithmic.",
            "10": "10 is the multiple, on the vertical axis. The correlation is on the horizontal one.",
            "0.022": When(
                lambda answer: 0.0214 < answer <= 0.026,
                "There the risk is fifteen to twenty-five times as large. The scale is logarithmic: the marks above 10 "
                "are 20, 30 and so on. Take the thin line itself.",
            ),
            "0.03": When(
                lambda answer: 0.026 < answer < 0.04,
                "There the risk is about thirty times as large: on a logarithmic scale that is half-way from 10 to 100. "
                "(0.03 is also the sd of a belief, which is no correlation.)",
            ),
            "0.01": When(
                lambda answer: 0.004 <= answer < 0.0125,
                "There the risk is two to six times as large. Follow the line at 10 to the curves.",
            ),
        },
        hints=[
            "Follow the thin horizontal line at 10 to the curves, and go straight down.",
            "The curves cross it between the marks at 0.01 and 0.02. Or compute: "
            "`between_failures(CorrelatedFailures(0.05, rho))`, with a rho at which the risk is ten times.",
        ],
        why="A correlation that looks like nothing, and 0.05^5 is off by ten. It stands for a rho of 0.066 in correlated "
        "failures, of 0.37 in beliefs with sd 0.05, and of 0.94 in beliefs with sd 0.03: the same danger, three numbers.",
    ),
    exercise(
        "3.6 From safe to dangerous",
        paper="From the tables, as multiples of 0.05^5: correlated failures with rho 0.1, {prob_all_fail(5, CorrelatedFailures(0.05, 0.1)) / 0.05**5:.1f}; one uncertain p with sd 0.03, {prob_all_fail(5, belief) / 0.05**5:.1f}. A common cause strikes all five at once.",
        purpose="Predict the order of four kinds of dependence before computing it.",
        answer="order",
        stub='order = ...  # such as "abcd", the safest first',
        check=Order(
            "bdac",
            wrong={
                "cadb": "This is the order from dangerous to safe. The safest comes first.",
                "c before d": "A share of 1% looks small. But one event is enough: it strikes on 0.01 times 0.05 "
                "of all demands, and then all five fail. Compare that with the other three.",
                "b not first": "One pump failing says nothing about the others in b. Whatever they share makes it worse, so b is safest.",
                "a before d": "Close. A shared p with sd 0.03 makes 11 times, failures with correlation 0.1 make 25 times.",
                "c not last": "Nearly: compare 0.01 times 0.05, the common cause alone, with the 8e-6 of the correlated failures.",
            },
        ),
        hints=[
            "Two of them stand in the tables of sections B and D, and b is 0.05^5.",
            "For the common cause: it strikes on 1% of 5% of demands. That alone is 0.0005.",
        ],
        why="3e-7, 3e-6, 8e-6 and 5e-4. The common cause has the smallest-looking number, 1%, and is worst by far: it needs "
        "only one event, where the others need five failures.",
    ),
    exercise(
        "3.7 Two of five are needed",
        paper="With one pump needed it fails on {k_of_n(1, 5, model):.3%} of demands, nearly always by the common cause, which takes all five. Without a common cause, four or five of the pumps fail on {k_of_n(2, 5, belief):.3%} of demands.",
        purpose="Use the k-out-of-n convention, and see what a common cause does to it.",
        solution="two_needed = k_of_n(2, 5, model)",
        check=Number(rel_tol=0.005),
        mistakes={
            "k_of_n(4, 5, model)": "`k` counts the pumps that must work, not those that may fail. This is a plant that needs four of five.",
            "k_of_n(3, 5, model)": "This is a plant that needs three of five. `k` counts the pumps that must work: two.",
            "k_of_n(2, 5, 0.05)": "This is for a known 5% and independent failures. Pass `model`, which holds the belief and the share.",
            "k_of_n(1, 5, model)": "This is the old plant, where one pump was enough. Four failures of five are now too many as well.",
            "k_of_n(1, 4, model)": "This is a plant with four pumps of which one is enough. There are five, and two are needed.",
            "k_of_n(2, 4, model)": "There are five pumps, not four.",
            "k_of_n(5, 5, model)": "This is a plant that needs all five. `k` counts the pumps that must work: two.",
            "k_of_n(2, 5, belief)": "This leaves the common cause out: pass `model`, which holds the belief and the share.",
            "k_of_n(2, 5, CommonCause(0.05, 0.05))": "This takes p as known. Pass `model`, which holds the belief and the share.",
            "prob_all_fail(2, model)": "This is the probability that *two* pumps both fail. Four of five have to.",
            "k_of_n(2, 5, model) - k_of_n(1, 5, model)": "This is the probability that exactly one works. The plant fails as well when none does.",
            "1 - k_of_n(2, 5, model)": "`k_of_n` is the probability that the system fails. You took one minus it.",
            "2 * k_of_n(1, 5, model)": "Risks are not in proportion to the pumps needed: let `k_of_n` count.",
            "0.05 * 0.05": "This is the common cause alone. Four or five pumps may also fail one by one.",
            "k_of_n(2, 5, model) + k_of_n(1, 5, model)": "This counts twice that none works: `k_of_n(2, 5, model)` holds that case already.",
            "5 * prob_all_fail(4, model)": "There are five ways to choose four that fail, and this counts the case that all fail in each of them.",
        },
        neighbours={
            "the risk with six pumps installed": "k_of_n(2, 6, model)",
            "the risk with a share of 1%": "k_of_n(2, 5, CommonCause(belief, 0.01))",
            "the risk with a share of 10%": "k_of_n(2, 5, CommonCause(belief, 0.1))",
            "the risk with a reach of 0.5": "k_of_n(2, 5, CommonCause(belief, 0.05, 0.5))",
            "the risk with an sd of 0.05": "k_of_n(2, 5, CommonCause(beta_from_mean_sd(0.05, 0.05), 0.05))",
            "how many times the risk with one pump needed it is": "k_of_n(2, 5, model) / k_of_n(1, 5, model)",
        },
        hints=[
            "The first argument of `k_of_n` is the number of pumps that have to work, not of those that may fail.",
            "`k_of_n(needed, components, model)`, with the `model` of the cell above.",
        ],
        why="Only 4% more than when one pump was enough, although the plant now fails with four failures already. Nearly all "
        "of both numbers is the common cause, and in this model, where it takes all pumps or none, it does not ask how many "
        "spares there are. With a shock that fails each pump with probability 0.5, two needed is several times worse than one.",
    ),
    exercise(
        "3.8 What does a test buy?",
        paper="`belief` has the mean 5% and the standard deviation 3%.",
        purpose="Keep knowing more apart from being safer.",
        answer="after_the_test",
        check=Choice(
            options={
                "a": "smaller, because the uncertainty shrinks",
                "b": "the same, because good and bad results balance",
                "c": "larger, because failures come to light",
                "d": "the same, whatever the result: the pumps do not change",
            },
            right="b",
            wrong={
                "a": "A good result makes it smaller, a bad one raises it, on average by more. Average over both.",
                "c": "Failures may come to light and raise it. But few failures are likelier, and lower it. Average over both.",
                "d": "The pumps do not change, but what you know about p does: each result gives another risk.",
            },
        ),
        hints=[
            "A good result lowers the risk, a bad one raises it. How often does each come, and by how much?",
            "Average the risk over all results, each weighted with your probability of it: that is the law of total probability.",
        ],
        why="Your beliefs are an average over the results that you think possible, and a test only takes that average apart. "
        "It makes nothing safer by itself. It pays by what you do differently after some of its results.",
    ),
    exercise(
        "3.9 A thousand hours without failure",
        paper="Pump 9 had {pumps.failures[8]} failures in {pumps.thousand_hours[8]} thousand hours; its rate has the posterior mean {post.mean[8]:.2f} and the standard deviation {post.sd[8]:.2f}. On paper take the rate as known, and say on which side that errs.",
        purpose="Average over the rate instead of plugging in its mean.",
        solution="survives = post.predict(1.0).pmf(0)[8]",
        check=Number(rel_tol=0.005),
        mistakes={
            "np.exp(-post.mean[8])": "This plugs the mean rate in as if it were known. Average exp(-rate) over the posterior instead.",
            "np.exp(-4 / 2.096)": "This is what the raw rate of pump 9 would give if it were known. "
            "(Position 9, which is pump 10, happens to give the same.) Pump 9 is at position 8: what does `post.predict` say of it?",
            "post.predict(1000).pmf(0)[8]": "The hours of this data set are in thousands: 1,000 hours are 1.0.",
            "post.predict(0.1).pmf(0)[8]": "This is for 100 hours. The data are in thousands of hours: 1,000 hours are 1.0.",
            "post.predict(2.096).pmf(0)[8]": "This is for as long as pump 9 has run. 1,000 hours are 1.0.",
            "1 - post.predict(1.0).pmf(0)[8]": "This is the probability of at least one failure. The probability of none is asked for.",
            "post.predict(1.0).pmf(1)[8]": "This is the probability of exactly one failure. None is asked for.",
            "post.predict(1.0).pmf(0)[7]": "Positions count from 0: pump 9 is at position 8.",
            "(2.1 / 3.1) ** 4": "This is pump 9 with its own data alone. `post` holds what the other pumps say as well.",
            "(2.1 / 3.1) ** 5": "This is pump 9 with its own data and a flat prior. `post` holds what the other pumps say as well.",
            "np.exp(-post.quantile([0.5])[8, 0])": "This plugs the median rate in as if it were known. Average exp(-rate) over the posterior instead.",
            "np.exp(-4)": "The four failures came in 2,096 hours, not in 1,000.",
            "np.exp(post.mean[8])": "A probability is at most 1: exp(-rate t) has a minus.",
            "np.exp(-post.mean[9])": "Positions count from 0: pump 9 is at position 8. And this plugs a mean rate in as if it were known.",
            "np.exp(-1000 * post.mean[8])": When(
                lambda answer: answer == 0, "The rates are failures per *thousand* hours: 1,000 hours are 1.0."
            ),
            "post.predict(1.0).pmf(8)[0]": "The count goes into `pmf`, the position of the pump into the square brackets.",
            "post.new_group().predict(1.0).pmf(0)[0]": "This is for a new pump. Pump 9 has data of its own.",
        },
        neighbours={
            "pump 9's mean rate": "post.mean[8]",
            "pump 9's raw rate": "4 / 2.096",
            "the probability that a new pump fails": "prob_all_fail(1, post.mission(1.0))",
            "exp(-rate) at the median of the population's mean rate": "np.exp(-post.grand_mean.quantile(0.5))",
            "pump 1's probability": "post.predict(1.0).pmf(0)[0]",
            "the probability of at most one failure": "post.predict(1.0).pmf(0)[8] + post.predict(1.0).pmf(1)[8]",
            "the probability that all ten pumps run without failure": "np.prod(post.predict(1.0).pmf(0))",
            "one over the mean rate": "1 / post.mean[8]",
            "the average over the ten pumps": "post.predict(1.0).pmf(0).mean()",
            "the probability of four failures or fewer": "sum(post.predict(1.0).pmf(count)[8] for count in range(5))",
            "one minus the mean rate, an approximation that holds for small rates only": "1 - post.mean[8]",
        },
        hints=[
            "`post.predict(1.0)` is the distribution of the number of failures in 1.0 thousand hours, for every pump.",
            "Its `.pmf(0)` gives the probability of no failure, pump 1 first. Pump 9 is at position 8.",
        ],
        why="Jensen once more. exp(-rate) bends upward, so its average, 0.26, lies above its value at the mean rate, 0.20. "
        "Uncertainty about the rate makes long survival more likely, and many failures as well.",
    ),
    exercise(
        "3.10 How many tests without failure?",
        paper="After n tests without a failure, the limit p solves (1 − p)^n = 0.05.",
        purpose="Turn a claim about a failure probability into the size of a test.",
        solution="tests_needed = next(n for n in range(1, 1000) if upper_limit(0, n) < 0.01)",
        check=Number(abs_tol=0.4),
        mistakes={
            "3 / 0.01": "The rule of three says 300, a little more than needed. Find the smallest number with the exact limit.",
            "np.log(0.05) / np.log(0.99)": "The equation is right. Tests come in whole numbers, so round up.",
            "298": "With 298 the exact limit is still just above 0.01: print six decimals. "
            "(298 would do for the Bayesian limit under a flat prior, which counts as one more test.)",
            "1 / 0.01": When(
                lambda answer: 95 <= answer <= 105,
                "With about 100 tests and no failure the limit is near 0.03. At p = 0.01 all would pass with probability 37%: "
                "that is no surprise yet. (After 98 the *mean* is 0.01, under a flat prior.)",
            ),
            "np.ceil(np.log(0.05) / np.log(0.95))": "This is for a limit of 0.05. The claim is 0.01.",
            "np.ceil(np.log(0.10) / np.log(0.99))": "This is for 90%. The limit of the lesson holds with 95%.",
            "np.ceil(np.log(0.01) / np.log(0.99))": "This is for 99%. The limit of the lesson holds with 95%.",
            "np.ceil(np.log(0.95) / np.log(0.99))": "0.95 is the level; what has to be as rare as 0.05 is passing all tests.",
            "np.ceil(np.log(0.01) / np.log(0.95))": "0.01 and 0.05 are exchanged: (1 - 0.01) to the power of n has to fall to 0.05.",
            "3 / 0.001": "This is the rule of three for a claim of 0.001. The claim is 0.01.",
            "np.ceil(np.log(0.05) / np.log(0.9))": "This is for a limit of 0.1. The claim is 0.01.",
            "np.ceil(np.log(0.025) / np.log(0.99))": "This is for 97.5%, one side of a 95% interval. The limit of the lesson has 95% below it.",
            "np.ceil(np.log(0.5) / np.log(0.99))": "This is for 50%. The limit of the lesson holds with 95%.",
            "60 * upper_limit(0, 60) / 0.01": "In proportion to the 60 tests is only nearly right. Try `upper_limit(0, n)` around it.",
            "5 * 299": "The limit is for one pump: no need to multiply by five.",
            "upper_limit(0, 299)": "That is a limit. How many tests does it take?",
            "np.log(0.05) / np.log(0.01)": "A test passes with probability 0.99, not 0.01: 0.99 to the power of n has to fall to 0.05.",
        },
        neighbours={
            "the number if one test may fail": "473",
            "the number at which the 95% point of Beta(1/2, 1/2 + n) is below 0.01": "191",
        },
        hints=[
            "The rule of three says 3 / trials. Which number of trials does that give, nearly?",
            "Look around it: `upper_limit(0, n)` has to be below 0.01. Try n = 297 to 301.",
        ],
        why="299 tests for one pump at 1%. The plan is fragile too: if p is 1%, all 299 pass with probability 5% only, and "
        "one failure ends the claim. Such a plan suits pumps that are much better than what is to be shown.",
    ),
    exercise(
        "3.11 What is a different pump worth?",
        paper="Five pumps of one make all fail with probability {prob_all_fail(5, model):.6f}, four with {prob_all_fail(4, model):.6f}. There are four demands a year, and a failure of all costs 500 million.",
        purpose="Carry an exact risk into a decision.",
        solution="worth = 4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))",
        check=Number(rel_tol=0.0002),
        mistakes={
            "500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))": "This is per demand. There are four demands a year.",
            "4 * 500e6 * prob_all_fail(5, model)": "Nearly all of this is the expected loss with five like pumps. With the different "
            "one, 0.05 times the risk of the four like ones remains, and these still share a common cause. Subtract that.",
            "4 * 500e6 * (prob_all_fail(5, model) - prob_all_fail(4, model))": "The different pump has dropped out of the second risk: "
            "it has to fail as well, with probability 0.05.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(5, model))": "The different pump takes the place of one of "
            "the five: four like ones remain, not five.",
            "4 * 500e6 * 0.05 * prob_all_fail(4, model)": "This is the expected loss that remains with the different pump. "
            "Subtract it from the one with five like pumps.",
            "4 * 500e6 * (prob_all_fail(5, belief) - 0.05 * prob_all_fail(4, belief))": "This leaves the common cause out: "
            "use `model`, which holds the belief and the share.",
            "4 * 500e6 * (prob_all_fail(5, CommonCause(0.05, 0.05)) - 0.05 * prob_all_fail(4, CommonCause(0.05, 0.05)))": "This takes "
            "p as known. Use `model`, which holds the belief and the share.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05**5)": "This makes all five different, and p known. Only one pump is of another make.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, belief))": "The four like pumps still share their common "
            "cause: use `model` for them too.",
            "4 * 500e6 * (prob_all_fail(4, model) - prob_all_fail(5, model))": "This is what the fifth of five like pumps is worth. "
            "Compare five like pumps with four and a different one.",
            "4 * 500e6 * (prob_all_fail(5, model) - prob_all_fail(5, belief))": "This takes the common cause away from all five. "
            "Four like pumps still share it.",
            "prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model)": "This is by how much the risk of a demand falls. "
            "Put it into money: 500 million a failure, four demands a year.",
            "4 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))": "This is by how much the risk of a year falls. "
            "Put it into money: 500 million a failure.",
            "4 * 500 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))": "This is in millions. "
            "Give it in units of money: 500 million is `500e6`.",
            "4 * 500e3 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))": "500 million is `500e6`, not `500e3`.",
            "500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model)) / 4": "Four demands a year: multiply by four.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model)) - 20_000": "Either make has its price: ask only for the expected loss.",
            "12 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model))": "There are four demands a year, not twelve.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(3, model))": "Four pumps of the old make remain, not three.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05**2 * prob_all_fail(3, model))": "One pump is of another make, not two.",
            "0.05**5 - 0.05 * 0.05**4": "With p known and nothing shared another make is worth nothing. Use `model`.",
            "4 * 500e6 * (prob_all_fail(5, model) - 0.05 * prob_all_fail(4, model)) + 20_000": "Nothing is saved on the price: ask only for the expected loss.",
        },
        neighbours={
            "the price of a pump": "20_000",
            "the expected loss with four pumps": "4 * 500e6 * prob_all_fail(4, model)",
            "the factor by which the risk falls": "prob_all_fail(5, model) / (0.05 * prob_all_fail(4, model))",
            "what a sixth pump of the same make takes off the expected loss": "4 * 500e6 * (prob_all_fail(5, model) - prob_all_fail(6, model))",
        },
        hints=[
            "Compare the expected loss a year of five like pumps with that of four like pumps and a different one.",
            "All five fail with `prob_all_fail(5, model)` in the first case, and with `0.05 * prob_all_fail(4, model)` in "
            "the second. Take the difference, times 500 million, times 4 demands.",
        ],
        why="Nearly five million a year, for a pump that may be no better than the others. What it has is that, in this "
        "model, it does not fail with them. A flood would take it too: if half of the common causes did, it would save only "
        "about half of that. So find out about the share, and about the causes, first.",
    ),
    exercise(
        "3.12 A line that runs and is wrong",
        purpose="Know NumPy's convention for the Gamma distribution, a classic bug of samplers.",
        solution="""
            rng, shape, population_hours = np.random.default_rng(12), 1.0, 1.0
            rate_10 = rng.gamma(shape + 22, 1 / (population_hours + 10.48), size=5000)
        """,
        stub="""
            # rng.gamma(shape + 22, population_hours + 10.48, size=5000) runs. What is wrong?
            rng, shape, population_hours = np.random.default_rng(12), 1.0, 1.0
            rate_10 = ...
        """,
        check=Draws(
            mean=lambda: 23 / 11.48, sd=lambda: 23**0.5 / 11.48, cdf=lambda x: float(gamma(23, scale=1 / 11.48).cdf(x))
        ),
        mistakes={
            "np.full(5000, 23 / 11.48)": When(
                lambda draws: np.size(draws) > 1 and np.ptp(draws) == 0,
                "All of these are one number, the mean. Draws are spread around it as the belief is.",
            ),
            "rng.gamma(shape + 22, 1 / (population_hours + 10.48))": When(
                lambda draws: np.ndim(draws) == 0, "This is one number. `size=5000` makes five thousand draws."
            ),
            "rng.poisson(22, size=5000) / 10.48": When(
                lambda draws: 1 < np.unique(draws).size < np.size(draws) / 10,
                "These are counts over hours: luck that a rate does not have. The rate itself is a Gamma.",
            ),
            "rng.gamma(shape + 22, population_hours + 10.48, size=5000)": "This is the wrong line itself: its draws are near 260 "
            "failures per thousand hours, and the pump had about 2. A scale is one over the hours: NumPy's second argument and SciPy's "
            "`scale=` are scales (PyMC's `beta` is a rate).",
            "rng.gamma(22, 1 / 10.48, size=5000)": "The scale is right now, but the population has dropped out: the shape is "
            "`shape + 22`, the hours `population_hours + 10.48`.",
            "rng.gamma(22, 1 / (population_hours + 10.48), size=5000)": "The population's `shape` is missing: `shape + 22`.",
            "rng.gamma(shape + 22, 1 / 10.48, size=5000)": "The population's hours are missing: `population_hours + 10.48`.",
            "rng.gamma(shape + 22, 1 / population_hours + 1 / 10.48, size=5000)": "Hours add up, not their inverses: one over the sum of the hours.",
            "rng.gamma(shape, 1 / population_hours, size=5000)": "These are draws from the population. The data of pump 10 are missing.",
            "rng.gamma(population_hours + 10.48, 1 / (shape + 22), size=5000)": "The two arguments are exchanged: "
            "failures belong to the shape, hours to the scale.",
            "rng.exponential(11.48 / 23, size=5000)": "This is the time to the next failure. The rate is asked for, a Gamma.",
            "11.48 + rng.gamma(shape + 22, size=5000)": "This shifts the draws by the hours. A scale multiplies: "
            "in SciPy it is the argument `scale=`, the second one is `loc`.",
            "rng.gamma(shape + 4, 1 / (population_hours + 2.096), size=5000)": "This is pump 9.",
            "rng.gamma(shape + 22, 1 / (population_hours + 10480), size=5000)": "The hours are in thousands: 10.48.",
            "rng.gamma(shape + 22, size=5000)": "No hours are in it: divide by `population_hours + 10.48`.",
            "rng.gamma(shape + 22, 1 / (population_hours + 10.48), size=5000) / 11.48": "This divides by the hours twice.",
            "rng.exponential(23 / 11.48, size=5000)": "An exponential is a Gamma with a shape of 1. The shape is `shape + 22`.",
            "rng.gamma((shape + 22) / (population_hours + 10.48), size=5000)": "The mean of the rate stands in place of the shape. "
            "The shape is `shape + 22`, and one over the hours is the scale, the second argument.",
            "1 / rng.gamma(shape + 22, 1 / (population_hours + 10.48), size=5000)": "These are hours per failure, one over the rate.",
            "1 / rng.gamma(shape + 22, population_hours + 10.48, size=5000)": "One over each draw is not a draw with one over the scale. "
            "Put the inverse into the argument.",
        },
        hints=[
            "Pump 10 had 22 failures in 10.48 thousand hours, so its rate must be near 2. What do the draws of the wrong line average?",
            "`help(rng.gamma)`: the second argument is `scale`, which is one over the rate.",
        ],
        why="NumPy's second argument is a scale, one over the rate; PyMC's `beta` is a rate. A sampler with this slip can "
        "run, mix well and pass every diagnostic. A comparison with a known answer finds it.",
    ),
)
