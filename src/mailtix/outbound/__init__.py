"""The ways out: couriers, and when to try again."""
