"""A real DNS server on loopback, over UDP and TCP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dnslib
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer


class Zone(BaseResolver):  # type: ignore[misc]
    """Answers from the text of a zone, and remembers what it was asked. It fails for broken.example."""

    def __init__(self, zone: str) -> None:
        self.records = dnslib.RR.fromZone(zone)
        self.asked: list[str] = []

    def resolve(self, request: dnslib.DNSRecord, handler: DNSHandler) -> dnslib.DNSRecord:
        name, kind = request.q.qname, dnslib.QTYPE[request.q.qtype]
        self.asked.append(f"{name} {kind}")
        reply = request.reply()
        if name.matchSuffix("broken.example"):
            reply.header.rcode = dnslib.RCODE.SERVFAIL
            return reply
        if name.matchSuffix("long.example"):
            reply.add_answer(*dnslib.RR.fromZone(f'long.example. 60 IN TXT "{"x" * 250}" "{"y" * 250}" "{"z" * 250}"'))
            return reply
        there = [rr for rr in self.records if rr.rname == name]
        for rr in there:
            if rr.rtype in (request.q.qtype, dnslib.QTYPE.CNAME):
                reply.add_answer(rr)
                if rr.rtype == dnslib.QTYPE.CNAME:
                    reply.add_answer(
                        *(other for other in self.records if other.rname == rr.rdata.label and other.rtype != rr.rtype)
                    )
        if not there:
            reply.header.rcode = dnslib.RCODE.NXDOMAIN
        return reply


@contextmanager
def serving(zone: Zone) -> Iterator[tuple[str, int]]:
    """Serves that zone, and gives address and port."""
    udp = DNSServer(zone, address="127.0.0.1", port=0, logger=Quiet())
    address = udp.server.server_address
    tcp = DNSServer(zone, address="127.0.0.1", port=address[1], tcp=True, logger=Quiet())
    for each in (udp, tcp):
        each.start_thread()
    try:
        yield address
    finally:
        for each in (udp, tcp):
            each.stop()
            each.server.server_close()


class Quiet(DNSLogger):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__("-request,-reply,-truncated,-error,-recv,-send,-data")
