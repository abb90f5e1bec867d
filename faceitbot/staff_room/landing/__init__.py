"""The first page: what needs a person, the search, what happened last, and the figures of a period."""
