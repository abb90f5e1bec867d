"""What is measured in rounds. Each module has its `OPERATIONS`."""
