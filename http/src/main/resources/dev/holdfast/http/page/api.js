// Talks to the peer that served this page, and knows whether it still answers.

const KEY = "holdfast-token";
let token = sessionStorage.getItem(KEY);
let locked = false;
let lastAnswer = Date.now();

/** Set by the page: `unauthorized(detail, hadToken)`, `lost(sinceMs)` and `found()`. */
export const on = { unauthorized() {}, lost() {}, found() {} };

/** A refusal or a failure; the message is made for people. */
export class Problem extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export const get = (path, parameters = {}) => call(path, parameters, null);
export const post = (path, body) => call(path, {}, body);

async function call(path, parameters, body) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
  const request = { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(body ? 20000 : 8000) };
  const sent = token;
  if (sent) request.headers.Authorization = `Bearer ${sent}`;
  if (body) {
    request.method = "POST";
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  const began = Date.now();
  let response, text;
  try {
    response = await fetch(url, request);
    text = await response.text();
  } catch {
    // One slow answer among others that arrive does not mean that the peer is gone.
    if (lastAnswer < began) on.lost(lastAnswer);
    throw new Problem(body ? "No answer came. It may have been done or not: look again before you repeat it." : "No answer.", 0);
  }
  lastAnswer = Date.now();
  on.found();
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch { /* the status says enough */ }
  if (response.ok && answer) return answer;
  const detail = answer?.detail ?? answer?.title ?? `The peer answered with status ${response.status}.`;
  // An answer to a request sent before the token was changed says nothing about the new one.
  if (response.status === 401 && sent === token) {
    locked = true;
    on.unauthorized(answer?.detail, Boolean(sent));
  }
  throw new Problem(detail, response.status);
}

export function signIn(given) {
  token = given;
  locked = false;
  if (given) sessionStorage.setItem(KEY, given);
  else sessionStorage.removeItem(KEY);
  refresh();
}

export const hasToken = () => Boolean(token);

const polls = [];

/**
 * Asks again and again, `everyMs` after each answer, as long as `wanted()` and the tab can be seen. The function
 * returned asks at once; what an earlier question still brings is then dropped.
 */
export function poll(everyMs, wanted, ask, show, fail) {
  let turn = 0;
  let timer = 0;
  async function now() {
    clearTimeout(timer);
    const mine = ++turn;
    if (document.hidden || locked || !wanted()) return;
    try {
      const answer = await ask();
      if (mine === turn) show(answer);
    } catch (error) {
      if (!(error instanceof Problem)) console.error(error);
      if (mine === turn) fail(error);
    }
    if (mine === turn) timer = setTimeout(now, everyMs);
  }
  polls.push(now);
  return now;
}

export const refresh = () => polls.forEach(now => now());

document.addEventListener("visibilitychange", () => document.hidden || refresh());
