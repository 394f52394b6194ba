// npm's graphql as the oracle: what it finds valid the server executes, and what it finds invalid the server refuses before it executes.
//
// TORIKUMI_SEED repeats a run, TORIKUMI_DOCUMENTS says how many, TORIKUMI_ORACLE_ALL=1 lists each disagreement in full.
import { parse, specifiedRules, validate } from 'graphql';
import { Chance } from './oracle/random.mjs';
import { operation } from './oracle/generate.mjs';
import { mutate, ways } from './oracle/mutate.mjs';
import { documents, done, say, schema as load, send, tokens } from './lib.mjs';

const seed = Number(process.env.TORIKUMI_SEED ?? 2015);
const count = Number(process.env.TORIKUMI_DOCUMENTS ?? 2000);
const schema = load();
const chance = new Chance(seed);

/** What the oracle says: null, or the rule that a document breaks and its words. */
function judge(text) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return { rule: 'Syntax', words: error.message };
  }
  let error;
  try {
    [error] = validate(schema, document);
  } catch (thrown) {
    // It looks at a subscription's directives before it has looked at their arguments.
    return { rule: 'SingleFieldSubscriptionsRule', words: thrown.message };
  }
  if (!error) return null;
  const rule = specifiedRules.find((one) => validate(schema, document, [one]).length > 0);
  return { rule: rule?.name ?? 'several', words: error.message };
}

// A second operation is the one that is executed, so that nothing is that costs something: all of a document must be valid.
const PROBE = 'query Probe { __typename }';

/** Whether a subscription skips its own root field, of which editions of the specification differ. */
const skipped = (text) => {
  try {
    return parse(text).definitions.some((one) => one.operation === 'subscription' && one.selectionSet.selections.some((root) => root.directives.length > 0));
  } catch {
    return false;
  }
};

function make() {
  const { kind, variables, text } = operation(schema, chance, 'Made');
  let way = 'none';
  let wrong = null;
  if (chance.odds(0.65)) {
    way = chance.of(ways);
    wrong = mutate(schema, chance, text, way);
    if (wrong === null) way = 'none';
  }
  const document = wrong ?? text;
  // Some are executed themselves, by nobody: what needs a token is refused at once, after validation.
  const itself = kind === 'query' && variables === 0 && chance.odds(0.3) && !['operationTwice', 'anonymousBeside'].includes(way) && !document.includes('$') && !document.includes('subscription ');
  if (itself) return { way, text: document, request: { query: document, operationName: 'Made' } };
  const whole = `${document}\n${PROBE}`;
  return { way, text: whole, token: tokens.admin, request: { query: whole, operationName: 'Probe' } };
}

/** Whether the server executed it. */
async function asked({ request, token }) {
  const { status, body } = await send(request, { token });
  const error = body.errors?.[0];
  if (error?.extensions?.code === 'LIMIT_EXCEEDED' || status >= 500 || (status !== 200 && status !== 400)) return { other: `${status} ${JSON.stringify(error)}` };
  return { executed: status === 200, words: error?.message };
}

const cases = documents().flatMap(([, text]) => [{ way: 'document', text: `${text}\n${PROBE}`, token: tokens.admin, request: { query: `${text}\n${PROBE}`, operationName: 'Probe' } }]);
while (cases.length < count) {
  const one = make();
  if (!skipped(one.text)) cases.push(one);
}

const found = { valid: 0, invalid: 0, accepted: [], refused: [], other: [] };
const rules = new Map();
let next = 0;
async function work() {
  while (next < cases.length) {
    const one = cases[next];
    next += 1;
    const verdict = judge(one.text);
    const { executed, words, other } = await asked(one);
    if (other) found.other.push({ one, kind: other, words: '' });
    else if (verdict) {
      found.invalid += 1;
      rules.set(verdict.rule, (rules.get(verdict.rule) ?? 0) + 1);
      if (executed) found.accepted.push({ one, kind: verdict.rule, words: verdict.words });
    } else {
      found.valid += 1;
      if (!executed) found.refused.push({ one, kind: words?.replace(/"[^"]*"/g, '…'), words });
    }
  }
}
await Promise.all(Array.from({ length: 8 }, work));

// Of each kind the number, and the shortest document.
function tell(title, list) {
  const kinds = Map.groupBy ? Map.groupBy(list, (entry) => entry.kind) : list.reduce((all, entry) => all.set(entry.kind, [...(all.get(entry.kind) ?? []), entry]), new Map());
  for (const [kind, entries] of [...kinds].sort((a, b) => b[1].length - a[1].length)) {
    entries.sort((a, b) => a.one.text.length - b.one.text.length);
    for (const { one, words } of process.env.TORIKUMI_ORACLE_ALL ? entries : entries.slice(0, 1)) {
      console.log(`      ${title} ${kind} ×${entries.length} (${one.way}): ${words}\n        ${one.text.replace(PROBE, '').replace(/\s+/g, ' ').slice(0, 600)}`);
    }
  }
}
say('oracle', `${cases.length} documents, seed ${seed}: ${found.valid} valid, ${found.invalid} invalid of ${rules.size} rules`, found.valid >= count / 4 && found.invalid >= count / 4);
say('invalid documents accepted', found.accepted.length, found.accepted.length === 0);
tell('accepted', found.accepted);
say('valid documents refused', found.refused.length, found.refused.length === 0);
tell('refused', found.refused);
say('answers of another kind', found.other.length, found.other.length === 0);
tell('other', found.other);
done('oracle');
