import { type HoldfastClient, rejection } from "./client.js";
import { LockNotHeldError, LockOutcomeUnknownError, LockUnavailableError } from "./errors.js";
import type { HoldName } from "./handle.js";
import { ownerText } from "./lockable.js";
import { type Command, RefusedAttempt, type Session, Stopped } from "./session.js";
import type { Answer, Json } from "./transport.js";
import { TimedOut, until } from "./until.js";

/** A release or an extension, which goes on until it is known what became of it, whether anybody waits for it or not. */
export class Pursuit {
  readonly what: string;
  readonly done: Promise<Answer>;
  #command: Command | undefined;
  #isStopped = false;

  /**
   * Begins it.
   *
   * @param session where the hold is kept; `undefined` for any
   * @param onEnd is called with the answer, or with what it failed with, before anybody else hears of it
   */
  constructor(
    private readonly client: HoldfastClient,
    action: "release" | "extend",
    name: HoldName,
    more: Json,
    session: Session | undefined,
    onEnd: (answer: Answer | undefined, error: unknown) => void,
  ) {
    this.what = `${action === "extend" ? "extension" : action} of '${name.lockable.key}' by ${ownerText(name.owner)}`;
    this.done = this.#run(action, name, more, session).then(
      (answer) => {
        onEnd(answer, undefined);
        return answer;
      },
      (error: unknown) => {
        onEnd(undefined, error);
        throw error;
      },
    );
    this.done.catch(() => {}); // Whoever wants to know asks.
  }

  async #run(action: "release" | "extend", name: HoldName, more: Json, preferred: Session | undefined): Promise<Answer> {
    const { kind, lockable, owner, token } = name;
    const session = preferred ?? (await this.client.session(this.what));
    if (this.#isStopped) {
      throw new Stopped();
    }
    this.#command = session.command(action, { kind, key: lockable.key, owner, token, ...more });
    const answer = await this.#command.answer;
    if (answer.status === 200) {
      return answer;
    }
    const { code, detail, held } = answer.body;
    throw code === "not-held" || code === "hold-over"
      ? new LockNotHeldError(`Not done: ${String(detail)}.`, lockable.key, owner.type, owner.id, Number(held ?? 0))
      : rejection(answer);
  }

  /** Waits for it as long as requests may take. What has certainly not been done by then is not done later. */
  async outcome(): Promise<Answer> {
    try {
      return await until(this.done, this.client.requestTimeoutMs, () => new TimedOut());
    } catch (error) {
      const command = this.#command;
      if (error instanceof Stopped) {
        throw new LockUnavailableError(this.what, error.cause);
      }
      if (error instanceof RefusedAttempt) {
        throw error.maybe ? new LockOutcomeUnknownError(this.what, error.error) : error.error;
      }
      if (!(error instanceof TimedOut)) {
        throw error;
      }
      if (command?.maybe) {
        throw new LockOutcomeUnknownError(this.what, command.failure);
      }
      this.#isStopped = true;
      command?.stop();
      throw new LockUnavailableError(this.what, command?.failure);
    }
  }
}
