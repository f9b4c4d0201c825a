"""Every figure with names and counts as people have them: dollars, braces, one group, no success, no failure."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from borrowing_strength import beta_binomial, headlines, meta_analysis, mixtures, multilevel, plots, redundancy
from borrowing_strength.core.inline import description

NAME = "from $5 to $9 {now} é \N{GRINNING FACE}"
HYPERPRIOR = beta_binomial.MeanConcentration()


def rates(successes, trials):
    names = [NAME, *"BCDEFG"[: len(trials) - 1]]
    return beta_binomial.fit(successes, trials, prior=HYPERPRIOR, labels=names)


def markets(count):
    counts = [0, 55, 60][:count], [100] * count, [50, 60, 0][:count], [100] * count
    arguments = {"labels": [NAME, "B", "C"][:count]}
    return [fit(*counts, **arguments) for fit in (multilevel.fit, multilevel.fit_separate, multilevel.fit_pooled)]


def check(count):
    draws = np.full((200, 3), 0.2)
    return mixtures.predictive_check([1, 2, 4], [10, 10, 10], draws, seed=count)


def funnel_draws():
    parts = {name: (("chain", "draw"), np.ones((1, 5))) for name in ("slope_mean", "slope_sd")}
    posterior = xr.Dataset(parts | {"slope": (("chain", "draw", "market"), np.ones((1, 5, 1)))}, {"market": [NAME]})
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((1, 5), dtype=bool))})
    return xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})


def replay():
    post = headlines.fit([1, 1, 2, 2, 3, 3], [3, 9, 0, 5, 7, 7], [100, 300, 50, 90, 200, 200])
    return post.replay([4, 8, 1, 4, 6, 8], [100, 300, 50, 90, 200, 200])


FIGURES = {
    "arrows": lambda: plots.shrinkage(rates([3, 50, 55], [10, 100, 100])),
    "one group": lambda: plots.shrinkage(rates([3], [10])),
    "no success": lambda: plots.shrinkage(rates([0, 0], [10, 5])),
    "a group without trials": lambda: plots.shrinkage(rates([3, 0], [10, 0])),
    "scenarios": lambda: plots.scenarios({NAME: rates([3, 0], [10, 7]), "more": rates([30, 0], [100, 70])}),
    "densities": lambda: plots.densities(rates([0, 5, 7], [10, 5, 9])),
    "densities of zeros": lambda: plots.densities(rates([0, 0], [10, 500])),
    "against raw": lambda: plots.shrunk_against_raw(rates([0, 5, 0], [10, 5, 0])),
    "against raw, zeros": lambda: plots.shrunk_against_raw(rates([0, 0], [10, 20])),
    "surface": lambda: plots.surface(rates([0, 5], [10, 5])),
    "plate": lambda: plots.plate([NAME, "B"]),
    "weights": lambda: plots.shrinkage_priors({NAME: HYPERPRIOR}),
    "betas": lambda: plots.betas({NAME: (2, 18)}, raw=0.15),
    "counts": lambda: plots.count_distributions([[0.5, 0.5], [0.1, 0.9]], [NAME, "B"]),
    "curves": lambda: plots.curves({NAME: ([1, 2], [3, 4])}, "x", "y"),
    "checks": lambda: plots.predictive_checks({NAME: check(1), "two": check(2)}, "overdispersion"),
    "one rate": lambda: plots.one_rate_band([10, 2000], [1, 900], [NAME, "two"]),
    "two kinds": lambda: plots.two_kinds([10, 20], [1, 0], [0.1, 0.9], [0.1, 0.2]),
    "failure rates": lambda: plots.failure_rates(redundancy.fit([0, 5], [9.5, 100], labels=[NAME, "B"]), "a year"),
    "market plate": lambda: plots.market_plate([NAME, "B"]),
    "three markets": lambda: plots.market_effects(*markets(3), truth=[0.1, 0.2, 0.3]),
    "one market": lambda: plots.market_effects(*markets(1)[:2]),
    "one funnel": lambda: plots.funnel({NAME: funnel_draws()}, NAME),
    "one prior": lambda: plots.spread_priors({NAME: multilevel.HalfNormal(1)}),
    "forest": lambda: plots.forest(
        meta_analysis.fit([0.1, 0.2], [0.1, 0.1], labels=[NAME, "B"]), [0.1, 0.2], [True, False]
    ),
    "one test": lambda: plots.forest(meta_analysis.fit([0.1], [0.1], labels=[NAME])),
    "priors of the sd": lambda: plots.sd_priors({NAME: meta_analysis.HalfNormal(1)}),
    "promises": lambda: plots.promises(replay(), parts=3),
    "forecasts": lambda: plots.by_forecast({NAME: replay()}, parts=3),
    "designs": lambda: plots.design(headlines.expected_gain(0.2, 0.01, 12_000, [2, 3, 4], [100, 1000])),
    "winners": lambda: plots.winners(headlines.fit([1, 1, 2, 2], [3, 9, 0, 5], [90] * 4, arm=[NAME, "B", "C", "D"])),
    "path": lambda: plots.gibbs_path(meta_analysis.fit([0.1, 0.2], [0.1, 0.1]), [[0.1, 0.01], [0.0, 0.02]]),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_draws_what_people_have(name):
    plt.close("all")
    FIGURES[name]()
    plt.gcf().canvas.draw()  # a name that is taken for a formula fails or is garbled here
    plt.close("all")


def test_every_figure_is_tried():
    tried = {part for call in FIGURES.values() for part in call.__code__.co_names}
    assert set(plots.__all__) - {"use_style"} <= tried


def test_a_name_between_dollars_is_shown_as_it_is():
    plots.shrinkage(rates([3, 5], [10, 9]))
    plt.gcf().canvas.draw()
    label = plt.gca().get_yticklabels()[0]
    width = label.get_window_extent().width
    label.set(text=label.get_text().replace(r"\$", "S"), parse_math=False)
    assert abs(label.get_window_extent().width - width) < 0.1 * width  # a formula would drop the dollars and spaces
    plt.close("all")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "words",
    [
        *("Ba$$in", r"$\frac$", "was $9, now $5", "{now} $5$", "_a"),
        # Where the font lacks a sign, matplotlib draws a box and says so.
        pytest.param("\N{ROCKET} $5", marks=pytest.mark.filterwarnings("ignore:Glyph 128640")),
    ],
)
def test_titles_and_axes_are_shown_as_they_stand(words: str) -> None:
    for draw in (
        lambda: plots.curves({"a": ([1, 2], [3, 4])}, words, words, title=words),
        lambda: plots.predictive_checks({"one": check(1)}, words, title=words),
        lambda: plots.failure_rates(redundancy.fit([0, 5], [9.5, 100]), words, title=words),
        lambda: plots.plate(["A"], unit=words, title=words),
        lambda: plots.spread_priors({words: multilevel.HalfNormal(1)}, title=words),
        lambda: plots.funnel({words: funnel_draws()}, NAME, title=words),
    ):
        plt.close("all")
        draw()
        plt.gcf().canvas.draw()
        assert words in description(plt.gcf())
    plt.close("all")


def test_a_figure_never_puts_a_truth_or_a_market_under_another_name():
    post = meta_analysis.fit([0.1, 0.9], [0.1, 0.1], labels=["A", "B"])
    with pytest.raises(ValueError, match="truth and the groups have different row labels"):
        plots.forest(post, truth=pd.Series([0.9, 0.1], index=["B", "A"]))
    two = [[30, 55], [100, 100], [50, 60], [100, 100]]
    other = multilevel.fit_separate(*(column[::-1] for column in two), labels=["B", "A"])
    with pytest.raises(ValueError, match="separate and partial are of different markets"):
        plots.market_effects(multilevel.fit(*two, labels=["A", "B"]), other)


@pytest.mark.filterwarnings("error")
def test_replications_that_are_all_alike_are_drawn_and_designs_without_visitors_refused() -> None:
    plots.predictive_checks({"alike": mixtures.PredictiveCheck(1.0, np.ones(20))}, "overdispersion")
    plt.gcf().canvas.draw()
    plt.close("all")
    with pytest.raises(ValueError, match="gain holds no number: every design needs more visitors"):
        plots.design(headlines.expected_gain(0.2, 0.01, 100, [2, 3], [1000, 2000]))


@pytest.mark.filterwarnings("error")
def test_the_title_of_a_band_counts_those_outside_unless_it_is_given():
    with plt.rc_context({"axes.titlelocation": "left"}):
        plots.one_rate_band([100, 100, 100, 100], [15, 16, 14, 30], list("abcd"))
        assert plt.gca().get_title("left").startswith("1 of 4 lie outside")
        plots.one_rate_band([100, 100], [5, 6], ["a", "b"], title="As given")
        assert plt.gca().get_title("left") == "As given"


@pytest.mark.filterwarnings("error")
def test_groups_without_success_are_drawn_and_those_without_trials_refused():
    plots.one_rate_band([10, 20], [0, 0], ["a", "b"])
    with pytest.raises(ValueError, match=r"trials\[1\] is 0"):
        plots.one_rate_band([10, 0], [1, 0], ["a", "b"])
