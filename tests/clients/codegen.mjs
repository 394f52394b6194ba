// graphql-codegen's client preset over the documents, and tsc --strict over what it makes and over a program that uses it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, here, hold, sdl, step } from './lib.mjs';

const work = join(process.env.TORIKUMI_WORK, 'codegen');
mkdirSync(work);
cpSync(here('codegen'), work, { recursive: true });
cpSync(here('documents'), join(work, 'documents'), { recursive: true });
writeFileSync(join(work, 'schema.graphql'), sdl);
symlinkSync(here('node_modules'), join(work, 'node_modules'));
const run = (name, ...given) => execFileSync(join(work, 'node_modules/.bin', name), given, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const scalars = { Date: 'string', DateTime: 'string', YearMonth: 'string', Decimal: 'string', IndicatorCode: 'string', FiscalYear: 'number', Long: 'number', JSON: 'unknown' };
writeFileSync(join(work, 'codegen.json'), JSON.stringify({
  schema: 'schema.graphql',
  documents: 'documents/*.graphql',
  generates: { 'made/': { preset: 'client', presetConfig: { fragmentMasking: { unmaskFunctionName: 'useFragment' } }, config: { strictScalars: true, scalars } } },
}));

await step('client preset', async () => {
  try {
    run('graphql-codegen', '--config', 'codegen.json');
  } catch (error) {
    throw new Error(`${error.stdout}${error.stderr}`);
  }
  return `${readdirSync(join(work, 'made')).length} files, each scalar with its type`;
});
await step('tsc --strict', async () => {
  try {
    const said = run('tsc', '--project', 'tsconfig.json');
    hold(said === '', said);
  } catch (error) {
    throw new Error(`${error.stdout ?? ''}${error.stderr ?? error}`);
  }
  return '0 errors';
});
done('codegen');
