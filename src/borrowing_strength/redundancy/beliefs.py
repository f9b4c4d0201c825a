"""A Beta belief that says what it is where it is printed. Imported where used: SciPy's statistics load slowly."""

from scipy.stats import beta

_Frozen = type(beta(1, 1))


class Belief(_Frozen):
    """A frozen `scipy.stats.beta`, printed as Beta(a, b) and not as an address in memory."""

    def __init__(self, a: float, b: float):
        super().__init__(beta, a, b)

    def __repr__(self) -> str:
        a, b = self.args
        return f"Beta({a:.4g}, {b:.4g})"
