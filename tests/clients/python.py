"""PyPI's gql: sync, async, subscriptions by websockets, and the closes that a client meets."""

import asyncio
import json
import os
import pathlib
import sys
import time
import traceback

from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from gql.transport.websockets import WebsocketsTransport

ENDPOINT = os.environ["TORIKUMI_URL"] + "/graphql"
SOCKET = ENDPOINT.replace("http", "ws", 1)
TOKENS = json.loads(os.environ["TORIKUMI_TOKENS"])
HERE = pathlib.Path(__file__).resolve().parent
VIEWER = gql("query { viewer { roles } }")
PAGE = "query Page($after: String) { bureaus(first: 5, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } totalCount } }"
TRIGGER = """mutation Trigger($job: JobName!, $reason: String!, $key: String!) {
  triggerJob(input: { job: $job, reason: $reason, idempotencyKey: $key }) { run { id } }
}"""
FOLLOW = "subscription Follow($id: ID!, $after: Long) { jobRun(id: $id, afterSequence: $after) { sequence run { state } event { kind } } }"
faults = 0


def bearer(role):
    return {"Authorization": f"Bearer {TOKENS[role]}"}


def step(name):
    """Runs a step at once; what it raises is its fault."""

    def run(body):
        global faults
        try:
            found = asyncio.run(body()) if asyncio.iscoroutinefunction(body) else body()
            print(f"ok    {name}: {found}", flush=True)
        except Exception:
            faults += 1
            print(f"FAULT {name}: {traceback.format_exc()}", flush=True)

    return run


begun = time.monotonic()


@step("sync, with the schema from the server")
def _():
    with Client(transport=HTTPXTransport(ENDPOINT, headers=bearer("viewer")), fetch_schema_from_transport=True) as session:
        for role, name in (("viewer", "dashboard"), ("officer", "bureau"), ("admin", "administrator")):
            session.client.validate(gql((HERE / "documents" / f"{name}.graphql").read_text()))
        codes, after, pages = [], None, 0
        while True:
            page = session.execute(GraphQLRequest(PAGE, variable_values={"after": after}))["bureaus"]
            codes += [node["code"] for node in page["nodes"]]
            pages += 1
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
    assert len(set(codes)) == page["totalCount"] and pages > 2, (codes, page)
    return f"3 documents valid, {len(codes)} bureaus in {pages} pages"


@step("an error with its code")
def _():
    with Client(transport=HTTPXTransport(ENDPOINT, headers=bearer("viewer"))) as session:
        try:
            session.execute(gql("query { shifts(first: 1) { nodes { id } } }"))
        except TransportQueryError as error:
            code = error.errors[0]["extensions"]["code"]
            assert code == "FORBIDDEN", error.errors
            return code
    raise AssertionError("a viewer read shifts")


@step("async, ten at a time, by aiohttp and httpx")
async def _():
    for transport in (AIOHTTPTransport(url=ENDPOINT, headers=bearer("officer"), ssl=False), HTTPXAsyncTransport(url=ENDPOINT, headers=bearer("officer"))):
        async with Client(transport=transport) as session:
            answers = await asyncio.gather(*(session.execute(VIEWER) for _ in range(10)))
        assert all(answer["viewer"]["roles"] == ["BUREAU_OFFICER"] for answer in answers), answers
    return "20 answered"


def socket(role=None, payload=None):
    return WebsocketsTransport(
        url=SOCKET,
        init_payload=payload if payload is not None else {"authorization": f"Bearer {TOKENS[role]}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        ping_interval=1,
        pong_timeout=5,
    )


@step("a run followed to its end over the socket")
async def _():
    async with Client(transport=AIOHTTPTransport(url=ENDPOINT, headers=bearer("admin"))) as session:
        variables = {"job": "SEAL_AUDIT", "reason": "a trial of the clients", "key": "clients-python-1"}
        run = (await session.execute(GraphQLRequest(TRIGGER, variable_values=variables)))["triggerJob"]["run"]["id"]
    sequences = []
    async with Client(transport=socket("admin")) as session:
        async for update in session.subscribe(GraphQLRequest(FOLLOW, variable_values={"id": run})):
            sequences.append(update["jobRun"]["sequence"])
            state = update["jobRun"]["run"]["state"]
        again = await session.execute(VIEWER)
    assert state == "SUCCEEDED" and sequences == sorted(set(sequences)) and again["viewer"]["roles"] == ["ADMIN"], (state, sequences, again)
    return f"{len(sequences)} messages in order, {state}"


@step("a token that is none")
async def _():
    try:
        async with Client(transport=socket(payload={"authorization": "Bearer none"})) as session:
            await session.execute(VIEWER)
    except TransportError as error:
        cause = error.__cause__
        code = cause.rcvd.code if getattr(cause, "rcvd", None) else None
        assert code == 4403 or "4403" in str(error) + str(cause), (error, cause)
        return 4403
    raise AssertionError("it was accepted")


print(f"{'ok   ' if faults == 0 else 'FAULT'} python: {faults} faults in {time.monotonic() - begun:.1f} s", flush=True)
sys.exit(1 if faults else 0)
