"""What a month brought: beside the month before, by plan and by day, on a page and as a file."""
