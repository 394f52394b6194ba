// npm's graphql as the oracle: what it finds valid the server executes, and what it finds invalid the server refuses before it executes.
//
// TORIKUMI_SEED repeats a run, TORIKUMI_DOCUMENTS says how many, TORIKUMI_ORACLE_ALL=1 lists each disagreement in full.
import { getNamedType, getNullableType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isRequiredArgument, isRequiredInputField, Kind, parse, specifiedRules, validate } from 'graphql';
import { Chance } from './oracle/random.mjs';
import { operation } from './oracle/generate.mjs';
import { mutate, ways } from './oracle/mutate.mjs';
import { documents, done, hold, say, schema as load, send, step, tokens } from './lib.mjs';

const seed = Number(process.env.TORIKUMI_SEED ?? 2015);
const count = Number(process.env.TORIKUMI_DOCUMENTS ?? 2000);
const schema = load();
// The same schema, whose scalars take what their descriptions say: one that is made of text takes any literal.
const strict = load();
const LITERALS = {
  Date: (node) => node.kind === Kind.STRING && /^\d{4}-\d\d-\d\d$/.test(node.value),
  DateTime: (node) => node.kind === Kind.STRING && /^\d{4}-\d\d-\d\dT/.test(node.value),
  YearMonth: (node) => node.kind === Kind.STRING && /^\d{4}-\d\d$/.test(node.value),
  FiscalYear: (node) => node.kind === Kind.INT && /^\d{4}$/.test(node.value),
  Long: (node) => node.kind === Kind.INT,
  IndicatorCode: (node) => node.kind === Kind.STRING && /^[A-Z0-9_]+$/.test(node.value),
};
for (const [name, takes] of Object.entries(LITERALS)) {
  strict.getType(name).parseLiteral = (node) => {
    if (!takes(node)) throw new Error(`no ${name}`);
    return node.value;
  };
}
/** Whether a document that is valid but for the literals of our scalars breaks these. */
const breaksScalars = (text) => validate(strict, parse(text)).some((error) => /^Expected value of type|no (Date|DateTime|YearMonth|FiscalYear|Long|IndicatorCode)/.test(error.message));
/** Whether a subscription names its only field more than once: the specification merges these, and the executor would follow each. */
const followsTwice = (text) => parse(text).definitions.some((one) => one.operation === 'subscription' && one.selectionSet.selections.length > 1);
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

const found = { valid: 0, invalid: 0, scalars: 0, twice: 0, accepted: [], refused: [], other: [] };
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
      if (!executed && breaksScalars(one.text)) found.scalars += 1;
      else if (!executed && /must select only one top level field/.test(words) && followsTwice(one.text)) found.twice += 1;
      else if (!executed) found.refused.push({ one, kind: words?.replace(/"[^"]*"/g, '…'), words });
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
say('refused for a literal that a scalar of ours does not take', found.scalars, true);
say('refused for a subscription that names its field twice', found.twice, true);
say('answers of another kind', found.other.length, found.other.length === 0);
tell('other', found.other);

// An omitted variable is as an argument that was left out: for each argument of a query's field that has a default, and each field of its input.
const SIMPLE = { String: '"x"', ID: '"x"', Int: '1', YearMonth: '"2019-06"', FiscalYear: '2019', Date: '"2019-06-01"', IndicatorCode: '"MEAN_OVERTIME_HOURS"' };
const literal = (type) => {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return `[${literal(type.ofType)}]`;
  return isEnumType(type) ? type.getValues()[0].name : SIMPLE[type.name];
};
const pairs = [];
for (const field of Object.values(schema.getQueryType().getFields())) {
  const required = field.args.filter(isRequiredArgument).map((argument) => `${argument.name}: ${literal(argument.type)}`);
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const ask = (argument) => {
    const given = [...required, argument].filter(Boolean);
    return `${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${selection}`;
  };
  for (const argument of field.args.filter((one) => one.defaultValue !== undefined)) {
    pairs.push([`${field.name}(${argument.name}:)`, `query ($v: ${getNullableType(argument.type)}) { ${ask(`${argument.name}: $v`)} }`, `{ ${ask('')} }`]);
  }
  for (const argument of field.args.filter((one) => isInputObjectType(getNamedType(one.type)))) {
    for (const inner of Object.values(getNamedType(argument.type).getFields())) {
      if (isRequiredInputField(inner)) continue;
      pairs.push([`${field.name}(${argument.name}.${inner.name}:)`, `query ($v: ${getNullableType(inner.type)}) { ${ask(`${argument.name}: { ${inner.name}: $v }`)} }`, `{ ${ask(`${argument.name}: {}`)} }`]);
    }
  }
}
const shown = ({ body }) => JSON.stringify([body.data, body.errors?.map(({ message, path, extensions }) => [message, path, extensions?.code])]);
await step('omitted variables', async () => {
  const differ = [];
  for (const [place, omitted, out] of pairs) {
    const [one, other] = [await send({ query: omitted, variables: {} }, { token: tokens.all }), await send({ query: out }, { token: tokens.all })];
    if (shown(one) !== shown(other)) differ.push(`${place} ${shown(one).slice(0, 160)}`);
  }
  hold(differ.length === 0, `${differ.length} of ${pairs.length} are not as left out, such as ${differ.slice(0, 3).join('\n')}`);
  return `${pairs.length} places, each as left out`;
});

await step('an error in a nullable field', async () => {
  const { body } = await send({ query: '{ a: node(id: "zz") { id } b: viewer { roles } c: release(fiscalYear: 2019) { version observations(first: 1, last: 1) { totalCount } } }' }, { token: tokens.viewer });
  hold(body.data?.a === null && body.data.b && body.data.c?.version && body.data.c.observations === null, `${JSON.stringify(body.data)}: the field alone is null, says the specification (6.4.4)`);
  return 'nulls that field alone';
});
done('oracle');
