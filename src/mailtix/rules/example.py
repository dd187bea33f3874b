"""The rules that `mailtix init` writes for a first try. They fit the example settings."""

EXAMPLE_RULES = """\
# Rules are tried from top to bottom, files by name. docs/rules.md explains every condition and action.
# `mailtix check` tells every mistake.

- name: Invoices and payments
  when:
    any:
      - subject: [invoice, payment, refund, '/\\bbill(ing)?\\b/i']
      - body: [refund, charged twice]
  then:
    category: billing
    team: billing

- name: Somebody cannot work
  when:
    subject: [urgent, outage, "is down"]
  then:
    priority: urgent
    tag: urgent-by-subject
"""
