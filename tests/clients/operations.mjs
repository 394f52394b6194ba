// The operations of documents/, each with who sends it and with which variables.
import { Kind, parse, print } from 'graphql';
import { MONTH, documents } from './lib.mjs';

const ROLES = { Dashboard: 'viewer', Bureau: 'officer', Administrator: 'admin' };

export const VARIABLES = {
  DashboardSeries: { codes: ['MEAN_OVERTIME_HOURS', 'WOMEN_STAFF'], from: '2019-04', to: MONTH },
  DashboardValues: { filter: { codes: ['MEAN_OVERTIME_HOURS'], from: MONTH, to: MONTH }, first: 5 },
  DashboardBureaus: { first: 5 },
  DashboardReleases: { fiscalYear: 2019 },
  DashboardPlan: { code: 'CAS-2015' },
  BureauShiftPage: { bureau: 'JINJI', from: '2019-06-01', to: '2019-06-30', first: 5 },
  BureauPeople: { bureau: 'JINJI', on: '2019-06-01' },
  BureauMonth: { month: MONTH },
  BureauOutliers: { month: MONTH },
  AdministratorRuns: { filter: { job: 'MONTHLY_INDICATORS' }, first: 5 },
};

const parsed = documents().flatMap(([, text]) => parse(text).definitions);
const fragments = new Map(parsed.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION).map((one) => [one.name.value, one]));

function uses(node, found = new Set()) {
  JSON.stringify(node, (_, value) => {
    if (value?.kind === Kind.FRAGMENT_SPREAD && !found.has(value.name.value)) {
      found.add(value.name.value);
      uses(fragments.get(value.name.value), found);
    }
    return value;
  });
  return found;
}

/** Each operation with the fragments that it uses. */
export const operations = new Map(
  parsed
    .filter((one) => one.kind === Kind.OPERATION_DEFINITION)
    .map((one) => {
      const name = one.name.value;
      const text = [one, ...[...uses(one)].map((used) => fragments.get(used))].map(print).join('\n\n');
      const role = ROLES[Object.keys(ROLES).find((prefix) => name.startsWith(prefix))];
      return [name, { name, kind: one.operation, role, text, variables: VARIABLES[name] ?? {} }];
    }),
);

/** What is read with no more than that: the queries that need nothing found before. */
export const reads = [...operations.values()].filter((one) => one.kind === 'query' && one.name !== 'DashboardNode');
