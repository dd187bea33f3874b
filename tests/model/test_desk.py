"""Whose address it is, in a desk of any size."""

from __future__ import annotations

from dataclasses import replace

from mailtix.model.desk import Agent, Company, Mailbox

BOX = Mailbox("support@desk.example")
BOB, CARLA = Agent("Bob", "Bob@desk.example"), Agent("Carla", "carla@desk.example")
COMPANY = Company("Example", (BOX,), (BOB, CARLA))


def test_an_agent_is_found_by_his_address_whatever_its_case():
    assert [COMPANY.agent(it) for it in ("bob@DESK.example", "carla@desk.example", "x@desk.example", "")] == [
        BOB,
        CARLA,
        None,
        None,
    ]


def test_of_two_agents_with_one_address_the_first_is_meant():
    twin = Agent("Robert", "bob@desk.example")
    assert Company("Example", (BOX,), (BOB, twin)).agent("bob@desk.example") is BOB


def test_a_company_with_other_agents_knows_those_alone():
    other = replace(COMPANY, agents=(CARLA,))
    assert (other.agent("bob@desk.example"), other.agent("carla@desk.example")) == (None, CARLA)


def test_what_a_company_looks_up_by_is_no_part_of_its_value():
    again = Company("Example", (BOX,), (BOB, CARLA))
    assert (again, hash(again)) == (COMPANY, hash(COMPANY))
    assert "_by_key" not in repr(COMPANY)
