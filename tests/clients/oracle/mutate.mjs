// Makes a document wrong in one way, by its syntax tree. Some of what comes out is still right: the oracle says which.
import { Kind, TypeInfo, getNamedType, getNullableType, isCompositeType, isEnumType, isInputObjectType, isNonNullType, isRequiredArgument, isScalarType, parse, parseType, parseValue, print, visit, visitWithTypeInfo } from 'graphql';

const BUILT_IN = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);
const named = (value) => ({ kind: Kind.NAME, value });
const field = (text) => parse(`{ ${text} }`, { noLocation: true }).definitions[0].selectionSet.selections[0];
const definition = (text) => parse(text, { noLocation: true }).definitions[0];
const directive = (text) => field(`x ${text}`).directives[0];
const copy = (node) => structuredClone(node);

/** All places of a document with what the schema says of them. */
function places(schema, document) {
  const found = { fields: [], sets: [], values: [], objects: [], definitions: [], spreads: [], inline: [] };
  const info = new TypeInfo(schema);
  visit(document, visitWithTypeInfo(info, {
    enter(node, key, parent) {
      if (node.kind === Kind.FIELD) found.fields.push({ node, parent, def: info.getFieldDef(), type: info.getType() });
      if (node.kind === Kind.SELECTION_SET && info.getParentType()) found.sets.push({ node, type: info.getParentType() });
      if (node.kind === Kind.FRAGMENT_SPREAD) found.spreads.push({ node, parent });
      if (node.kind === Kind.INLINE_FRAGMENT) found.inline.push({ node, parent });
      if (node.kind === Kind.VARIABLE_DEFINITION) found.definitions.push({ node });
      if (node.kind === Kind.ARGUMENT && info.getArgument()) found.values.push({ node, type: info.getArgument().type });
      if (node.kind === Kind.OBJECT_FIELD && info.getInputType()) found.values.push({ node, type: info.getInputType() });
      if (node.kind === Kind.OBJECT && isInputObjectType(getNamedType(info.getInputType()))) found.objects.push({ node, type: getNamedType(info.getInputType()) });
    },
  }));
  return found;
}

const operationOf = (document) => document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
const literals = (found) => found.values.filter(({ node }) => node.value.kind !== Kind.VARIABLE);

