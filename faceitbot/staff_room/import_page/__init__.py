"""The history of imports in the admin: what came in, what did not, and what a person has to decide."""
