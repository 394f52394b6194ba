// @apollo/client without a browser: queries, pages of a connection, part of an answer beside an error, keys of the cache, the socket.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { isInterfaceType, isObjectType } from 'graphql';
import { done, endpoint, hold, schema as load, socket, step, tokens } from './lib.mjs';
import { operations } from './operations.mjs';

const schema = load();
const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'));
const possibleTypes = Object.fromEntries(types.filter(isInterfaceType).map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]));
const warned = [];
console.warn = (...words) => warned.push(words.join(' '));
console.error = (...words) => warned.push(words.join(' '));

const make = (role) => new ApolloClient({
  link: new HttpLink({ uri: endpoint, headers: { authorization: `Bearer ${tokens[role]}`, accept: 'application/graphql-response+json' } }),
  cache: new InMemoryCache({
    possibleTypes,
    typePolicies: { Query: { fields: { bureaus: relayStylePagination(['filter', 'orderBy']), jobRuns: relayStylePagination(['filter', 'orderBy']) } } },
  }),
});
const query = (name) => gql(operations.get(name).text);

const client = make('viewer');
await step('a query', async () => {
  const { data } = await client.query({ query: query('DashboardSeries'), variables: operations.get('DashboardSeries').variables });
  hold(data.indicatorSeries.length > 20, `${data.indicatorSeries.length} series`);
  return `${data.indicatorSeries.length} series`;
});

await step('all pages by relayStylePagination', async () => {
  const page = { query: query('DashboardBureaus'), variables: { first: 5 } };
  const watched = client.watchQuery(page);
  const sight = watched.subscribe(() => {});
  let { data } = await client.query(page);
  let pages = 1;
  while (data.bureaus.pageInfo.hasNextPage && pages < 50) {
    await watched.fetchMore({ variables: { after: data.bureaus.pageInfo.endCursor } });
    data = client.readQuery(page);
    pages += 1;
  }
  sight.unsubscribe();
  const { edges, totalCount } = data.bureaus;
  const ids = new Set(edges.map(({ node }) => node.id));
  hold(edges.length === totalCount && ids.size === totalCount && pages > 2, `${edges.length} edges, ${ids.size} ids of ${totalCount} in ${pages} pages`);
  return `${totalCount} bureaus in ${pages} pages, each once`;
});

await step('an error beside data, by the policy all', async () => {
  const asked = gql`{ viewer { roles } release(fiscalYear: 2019) { id observations(first: 1, last: 1) { totalCount } } }`;
  const { data, error } = await client.query({ query: asked, errorPolicy: 'all', fetchPolicy: 'network-only' });
  const { extensions, path } = error?.errors?.[0] ?? {};
  hold(data?.viewer?.roles[0] === 'VIEWER' && extensions?.code === 'BAD_USER_INPUT' && path?.[1] === 'observations', JSON.stringify({ data, error }));
  return `${extensions.code} at ${path.join('.')}, and the rest of the answer (release: ${JSON.stringify(data.release)})`;
});

await step('keys of the cache', async () => {
  const keys = Object.keys(client.cache.extract()).filter((key) => key.includes(':'));
  const bureau = keys.find((key) => key.startsWith('Bureau:')).slice('Bureau:'.length);
  const before = keys.length;
  const { data } = await client.query({ query: query('DashboardNode'), variables: { id: bureau } });
  const after = Object.keys(client.cache.extract()).filter((key) => key.includes(':'));
  hold(data.node.__typename === 'Bureau' && after.length === before, `node made another entry: ${before} ${after.length}`);
  const bare = Object.entries(client.cache.extract()).filter(([key, entry]) => entry.__typename && isObjectType(schema.getType(entry.__typename)) && !key.startsWith(`${entry.__typename}:`) && !key.startsWith('ROOT_'));
  hold(bare.length === 0, JSON.stringify(bare.slice(0, 2)));
  return `${before} entries by id; node finds the list's`;
});

await step('a subscription beside it', async () => {
  const sockets = createClient({ url: socket, webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${tokens.officer}` } });
  const followed = new ApolloClient({ link: new GraphQLWsLink(sockets), cache: new InMemoryCache() });
  const seen = await new Promise((resolve, reject) => {
    const sight = followed.subscribe({ query: query('BureauChanged') }).subscribe({ next: (value) => { resolve(value); sight.unsubscribe(); }, error: reject });
  });
  await sockets.dispose();
  hold(seen.data?.changed.cursor, JSON.stringify(seen));
  return 'its first message has a cursor';
});

await step('warnings of the client', async () => {
  hold(warned.length === 0, warned.join('\n'));
  return 0;
});
done('apollo');
