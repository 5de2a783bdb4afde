import { Acquire, type AcquireOptions, type Refusal, TIME_MS_MAX } from "./acquire.js";
import { type HoldfastClient, inRange } from "./client.js";
import { LockError, LockExpiringError, LockNotHeldError, LockOutcomeUnknownError, LockSessionLostError } from "./errors.js";
import { type HandleActions, type Hold, type Kind, LockHandle, type LossReason, termOf } from "./handle.js";
import { type LockHooks, hooked } from "./hooks.js";
import { type LockOwner, type Lockable, ownerKey, ownerOf, ownerText, uniqueOwner } from "./lockable.js";
import { Pursuit } from "./pursuit.js";
import { type Session, SessionOver, isUnknown } from "./session.js";
import type { Answer, Json } from "./transport.js";

const PERMITS_MAX = 1_000_000;
const HOLDS_SHOWN = 1000;

export interface HoldOptions extends AcquireOptions {
  /** Left out, an owner that nobody else is. */
  owner?: LockOwner;
  /** Of a semaphore; 1 if left out. */
  permits?: number;
}

/** A hold as the cluster shows it. */
export interface HoldInfo {
  readonly owner: LockOwner;
  readonly token: number;
  readonly count: number;
  readonly leaseLeftMs: number | null;
}

/** What locks and semaphores have in common. */
export class Operations implements HandleActions {
  /** Of handles: the releases under way. */
  readonly #releases = new WeakMap<LockHandle, Pursuit>();

  constructor(
    readonly client: HoldfastClient,
    readonly kind: Kind,
    private readonly hooks: LockHooks,
    /** The size of a semaphore. */
    private readonly max: number = 1,
  ) {
    inRange("the size of a semaphore", max, 1, PERMITS_MAX);
  }

  /** Acquires it, or tells why not. Throws if neither is known, or if it can never be acquired. */
  acquire(lockable: Lockable, options: HoldOptions): Promise<LockHandle | Refusal> {
    const owner = options.owner ?? uniqueOwner();
    const count = inRange("the number of permits", options.permits ?? 1, 1, PERMITS_MAX);
    const { hooks } = this;
    return hooked(
      this.client.onHookError,
      hooks.beforeAcquire?.bind(hooks),
      hooks.afterAcquire?.bind(hooks),
      { owner, lockable, operation: "acquire", count, ...(options.ttlMs === undefined ? {} : { ttlMs: options.ttlMs }) },
      async () => new Acquire(this.client, this.kind, lockable, owner, count, this.max, options).run(this),
      (result) => (result instanceof LockHandle ? { acquired: true, token: result.token } : { acquired: false }),
    );
  }

  async hold(lockable: Lockable, options: HoldOptions): Promise<LockHandle> {
    const result = await this.acquire(lockable, options);
    if (result instanceof LockHandle) {
      return result;
    }
    throw result.error;
  }

  async tryHold(lockable: Lockable, options: HoldOptions): Promise<LockHandle | undefined> {
    const result = await this.acquire(lockable, options);
    return result instanceof LockHandle ? result : undefined;
  }

  /** Acquires it without a handle. */
  async take(lockable: Lockable, options: HoldOptions): Promise<boolean> {
    const handle = await this.tryHold(lockable, options);
    handle?.detach();
    return handle !== undefined;
  }

  /** Does the work while it is held. See `LockApi.withLock`. */
  async within<T>(lockable: Lockable, options: HoldOptions, work: (handle: LockHandle) => T | Promise<T>): Promise<T> {
    const handle = await this.hold(lockable, options);
    let end: { value: T } | { error: unknown };
    try {
      end = { value: await work(handle) };
    } catch (error) {
      end = { error };
    }
    const stopped = handle.signal.aborted;
    if (handle.lossReason !== undefined) {
      throw because(handle.whyNot!, end);
    }
    if (handle.state !== "released") {
      await handle.release().catch((error: unknown) => {
        throw "error" in end && handle.lossReason === undefined ? end.error : because(error, end);
      });
    }
    if ("value" in end) {
      return end.value;
    }
    throw stopped && !(end.error instanceof LockExpiringError)
      ? new LockExpiringError(lockable.key, handle.owner, end.error)
      : end.error;
  }

