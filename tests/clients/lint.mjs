// graphql-eslint over the SDL and the documents.
import { execFileSync } from 'node:child_process';
import { done, here, hold, step } from './lib.mjs';

// What is said and meant so.
const MEANT = [
  // A revision's number, and the number by which people are known: words of the domain.
  /^Field "revision" starts with the name of the parent type "Revision"/,
  /^Field "staffNumber" starts with the name of the parent type "Staff"/,
  // The language's own directive, which the SDL prints for readers.
  /^Directive `specifiedBy` is unreachable/,
];

await step('graphql-eslint', async () => {
  let said;
  try {
    said = execFileSync(here('node_modules/.bin/eslint'), ['--config', here('eslint.config.mjs'), '--no-config-lookup', '--max-warnings', '0', '--format', 'json', 'api/schema.graphql', 'tests/clients/documents'], { cwd: here('../..'), encoding: 'utf8', maxBuffer: 1 << 28 });
  } catch (error) {
    said = error.stdout || String(error.stderr);
  }
  let files;
  try {
    files = JSON.parse(said);
  } catch {
    throw new Error(said);
  }
  const all = files.flatMap(({ filePath, messages }) => messages.map((message) => ({ filePath, ...message })));
  const found = all.filter(({ message }) => !MEANT.some((meant) => meant.test(message)));
  const rules = Map.groupBy ? Map.groupBy(found, ({ ruleId }) => ruleId) : found.reduce((all, one) => all.set(one.ruleId, [...(all.get(one.ruleId) ?? []), one]), new Map());
  for (const [rule, those] of rules) {
    for (const { filePath, line, message } of those.slice(0, 5)) console.log(`      ${rule} ×${those.length} ${filePath}:${line} ${message}`);
  }
  hold(found.length === 0, `${found.length} messages`);
  return `${files.length} files, 0 messages beside ${all.length} that are meant`;
});
done('lint');
