import { type HoldfastClient, inRange, rejection } from "./client.js";
import {
  type LockError,
  LockAlreadyHeldError,
  LockClientClosedError,
  LockExpiredError,
  LockOutcomeUnknownError,
  LockRequestRejectedError,
  LockSessionLostError,
  LockUnavailableError,
  SemaphoreCapacityExceededError,
  SemaphoreWaitTimedOutError,
} from "./errors.js";
import { ENDLESS, type HandleActions, type Kind, LockHandle, termOf } from "./handle.js";
import { type LockOwner, type Lockable, ownerOf, ownerText } from "./lockable.js";
import { type Command, RefusedAttempt, SessionOver, isTime } from "./session.js";
import { type Answer, now } from "./transport.js";
import { TimedOut, until } from "./until.js";

export const TIME_MS_MAX = 31_536_000_000;

/** How long a hold lives, and how long to wait for it. */
export interface AcquireOptions {
  /** It is held for exactly so long unless it is extended, whatever becomes of this client. Left out: while this client lives. */
  ttlMs?: number;
  /** It is held until it is released, by that owner from anywhere, or taken by force. Not together with `ttlMs`. */
  untilReleased?: boolean;
  /** How long to stand in the queue, which is first come, first served. `Infinity` for as long as it takes. Left out: not at all. */
  waitMs?: number;
  /** Gives up. What was granted meanwhile is given back. */
  signal?: AbortSignal;
}

/** Why it was not acquired. */
export class Refusal {
  constructor(
    private readonly wanted: Acquire,
    private readonly timedOut: boolean,
    private readonly detail: string,
    private readonly holder: LockOwner | undefined,
    private readonly available: number,
  ) {}

  get error(): LockError {
    const { kind, lockable, permits, max } = this.wanted;
    const message = `Not acquired: ${this.detail}.`;
    if (kind === "mutex") {
      return new LockAlreadyHeldError(message, lockable.key, this.holder?.type ?? "", this.holder?.id ?? "");
    }
    return this.timedOut
      ? new SemaphoreWaitTimedOutError(message, lockable.key, permits, max)
      : new SemaphoreCapacityExceededError(message, lockable.key, permits, this.available, max);
  }
}

/** One acquire, from the request to the handle, or to its undoing. */
export class Acquire {
  readonly #what: string;
  readonly #began = now();
  readonly #ttlMs: number | undefined;
  readonly #waitMs: number;
  /** Whether the wait has an end. */
  readonly #isBounded: boolean;
  /** How long it is tried; without a bound on the wait, until it is known to be in the queue. */
  readonly #limitMs: number;

  /** @param max the size of a semaphore */
  constructor(
    private readonly client: HoldfastClient,
    readonly kind: Kind,
    readonly lockable: Lockable,
    readonly owner: LockOwner,
    readonly permits: number,
    readonly max: number,
    private readonly options: AcquireOptions,
  ) {
    const { ttlMs, waitMs = 0 } = options;
    this.#what = `acquire of '${lockable.key}' for ${ownerText(owner)}`;
    this.#ttlMs = ttlMs === undefined ? undefined : inRange("ttlMs", ttlMs, 1, TIME_MS_MAX);
    this.#waitMs = waitMs === Infinity ? TIME_MS_MAX : inRange("waitMs", waitMs, 0, TIME_MS_MAX);
    this.#isBounded = waitMs > 0 && waitMs !== Infinity;
    this.#limitMs = this.#isBounded ? this.#waitMs + client.requestTimeoutMs / 10 : client.requestTimeoutMs;
    if (ttlMs !== undefined && options.untilReleased) {
      throw new LockRequestRejectedError("a hold has a TTL, or lasts until it is released, but not both", "invalid");
    }
    if (permits > max) {
      throw this.#tooMany(max, `${permits} permits of '${lockable.key}' were asked for, and there are only ${max}.`);
    }
  }

