"""The slider of lesson 06."""

import numpy as np
from matplotlib.axes import Axes

from borrowing_strength.core.slider import Slider, whole_slider
from borrowing_strength.core.style import PARTIAL_POOLING, PARTIAL_POOLING_LIGHT


def headline_design() -> Slider:
    """Lesson 06: how many headlines to try, when the visitors and the weight of the population's tail change."""
    from borrowing_strength.headlines import TwoSpreads, expected_gain

    arms = np.arange(2, 41)

    def draw(visitors: int, share: int, ax: Axes) -> str:
        # Every population has the same variance as the one that was fitted: a spread of 0.22 if there is one part.
        population = TwoSpreads(share / 100, 4) if share else None
        spread = 0.22 / np.sqrt(1 + share / 100 * 15)
        each = (visitors * np.linspace(0.05, 0.95, 19)[None] / arms[:, None]).astype(int)
        gains = np.array(
            [
                expected_gain(spread, 0.013, visitors, [m], n, population).to_numpy().max()
                for m, n in zip(arms, each, strict=True)
            ]
        )
        best = int(gains.argmax())
        near = gains >= gains[best] - 0.01
        ax.plot(arms[near], 100 * gains[near], color=PARTIAL_POOLING_LIGHT, linewidth=9, label="within a point")
        ax.plot(arms, 100 * gains, color=PARTIAL_POOLING)
        ax.plot(arms[best], 100 * gains[best], "o", color=PARTIAL_POOLING, label="best")
        ax.legend(loc="upper left")
        ax.set(xlabel="headlines", ylabel="expected gain (%)", ylim=(0, 25), xlim=(0, 42))
        ax.set_title(f"{visitors:,} visitors, {share}% from the wide part: {arms[best]} headlines are best")
        return (
            f"With {visitors:,} visitors and {share}% of headlines from the wide part, {arms[best]} headlines are best:"
            f" expected gain {gains[best]:.1%}."
        )

    return Slider(
        draw,
        states=[{"visitors": v, "share": s} for v in (3_000, 12_000, 48_000) for s in (0, 30)],
        visitors=whole_slider("visitors", 3_000, 48_000, 12_000, 3_000),
        share=whole_slider("wide part, %", 0, 50, 30, 10),
    )
