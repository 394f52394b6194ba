// Starts GraphiQL. Everything it remembers, the token above all, lives in this tab's session storage and ends with the tab.
'use strict';

const KEPT = 'torikumi:token';
const at = (id) => document.getElementById(id);

// The tab's own header first, then who is signed in; an empty template asks as the public.
function authorization(headers) {
  const [, own] = Object.entries(headers || {}).find(([name]) => name.toLowerCase() === 'authorization') || [];
  if (own && !/^(bearer)?\s*$/i.test(own)) return own;
  const token = sessionStorage.getItem(KEPT);
  return token ? `Bearer ${token}` : undefined;
}

async function post(request, given) {
  const headers = Object.fromEntries(Object.entries(given || {}).filter(([name]) => name.toLowerCase() !== 'authorization'));
  const bearer = authorization(given);
  if (bearer) headers.Authorization = bearer;
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'omit',
    headers: { ...headers, 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify(request),
  });
  return response.json();
}

// A code that another try does not mend ends the subscription.
const FINAL = [1009, 4400, 4401, 4403, 4409, 4429];
function follow(request, given) {
  const client = graphqlWs.createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: () => {
      const bearer = authorization(given);
      return bearer ? { authorization: bearer } : {};
    },
    shouldRetry: (event) => !FINAL.includes(event && event.code),
  });
  async function* messages() {
    try {
      yield* client.iterate(request);
    } catch (closed) {
      if (!closed || !closed.code) throw closed;
      yield { errors: [{ message: `closed: ${closed.code} ${closed.reason}` }] };
    } finally {
      client.dispose();
    }
  }
  return messages();
}

function isSubscription(request, options) {
  const operations = ((options && options.documentAST && options.documentAST.definitions) || []).filter((one) => one.kind === 'OperationDefinition');
  const chosen = operations.find((one) => one.name && one.name.value === request.operationName) || operations[0];
  return Boolean(chosen && chosen.operation === 'subscription');
}

function fetcher(request, options) {
  const headers = options && options.headers;
  return isSubscription(request, options) ? follow(request, headers) : post(request, headers);
}

// Who is signed in, as the server says it.
async function tell() {
  const token = sessionStorage.getItem(KEPT);
  at('sign-out').hidden = !token;
  for (const id of ['label', 'token', 'sign-in']) at(id).hidden = Boolean(token);
  if (!token) {
    at('who').textContent = 'not signed in: as the public';
    return;
  }
  try {
    const { data, errors } = await post({ query: '{ viewer { roles bureaus allBureaus expiresAt } }' });
    if (!data || !data.viewer) throw new Error(errors[0].message);
    const { roles, bureaus, allBureaus, expiresAt } = data.viewer;
    at('who').textContent = `${roles.join(', ')}${allBureaus ? ' of all bureaus' : bureaus.length ? ` of ${bureaus.join(', ')}` : ''}, until ${new Date(expiresAt).toLocaleString()}`;
  } catch (refused) {
    sessionStorage.removeItem(KEPT);
    await tell();
    at('who').textContent = `not signed in: ${refused.message}`;
  }
}

at('sign-in').addEventListener('click', () => {
  const token = at('token').value.trim().replace(/^bearer\s+/i, '');
  at('token').value = '';
  if (token) sessionStorage.setItem(KEPT, token);
  tell();
});
at('token').addEventListener('keydown', (event) => {
  if (event.key === 'Enter') at('sign-in').click();
});
at('sign-out').addEventListener('click', () => {
  sessionStorage.removeItem(KEPT);
  tell();
});
tell();

ReactDOM.createRoot(at('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultTabs: EXAMPLES.map(({ query, variables }) => ({ query, variables: variables ? JSON.stringify(variables, null, 2) : '', headers: '' })),
    storage: window.sessionStorage,
    shouldPersistHeaders: true,
  }),
);
