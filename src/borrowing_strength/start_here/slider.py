"""The slider of lesson 00."""

from matplotlib.axes import Axes

from borrowing_strength.core.slider import Slider, whole_slider
from borrowing_strength.core.style import betas


def conversion_rate() -> Slider:
    """Lesson 00: one conversion rate; prior belief, visitors and conversions under sliders."""
    from scipy.stats import beta

    def draw(prior_visitors: int, conversions: int, visitors: int, ax: Axes) -> str:
        before = (0.1 * prior_visitors, 0.9 * prior_visitors)
        after = (before[0] + conversions, before[1] + visitors - conversions)
        betas({"before the data": before, "after the data": after}, conversions / visitors, ax)
        low, high = beta.ppf([0.025, 0.975], *after)
        ax.set(
            title=f"{conversions} of {visitors}: between {low:.0%} and {high:.0%} with probability 95%",
            xlabel="conversion rate",
            xlim=(0, 0.6),
        )
        return (
            f"With {conversions} conversions from {visitors} visitors the rate lies between {low:.1%} and {high:.1%} "
            "with probability 95%."
        )

    return Slider(
        draw,
        states=[
            {"prior_visitors": prior, "visitors": visitors, "conversions": 15 * visitors // 100}
            for visitors in (40, 200)
            for prior in (10, 20, 200)
        ],
        prior_visitors=whole_slider("prior worth", 10, 200, 20, 10),
        visitors=whole_slider("visitors", 40, 400, 40, 10),
        conversions=whole_slider("conversions", 0, 40, 6, 1),
    )
