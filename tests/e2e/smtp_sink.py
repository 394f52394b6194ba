"""A real SMTP server (aiosmtpd) on a free port of the loopback, which it prints, for the tests of notices.

Each mail that it takes is a line of the log, written before the client hears that it was taken; who is killed meanwhile never hears it.
Addresses that begin with `refused` are refused.
"""

import asyncio
import sys

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, log):
        self.log = log

    async def handle_RCPT(self, server, session, envelope, address, options):
        await asyncio.sleep(0.005)
        if address.startswith("refused"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            print(address, file=self.log, flush=True)
        await asyncio.sleep(0.02)
        return "250 taken"


async def main():
    with open(sys.argv[1], "a", encoding="ascii") as log:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Sink(log), hostname="sink.invalid"), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        # Ends with the test, which holds the other end.
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()


asyncio.run(main())
