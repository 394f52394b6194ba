// Small documents that the schema allows, as text.
import { getNamedType, getNullableType, isCompositeType, isEnumType, isInputObjectType, isInterfaceType, isListType, isNonNullType, isObjectType, isRequiredArgument, isRequiredInputField, isUnionType } from 'graphql';

const SCALARS = {
  Int: (chance) => `${1 + chance.below(4)}`,
  Float: () => '1.5',
  String: (chance) => chance.of(['"A"', '"2019"', '"""text"""', '""']),
  Boolean: (chance) => chance.of(['true', 'false']),
  ID: (chance) => chance.of(['"x"', '7']),
  Date: () => '"2019-04-01"',
  DateTime: () => '"2019-04-01T00:00:00Z"',
  YearMonth: () => '"2019-06"',
  FiscalYear: () => '2019',
  Long: () => '12',
  Decimal: () => '"1.5"',
  IndicatorCode: () => '"MEAN_OVERTIME_HOURS"',
  JSON: () => '{ a: 1 }',
};

class Writer {
  constructor(schema, chance) {
    Object.assign(this, { schema, chance, variables: [], fragments: [], names: 0 });
  }

  fresh(prefix) {
    this.names += 1;
    return `${prefix}${this.names}`;
  }

  value(type, depth, inDefault = false) {
    const { chance } = this;
    if (isNonNullType(type)) return this.value(type.ofType, depth, inDefault);
    if (isListType(type)) {
      // A list of one may be written without its brackets.
      if (chance.odds(0.15)) return this.value(type.ofType, depth, inDefault);
      return `[${Array.from({ length: chance.below(3) }, () => this.value(type.ofType, depth, inDefault)).join(', ')}]`;
    }
    if (isEnumType(type)) return chance.of(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field) || (depth > 0 && chance.odds(0.25)));
      return `{ ${fields.map((field) => `${field.name}: ${this.input(field, depth - 1, inDefault)}`).join(', ')} }`;
    }
    return SCALARS[type.name](chance);
  }

  /** What an argument or a field of an input object gets: a literal, a variable, or null where it may be. */
  input(place, depth, inDefault = false) {
    const { chance } = this;
    const { type } = place;
    if (!inDefault && chance.odds(0.2)) return this.variable(place);
    if (!isNonNullType(type) && chance.odds(0.08)) return 'null';
    return this.value(type, depth, inDefault);
  }

  variable({ type, defaultValue }) {
    const { chance } = this;
    const name = this.fresh('v');
    const nullable = getNullableType(type);
    const roll = chance.next();
    let definition = `${type}`;
    if (isNonNullType(type) && roll < 0.3) definition = `${nullable} = ${this.value(nullable, 1, true)}`;
    else if (isNonNullType(type) && defaultValue !== undefined && roll < 0.5) definition = `${nullable}`;
    else if (!isNonNullType(type) && roll < 0.4) definition = `${nullable}!`;
    this.variables.push(`$${name}: ${definition}`);
    return `$${name}`;
  }

  arguments_(field) {
    const given = field.args.filter((argument) => isRequiredArgument(argument) || this.chance.odds(0.25));
    return given.length === 0 ? '' : `(${given.map((argument) => `${argument.name}: ${this.input(argument, 2)}`).join(', ')})`;
  }

  directive() {
    if (!this.chance.odds(0.06)) return '';
    const truth = this.chance.odds(0.4) ? this.variable({ type: this.truth() }) : this.chance.of(['true', 'false']);
    return ` @${this.chance.of(['include', 'skip'])}(if: ${truth})`;
  }

  truth() {
    return this.schema.getDirective('skip').args[0].type;
  }

  selections(type, depth) {
    const { chance } = this;
    if (isUnionType(type)) return `{ __typename ${this.narrowed(type, depth)} }`;
    const fields = Object.values(type.getFields()).filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
    const parts = chance.some(fields, 1 + chance.below(3)).map((field) => this.field(field, depth));
    if (parts.length === 0 || chance.odds(0.15)) parts.push('__typename');
    if (chance.odds(0.08)) parts.push(parts[0]);
    if (isInterfaceType(type) || chance.odds(0.06)) parts.push(this.narrowed(type, depth));
    if (chance.odds(0.15) && isObjectType(type)) {
      const name = this.fresh('F');
      const inner = this.selections(type, depth - 1 < 0 ? 0 : depth - 1);
      this.fragments.push(`fragment ${name} on ${type.name} ${inner}`);
      parts.push(`...${name}${this.directive()}`);
    }
    return `{ ${parts.join(' ')} }`;
  }

  narrowed(type, depth) {
    const possible = isObjectType(type) ? type : this.chance.of(this.schema.getPossibleTypes(type));
    return `... on ${possible.name}${this.directive()} ${this.selections(possible, depth > 0 ? depth - 1 : 0)}`;
  }

  field(field, depth) {
    const alias = this.chance.odds(0.15) ? `${this.fresh('a')}: ` : '';
    const type = getNamedType(field.type);
    const inner = isCompositeType(type) ? ` ${this.selections(type, depth - 1)}` : '';
    return `${alias}${field.name}${this.arguments_(field)}${this.directive()}${inner}`;
  }
}

/** One operation with its fragments. */
export function operation(schema, chance, name) {
  const writer = new Writer(schema, chance);
  const kind = chance.of(['query', 'query', 'query', 'query', 'query', 'query', 'mutation', 'subscription']);
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[kind];
  const fields = chance.some(Object.values(root.getFields()), kind === 'query' ? 1 + chance.below(2) : 1);
  const body = fields.map((field) => writer.field(field, 3)).join(' ');
  const variables = writer.variables.length > 0 ? `(${writer.variables.join(', ')})` : '';
  return { kind, variables: writer.variables.length, text: `${kind} ${name}${variables} { ${body} }\n${writer.fragments.join('\n')}` };
}
