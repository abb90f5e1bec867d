"""Measurements: `python3 dev.py bench`. Not tests: they never fail on a time.

__main__     makes databases, runs each measurement in a process of its own, writes what it says
child        that process
catalogue    the measurements by their names
rounds       contenders in turns
operations   what is measured in rounds: ours, and the same by others
peers        how others do it
world        the data, from a seed
report       the tables of docs/performance.md
"""
