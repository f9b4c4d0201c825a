"""How the headline tests of lesson 06 were cut in two: `python .ci/deal_headlines.py upworthy_exploratory.csv.gz`.

It was run once, and its result is stored: another NumPy may draw other numbers from the same seed. The table it reads
has one row an arm of the exploratory part of The Upworthy Research Archive (Matias, Munger, Le Quere and Ebersole,
2021, Scientific Data 8:195, CC BY 4.0): `test_id`, `created`, `arm`, `impressions`, `clicks`, `randomization_risk`.
The last is 1 for tests that the archive's authors advise against using: a cache probably broke their randomisation.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd

TARGET = Path(__file__).parents[1] / "src" / "borrowing_strength" / "datasets" / "headlines.csv.gz"


def deal(arms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Deal the impressions of every arm into two halves, each as likely as any other, and a tenth of the first half."""
    arms = arms[arms["randomization_risk"] == 0].sort_values(["test_id", "arm"], kind="stable")
    first = arms["impressions"] // 2
    clicks = rng.hypergeometric(arms["clicks"], arms["impressions"] - arms["clicks"], first)
    tenth = np.maximum(first // 10, 1)
    tenth_clicks = rng.hypergeometric(clicks, first - clicks, tenth)
    return pd.DataFrame(
        {
            "test": pd.factorize(arms["test_id"])[0] + 1,
            "arm": arms["arm"],
            "month": arms["created"].str[:7],
            "first_clicks": clicks,
            "first_impressions": first,
            "tenth_clicks": tenth_clicks,
            "tenth_impressions": tenth,
            "second_clicks": arms["clicks"] - clicks,
            "second_impressions": arms["impressions"] - first,
        }
    )


if __name__ == "__main__":
    text = deal(pd.read_csv(sys.argv[1]), np.random.default_rng(2013)).to_csv(index=False, lineterminator="\n")
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
