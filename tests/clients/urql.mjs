// urql with graphcache and the server's own introspection: the keys are those of the SDL, and it has nothing to warn of.
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { getIntrospectionQuery, getNullableType, isNonNullType, isObjectType } from 'graphql';
import { done, endpoint, hold, schema as load, send, step, tokens } from './lib.mjs';
import { operations, reads } from './operations.mjs';

const schema = load();
const objects = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
// What has no id of its own, or none for sure, lives in what it hangs on.
const embedded = objects.filter((type) => !roots.includes(type) && !(type.getFields().id && isNonNullType(type.getFields().id.type)));
const connections = Object.values(schema.getQueryType().getFields()).filter((field) => `${getNullableType(field.type)}`.endsWith('Connection'));
const warned = [];
for (const kind of ['warn', 'error']) console[kind] = (...words) => warned.push(words.join(' '));

const { body } = await send({ query: getIntrospectionQuery() }, { token: tokens.viewer });
const make = (role) => new Client({
  url: endpoint,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization: `Bearer ${tokens[role]}` } },
  exchanges: [
    cacheExchange({
      schema: body.data,
      keys: Object.fromEntries(embedded.map((type) => [type.name, () => null])),
      resolvers: { Query: Object.fromEntries(connections.map((field) => [field.name, relayPagination()])) },
      logger: (severity, words) => { if (severity !== 'debug') warned.push(`${severity}: ${words}`); },
    }),
    fetchExchange,
  ],
});

await step('documents', async () => {
  for (const role of ['viewer', 'officer', 'admin']) {
    const client = make(role);
    for (const { name, text, variables } of reads.filter((one) => one.role === role)) {
      const first = await client.query(text, variables).toPromise();
      hold(!first.error, `${name}: ${first.error}`);
      // Connections that page have no sum of their own to take from the cache.
      const again = await client.query(text, variables, { requestPolicy: 'cache-only' }).toPromise();
      hold(!again.error && again.data, `${name} is not in the cache`);
    }
  }
  return `${reads.length} answered, and then from the cache alone`;
});

await step('pages by relayPagination', async () => {
  const client = make('viewer');
  const { text } = operations.get('DashboardBureaus');
  let after;
  let result;
  let pages = 0;
  do {
    result = await client.query(text, { first: 5, after }).toPromise();
    hold(!result.error, result.error);
    after = result.data.bureaus.pageInfo.endCursor;
    pages += 1;
  } while (result.data.bureaus.pageInfo.hasNextPage && pages < 50);
  const { edges, totalCount } = result.data.bureaus;
  hold(edges.length === totalCount, `${edges.length} of ${totalCount}`);
  return `${totalCount} bureaus in ${pages} pages`;
});

await step('warnings of the cache', async () => {
  hold(warned.length === 0, `${warned.length}, such as ${warned.slice(0, 2).join('\n')}`);
  return `0, with ${objects.length - embedded.length - roots.length} types by their id and ${embedded.length} in what they hang on`;
});
done('urql');