  async run(actions: HandleActions): Promise<LockHandle | Refusal> {
    const unavailable = () => new LockUnavailableError(this.#what);
    const session = await until(this.client.session(this.#what), this.#limitMs, unavailable, this.#giveUp);
    const { kind, lockable, owner, permits, max } = this;
    const command = session.command(
      "acquire",
      {
        kind,
        key: lockable.key,
        owner,
        ...(kind === "semaphore" ? { permits, limit: max } : {}),
        ...(this.#ttlMs === undefined ? {} : { ttlMs: this.#ttlMs }),
        ...(this.options.untilReleased ? { untilReleased: true } : {}),
      },
      this.#isBounded ? Math.max(0, Math.floor(this.#waitMs - this.#elapsedMs)) : this.#waitMs,
    );
    let answer: Answer | undefined;
    try {
      const late = () => (command.queued && !this.#isBounded ? undefined : new TimedOut());
      answer = await until(command.answer, this.#limitMs - this.#elapsedMs, late, this.#giveUp);
      session.done(command.sequence);
      return answer.status === 200 ? this.#granted(command, answer, actions) : this.#refused(answer);
    } catch (error) {
      if (answer === undefined) {
        undo(command);
      }
      throw this.#explained(error, command);
    }
  }

  get #elapsedMs(): number {
    return now() - this.#began;
  }

  readonly #giveUp = (give: (reason: unknown) => void): (() => void) => {
    const { signal } = this.options;
    const abort = () => give(signal?.reason);
    const stop = this.client.onClosing(() => give(new LockClientClosedError(this.#what)));
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) {
      abort();
    }
    return () => {
      stop();
      signal?.removeEventListener("abort", abort);
    };
  };

  #granted({ session, lost }: Command, { body, sentAt }: Answer, actions: HandleActions): LockHandle {
    const token = body["token"] as number;
    const left = body["leaseLeftMs"];
    const endless = this.options.untilReleased ? ENDLESS : undefined;
    const term = isTime(left) ? termOf(sentAt, left, this.#ttlMs) : endless;
    if (term === undefined && session.isOver) {
      throw new SessionOver(true);
    }
    if (lost.has(token) || (term !== undefined && term.deadline <= now())) {
      throw this.#lostAtOnce();
    }
    const hold = this.client.holds.of(this.kind, this.lockable, this.owner, token);
    hold.confirm(session, term);
    return new LockHandle(hold, this.permits, session, this.#ttlMs === undefined && !this.options.untilReleased, actions);
  }

  #refused(answer: Answer): Refusal {
    const { code, detail, holder, available } = answer.body;
    switch (code) {
      case "held":
      case "wait-ended":
        return new Refusal(this, code === "wait-ended", String(detail), ownerOf(holder), Number(available ?? 0));
      case "hold-over":
        throw this.#lostAtOnce();
      case "capacity-exceeded":
        throw this.#tooMany(Number(available ?? 0), `Not acquired: ${String(detail)}.`);
      default:
        throw rejection(answer);
    }
  }

  #lostAtOnce(): LockError {
    return new LockExpiredError(
      `'${this.lockable.key}' was granted to ${ownerText(this.owner)}, and was lost before this client knew. Acquire it again.`,
      this.lockable.key,
      new Date(),
    );
  }

  #tooMany(available: number, message: string): LockError {
    return new SemaphoreCapacityExceededError(message, this.lockable.key, this.permits, available, this.max);
  }

  #explained(error: unknown, { maybe, failure }: Command): unknown {
    const what = this.#what;
    if (error instanceof SessionOver) {
      const mayLast = this.#ttlMs !== undefined || this.options.untilReleased;
      return error.maybe && mayLast ? new LockOutcomeUnknownError(what, error) : new LockSessionLostError(what);
    }
    if (error instanceof TimedOut) {
      return maybe ? new LockOutcomeUnknownError(what, failure) : new LockUnavailableError(what, failure);
    }
    if (error instanceof RefusedAttempt) {
      return error.maybe ? new LockOutcomeUnknownError(what, error.error) : error.error;
    }
    return error;
  }
}

/** Has the cluster undo an acquire that nobody waits for any more, if it may have taken effect. What the owner had before, it keeps. */
function undo(command: Command): void {
  command.stop();
  const { session, sequence, body } = command;
  const done = () => session.done(sequence);
  const settle = (answer?: Answer) => {
    if (answer === undefined ? command.maybe : answer.status === 200) {
      session.command("cancel-acquire", { kind: body["kind"], key: body["key"], acquireSequence: sequence }).answer.then(done, done);
    } else {
      done();
    }
  };
  command.answer.then(settle, () => settle());
}
