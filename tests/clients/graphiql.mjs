// GraphiQL as the program serves it: its examples are right, each is answered to its role, and the schema beside it is the committed one.
import { createContext, runInContext } from 'node:vm';
import { parse, validate } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { done, hold, schema, sdl, send, socket, step, tokens, url } from './lib.mjs';

const TOKENS = { viewer: tokens.viewer, staff: tokens.staff, manager: tokens.manager, bureau_officer: tokens.officer, bureau_system: tokens.system, secretariat: tokens.secretariat, admin: tokens.admin };
const fetched = async (path, headers = {}) => {
  const response = await fetch(`${url}${path}`, { headers, redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

await step('eight examples by role', async () => {
  const context = createContext({});
  const examples = runInContext(`${(await fetched('/graphiql/assets/examples.js')).text}; EXAMPLES`, context);
  hold(examples.length === 8 && new Set(examples.map(({ role }) => role)).size === 8, examples.map(({ role }) => role).join());
  for (const { role, query, variables } of examples) {
    const [wrong] = validate(schema(), parse(query));
    hold(!wrong, `${role}: ${wrong?.message}`);
    const token = TOKENS[role];
    hold(token || role === 'public', `no token for ${role}`);
    if (query.includes('subscription ')) {
      const client = createClient({ url: socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });
      const { value } = await client.iterate({ query }).next();
      await client.dispose();
      hold(value.data && !value.errors, `${role}: ${JSON.stringify(value)}`);
    } else {
      const { status, body } = await send({ query, variables }, { token });
      hold(status === 200 && body.data && !body.errors, `${role}: ${status} ${JSON.stringify(body)}`);
    }
  }
  return `${examples.length} answered to their roles`;
});

await step('the way there', async () => {
  const browser = { accept: 'text/html' };
  const ways = await Promise.all([['/', '/releases'], ['/graphql', '/graphiql']].map(async ([path, to]) => {
    const { status, headers } = await fetched(path, browser);
    hold(status === 303 && headers.get('location') === to, `${path}: ${status} ${headers.get('location')}`);
    return `${path} leads to ${to}`;
  }));
  const { status, text } = await fetched('/schema.graphql');
  hold(status === 200 && text === sdl, `/schema.graphql: ${status}, ${text.length} of ${sdl.length} characters`);
  return `${ways.join(', ')}; /schema.graphql is the committed one`;
});
done('graphiql');
