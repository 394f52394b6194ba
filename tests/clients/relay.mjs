// relay-compiler over modules with connections, refetches by node, a mutation and a subscription; the server answers what it makes of them.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, here, hold, sdl, send, step, tokens } from './lib.mjs';
import { VARIABLES } from './operations.mjs';

const work = join(process.env.TORIKUMI_WORK, 'relay');
mkdirSync(join(work, 'made'), { recursive: true });
cpSync(here('relay'), join(work, 'src'), { recursive: true });
writeFileSync(join(work, 'schema.graphql'), sdl);
writeFileSync(join(work, 'relay.config.json'), JSON.stringify({ src: 'src', schema: 'schema.graphql', artifactDirectory: 'made', language: 'javascript', eagerEsModules: true, customScalarTypes: Object.fromEntries([...sdl.matchAll(/^scalar (\w+)/gm)].map(([, name]) => [name, name === 'Long' || name === 'FiscalYear' ? 'number' : name === 'JSON' ? 'mixed' : 'string'])) }));

await step('relay-compiler', async () => {
  const said = execFileSync(here('node_modules/.bin/relay-compiler'), ['relay.config.json', '--output', 'quiet-with-errors'], { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  hold(!/warn|error/i.test(said), said);
  return `${readdirSync(join(work, 'made')).length} artefacts`;
});

await step('what it made, answered', async () => {
  const bureau = (await send({ query: '{ bureaus(first: 1) { nodes { id } } }' }, { token: tokens.viewer })).body.data.bureaus.nodes[0].id;
  const variables = { BureausQuery: { count: 3 }, BureausPageQuery: { count: 3, cursor: null, filter: {} }, BureauNodeQuery: { id: bureau }, BureauRefetchQuery: { id: bureau }, SeriesQuery: VARIABLES.DashboardSeries, RunsQuery: { count: 3 }, RunsPageQuery: { count: 3 } };
  for (const [name, given] of Object.entries(variables)) {
    writeFileSync(join(work, 'made', `${name}.mjs`), readFileSync(join(work, 'made', `${name}.graphql.js`)));
    const { params } = (await import(join(work, 'made', `${name}.mjs`))).default;
    const { status, body } = await send({ query: params.text, operationName: params.name, variables: given }, { token: tokens[name.startsWith('Runs') ? 'admin' : 'viewer'] });
    hold(status === 200 && !body.errors, `${name}: ${status} ${JSON.stringify(body.errors)}`);
  }
  return `${Object.keys(variables).length} queries without an error`;
});
done('relay');
