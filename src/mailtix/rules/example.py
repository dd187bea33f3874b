"""The rules that `mailtix init` writes for a first try. They fit the example settings."""

EXAMPLE_RULES = """\
# Rules are tried from top to bottom, files by name. docs/rules.md explains every condition and action.
# `mailtix check` tells every mistake, `mailtix rules test` tries the examples (docs/rules-at-work.md).

- name: Invoices and payments
  when:
    any:
      - subject: [invoice, payment, refund, '/\\bbill(ing)?\\b/i']
      - body: [refund, charged twice]
  then:
    category: billing
    team: billing
  examples:
    - {subject: Your invoice 4711, expect: {category: billing, team: billing}}
    - {subject: Our billboard, expect: {matches: false}}

- name: Somebody cannot work
  when:
    subject: [urgent, outage, "is down"]
  then:
    priority: urgent
    tag: urgent-by-subject
"""
