import { Belief } from "./belief.js";
import type { LockError } from "./errors.js";
import type { LockOwner } from "./lockable.js";
import { type Answer, type Json, type Transport, now, pauseMs } from "./transport.js";

/** So many requests behind one that has no final answer yet, and the client goes on in another session: the cluster keeps their outcomes. */
const UNACKNOWLEDGED_MAX = 1000;
const ATTEMPT_MS_MAX = 5000;
const POLL_MS_MAX = 10_000;
/** Whoever is told sooner that it has to wait pauses, so that it does not ask all the time. */
const WAIT_MS_MIN = 1000;

/** What a heartbeat tells of a hold that is over. */
export interface Lost {
  readonly kind: string;
  readonly key: string;
  readonly owner: LockOwner;
  readonly token: number;
  readonly reason: "expired" | "force-released" | "released-elsewhere";
}

/** The session ended before there was a final answer. */
export class SessionOver extends Error {
  constructor(readonly maybe: boolean) {
    super("the session is over");
  }
}

/** The last attempt was refused, and others would be. An earlier one may have taken effect. */
export class RefusedAttempt extends Error {
  constructor(
    readonly error: LockError,
    readonly maybe: boolean,
  ) {
    super(error.message);
  }
}

/** Whether what failed with that may have been done, and nothing will be heard of it any more. */
export function isUnknown(error: unknown): boolean {
  return (error instanceof SessionOver || error instanceof RefusedAttempt) && error.maybe;
}

/** Nobody wants to know any more, and nothing was done. */
export class Stopped extends Error {}

/**
 * A request about a lock, under a number of its own. It is sent again, to one peer after the other, until there is a final answer or the
 * session is over, and takes effect once.
 */
export class Command {
  readonly answer: Promise<Answer>;
  /** Whether it stands in the queue. */
  queued = false;
  /** Whether it may have taken effect. */
  maybe = false;
  /** Why the last attempt failed. */
  failure: Error | undefined;
  /** Tokens of this lockable that were lost meanwhile: an answer that was under way may still tell of them as held. */
  readonly lost = new Set<number>();
  #attempt: AbortController | undefined;
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(
    readonly session: Session,
    readonly action: "acquire" | "release" | "extend" | "cancel-acquire",
    readonly sequence: number,
    readonly body: Json,
    /** How long a peer waits before it says that it stands in the queue. */
    private readonly pollMs: number,
  ) {
    this.answer = this.#run();
    this.answer.catch(() => {}); // Whoever wants to know asks.
  }

  /** Asks no more. What is under way may take effect. */
  stop(): void {
    this.#stopped = true;
    this.interrupt();
  }

  /** Ends the attempt or the pause that there is. */
  interrupt(): void {
    this.#attempt?.abort(new Error("given up"));
    this.#wake?.();
  }

  async #run(): Promise<Answer> {
    await Promise.resolve(); // Its maker has it before anything happens.
    for (let failures = 0; ; ) {
      if (this.session.isOver) {
        throw new SessionOver(this.maybe);
      }
      if (this.#stopped) {
        this.#done();
        throw new Stopped(this.failure?.message, { cause: this.failure });
      }
      this.#attempt = new AbortController();
      const before = this.maybe;
      this.maybe = true; // As long as it is under way.
      const attempt = await this.session.transport.attempt(
        `/v1/lockable/${this.action}`,
        { ...this.body, ...this.session.acknowledged() },
        ATTEMPT_MS_MAX + this.pollMs,
        this.#attempt,
      );
      this.#attempt = undefined;
      if (attempt.kind === "refused" && this.action === "cancel-acquire") {
        // Given up, it would leave a lock held by nobody here; and who may do what changes.
        this.failure = attempt.error;
        await this.#pause(this.session.attemptMs);
      } else if (attempt.kind === "refused") {
        this.maybe = before;
        this.#done();
        throw new RefusedAttempt(attempt.error, before);
      } else if (attempt.kind === "answer" && !isComplete(this.action, attempt)) {
        this.failure = new Error(`a peer answered ${attempt.status} without what belongs to it`);
        await this.#pause(pauseMs(failures++));
      } else if (attempt.kind === "failed") {
        // Of these, a peer may say 503 when it could not confirm what it has done.
        const confirmed = this.action === "acquire" || this.action === "extend";
        this.maybe = before || attempt.maybe || (confirmed && attempt.sent);
        this.failure = attempt.error;
        await this.#pause(Math.max(attempt.pauseMs, pauseMs(failures++)));
      } else if (attempt.status === 202) {
        this.queued = true;
        if (now() - attempt.sentAt < Math.max(this.pollMs, WAIT_MS_MIN)) {
          await this.#pause(pauseMs(failures++));
        } else {
          failures = 0;
        }
      } else if (attempt.status === 410) {
        this.session.end();
        throw new SessionOver(before);
      } else {
        this.#done();
        return attempt;
      }
    }
  }

  /** It is not made again. Of an acquire the cluster has to know more until it is certain that nobody cancels it. */
  #done(): void {
    if (this.action !== "acquire") {
      this.session.done(this.sequence);
    }
  }

  async #pause(ms: number): Promise<void> {
    if (!this.#stopped && !this.session.isOver) {
      await sleep(ms, (wake) => (this.#wake = wake));
    }
  }
}

