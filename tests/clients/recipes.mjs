// What api/README.md says to send, sent: each block of code of these sections, as it stands there.
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { done, here, hold, step, tokens, url } from './lib.mjs';

const work = join(process.env.TORIKUMI_WORK, 'recipes');
mkdirSync(join(work, 'bin'), { recursive: true });
symlinkSync(process.env.TORIKUMI_PROGRAM, join(work, 'bin', 'torikumi'));
symlinkSync(here('node_modules'), join(work, 'node_modules'));
const text = readFileSync(here('../../api/README.md'), 'utf8');

/** The blocks of a section, each with its language. */
function blocks(title) {
  const section = text.split(/^#{2,3} /m).find((one) => one.startsWith(`${title}\n`));
  hold(section, `api/README.md has no section ${title}`);
  return [...section.matchAll(/^```(sh|js|python)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }));
}

// The document's address is that of a demo at its usual place.
const ours = (code, host) => code.replaceAll('http://127.0.0.1:8080', host);
let made = 0;

function run({ language, code }, environment = {}) {
  const host = environment.HOST ?? url;
  const [program, ending] = { sh: ['bash', 'sh'], js: ['node', 'mjs'], python: [process.env.TORIKUMI_CLIENTS_PYTHON, 'py'] }[language];
  made += 1;
  const file = join(work, `block${made}.${ending}`);
  writeFileSync(file, ours(code, host));
  const env = { ...process.env, TORIKUMI_KEY: join(process.env.TORIKUMI_WORK, '.torikumi/key.pem'), TORIKUMI_SECURITY_LOG: 'off', PATH: `${join(work, 'bin')}:${process.env.PATH}`, HOST: host, ...environment };
  const ran = spawnSync(program, [...(language === 'sh' ? ['-euo', 'pipefail'] : []), file], { cwd: work, env, encoding: 'utf8', timeout: 60_000 });
  hold(ran.status === 0, `${language}: ${ran.status}\n${ran.stdout}\n${ran.stderr}`);
  return ran.stdout.trim();
}

const bare = (value) => JSON.stringify(value, (key, inner) => (key === '__typename' || key === 'id' || key === 'extensions' ? undefined : inner));

await step('first query in four clients', async () => {
  const all = blocks('First query in four clients').map((block) => bare(JSON.parse(run(block, { TOKEN: tokens.viewer }))));
  hold(all.length === 4 && all[0].includes('2019-05') && all.every((one) => one === all[0]), all.join('\n'));
  return `${all.length} of one mind: ${all[0].slice(0, 120)}…`;
});

await step('what follows, and close codes', async () => {
  const followers = blocks('Subscriptions').filter(({ language }) => language !== 'graphql');
  const seen = followers.map((block) => run(block, { TOKEN: tokens.officer }));
  hold(seen.length === 2 && seen.every((one) => one.includes('cursor')), seen.join('\n'));
  const refused = run(followers.find(({ language }) => language === 'python'), { TOKEN: 'none' });
  hold(refused === 'closed for good: 4403', refused);
  return `${seen.length} follow; ${refused}`;
});

await step('your first 100 shifts with curl', async () => {
  const code = blocks('Your first 100 shifts with curl').map((block) => block.code).join('\n');
  const lines = run({ language: 'sh', code }, { ADMIN: tokens.admin }).split('\n').flatMap((line) => line.split(/(?<=\})(?=\{"data")/)).map((line) => JSON.parse(line).data);
  const [, dry, real, again] = lines.map((data) => data.recordShifts?.receipt);
  hold(dry?.created === 100 && real?.created === 100 && !real.replayed && again?.replayed, JSON.stringify(lines));
  return `${real.created} recorded once, ${real.rejected} rejected`;
});

await step('a machine\'s token from an issuer', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwks = join(work, 'jwks.json');
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'EdDSA' }] }));
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issuer = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const known = request.headers.authorization === `Basic ${Buffer.from('kintai:secret').toString('base64')}`;
      const asked = new URLSearchParams(body);
      if (!known || asked.get('grant_type') !== 'client_credentials') return response.writeHead(401).end();
      const now = Math.floor(Date.now() / 1000);
      const head = `${part({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' })}.${part({ iss: `http://127.0.0.1:${issuer.address().port}`, aud: asked.get('audience'), sub: 'kintai', jti: 'j1', iat: now, nbf: now, exp: now + 300, roles: ['bureau_system'], bureaus: ['JINJI'], client: 'ATTENDANCE' })}`;
      const token = `${head}.${sign(null, Buffer.from(head), privateKey).toString('base64url')}`;
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 300 }));
    });
  });
  await new Promise((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${issuer.address().port}`;
  const free = createServer();
  await new Promise((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address();
  await new Promise((resolve) => free.close(resolve));
  const host = `http://127.0.0.1:${port}`;
  const server = spawn(process.env.TORIKUMI_PROGRAM, ['serve', '--no-jobs', '--listen', `127.0.0.1:${port}`], { cwd: process.env.TORIKUMI_WORK, env: { ...process.env, TORIKUMI_JWKS: jwks, TORIKUMI_ISSUER: address }, stdio: 'ignore' });
  try {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await fetch(`${host}/readyz`).then(({ ok }) => ok, () => false)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // The issuer lives in this process, so the block must not hold it up.
    const [{ code }] = blocks('How a machine gets its token');
    const child = spawn('bash', ['-euo', 'pipefail', '-c', code], { cwd: work, env: { ...process.env, HOST: host, ISSUER: address, CLIENT_ID: 'kintai', CLIENT_SECRET: 'secret' } });
    let said = '';
    child.stdout.on('data', (chunk) => { said += chunk; });
    child.stderr.on('data', (chunk) => { said += chunk; });
    const status = await new Promise((resolve) => child.on('close', resolve));
    hold(status === 0, said);
    const { viewer } = JSON.parse(said).data;
    hold(viewer.client === 'ATTENDANCE' && viewer.roles[0] === 'BUREAU_SYSTEM' && viewer.bureaus[0] === 'JINJI', said);
    return JSON.stringify(viewer);
  } finally {
    server.kill('SIGTERM');
    issuer.close();
    await new Promise((resolve) => (server.exitCode === null && server.signalCode === null ? server.on('exit', resolve) : resolve()));
  }
});
done('recipes');
