import { LockForbiddenError, LockRequestRejectedError, type LockError } from "./errors.js";

export type Json = Record<string, unknown>;

/** An answer of a peer that is the cluster's word. `sentAt` is from before the request was sent, and leases count from it. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly body: Json;
  readonly sentAt: number;
}

/** This attempt did nothing, and others will not either. */
interface Refused {
  readonly kind: "refused";
  readonly error: LockError;
}

/** There may be an answer from another peer, or later. */
interface Failed {
  readonly kind: "failed";
  readonly error: Error;
  /** Whether this attempt may have taken effect all the same. */
  readonly maybe: boolean;
  /** Whether a peer may have received it. */
  readonly sent: boolean;
  /** For how long the peers ask to be left alone. */
  readonly pauseMs: number;
}

export type Attempt = Answer | Refused | Failed;

export interface TransportOptions {
  addresses: string | readonly string[];
  /** Who this client is, where callers have to be known. A function is asked anew for each request. */
  token?: string | (() => string | Promise<string>);
  /** Sends the token to other machines without TLS. Whoever listens on the way can then pose as this client. */
  insecure?: boolean;
  fetch?: typeof fetch;
}

const RETRY_MS_MIN = 20;
const RETRY_MS_MAX = 500;

/** What the cluster answers as such; the first four are final. */
const ANSWERS = new Set([200, 400, 409, 410, 202]);
const HOPELESS = new Set([401, 403, 404, 405, 411, 413, 415, 501]);
const NEVER_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** A step back of the wall clock that is no inaccuracy. */
const SET_BACK_MS = 1000;

/**
 * A clock that goes on as fast as that of the process, or further if the wall clock has: that of the process may stand still while the machine
 * is suspended. It never goes back, so whoever sets the wall clock may shorten a lease, and never prolong it.
 */
export function clock(process: () => number, wall: () => number): () => number {
  let skipped = 0;
  let lead = wall() - process();
  return () => {
    const time = process();
    const ahead = wall() - time;
    if (ahead > lead) {
      skipped += ahead - lead;
      lead = ahead;
    } else if (ahead < lead - SET_BACK_MS) {
      lead = ahead;
    }
    return time + skipped;
  };
}

/** The clock that leases are counted by. */
export const now = clock(
  () => performance.now(),
  () => Date.now(),
);

/** How long to pause before the next attempt: longer after each, at random, so that a crowd spreads. */
export function pauseMs(failures: number): number {
  return RETRY_MS_MIN + Math.random() * Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failures, 10));
}

/** The peers, of which one is asked as long as it answers. Any of them will do. */
export class Transport {
  readonly #addresses: readonly string[];
  readonly #token: TransportOptions["token"];
  readonly #fetch: typeof fetch;
  #current = 0;

  constructor(options: TransportOptions) {
    const list = typeof options.addresses === "string" ? options.addresses.split(/[\s,]+/) : options.addresses;
    this.#addresses = list.filter(Boolean).map(checkAddress);
    if (this.#addresses.length === 0) {
      throw new LockRequestRejectedError("no peer's address is given, such as http://127.0.0.1:7301", "invalid");
    }
    this.#token = options.token;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    const open = this.#addresses.find((address) => !isPrivate(address));
    if (options.token !== undefined && !options.insecure && open) {
      throw new LockRequestRejectedError(
        `a token would travel without TLS to ${open}: use https, or say 'insecure'`,
        "invalid",
      );
    }
  }

  get size(): number {
    return this.#addresses.length;
  }

