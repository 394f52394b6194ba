// Starts GraphiQL. Everything it remembers, the token in its header editor above all, lives in this tab's session storage and ends with the tab.
'use strict';

const query = `# Torikumi
#
# Your token goes into the Headers tab below.
# Ctrl-Space completes, Ctrl-Enter runs.
# The book at the left is the documentation.

{
  __typename
}
`;

async function fetcher(request, options) {
  const headers = { ...(options && options.headers) };
  for (const name of Object.keys(headers)) {
    // The template of the header editor, not filled in: ask as the public.
    if (name.toLowerCase() === 'authorization' && /^(bearer)?\s*$/i.test(headers[name])) delete headers[name];
  }
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'omit',
    headers: { ...headers, 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify(request),
  });
  return response.json();
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: query,
    defaultHeaders: '{\n  "Authorization": "Bearer "\n}',
    storage: window.sessionStorage,
    shouldPersistHeaders: true,
  }),
);
