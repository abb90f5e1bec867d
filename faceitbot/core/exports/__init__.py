"""What staff take out of a list: its rows as a file, whatever their number."""
