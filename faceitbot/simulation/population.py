"""What simulated people do on average: every figure that is looked at later was put in here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Population:
    """Habits of simulated people. Units: shares lie between 0 and 1, the rest are numbers a day or a week."""

    registrations_a_day: float = 30.0
    growth: float = 0.8  # how many more come on the last day than on the first, as a share of the mean
    russian_share: float = 0.7
    referral_share: float = 0.15  # of those who register
    link_share: float = 0.72  # of those who register
    activation_share: float = 0.8  # of those who link: have a match analysed
    conversion_share: float = 0.14  # of those who had a match analysed: buy
    abandoned_share: float = 0.1  # of those who had a match analysed: make an order and do not pay
    pro_share: float = 0.3  # of those who buy
    yearly_share: float = 0.1  # of those who buy
    recurring_share: float = 0.6  # of those who buy a month
    renewal_share: float = 0.75  # of the periods that renew themselves
    refund_share: float = 0.04  # of those who buy
    weekly_churn: float = 0.3  # of those who were there last week
    weekly_churn_of_buyers: float = 0.08
    visits_a_week: float = 2.2
    most_requests_a_visit: int = 9
    analyses_a_visit: float = 0.7  # of those who had one before
    failure_share: float = 0.02  # of the wishes for an analysis
    matches_a_day: int = 60  # that they choose from: some have been analysed for somebody else
