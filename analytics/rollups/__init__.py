"""Sums over hours and days that are over: declared, made, kept true when something comes late, and read.

counts      what is counted; a new count is one declaration there
calendar    hours, days, weeks and months of a zone
stretches   arithmetic of stretches of time
making      writes the sums of a stretch
days        lets the days of a new zone begin with the sums of hours
late_notes  which hours something came late for
late        makes these anew
leaving     keeps what rows have counted that are deleted or folded
months      which users were active on which days
covering    which sums stand for a range, and what of it has to be read raw
reading     any range, from sums and the raw rows of the rest
durations   percentiles out of counts of durations
"""
