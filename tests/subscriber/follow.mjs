// Follows one run until it is over, as a front end does: node follow.mjs URL TOKEN RUN
//
// Prints a line of JSON for each thing it sees: {"connected":true}, {"closed":CODE}, {"sequence":N,"event":KIND or null,"state":STATE}.
// Cut off, the client comes back by itself and goes on behind the last update that it saw.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, run] = process.argv.slice(2);
const say = (seen) => process.stdout.write(`${JSON.stringify(seen)}\n`);

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: () => ({ authorization: `Bearer ${token}` }),
  retryAttempts: 300,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
  // A server that is starting refuses the connection, which is no close event.
  shouldRetry: () => true,
  on: {
    connected: () => say({ connected: true }),
    closed: (event) => say({ closed: event.code }),
  },
});

// The client sends these again each time that it comes back.
const variables = { run, afterSequence: undefined };
const query = `subscription ($run: ID!, $afterSequence: Long) {
  jobRun(id: $run, afterSequence: $afterSequence) { sequence run { state } event { kind } }
}`;

client.subscribe(
  { query, variables },
  {
    next: ({ data }) => {
      const { sequence, event, run: { state } } = data.jobRun;
      variables.afterSequence = sequence;
      say({ sequence, event: event?.kind ?? null, state });
    },
    error: (error) => {
      console.error(error);
      process.exitCode = 1;
    },
    complete: () => client.dispose(),
  },
);
