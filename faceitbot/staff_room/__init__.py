"""The staff's own pages: the first page, the search for everything, the page of one user."""