/**
 * One session: it is renewed three times in each lease, numbers the requests, and tells the cluster which answers it has. It is over when the
 * cluster says so, or when no renewal has succeeded for a lease, by this client's own clock.
 */
export class Session {
  /** Holds that it keeps or follows, and requests of other kinds, that are not done with. */
  readonly users = new Set<object>();
  readonly key: string;
  readonly leaseMs: number;
  readonly belief: Belief;
  readonly #commands = new Set<Command>();
  readonly #done = new Set<number>();
  #sequence = 0;
  #acknowledged = 0;
  #events: string | undefined;
  #over = false;
  #retired = false;
  #wake: (() => void) | undefined;

  /** Of an answer for which `isOpening` holds. */
  constructor(
    readonly transport: Transport,
    { body, sentAt }: Answer,
    private readonly onLost: (lost: Lost) => void,
  ) {
    this.key = body["session"] as string;
    this.leaseMs = body["leaseMs"] as number;
    this.belief = new Belief(sentAt + this.leaseMs / 2, sentAt + Number(body["leaseLeftMs"]));
    this.belief.watch(() => {
      if (this.belief.state === "lost") {
        this.end();
      }
    });
    this.#renew(sentAt).catch(() => this.end());
  }

  get isOver(): boolean {
    if (!this.#over && this.belief.state === "lost") {
      this.end();
    }
    return this.#over;
  }

  /** Whether new requests belong into another. */
  get isFull(): boolean {
    return this.#sequence - this.#acknowledged >= UNACKNOWLEDGED_MAX;
  }

  /** How long one attempt may take that does not wait in a queue. */
  get attemptMs(): number {
    return Math.min(this.leaseMs / 6, ATTEMPT_MS_MAX);
  }

  command(action: Command["action"], body: Json, waitMs = 0): Command {
    const sequence = ++this.#sequence;
    const pollMs = Math.min(POLL_MS_MAX, waitMs);
    const whole = { session: this.key, sequence, ...body, ...(waitMs > 0 ? { waitMs, pollMs } : {}) };
    const command = new Command(this, action, sequence, whole, pollMs);
    this.#commands.add(command);
    // Not before those who wait for the answer have dealt with it: until then they have to hear of what was lost.
    const forget = () =>
      setTimeout(() => {
        this.#commands.delete(command);
        this.#finish();
      });
    command.answer.then(forget, forget);
    return command;
  }

  /** What it has acknowledged goes along with each request. */
  acknowledged(): Json {
    return {
      acknowledgedSequence: this.#acknowledged,
      ...(this.#events === undefined ? {} : { acknowledgedEvents: this.#events }),
    };
  }

  /** The request with that number has its final answer, or is never made again. */
  done(sequence: number): void {
    this.#done.add(sequence);
    while (this.#done.delete(this.#acknowledged + 1)) {
      this.#acknowledged++;
    }
  }

  /** That hold is over, so an answer that says otherwise is old. */
  markLost(kind: string, key: string, token: number): void {
    for (const command of this.#commands) {
      if (command.body["kind"] === kind && command.body["key"] === key) {
        command.lost.add(token);
      }
    }
  }

  /** It is over: what it keeps may be others' by now. */
  end(): void {
    if (!this.#over) {
      this.#over = true;
      this.belief.expire();
      this.#wake?.();
      for (const command of this.#commands) {
        command.interrupt();
      }
    }
  }

  /** No more requests come, and when those that there are, and the holds, are done with, it is closed. */
  retire(): void {
    this.#retired = true;
    this.#finish();
  }

  /** To be called when a user has gone. */
  release(user: object): void {
    this.users.delete(user);
    this.#finish();
  }

  #finish(): void {
    if (this.#retired && !this.#over && this.users.size === 0 && this.#commands.size === 0) {
      void this.close(this.attemptMs);
    }
  }

