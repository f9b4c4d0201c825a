"""The data sets of the lessons, with their sources. Each call reads a table; what was simulated was simulated once."""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def ab_tests() -> "pd.DataFrame":
    """Forty simulated A/B tests of changes to a web shop.

    40 rows: `test`, `control_successes`, `control_trials`, `treatment_successes`, `treatment_trials`.

    Relative lifts are 1% plus 2.5% times a Student t with 4 degrees of freedom, control rates uniform from 3% to 12%,
    trials an arm log-uniform from 4,000 to 60,000, counts binomial. Of ten such sets this is one in which the lifts of
    the winners fall back in a rerun about as far as they do on average.
    """
    return _read("ab_tests.csv")


def ab_tests_truth() -> "pd.DataFrame":
    """What only a simulation can know about `ab_tests`: the true rates and lifts, and a rerun of every test.

    40 rows: `test`, `control_rate`, `lift`, and the successes of a second run with as many trials as the first,
    `rerun_control_successes` and `rerun_treatment_successes`.
    """
    return _read("ab_tests_truth.csv")


def archive_template() -> "pd.DataFrame":
    """A template for an archive of tests, to fill in: one row an arm. The five rows in it are invented.

    5 rows: `test`, `arm`, `trials`, `successes`.
    """
    return _read("archive_template.csv")


def bcg_trials() -> "pd.DataFrame":
    """Tuberculosis among vaccinated and unvaccinated people in 13 trials of the BCG vaccine.

    13 rows: `trial`, `authors`, `year`, `vaccinated_cases`, `vaccinated`, `control_cases`, `controls`, `latitude`
    (absolute, in degrees) and `allocation`.

    Source: Colditz et al. (1994), Efficacy of BCG vaccine in the prevention of tuberculosis, JAMA 271:698-702.
    """
    return _read("bcg_trials.csv")


def campaigns() -> "pd.DataFrame":
    """120 simulated advertising campaigns of two kinds that nobody wrote down.

    120 rows: `campaign`, `conversions`, `visitors`.

    Each campaign is weak (rate 4%) with probability 0.65 or strong (rate 9%), and has 60 to 400 visitors.
    `campaigns_truth` tells which is which.
    """
    return _read("campaigns.csv")


def campaigns_truth() -> "pd.DataFrame":
    """What only a simulation can know about `campaigns`: the kind and the rate of every one.

    120 rows: `campaign`, `kind` ("weak" or "strong"), `rate`.
    """
    return _read("campaigns_truth.csv")


def false_claims() -> "pd.DataFrame":
    """What three methods claim about 1,000 simulated experiments in ten markets, for three kinds of truth.

    9 rows: `slope_sd`, the true spread of the effects around zero, and the columns of
    `borrowing_strength.multilevel.false_claims`: `method`, `claims`, `wrong_sign`, `exaggeration` and `error`.

    These are the results of `multilevel.false_claims(replications=1000, slope=(0, slope_sd), seed=4)`, which take
    minutes.
    """
    return _read("false_claims.csv")


def false_alarms() -> "pd.DataFrame":
    """How often a best variant is announced where all have the same rate, by four methods; simulated.

    8 rows: `variants`, `method`, `false_alarms` (share of 1,000 experiments).

    Made with ``beta_binomial.false_alarms(variants, 1000, seed=1)`` for 4 and 15 variants.
    """
    return _read("false_alarms.csv")


def headlines() -> "pd.DataFrame":
    """Clicks on every headline that Upworthy tested, from March 2013 to April 2015, dealt into two halves.

    18,392 rows, one for each arm of 3,824 tests: `test` (1 to 3,824, in the order of their creation), `arm` (0, 1, ...,
    in no meaningful order), `month`, and clicks and impressions of two halves, `first_clicks`, `first_impressions`,
    `second_clicks`, `second_impressions`; `tenth_clicks` and `tenth_impressions` are a tenth of the first half.

    The impressions of every arm were dealt into the halves once, by a hypergeometric draw; `.ci/deal_headlines.py`
    says how. These are the exploratory tests of the archive, without the 1,049 that its authors advise against using:
    from 25 June 2013 to 10 January 2014 a cache probably broke the randomisation.

    Source: Matias, Munger, Le Quere and Ebersole (2021), The Upworthy Research Archive, a time series of 32,487
    experiments in U.S. media, Scientific Data 8:195. Licence: CC BY 4.0; the selection and the halves are ours.
    """
    return _read("headlines.csv.gz", compression="gzip")


def pump_failures() -> "pd.DataFrame":
    """Failures of ten pumps of a nuclear power plant, and how long each had been running.

    10 rows: `pump`, `failures`, `thousand_hours` (of operation).

    Source: Gaver and O'Muircheartaigh (1987), Robust empirical Bayes analyses of event rates, Technometrics 29:1-15.
    """
    return _read("pump_failures.csv")


def rat_tumors() -> "pd.DataFrame":
    """Tumours among the control rats of 71 experiments; the last is the current one.

    71 rows: `experiment` (1 to 71), `tumors` (rats with an endometrial stromal polyp), `rats`.

    Source: Tarone (1982), The use of historical control information in testing for a trend in
    proportions, Biometrics 38:215-220; also table 5.1 of Gelman et al., Bayesian Data Analysis.
    """
    return _read("rat_tumors.csv")


def rat_tumors_halves() -> "pd.DataFrame":
    """The 71 experiments of `rat_tumors`, each cut into two halves at random.

    71 rows: `experiment`, `first_tumors`, `first_rats`, `second_tumors`, `second_rats`.

    The rats of every experiment were dealt into a first half (rounded down) and a second half once, by
    hypergeometric draws.
    """
    return _read("rat_tumors_halves.csv")


def twenty_markets() -> "pd.DataFrame":
    """One experiment in twenty markets of very unequal size, simulated; the names of the markets are real.

    20 rows: `market`, `control_successes`, `control_trials`, `treatment_successes`, `treatment_trials`, and the
    truth in log odds, `true_intercept` and `true_slope`.

    Intercepts come from N(-1.2, 0.5**2), slopes from N(0.15, 0.2**2), sizes are even on a log scale from 40 to 4,000.
    """
    return _read("twenty_markets.csv")


def _read(name: str, compression: str | None = None) -> "pd.DataFrame":
    import pandas as pd

    with (files(__name__) / name).open("rb") as file:
        return pd.read_csv(file, compression=compression)