// Each way gets chance, document, places and schema, and says with `false` that there is nothing of its kind to hurt.
const WAYS = {
  unknownField: ({ chance, found }) => {
    chance.of(found.fields).node.name = named('nope');
  },
  unknownArgument: ({ chance, found }) => {
    const { node } = chance.of(found.fields);
    node.arguments = [...node.arguments, ...field('x(nope: 1)').arguments];
  },
  typenameArgument: ({ chance, found }) => {
    if (found.sets.length === 0) return false;
    const { node } = chance.of(found.sets);
    node.selections = [...node.selections, field(chance.of(['__typename(a: 1)', 't: __typename(if: true)', '__typename { a }']))];
  },
  missingArgument: ({ chance, found }) => {
    const able = found.fields.filter(({ node }) => node.arguments.length > 0);
    if (able.length === 0) return false;
    const { node } = chance.of(able);
    node.arguments = node.arguments.slice(1);
  },
  repeatedArgument: ({ chance, found }) => {
    const able = found.fields.filter(({ node }) => node.arguments.length > 0);
    if (able.length === 0) return false;
    const { node } = chance.of(able);
    node.arguments = [...node.arguments, copy(node.arguments[0])];
  },
  overlapArguments: ({ chance, found }) => {
    // The same field twice, once with other arguments; here or one level down, in a second copy of what is above it.
    const able = found.fields.filter(({ def, node }) => def?.args.some((argument) => getNamedType(argument.type).name === 'Int') && !node.alias);
    if (able.length === 0) return false;
    const { node, parent } = chance.of(able);
    const twin = copy(node);
    twin.arguments = [...twin.arguments.filter(({ name }) => name.value !== 'first'), ...field('x(first: 5)').arguments];
    parent.push(twin);
  },
  overlapBelow: ({ chance, found }) => {
    const able = found.fields.filter(({ node }) => node.selectionSet?.selections.some((one) => one.kind === Kind.FIELD));
    if (able.length === 0) return false;
    const { node, parent } = chance.of(able);
    const twin = copy(node);
    const below = twin.selectionSet.selections.find((one) => one.kind === Kind.FIELD);
    const how = chance.below(3);
    if (how === 0) below.alias = named(chance.of(node.selectionSet.selections.filter((one) => one.kind === Kind.FIELD)).name.value);
    if (how === 1) below.arguments = [...below.arguments.slice(1), ...field('x(first: 3)').arguments];
    if (how === 2) twin.selectionSet.selections = [...twin.selectionSet.selections, { ...field('x: __typename'), alias: named(below.alias?.value ?? below.name.value) }];
    parent.push(chance.odds(0.5) ? twin : { kind: Kind.INLINE_FRAGMENT, directives: [], selectionSet: { kind: Kind.SELECTION_SET, selections: [twin] } });
  },
  overlapDeep: ({ chance, found }) => {
    // What differs lies below two copies of one field.
    const free = (one) => !one.args.some(isRequiredArgument);
    const numbered = (one) => one.args.find((argument) => getNamedType(argument.type).name === 'Int');
    const below = (type) => Object.values(type.getFields?.() ?? {});
    const able = found.sets.flatMap(({ node, type }) => below(type).filter(free).flatMap((over) => below(getNamedType(over.type)).filter((one) => free(one) && numbered(one)).map((under) => ({ node, over, under }))));
    if (able.length === 0) return false;
    const { node, over, under } = chance.of(able);
    const inner = isCompositeType(getNamedType(under.type)) ? ' { __typename }' : '';
    const one = (count) => `${over.name} { ${chance.of(['', 'same: '])}${under.name}(${numbered(under).name}: ${count})${inner} }`;
    const second = chance.of([1, 2, 2]);
    node.selections = [...node.selections, field(one(1)), field(chance.odds(0.5) ? one(second) : `... { ${one(second)} }`)];
  },
  overlapAlias: ({ chance, found }) => {
    const able = found.sets.filter(({ node }) => node.selections.filter((one) => one.kind === Kind.FIELD).length > 1);
    if (able.length === 0) return false;
    const fields = chance.of(able).node.selections.filter((one) => one.kind === Kind.FIELD);
    fields[1].alias = named(fields[0].alias?.value ?? fields[0].name.value);
  },
  sameAgain: ({ chance, found }) => {
    // Right, unless something else is wrong: arguments and keys in another order are the same.
    const { node, parent } = chance.of(found.fields);
    const twin = copy(node);
    twin.arguments.reverse();
    parent.push(twin);
  },
  variableType: ({ chance, found }) => {
    if (found.definitions.length === 0) return false;
    const { node } = chance.of(found.definitions);
    const was = print(node.type);
    const other = chance.of(['Int', 'String', 'Boolean!', '[String!]', '[Int]!', 'ID', `[${was}]`, was.endsWith('!') ? was.slice(0, -1) : `${was}!`, 'Date', 'Shift', 'Nowhere']);
    node.type = parseType(other, { noLocation: true });
    if (chance.odds(0.7)) delete node.defaultValue;
  },
  variableDefault: ({ chance, found }) => {
    if (found.definitions.length === 0) return false;
    chance.of(found.definitions).node.defaultValue = parseValue(chance.of(['null', '1', '"x"', '[1]', '{ a: 1 }', 'true', 'NOPE']), { noLocation: true });
  },
  undefinedVariable: ({ chance, found }) => {
    if (found.values.length === 0) return false;
    chance.of(found.values).node.value = { kind: Kind.VARIABLE, name: named('nowhere') };
  },
  unusedVariable: ({ document }) => {
    const operation = operationOf(document);
    operation.variableDefinitions = [...operation.variableDefinitions, ...definition('query ($unused: Int) { a }').variableDefinitions];
  },
  repeatedVariable: ({ document }) => {
    const operation = operationOf(document);
    if (operation.variableDefinitions.length === 0) return false;
    operation.variableDefinitions = [...operation.variableDefinitions, copy(operation.variableDefinitions[0])];
  },
  unknownFragment: ({ chance, found }) => {
    if (found.sets.length === 0) return false;
    const { node } = chance.of(found.sets);
    node.selections = [...node.selections, field('...Nowhere')];
  },
  unusedFragment: ({ document }) => {
    document.definitions.push(definition('fragment Unused on Query { __typename }'));
  },
  fragmentType: ({ chance, found }) => {
    if (found.sets.length === 0) return false;
    const { node } = chance.of(found.sets);
    node.selections = [...node.selections, field(`... on ${chance.of(['Nowhere', 'Int', 'ShiftInput', 'Sex', 'Bureau', 'Mutation'])} { __typename }`)];
  },
  fragmentCycle: ({ chance, document, found }) => {
    if (found.sets.length === 0) return false;
    const { node, type } = chance.of(found.sets);
    node.selections = [...node.selections, field('...Round')];
    const two = chance.odds(0.5);
    document.definitions.push(definition(`fragment Round on ${type.name} { __typename ...${two ? 'Again' : 'Round'} }`));
    if (two) document.definitions.push(definition(`fragment Again on ${type.name} { ...Round }`));
  },
  repeatedFragment: ({ document }) => {
    const fragment = document.definitions.find((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    if (!fragment) return false;
    document.definitions.push(copy(fragment));
  },
  directiveWrong: ({ chance, found }) => {
    const { node } = chance.of(found.fields);
    const texts = chance.of([['@skip(if: true)', '@skip(if: false)'], ['@nope'], ['@include'], ['@include(if: 1)'], ['@include(if: null)'], ['@skip(if: "true")'], ['@deprecated(reason: "x")'], ['@include(if: true, of: 1)'], ['@specifiedBy(url: "x")'], ['@include(if: true)', '@skip(if: false)']]);
    node.directives = texts.map(directive);
  },
  directivePlace: ({ chance, document, found }) => {
    const where = [operationOf(document), ...document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION), ...found.definitions.map(({ node }) => node)];
    chance.of(where).directives = [directive('@skip(if: true)')];
  },
  enumByString: ({ chance, found }) => {
    const able = literals(found).filter(({ type }) => isEnumType(getNamedType(type)) && getNullableType(type) === getNamedType(type));
    if (able.length === 0) return false;
    const { node } = chance.of(able);
    node.value = parseValue(chance.of([`"${node.value.value}"`, 'NOPE', '1', 'true', '{ a: 1 }']), { noLocation: true });
  },
  wrongLiteral: ({ chance, found }) => {
    const able = literals(found).filter(({ type }) => !isScalarType(getNamedType(type)) || BUILT_IN.has(getNamedType(type).name));
    if (able.length === 0) return false;
    chance.of(able).node.value = parseValue(chance.of(['"x"', '1', '1.5', 'true', '[1]', '{ a: 1 }', 'NOPE', '2147483648', '["x", 1]']), { noLocation: true });
  },
  nullForNonNull: ({ chance, found }) => {
    const able = literals(found).filter(({ type }) => isNonNullType(type));
    if (able.length === 0) return false;
    chance.of(able).node.value = parseValue(chance.of(['null', 'null', '[null]']), { noLocation: true });
  },
  repeatedKey: ({ chance, found }) => {
    const able = found.objects.filter(({ node }) => node.fields.length > 0);
    if (able.length === 0) return false;
    const { node } = chance.of(able);
    node.fields = [...node.fields, copy(node.fields[0])];
  },
  unknownKey: ({ chance, found }) => {
    if (found.objects.length === 0) return false;
    const { node } = chance.of(found.objects);
    node.fields = [...node.fields, ...parseValue('{ nope: 1 }', { noLocation: true }).fields];
  },
  missingKey: ({ chance, found }) => {
    const able = found.objects.filter(({ node }) => node.fields.length > 0);
    if (able.length === 0) return false;
    const { node } = chance.of(able);
    node.fields = node.fields.slice(1);
  },
  leafWithSelection: ({ chance, found }) => {
    const { node, type } = chance.of(found.fields);
    if (isCompositeType(getNamedType(type))) delete node.selectionSet;
    else node.selectionSet = { kind: Kind.SELECTION_SET, selections: [field('a')] };
  },
  operationTwice: ({ document }) => {
    document.definitions.push(definition(`query ${operationOf(document).name?.value ?? 'A'} { __typename }`));
  },
  anonymousBeside: ({ document }) => {
    document.definitions.push(definition('{ __typename }'));
  },
  subscriptionOfTwo: ({ chance, document }) => {
    document.definitions.push(definition(chance.of(['subscription Two { changed { cursor } overtimeOutliers { cursor } }', 'subscription Two { __typename }', 'subscription Two { ...S } fragment S on Subscription { changed { cursor } b: changed { cursor } }', 'subscription One { changed { cursor } }'])));
  },
  notExecutable: ({ document }) => {
    document.definitions.push(definition('type Added { a: Int }'));
  },
  otherVariables: ({ chance, document, found }) => {
    // A fragment's variable that its operation does not define, through the fragment.
    if (found.sets.length === 0) return false;
    const { node, type } = chance.of(found.sets);
    node.selections = [...node.selections, field('...Asks')];
    document.definitions.push(definition(`fragment Asks on ${type.name} { again: __typename @include(if: $asked) }`));
    if (chance.odds(0.4)) {
      const operation = operationOf(document);
      const asked = chance.of(['Boolean!', 'Boolean = true', 'Boolean', 'String!', '[Boolean!]']);
      operation.variableDefinitions = [...operation.variableDefinitions, ...definition(`query ($asked: ${asked}) { a }`).variableDefinitions];
    }
  },
};

export const ways = Object.keys(WAYS);

/** The document, wrong in one way; null where it has nothing of that kind. */
export function mutate(schema, chance, text, way) {
  const document = { ...parse(text, { noLocation: true }) };
  document.definitions = [...document.definitions];
  const found = places(schema, document);
  return WAYS[way]({ schema, chance, document, found }) === false ? null : print(document);
}
