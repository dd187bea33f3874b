"""The doors of mail: SMTP, LMTP, IMAP, files. Each hands over bytes and envelope, and answers after the commit."""
