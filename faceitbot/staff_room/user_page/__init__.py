"""The page of one user: who he is, what he may do and why, what he paid, and all that happened, in time."""
