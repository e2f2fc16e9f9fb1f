"""Join the quotes with their drivers and vehicles: one row for each quote."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
SOURCE = HERE.parents[2] / "shared" / "data" / "insurance_quotes"


def main() -> Path:
    """Write data/quotes.csv: the quote, and what its drivers and vehicles have in common."""
    quotes = pd.read_csv(SOURCE / "policies_train.csv.gz")
    drivers = pd.read_csv(SOURCE / "drivers_train.csv.gz")
    vehicles = pd.read_csv(SOURCE / "vehicles_train.csv.gz")
    by_quote = (
        drivers.assign(
            male=drivers["gender"].eq("M"),
            owns_home=drivers["living_status"].eq("own"),
            rents_home=drivers["living_status"].eq("rent"),
        )
        .groupby("policy_id")
        .agg(
            youngest=("age", "min"),
            oldest=("age", "max"),
            mean_age=("age", "mean"),
            worst_safety=("safty_rating", "min"),
            mean_safety=("safty_rating", "mean"),
            share_high_education=("high_education_ind", "mean"),
            share_male=("male", "mean"),
            share_own_home=("owns_home", "mean"),
            share_rent_home=("rents_home", "mean"),
        )
    )
    cars = (
        vehicles.assign(owned=vehicles["ownership_type"].eq("owned"), leased=vehicles["ownership_type"].eq("leased"))
        .groupby("policy_id")
        .agg(
            vehicles=("car_no", "size"),
            newest_vehicle=("age", "min"),
            mean_vehicle_age=("age", "mean"),
            share_owned=("owned", "mean"),
            share_leased=("leased", "mean"),
        )
    )
    target = HERE / "data" / "quotes.csv"
    target.parent.mkdir(exist_ok=True)
    quotes.join(by_quote, on="policy_id").join(cars, on="policy_id").to_csv(target, index=False)
    return target


if __name__ == "__main__":
    main()
