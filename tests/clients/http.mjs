// GraphQL over HTTP, by the audits of npm's graphql-http; and each document as its sender sends it.
import { auditServer } from 'graphql-http';
import { done, endpoint, hold, say, send, step, tokens } from './lib.mjs';
import { reads } from './operations.mjs';

const results = await auditServer({ url: endpoint, fetchFn: fetch });
const of = (status) => results.filter((one) => one.status === status);
for (const { id, name, reason } of of('error')) console.log(`      MUST ${id} ${name}: ${reason}`);
for (const { id, name, reason } of of('warn')) console.log(`      SHOULD ${id} ${name}: ${reason}`);
say('audits of GraphQL over HTTP', `${results.length}: ${of('ok').length} hold, ${of('error').length} MUST, ${of('warn').length} SHOULD, ${of('notice').length} MAY do not`, of('error').length === 0 && of('ok').length > 40);

await step('documents', async () => {
  for (const { name, role, text, variables } of reads) {
    const { status, body } = await send({ query: text, variables, operationName: name }, { token: tokens[role] });
    hold(status === 200 && !body.errors, `${name}: ${status} ${JSON.stringify(body.errors)}`);
  }
  return `${reads.length} answered without an error`;
});
await step('a page of this machine', async () => {
  const preflight = async (origin) => {
    const { headers } = await fetch(endpoint, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,traceparent,apollographql-client-name' } });
    return [headers.get('access-control-allow-origin'), headers.get('access-control-allow-headers') ?? ''];
  };
  const [origin, headers] = await preflight('http://localhost:5173');
  hold(origin === 'http://localhost:5173' && headers.includes('traceparent') && headers.includes('apollographql-client-name'), `${origin}: ${headers}`);
  hold((await preflight('http://front.example'))[0] === null, 'another origin was let in');
  return `${origin} is let in with ${headers.split(',').length} headers, others are not`;
});
done('http');
