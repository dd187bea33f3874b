"""SPF, DKIM, DMARC and ARC of accepted mails: looked up in the DNS, or believed of a server that is trusted."""