  /** Of a handle. Asking again asks what became of the release that is under way. */
  release(handle: LockHandle): Promise<void> {
    return this.#hookedRelease(handle.owner, handle.lockable, handle.permits, async () => {
      if (handle.state === "released" || handle.state === "lost") {
        throw handle.whyNot!;
      }
      let release = this.#releases.get(handle);
      if (release === undefined) {
        const { hold, session } = handle;
        // The whole hold of a lock ends, however often it was acquired.
        const permits = this.kind === "mutex" ? undefined : handle.permits;
        release = this.#releaseOf(hold, permits, handle, session.isOver ? hold.session : session, (error) => {
          // To release permits again that may be released already would take what others of that owner have.
          if (permits === undefined || !isUnknown(error)) {
            this.#releases.delete(handle);
          }
        });
        this.#releases.set(handle, release);
      }
      await release.outcome().catch((error: unknown) => {
        throw (error instanceof SessionOver && handle.whyNot) || explained(error, release.what);
      });
    });
  }

  /** Of whatever that owner holds, from whichever process it was acquired. */
  releaseBy(owner: LockOwner, lockable: Lockable, permits: number | undefined): Promise<void> {
    return this.#hookedRelease(owner, lockable, permits ?? 1, async () => {
      const { client, kind } = this;
      const hold = client.holds.find(kind, lockable, owner);
      let release: Pursuit;
      if (hold !== undefined) {
        const only = permits === undefined && hold.handles.size === 1 ? [...hold.handles][0] : undefined;
        release = this.#releaseOf(hold, permits, only, hold.session, () => {});
      } else {
        const name = { kind, lockable, owner, token: await this.#tokenOf(owner, lockable) };
        const more = permits === undefined ? {} : { permits };
        release = new Pursuit(client, "release", name, more, undefined, (answer, error) => {
          const reason = endOf(answer, error);
          if (reason !== undefined) {
            client.holds.end(name, reason);
          }
        });
      }
      await release.outcome().catch((error: unknown) => {
        throw explained(error, release.what);
      });
    });
  }

  #hookedRelease(owner: LockOwner, lockable: Lockable, count: number, operation: () => Promise<void>): Promise<void> {
    const { hooks } = this;
    let released = false;
    return hooked(
      this.client.onHookError,
      hooks.beforeRelease?.bind(hooks),
      hooks.afterRelease?.bind(hooks),
      { owner, lockable, operation: "release", count },
      async () => {
        await operation();
        released = true;
      },
      () => ({ released }),
    );
  }

  /**
   * @param permits `undefined` for the whole hold
   * @param handle which is released by that, if one is
   */
  #releaseOf(
    hold: Hold,
    permits: number | undefined,
    handle: LockHandle | undefined,
    session: Session | undefined,
    onEnd: (error: unknown) => void,
  ): Pursuit {
    const doubted = permits === undefined || handle === undefined ? hold : handle;
    doubted.doubts++;
    return new Pursuit(this.client, "release", hold, permits === undefined ? {} : { permits }, session, (answer, error) => {
      onEnd(error);
      if (answer !== undefined) {
        handle === undefined ? hold.giveBack(permits ?? 0) : handle.finish();
      }
      if (!isUnknown(error)) {
        doubted.doubts--;
      }
      const reason = endOf(answer, error);
      if (reason !== undefined) {
        this.client.holds.end(hold, reason);
      } else if (error instanceof LockNotHeldError) {
        handle?.lose("not-held");
      }
    });
  }

  async extend(handle: LockHandle, ttlMs: number): Promise<void> {
    if (!handle.isHeld) {
      handle.requireHeld();
    }
    await this.#extend(handle.owner, handle.lockable, handle.token, ttlMs, handle.hold);
  }

  async extendBy(owner: LockOwner, lockable: Lockable, ttlMs: number): Promise<void> {
    const hold = this.client.holds.find(this.kind, lockable, owner);
    const token = hold?.token ?? (await this.#tokenOf(owner, lockable));
    await this.#extend(owner, lockable, token, ttlMs, hold);
  }

  async #extend(owner: LockOwner, lockable: Lockable, token: number, ttl: number, hold: Hold | undefined): Promise<void> {
    const { client, kind, hooks } = this;
    const ttlMs = inRange("ttlMs", ttl, 1, TIME_MS_MAX);
    const name = { kind, lockable, owner, token };
    const extend = async () => {
      const extension = new Pursuit(client, "extend", name, { ttlMs }, hold?.session, (answer, error) => {
        const left = answer?.body["leaseLeftMs"];
        if (answer !== undefined && typeof left === "number" && hold?.loss === undefined) {
          hold?.extend(termOf(answer.sentAt, left, ttlMs));
        } else if (error instanceof LockNotHeldError) {
          client.holds.end(name, "not-held");
        }
      });
      try {
        return await extension.outcome();
      } catch (error) {
        throw error instanceof SessionOver ? new LockSessionLostError(extension.what) : error;
      }
    };
    await hooked(
      client.onHookError,
      hooks.beforeExtend?.bind(hooks),
      hooks.afterExtend?.bind(hooks),
      { owner, lockable, operation: "extend", ttlMs },
      extend,
      (answer) => ({ extended: answer !== undefined }),
    );
  }

  async forceRelease(lockable: Lockable): Promise<boolean> {
    const { hooks } = this;
    const what = `forced release of '${lockable.key}'`;
    const body = await hooked(
      this.client.onHookError,
      hooks.beforeForceRelease?.bind(hooks),
      hooks.afterForceRelease?.bind(hooks),
      { owner: { type: "system", id: "force" }, lockable, operation: "forceRelease" },
      () => this.client.once("/v1/lockable/force-release", { kind: this.kind, key: lockable.key }, what, isForced),
      () => ({}),
    );
    return Number(body["taken"]) > 0;
  }

  async look(lockable: Lockable): Promise<{ held: number; holds: readonly HoldInfo[] }> {
    const query = new URLSearchParams({ kind: this.kind, key: lockable.key });
    const body = await this.client.query(`/v1/lockable?${query}`, `look at '${lockable.key}'`, isLook);
    const holds = (body["holds"] as Json[]).map((hold) => ({ ...hold, owner: ownerOf(hold["owner"]) }));
    return { held: Number(body["held"]), holds: holds as unknown as HoldInfo[] };
  }

  async #tokenOf(owner: LockOwner, lockable: Lockable): Promise<number> {
    const { holds } = await this.look(lockable);
    const own = holds.find((hold) => ownerKey(hold.owner) === ownerKey(owner));
    if (own !== undefined) {
      return own.token;
    }
    if (holds.length >= HOLDS_SHOWN) {
      throw new LockError(
        `'${lockable.key}' has so many holders that not all are shown, so that of ${ownerText(owner)} cannot be found. Use its handle.`,
      );
    }
    const instead = holds[0] === undefined ? "nobody holds it" : `it is held by ${ownerText(holds[0].owner)}`;
    throw new LockNotHeldError(`'${lockable.key}' is not held by ${ownerText(owner)}: ${instead}.`, lockable.key, owner.type, owner.id);
  }
}

function isForced({ taken }: Json): boolean {
  return typeof taken === "number";
}

function isLook({ held, holds }: Json): boolean {
  const isHold = (hold: Json | null) => typeof ownerOf(hold?.["owner"])?.id === "string" && Number.isSafeInteger(hold?.["token"]);
  return typeof held === "number" && Array.isArray(holds) && holds.every(isHold);
}

/** Why a hold is over after a release with that end; `undefined` if it is not known to be. */
function endOf(answer: Answer | undefined, error: unknown): LossReason | undefined {
  if (answer?.body["remaining"] === 0) {
    return "released-by-owner";
  }
  return error instanceof LockNotHeldError && error.held === 0 ? "not-held" : undefined;
}

function explained(error: unknown, what: string): unknown {
  if (!(error instanceof SessionOver)) {
    return error;
  }
  return error.maybe ? new LockOutcomeUnknownError(what, error) : new LockSessionLostError(what);
}

function because(error: unknown, end: object): unknown {
  if ("error" in end && error instanceof LockError) {
    error.cause ??= end.error;
  }
  return error;
}

