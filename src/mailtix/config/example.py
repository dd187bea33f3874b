"""The settings file that `mailtix init` writes: it runs as it is, on loopback, and explains every key.

A line that begins with `#` and no space after it is a setting that is switched off: take the `#` away to use it.
"""

EXAMPLE = """\
# mailtix.yaml - the settings of one installation.
#
# Paths begin at the folder of this file. Durations: 90s, 15m, 4h, 2d, 1h30m. Sizes: 50MB (million bytes), 50MiB.
# Lines like `#redis: …`, without a space after the #, are settings that are switched off.
# Instead of any value you may write {env: NAME} or {file: PATH}: it is read from there. Use it for passwords.
# MAILTIX_DATABASE=… in the environment goes before `database` here, MAILTIX_LISTEN__SMTP=… before `listen: smtp`.
# `mailtix check` tells all mistakes and shows what is in effect.

# Where everything is kept. SQLite needs nothing else; for several processes use PostgreSQL.
database: sqlite:///var/mailtix.db
#database: postgresql+psycopg://mailtix@db.example.com/mailtix

# A Redis lets workers run as processes of their own (`mailtix worker`). null: they run inside `mailtix serve`.
redis: null
#redis: redis://redis.example.com:6379/0

listen:
  # The SMTP door, host:port; IPv6 as "[::1]:2525". null closes it.
  smtp: 127.0.0.1:2525
  # The LMTP door, for a Postfix or Exim in front of us.
  lmtp: null
  # A certificate makes the SMTP door offer STARTTLS. Both files are in PEM.
  tls: null
  #tls: {certificate: tls/fullchain.pem, key: tls/privkey.pem}
  # The largest mail that is taken.
  size_limit: 50MB
  # The name we greet with and use in Message-IDs. null: the name of this machine.
  hostname: null
  # How many connections at once, in all and from one address.
  connections: 200
  per_address: 50
  # How long a client may say nothing, take for one mail, and stay. Who takes longer hears 421 and is cut off.
  silence: 5m
  mail_time: 30m
  session_time: 2h
  # While so many accepted mails wait to be processed, further mail is put off with 452.
  queue: 100000
  # true: several `mailtix serve` on one PostgreSQL share the port, and the system gives each its part.
  reuse_port: false

# Who is served here. Nothing of one company is ever seen by another.
companies:
  - name: Example
    # The addresses customers write to; support+anything@example.com is ours too. `name` is what customers see.
    mailboxes:
      - address: support@example.com
        name: Example Support
        # Fetch the mail of this address from an IMAP account, beside the doors above.
        #imap:
          # Server. tls is ssl (port 993), starttls or none (port 143); `port` only when it is another one.
          #host: imap.example.com
          #tls: ssl
          #port: 993
          #username: support@example.com
          #password: {env: SUPPORT_PASSWORD}
          # The folder to read, and where to move what has been taken; null leaves it there, marked as seen.
          #folder: INBOX
          #done: Processed
          # Leave alone what came there before: a day, or a moment as 2026-03-01T09:00+01:00. null: take all of it.
          #since: 2026-03-01
          # How often to look when the server cannot tell us by itself (IDLE).
          #poll: 60s
      #- address: sales@example.com
        # With an access token instead of a password, as Google and Microsoft want it; see docs/config.md.
        #imap:
          #host: imap.example.com
          #username: sales@example.com
          #oauth:
            # Where tokens are given, and what we are known by there.
            #token_url: https://login.example.com/oauth2/token
            #client_id: 0f5c2a3e
            #client_secret: {env: OAUTH_SECRET}
            # With the consent of the account's owner (refresh_token), or of the domain's admin (client_credentials).
            #grant: refresh_token
            #refresh_token: {env: OAUTH_TOKEN}
            # What is asked for, in the server's words; and how the token is shown: xoauth2 or oauthbearer.
            #scope: ""
            #method: xoauth2
    # If categories are listed, rules and commands may use no others. An empty list allows any. A category may name the
    # team that looks after it: {name: refunds, team: billing}.
    categories: []
    #categories:
      #- name: refunds
        #team: billing
    # The language of mail to customers whose own language is not known.
    language: en
    # The clock that the company's days are cut by, in reports and for recurring mail.
    zone: UTC

# Who answers. Teams are made by naming them. `company` (a name or a list) limits an agent to these companies.
agents:
  - name: Bob Miller
    email: bob@example.com
    teams: [billing]
    company: Example
    # What he knows (a ticket asks for the skills named like its category and tags) and which languages he speaks.
    skills: []
    languages: []
    # When he gets new tickets; left out: at any time. Hours like 22:00-06:00 go past midnight.
    #shift:
      #days: mon-fri
      #hours: 09:00-17:30
      #zone: Europe/Berlin
    # How many open tickets he is given at most; null: any number.
    max: null
    # available, busy, away or offline: only who is available is given tickets. `mailtix agents set` changes it for now.
    availability: available
    # agent, manager or admin; an agent with categories works only on tickets of these (and on what he is given).
    role: agent
    categories: []
    # The house's own number for him, shown by `mailtix agents list`.
    employee_id: ""

# Teams whose tickets go to one of them at once. A team that is not named here has a queue. See docs/assignment.md.
teams: []
#teams:
  #- name: billing
    # round_robin, least_busy or skill; null: its tickets wait for whoever takes them.
    #strategy: least_busy
    # A customer comes back to who looked after him before.
    #sticky: true
    # The agent who is told, beside the team, when nobody can take a ticket.
    #lead: bob@example.com
    # The team that helps out then.
    #fallback: null

# What is known of some customers, by their addresses. The first that fits counts.
accounts: []
#accounts:
  #- name: Big Corp
    #match: ["*@bigcorp.example"]
    # The companies that it is a customer of; left out: all.
    #company: Example
    # Notices say that it matters.
    #vip: true
    # The language of mail to them when their own is not known.
    #language: de
    # Who looks after them: steps that an escalated ticket may go up to. They need not be agents.
    #account_manager: ann@example.com
    #reseller: sales@reseller.example

# The way out: one of `maildir` (a folder that any mail client opens; for a first try) and `smtp` (a real server).
outbound:
  maildir: var/sent
  #smtp:
    # tls is starttls (port 587), ssl (port 465) or none (port 25); `port` only when it is another one.
    #host: smtp.example.com
    #tls: starttls
    #port: 587
    # Username and password belong together; leave both out if the server knows us by our address.
    #username: support@example.com
    #password: {file: secrets/smtp-password}
    # Certificates to trust beside the system's own, in PEM.
    #ca: tls/our-ca.pem
  # How long agents' answers wait before they leave, so that `#undo` can stop them, such as 60s; null: not at all.
  hold: null
  # A colleague has answered since an agent's copy was sent: warn (his own goes out, and he is told), hold (it waits
  # until he says `#send`) or off.
  overtaken: warn

# Files of rules, tried in this order, and by name within a pattern. See docs/rules.md.
rules: [rules/*.yaml]

# Folders whose templates go before the built-in ones, file by file.
templates: [templates]

# How tickets are numbered: {year} {month} {date} {epoch} and {seq}; {seq:06} has six digits.
ticket_number: "TKT-{year}-{seq:06}"

# When work is done. Targets are counted in these hours; 24/7 is always there. See docs/sla.md.
calendars: []
#calendars:
  #- name: office
    # The clock that the hours are read from.
    #zone: Europe/Berlin
    # The hours of each day of the week, with breaks; days that are not named are closed.
    #hours: {mon-thu: "09:00-12:30, 13:30-17:30", fri: "09:00-15:00"}
    # Days off: those of a country and region, and calendar files. With a url, the file is fetched once a day.
    #holidays:
      #country: DE
      #region: BY
      #ics:
        #- file: holidays/works.ics
          #url: https://intranet.example.com/works.ics
    # Dates with other hours; they go before the holidays.
    #exceptions: {2026-12-24: "09:00-12:00", 2026-12-31: closed}

sla:
  # How fast: relaxed, standard or strict; the times of each are in docs/config.md.
  preset: standard
  # Warn when this share of the time has passed, or so long before its end; or a list: [75%, 30m].
  warn_at: 0.75
  # Times that differ from the preset, for each priority: critical, urgent, high, medium, low. The next response is to
  # whatever the customer writes after the first one; no preset promises it.
  targets:
    #critical: {first_response: 15m, next_response: 30m, resolution: 2h}
    #urgent: {first_response: 15m, next_response: 1h, resolution: 4h}
    #high: {first_response: 1h, next_response: 4h, resolution: 8h}
    #medium: {first_response: 4h, next_response: 8h, resolution: 24h}
    #low: {first_response: 8h, next_response: 16h, resolution: 48h}
  # The calendar that the time is counted in, or one for each priority: {medium: office, low: office}.
  calendar: 24/7
  # Statuses in which no target counts the time, and `snoozed`.
  pauses: [waiting_customer, snoozed]
  # When a ticket is opened again, its time for the resolution begins anew (restart) or goes on (continue).
  on_reopen: restart
  # Other promises for some tickets. They are tried in order, and a rule may name one.
  policies: []
  #policies:
    #- name: gold
      # All that is named must hold, and of each one of its values (a text or a list).
      #when:
        #company: Example
        #team: billing
        #category: refunds
        #priority: [high, urgent, critical]
        #tag: vip
        #requester: "*@customer.example"
        #vip: true
      # What is left out is as for all tickets.
      #preset: strict
      #targets: {critical: {first_response: 10m}}
      #calendar: {high: office}

escalation:
  # A missed target brings the ticket to the next step of the chain, and to one more after each `every` of working time.
  on_breach: true
  every: 1h
  # The steps, for `#escalate` too: lead, manager, admin, account_manager, reseller. Where nobody is, there is no step.
  chain: [lead, manager, admin, account_manager]
  # Tell the customer that we are late.
  tell_customer: false

remind:
  # Remind the desk of a ticket that nobody has, and of a customer who waits for an answer, after so much working time;
  # and of what an agent has promised, so long before it is due. null: not at all.
  unassigned: 30m
  pending: 24h
  due: 1h

close:
  # A customer who does not answer is warned, and then the ticket is closed. null: it is not.
  warn: 5d
  after: 7d
  # What is resolved is closed when nobody has come back to it for so long; null: it stays.
  resolved: 48h
  # Other times for some categories. What is left out is as above.
  categories: []
  #categories:
    #- name: refunds
      #warn: 12d
      #after: 14d
      #resolved: null

survey:
  # Ask the customer for a mark from 1 to 5, this long after the ticket was closed.
  enabled: true
  after: 24h
  # How long his answer counts, and how long the same customer is left alone afterwards.
  expires: 30d
  every: 14d
  # A mark up to this one alerts the desk (0: none does), and may open the ticket again.
  low: 2
  reopen: false
  # Thank whoever answers, once.
  thanks: false

notify:
  # Tell the agents of the company about a new ticket that nobody has.
  unassigned: true
  # Who hears of changed rules that cannot be used (those from before stay in effect), and of mail that is parked.
  admins: []
  # Who gets the reports of `recurring`; if nobody is named, the admins do.
  managers: []

# Mail that comes again and again. What is not named here does not come. See docs/reports.md.
recurring:
  # Each agent's overview of his own tickets, on his own clock, at that time of these days.
  #digest:
    #at: "07:30"
    #days: mon-fri
  # Which targets were met and missed, to managers and the leads of teams.
  #sla_report:
    #at: "07:00"
    #days: mon-fri
  # What each agent did in the week before. One day of the week.
  #weekly:
    #at: "08:00"
    #day: mon
  # The figures of the month before, to managers. The day of the month, 1 to 28.
  #monthly:
    #at: "08:00"
    #day: 1

commands:
  # Other words for agents' commands: {done: resolve, p: priority}.
  aliases: {}
  #aliases: {done: resolve}
  # Commands that only managers or admins may use: {merge: manager}. All others are for all agents.
  permissions: {}
  #permissions: {requester: manager}
  # How long an agent may take back what his last mail has done (`#undo`).
  undo: 1h

# Fields that tickets have beside the usual ones; agents set them with `#field order 4711`.
fields: []
#fields:
  #- name: product
    # text, number, date or choice; a choice has its choices.
    #type: choice
    #choices: [desk, lamp]
    # Only tickets of these categories have it; left out: all.
    #categories: [refunds]

# Texts that agents send with `#template greeting`. {requester}, {number}, {subject}, {agent}, {company} and the names
# of custom fields are filled in; other {names} are given with the command: `#template greeting day=Monday`.
canned: []
#canned:
  #- name: greeting
    # One text, or one for each language.
    #text: {en: "Hello {requester}, you will hear from us on {day}.", de: "Guten Tag, wir melden uns am {day}."}

security:
  # Keys that sign reply addresses, 16 characters or more. The first signs, all are believed, so that you can change
  # them. None: one is made at the first start and kept in the database.
  secrets: []
  #secrets: [{env: SIGNING_SECRET}]
  # How long a reply address stays good.
  token_lifetime: 90d
  # What makes an agent's mail his: token (a reply address of his own), dmarc (his domain vouches for the mail),
  # token_or_dmarc, or token_and_dmarc.
  agents: token_or_dmarc
  # Which mails SPF, DKIM and DMARC are looked up for: needed (when the decision rests on it), always or never.
  verify: needed
  # The longest that this may take for one mail.
  verify_timeout: 5s
  # The DNS servers to ask; null asks those of the system.
  resolver: null
  #resolver: ["127.0.0.1:53"]
  # Servers of your own, by the name they put first in Authentication-Results, that have looked all this up already.
  authserv_ids: []
  # Domains whose ARC seals are believed: mailing lists and forwarders that you trust.
  trusted_arc: []

participants:
  # People in To and Cc of a participant's mail take part, too; and how many there may be.
  join_by_cc: true
  most: 20
  # Answers go to Reply-To instead of From: when both are of the same domain, never, or always.
  reply_to: same_domain

limits:
  # New tickets of one sender, then his mail waits until somebody says #resume; so many (count) within that time (per).
  new_tickets: {count: 10, per: 1h}
  # Automatic answers to one address, whatever they are about.
  answers:
    - {count: 10, per: 10m}
    - {count: 15, per: 30m}
    - {count: 25, per: 1h}
    - {count: 50, per: 3h}
    - {count: 100, per: 10h}
  # Mails of one sender to one ticket that say nearly the same: programs that answer each other. 1 looks for none.
  alike: {count: 4, per: 1d}

attachments:
  # What is passed on of the files of one mail: so many, each so large. The others stay in the ticket.
  max_files: 10
  max_size: 10MB
  # Files that are never passed on, by extension or type. This takes the place of the list in docs/config.md.
  #held: [exe, scr, js, vbs, lnk, docm, xlsm, application/x-msdownload]
  # The ClamAV daemon that is asked about every file, host:port or the path of its socket; null asks nobody.
  clamd: null
  #clamd: /run/clamav/clamd.ctl
  # The longest that all files of a mail may take.
  clamd_timeout: 30s

journal:
  # How often a mail that we fail to process is tried before it is parked for you to look at.
  tries: 5

# What similar tickets of the past say (docs/rules.md).
suggest:
  # A new ticket that rules leave without a category gets one suggested, by what similar tickets of the past have.
  category: false

webhooks:
  # The hosts that rules may tell of things (docs/rules.md), each with its port if it is not the usual one.
  hosts: []
  #hosts: [hooks.example.com, 127.0.0.1:8080]
  # What each call is signed with, so that they know that it is us. Make one with: openssl rand -hex 32
  #secret: {env: SIGNING_SECRET}
  # How long they may take to answer.
  timeout: 10s

workers:
  # How many mails are worked on at once in one process.
  threads: 4
  # The line, which makes tickets of mails, runs in a process of its own beside the listeners (with SQLite, in two),
  # so that each has a processor. thread: everything in one process, which saves some memory.
  line: process

log:
  # console (for people) or json (for machines).
  format: console
  # debug, info, warning or error.
  level: info
"""