  /** Makes a request once, at one peer. Never throws. */
  async attempt(path: string, body: Json | undefined, timeoutMs: number, control = new AbortController()): Promise<Attempt> {
    const peer = this.#current;
    const address = this.#addresses[peer]!;
    const timer = setTimeout(() => control.abort(new Error(`no answer within ${Math.round(timeoutMs)} ms`)), timeoutMs);
    let sent = false;
    const exchange = async () => {
      const init = await this.#request(body);
      control.signal.throwIfAborted();
      const sentAt = now();
      sent = true;
      const response = await this.#fetch(address + path, { ...init, signal: control.signal });
      return read(response, await response.text(), sentAt, address);
    };
    // Neither a user's token nor a user's fetch has to heed the signal.
    const aborted = new Promise<never>((_, reject) => {
      control.signal.addEventListener("abort", () => reject(control.signal.reason));
    });
    let result: Attempt;
    try {
      result = await Promise.race([exchange(), aborted]);
    } catch (error) {
      result = { kind: "failed", error: told(error, address), ...reached(sent && !neverConnected(error)), pauseMs: 0 };
    } finally {
      clearTimeout(timer);
    }
    if (result.kind === "failed" && this.#current === peer) {
      this.#current = (peer + 1) % this.size;
    }
    return result;
  }

  async #request(body: Json | undefined): Promise<RequestInit> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    if (token !== undefined) {
      headers["Authorization"] = `Bearer ${token}`;
    }
    if (body === undefined) {
      return { method: "GET", headers, cache: "no-store", redirect: "error" };
    }
    headers["Content-Type"] = "application/json";
    return { method: "POST", headers, body: JSON.stringify(body), cache: "no-store", redirect: "error" };
  }
}

/** A proxy, or a server of something else, may answer with any status. Only what has the form is the cluster's word. */
function read(response: Response, text: string, sentAt: number, address: string): Attempt {
  const { status } = response;
  const body = parse(text);
  const detail = typeof body?.["detail"] === "string" ? body["detail"] : undefined;
  if (body && ANSWERS.has(status) && (status < 300 || detail !== undefined)) {
    return { kind: "answer", status, body, sentAt };
  }
  if (detail !== undefined && HOPELESS.has(status)) {
    return { kind: "refused", error: refusal(status, detail, body?.["code"]) };
  }
  const retryAfterMs = Number(response.headers.get("Retry-After") ?? 0) * 1000;
  return {
    kind: "failed",
    error: new Error(`${address} answered ${status}${detail === undefined ? "" : `: ${detail}`}`),
    sent: true,
    maybe: status !== 503 || detail === undefined,
    pauseMs: status === 429 && retryAfterMs > 0 ? Math.min(retryAfterMs, 10_000) : 0,
  };
}

function refusal(status: number, detail: string, code: unknown): LockError {
  return status === 401 || status === 403
    ? new LockForbiddenError(`Forbidden: ${detail}`)
    : new LockRequestRejectedError(`The request was rejected (${status}): ${detail}`, typeof code === "string" ? code : "unsupported");
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function checkAddress(address: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw new LockRequestRejectedError(`'${address}' is no address of a peer, such as http://127.0.0.1:7301`, "invalid");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new LockRequestRejectedError(`the address '${address}' is neither http nor https`, "invalid");
  }
  if (url.username || url.password) {
    throw new LockRequestRejectedError(`the address of '${url.host}' has a user's name or password in it: give a token instead`, "invalid");
  }
  return address.replace(/\/+$/, "");
}

/** Whether a token may go there: over TLS, or to this machine only. */
function isPrivate(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

const reached = (maybe: boolean) => ({ maybe, sent: maybe });

/** Node says what has failed; a browser does not, and then it may have been sent. */
function neverConnected(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown; errors?: unknown[] } }).cause;
  const codes = cause?.errors?.map((each) => (each as { code?: unknown }).code) ?? [cause?.code];
  return codes.length > 0 && codes.every((code) => typeof code === "string" && NEVER_CONNECTED.has(code));
}

function told(error: unknown, address: string): Error {
  const cause = (error as { cause?: unknown }).cause;
  const why = cause instanceof Error && cause.message ? cause.message : error instanceof Error ? error.message : String(error);
  return new Error(`${address}: ${why}`, { cause: error });
}
