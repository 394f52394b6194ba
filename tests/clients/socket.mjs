// npm's graphql-ws over the socket: what is followed, pings, and how it ends; and how the server closes on what breaks the protocol.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { done, here, hold, send, socket, step, tokens } from './lib.mjs';
import { operations } from './operations.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const within = (promise, words, seconds = 60) => Promise.race([promise, sleep(seconds * 1000).then(() => { throw new Error(`${words}: nothing in ${seconds} s`); })]);

// As the document recommends it: a code that another try does not mend ends the client.
const FINAL = new Set([1009, 4400, 4401, 4403, 4409, 4429]);
const recommended = (token, more = {}) => createClient({
  url: socket,
  webSocketImpl: WebSocket,
  connectionParams: async () => ({ authorization: `Bearer ${token}` }),
  shouldRetry: (event) => !FINAL.has(event?.code),
  ...more,
});

const first = (client, request) => within(new Promise((resolve, reject) => {
  let value;
  client.subscribe(request, { next: (message) => { value = message; }, error: reject, complete: () => resolve(value) });
}), request.query.slice(0, 60));

async function trigger(key) {
  const { text, name } = operations.get('AdministratorTrigger');
  const { body } = await send({ query: text, operationName: name, variables: { job: 'SEAL_AUDIT', reason: 'a trial of the clients', key } }, { token: tokens.admin });
  hold(!body.errors, JSON.stringify(body.errors));
  return body.data.triggerJob.run.id;
}

await step('a query, and pings, over the socket', async () => {
  let pongs = 0;
  const client = recommended(tokens.viewer, { keepAlive: 100, lazy: false, on: { pong: (received) => { pongs += received ? 1 : 0; } } });
  const { data, errors } = await first(client, { query: '{ viewer { roles } }' });
  hold(!errors && data.viewer.roles[0] === 'VIEWER', JSON.stringify({ data, errors }));
  for (let waited = 0; pongs < 2 && waited < 5000; waited += 50) await sleep(50);
  await client.dispose();
  hold(pongs >= 2, `${pongs} pongs`);
  return `answered; ${pongs} pings had their pong`;
});

await step('a run followed to its end', async () => {
  const run = await trigger('clients-socket-1');
  const client = recommended(tokens.admin);
  const { text } = operations.get('AdministratorRun');
  const seen = [];
  for await (const { data, errors } of client.iterate({ query: text, variables: { id: run } })) {
    hold(!errors, JSON.stringify(errors));
    seen.push(data.jobRun.sequence);
    if (data.jobRun.run.state === 'FAILED') throw new Error('the run failed');
  }
  await client.dispose();
  hold(seen.length > 0 && seen.every((one, index) => index === 0 || one > seen[index - 1]), `out of order: ${seen}`);
  return `${seen.length} messages in order, and the end`;
});

await step('tests/subscriber follows one too', async () => {
  const run = await trigger('clients-socket-2');
  const child = spawn('node', [here('../subscriber/follow.mjs'), socket, tokens.admin, run], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  const code = await within(new Promise((resolve) => child.on('close', resolve)), 'follow.mjs');
  const last = lines.findLast((line) => line.state);
  hold(code === 0 && last?.state === 'SUCCEEDED', `${code} ${JSON.stringify(lines)}`);
  return `${lines.length} lines, at the end ${last.state}`;
});

await step('an operation that is ended by its client', async () => {
  const client = recommended(tokens.officer);
  const stop = await new Promise((resolve, reject) => {
    const end = client.subscribe({ query: operations.get('BureauChanged').text, variables: {} }, { next: ({ data }) => resolve([end, data]), error: reject, complete: () => {} });
  });
  stop[0]();
  const { data } = await first(client, { query: '{ viewer { bureaus } }' });
  await client.dispose();
  hold(data.viewer.bureaus[0] === 'JINJI' && stop[1].changed.cursor, 'no answer afterwards');
  return 'the socket goes on';
});

await step('a token that is none', async () => {
  let tries = 0;
  const client = recommended('none', { on: { connecting: () => { tries += 1; } } });
  const error = await first(client, { query: '{ viewer { roles } }' }).then(() => null, (thrown) => thrown);
  await client.dispose();
  hold(error?.code === 4403 && tries === 1, `${error?.code} after ${tries} tries`);
  return '4403, and no second try';
});

// What no client of the protocol sends.
const closes = [
  ['no message of the protocol', 4400, [], 'nonsense'],
  ['an operation before the acknowledgement', 4401, [], JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: '{ __typename }' } })],
  ['a second connection_init', 4429, ['init'], JSON.stringify({ type: 'connection_init' })],
  ['an id in use', 4409, ['init', 'follow'], JSON.stringify({ id: 'f', type: 'subscribe', payload: { query: '{ __typename }' } })],
  ['a message that is too long', 1009, ['init'], JSON.stringify({ id: 'l', type: 'subscribe', payload: { query: `{ __typename } #${'x'.repeat(300000)}` } })],
];
for (const [name, code, before, message] of closes) {
  await step(name, async () => {
    const ws = new WebSocket(socket, 'graphql-transport-ws');
    const closed = new Promise((resolve) => ws.on('close', resolve));
    const next = () => new Promise((resolve) => ws.once('message', resolve));
    await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject));
    if (before.includes('init')) {
      ws.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${tokens.officer}` } }));
      await next();
    }
    if (before.includes('follow')) {
      ws.send(JSON.stringify({ id: 'f', type: 'subscribe', payload: { query: 'subscription { changed { cursor } }' } }));
      await next();
    }
    ws.send(message);
    const found = await within(closed, name, 15);
    hold(found === code, `closed by ${found}, not ${code}`);
    return code;
  });
}
done('socket');
