"""Join the closed deals of Olist with what each seller sold: one file of outcomes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "shared" / "data" / "olist_funnel"


def main() -> Path:
    """Write data/deals.csv: lead, date of winning, revenue of the seller so far (0 where nothing was sold)."""
    deals = pd.read_csv(SOURCE / "olist_closed_deals_dataset.csv.gz", usecols=["mql_id", "seller_id", "won_date"])
    sold = pd.read_csv(SOURCE / "seller_gmv_total.csv.gz", usecols=["seller_id", "gross_revenue"])
    joined = deals.merge(sold.drop_duplicates("seller_id"), on="seller_id", how="left", validate="one_to_one")
    target = HERE / "data" / "deals.csv"
    target.parent.mkdir(exist_ok=True)
    joined.fillna({"gross_revenue": 0.0}).drop(columns="seller_id").to_csv(target, index=False)
    return target


if __name__ == "__main__":
    main()
