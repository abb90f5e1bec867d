"""How others do the same, each at the best that its documentation offers."""
