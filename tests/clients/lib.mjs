// What the suites share: where the product is, who calls, and how a step says what it found.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';

export const url = process.env.TORIKUMI_URL;
export const endpoint = `${url}/graphql`;
export const socket = `${endpoint.replace('http', 'ws')}`;
export const tokens = JSON.parse(process.env.TORIKUMI_TOKENS);
/** A month of which the demo has figures, and which is closed. */
export const MONTH = '2019-06';

export const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const sdl = readFileSync(here('../../api/schema.graphql'), 'utf8');
export const schema = () => buildSchema(sdl);

/** All documents, by file. */
export const documents = () => readdirSync(here('documents')).sort().map((name) => [name, readFileSync(here(`documents/${name}`), 'utf8')]);

/** Sends one request, and gives status and body. */
export async function send(request, { token, media = 'application/graphql-response+json' } = {}) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: media, ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(request),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const begun = performance.now();
let faults = 0;

/** One line with what a step found. */
export function say(step, found, good = true) {
  if (!good) {
    faults += 1;
    process.exitCode = 1;
  }
  console.log(`${good ? 'ok   ' : 'FAULT'} ${step}: ${found}`);
}

/** Runs a step; what it throws is its fault. */
export async function step(name, body) {
  try {
    say(name, await body());
  } catch (error) {
    const place = /\(?file:.*\/([^/]+:\d+):\d+\)?$/m.exec((error.stack ?? '').replace(/^.*lib\.mjs.*$/gm, ''))?.[1] ?? '';
    say(name, `${String(error.message ?? error).slice(0, 2000)} [${place}]`, false);
  }
}

/** Ends the suite, with what may still hold the process open. */
export function done(name) {
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${faults === 0 ? 'ok   ' : 'FAULT'} ${name}: ${faults} faults in ${seconds} s`);
  process.exit(faults === 0 ? 0 : 1);
}

/** Fails with the words unless it holds. */
export function hold(it, words) {
  if (!it) throw new Error(words);
}