  /** Resolves when no request is under way, nor one that follows from it, or after that time. */
  async settled(timeoutMs: number): Promise<void> {
    const until = now() + timeoutMs;
    while (this.#commands.size > 0 && !this.isOver && now() < until) {
      await sleep(5);
    }
  }

  /** Ends it here, and then in the cluster, so that what only it keeps is free at once. */
  async close(timeoutMs: number): Promise<void> {
    this.end();
    const until = now() + timeoutMs;
    for (let failures = 0; now() < until; ) {
      const left = Math.max(1, Math.min(this.attemptMs, until - now()));
      const attempt = await this.transport.attempt("/v1/sessions/close", { session: this.key }, left);
      if (attempt.kind !== "failed") {
        return;
      }
      await sleep(Math.min(pauseMs(failures++), Math.max(0, until - now())));
    }
  }

  async #renew(openedAt: number): Promise<void> {
    await this.#sleepUntil(openedAt + this.leaseMs / 3);
    for (let failures = 0; !this.isOver; ) {
      const body = {
        session: this.key,
        acknowledgedSequence: this.#acknowledged,
        ...(this.#events === undefined ? {} : { after: this.#events }),
      };
      const attempt = await this.transport.attempt("/v1/sessions/heartbeat", body, this.attemptMs);
      if (this.isOver) {
        return;
      }
      if (attempt.kind === "answer" && attempt.status === 410) {
        this.end();
      } else if (attempt.kind === "answer" && isRenewal(attempt)) {
        failures = 0;
        const more = this.#hear(attempt);
        await this.#sleepUntil(more ? now() : attempt.sentAt + this.leaseMs / 3);
      } else {
        // Up to an eighth of the lease: an outage causes no storm, and several attempts are left.
        await this.#sleepUntil(now() + Math.min(this.leaseMs / 8, pauseMs(failures++)));
      }
    }
  }

  /** Tells whether to ask again at once. */
  #hear({ body, sentAt }: Answer): boolean {
    this.belief.confirm(sentAt + this.leaseMs / 2, sentAt + Number(body["leaseLeftMs"]));
    for (const lost of body["lost"] as Lost[]) {
      this.markLost(lost.kind, lost.key, lost.token);
      this.onLost(lost);
    }
    const events = body["events"] as string;
    const moved = events !== this.#events;
    this.#events = events;
    return body["more"] === true && moved;
  }

  async #sleepUntil(instant: number): Promise<void> {
    if (!this.#over) {
      await sleep(instant - now(), (wake) => (this.#wake = wake));
    }
  }
}

/** What a proxy makes up is no answer. */
function isComplete(action: Command["action"], { status, body }: Answer): boolean {
  if (status === 202) {
    return action === "acquire" && body["state"] === "waiting";
  }
  if (status !== 200) {
    return true;
  }
  switch (action) {
    case "acquire":
    case "extend":
      return Number.isSafeInteger(body["token"]) && (body["leaseLeftMs"] === null || isTime(body["leaseLeftMs"]));
    case "release":
      return typeof body["remaining"] === "number";
    case "cancel-acquire":
      return typeof body["undone"] === "boolean";
  }
}

export function isOpening({ session, leaseMs, leaseLeftMs }: Json): boolean {
  return typeof session === "string" && isTime(leaseMs) && isTime(leaseLeftMs);
}

function isRenewal({ status, body }: Answer): boolean {
  return status === 200 && isTime(body["leaseLeftMs"]) && Array.isArray(body["lost"]) && typeof body["events"] === "string";
}

export function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** A pause; `waker` is given what ends it early. */
function sleep(ms: number, waker?: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    waker?.(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
