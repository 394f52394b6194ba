"""A real SMTP server (aiosmtpd) on a free port of the loopback, which it prints, for the tests of notices.

Each step of a mail is then a line: RCPT with the address before it answers for a recipient, DATA before it has taken the mail, TAKEN after that
and before the client hears of it; who is killed meanwhile never hears it. Each mail that it takes is a line of the log as well.
Addresses that begin with `refused` are refused. It holds its answers back for a moment, so that whoever reads the line comes in between.
"""

import asyncio
import sys

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, log):
        self.log = log

    async def handle_RCPT(self, server, session, envelope, address, options):
        await self.say("RCPT", address)
        if address.startswith("refused"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            await self.say("DATA", address)
            print(address, file=self.log, flush=True)
            await self.say("TAKEN", address)
        return "250 taken"

    async def say(self, step, address):
        print(step, address, flush=True)
        await asyncio.sleep(0.01)


async def main():
    with open(sys.argv[1], "a", encoding="ascii") as log:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Sink(log), hostname="sink.invalid"), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        # Ends with the test, which holds the other end.
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()


asyncio.run(main())
