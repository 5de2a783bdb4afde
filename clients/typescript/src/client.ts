import { LockClientClosedError, LockError, LockOutcomeUnknownError, LockRequestRejectedError, LockUnavailableError } from "./errors.js";
import { Holds } from "./handle.js";
import type { HookErrorHandler } from "./hooks.js";
import { checkName } from "./lockable.js";
import { Session, isOpening } from "./session.js";
import { type Answer, type Attempt, type Json, Transport, type TransportOptions, now, pauseMs } from "./transport.js";

export interface ConnectOptions extends Omit<TransportOptions, "addresses"> {
  /** What the client calls itself, for people who look at locks. */
  name?: string;
  /** How long the session, and what it keeps, outlives its last renewal; 30 s by default. */
  sessionLeaseMs?: number;
  /** How long one operation is tried before it fails; 10 s by default. */
  requestTimeoutMs?: number;
  /** Receives what after-hooks throw; the console does by default. */
  onHookError?: HookErrorHandler;
}

const QUERY_MS_MAX = 5000;

/** A client of the cluster whose peers have these addresses, such as `http://127.0.0.1:7301`: a list, or separated by commas. */
export function connect(addresses: string | readonly string[], options: ConnectOptions = {}): HoldfastClient {
  return new HoldfastClient(addresses, options);
}

/**
 * A client of a cluster. Make one for each process and share it. The first operation opens its session; if that is lost, the handles that it
 * kept are told, and the next operation opens another.
 */
export class HoldfastClient {
  /** @internal */
  readonly holds: Holds;
  /** @internal */
  readonly requestTimeoutMs: number;
  /** @internal */
  readonly onHookError: HookErrorHandler;
  readonly #transport: Transport;
  readonly #opening: { name: string; leaseMs: number };
  /** Those that are not over: the last one for what is new, and others that still have something to do. */
  readonly #sessions = new Set<Session>();
  /** Called when the client is closed. */
  readonly #closing = new Set<() => void>();
  #closed = false;
  #current: Session | undefined;
  #next: Promise<Session> | undefined;

  /** @internal */
  constructor(addresses: string | readonly string[], options: ConnectOptions) {
    this.#transport = new Transport({ ...options, addresses });
    this.#opening = {
      name: checkName("a client's name", options.name ?? "holdfast-typescript"),
      leaseMs: inRange("sessionLeaseMs", options.sessionLeaseMs ?? 30_000, 200, 3_600_000),
    };
    this.requestTimeoutMs = inRange("requestTimeoutMs", options.requestTimeoutMs ?? 10_000, 1, 3_600_000);
    this.onHookError =
      options.onHookError ??
      ((error, context) => console.warn(`A hook failed after ${context.operation} of '${context.lockable.key}'.`, error));
    this.holds = new Holds(({ kind, lockable, token }) => {
      for (const session of this.#sessions) {
        session.markLost(kind, lockable.key, token);
      }
    });
  }

  /** Closes the session in the cluster: what only it kept is free at once, and what it waited for is given up. Holds with a TTL, and those until released, stay. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      [...this.#closing].forEach((listener) => listener());
      for (const hold of this.holds.all) {
        hold.end("client-closed", false);
      }
    }
    await this.#next?.catch(() => {});
    await Promise.all(
      [...this.#sessions].map(async (session) => {
        await session.settled(this.requestTimeoutMs / 10);
        await session.close(this.requestTimeoutMs / 10);
        this.#sessions.delete(session);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** @internal Calls the listener when the client is closed. The result ends that. */
  onClosing(listener: () => void): () => void {
    this.#closing.add(listener);
    return () => this.#closing.delete(listener);
  }

  /** @internal The session for what is new. */
  async session(operation: string): Promise<Session> {
    if (this.isClosed) {
      throw new LockClientClosedError(operation);
    }
    const current = this.#current;
    if (current !== undefined && !current.isOver && !current.isFull) {
      return current;
    }
    this.#current = undefined;
    current?.retire();
    this.#next ??= this.#open().finally(() => (this.#next = undefined));
    try {
      return await this.#next;
    } catch (error) {
      throw error instanceof LockUnavailableError ? new LockUnavailableError(operation, error.cause) : error;
    }
  }

  async #open(): Promise<Session> {
    const operation = "opening of a session";
    const answer = await this.#ask("/v1/sessions", this.#opening, operation, true, isOpening);
    const session = new Session(this.#transport, answer, (lost) => this.holds.onLost(lost));
    for (const each of this.#sessions) {
      if (each.isOver) {
        this.#sessions.delete(each);
      }
    }
    this.#sessions.add(session);
    this.#current = session;
    return session;
  }

  /** @internal Asks the cluster something. Not for what takes effect each time, unless it may be repeated. */
  async query(path: string, operation: string, isComplete: (body: Json) => boolean): Promise<Json> {
    return (await this.#ask(path, undefined, operation, true, isComplete)).body;
  }

  /** @internal Does something that would take effect again if it were repeated. */
  async once(path: string, body: Json, operation: string, isComplete: (body: Json) => boolean): Promise<Json> {
    return (await this.#ask(path, body, operation, false, isComplete)).body;
  }

  async #ask(
    path: string,
    body: Json | undefined,
    operation: string,
    repeatable: boolean,
    isComplete: (body: Json) => boolean,
  ): Promise<Answer> {
    const until = now() + this.requestTimeoutMs;
    let failure: Error | undefined;
    for (let failures = 0; ; ) {
      if (this.isClosed) {
        throw new LockClientClosedError(operation);
      }
      const left = until - now();
      if (left <= 0) {
        throw new LockUnavailableError(operation, failure);
      }
      const attempt = complete(await this.#transport.attempt(path, body, Math.min(left, QUERY_MS_MAX)), isComplete);
      if (attempt.kind === "refused") {
        throw attempt.error;
      }
      if (attempt.kind === "answer") {
        if (attempt.status === 200) {
          return attempt;
        }
        throw rejection(attempt);
      }
      if (attempt.maybe && !repeatable) {
        throw new LockOutcomeUnknownError(operation, attempt.error);
      }
      failure = attempt.error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs(failures++), Math.max(1, until - now()))));
    }
  }
}

/** What a proxy makes up is no answer. */
function complete(attempt: Attempt, isComplete: (body: Json) => boolean): Attempt {
  const isMadeUp = attempt.kind === "answer" && (attempt.status === 202 || (attempt.status === 200 && !isComplete(attempt.body)));
  return isMadeUp
    ? { kind: "failed", error: new Error(`a peer answered ${attempt.status} without what belongs to it`), maybe: true, sent: true, pauseMs: 0 }
    : attempt;
}

/** @internal What the cluster has decided against for good. */
export function rejection({ body, status }: Answer): LockError {
  const reason = typeof body["code"] === "string" ? body["code"] : status === 400 ? "invalid" : String(status);
  return new LockRequestRejectedError(`The request was rejected (${reason}): ${String(body["detail"])}`, reason);
}

/** @internal */
export function inRange(what: string, value: number, min: number, max: number): number {
  if (!(value >= min && value <= max)) {
    throw new LockRequestRejectedError(`${what} must be from ${min} to ${max}, but is ${value}`, "invalid");
  }
  return Math.ceil(value);
}
