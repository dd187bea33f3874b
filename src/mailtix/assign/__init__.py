"""Who gets a ticket that was given to a team, and why. Pure: loads and turns come in as facts."""

from mailtix.assign.floor import Came, Floor, Had, Handed, Loads, Moment, Went
from mailtix.assign.pick import Member, Picked, Wanted, member_of, pick, why_not
from mailtix.assign.team import Placed, Staff, asked, place_in, wanted_of

__all__ = [
    "Came",
    "Floor",
    "Had",
    "Handed",
    "Loads",
    "Member",
    "Moment",
    "Picked",
    "Placed",
    "Staff",
    "Wanted",
    "Went",
    "asked",
    "member_of",
    "pick",
    "place_in",
    "wanted_of",
    "why_not",
]
