"""Foreign bytes become values here, inside a killable child, and nowhere else."""
