// The rules of graphql-eslint that the SDL and the documents are held to. What is off says why.
import graphql from '@graphql-eslint/eslint-plugin';

const options = { graphQLConfig: { schema: 'api/schema.graphql', documents: 'tests/clients/documents/*.graphql' } };
const base = { languageOptions: { parser: graphql.parser, parserOptions: options }, plugins: { '@graphql-eslint': graphql } };

export default [
  {
    ...base,
    files: ['api/schema.graphql'],
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // Connections have `nodes` beside `edges`, and short lists are lists; what pages need not be what `node` finds (person-months, events).
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // Only what can be asked for again has an id; the rest lives in what it hangs on (urql.mjs counts both).
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  },
  {
    ...base,
    files: ['tests/clients/documents/*.graphql'],
    rules: graphql.configs['flat/operations-recommended'].rules,
  },
];
