import { LockRequestRejectedError, LockableParamsError } from "./errors.js";

const KEY_BYTES_MAX = 1024;
const NAME_BYTES_MAX = 255;

/** One thing that can be locked. A lock and a semaphore with the same key are independent of each other. */
export interface Lockable<N extends string = string> {
  readonly type: N;
  /** What the cluster knows it by, and clients in other languages. */
  readonly key: string;
}

/** Who holds. Owners that are equal share their holds, in whichever process they are. */
export interface LockOwner<N extends string = string> {
  readonly type: N;
  readonly id: string;
  readonly within?: { readonly type: string; readonly id: string };
}

export interface CreateLockableOptions<N extends string = string> {
  name: N;
  /** Whether there is one of it, which takes no parameters. */
  singular: boolean;
  prefix?: string;
}

export interface LockableDef<N extends string = string> {
  readonly name: N;
  readonly singular: boolean;
  readonly prefix?: string;
  (): Lockable<N>;
  (params: string): Lockable<N>;
  (params: Record<string, string>): Lockable<N>;
}

/**
 * Defines what can be locked. The key is `prefix:name:params`; parameters that are a record are written `k:v:k:v` in the order of their names.
 * Within a part, `:` and `%` are escaped, so that two lists of parts never have the same key.
 */
export function createLockable<N extends string>(options: CreateLockableOptions<N>): LockableDef<N> {
  const { name, singular, prefix } = options;
  const leading = prefix ? [prefix, name] : [name];
  check("a lockable's name", name, KEY_BYTES_MAX);
  const define = (params?: string | Record<string, string> | null): Lockable<N> => {
    const parts = typeof params === "string" ? [params].filter(Boolean) : sorted(name, params ?? {});
    if (singular && parts.length > 0) {
      throw new LockableParamsError(
        `Wrong parameters for lockable '${name}': it is singular and takes none.`,
        name,
        "singular_with_params",
      );
    }
    if (!singular && parts.length === 0) {
      throw new LockableParamsError(
        `Wrong parameters for lockable '${name}': it is plural and needs some.`,
        name,
        "plural_without_params",
      );
    }
    const key = [...leading, ...parts].map(escape).join(":");
    return { type: name, key: check(`the key of lockable '${name}'`, key, KEY_BYTES_MAX) };
  };
  return withProperties(define, { name, singular, prefix: prefix || undefined }) as LockableDef<N>;
}

function sorted(name: string, params: Record<string, string>): string[] {
  return Object.keys(params)
    .sort()
    .flatMap((key) => [
      check(`a parameter name of lockable '${name}'`, key, KEY_BYTES_MAX),
      check(`parameter '${key}' of lockable '${name}'`, params[key], KEY_BYTES_MAX),
    ]);
}

function escape(part: string): string {
  return part.replaceAll("%", "%25").replaceAll(":", "%3A");
}

export interface CreateLockOwnerOptions<N extends string = string> {
  name: N;
  /** The type of what owners of this type are within, such as an organization. */
  within?: string;
}

export interface LockOwnerDef<N extends string = string> {
  readonly name: N;
  readonly within?: string;
  (id: string): LockOwner<N>;
  (withinId: string, id: string): LockOwner<N>;
}

/** Defines a kind of owner. */
export function createLockOwner<N extends string>(options: CreateLockOwnerOptions<N>): LockOwnerDef<N> {
  const { name, within } = options;
  checkName("an owner's type", name);
  const define = (first: string, second?: string): LockOwner<N> => {
    if (within !== undefined && second !== undefined) {
      return {
        type: name,
        id: checkName(`the id of a ${name}`, second),
        within: { type: checkName("the type of an owner's scope", within), id: checkName(`the id of a ${within}`, first) },
      };
    }
    return { type: name, id: checkName(`the id of a ${name}`, first) };
  };
  return withProperties(define, { name, within }) as LockOwnerDef<N>;
}

/** An owner that nobody else is. */
export function uniqueOwner(type = "client"): LockOwner {
  return { type: checkName("an owner's type", type), id: randomId() };
}

/** A UUID. Pages that came without TLS have no `crypto.randomUUID`. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function ownerText(owner: LockOwner): string {
  const text = `${owner.type}:${owner.id}`;
  return owner.within ? `${text} within ${owner.within.type}:${owner.within.id}` : text;
}

/** An owner as peers write it. */
export function ownerOf(value: unknown): LockOwner | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { type, id, within } = value as { type: string; id: string; within: LockOwner["within"] | null };
  return within ? { type, id, within } : { type, id };
}

/** Equal owners have equal texts of this kind, and others have not. */
export function ownerKey(owner: LockOwner): string {
  return JSON.stringify([owner.type, owner.id, owner.within?.type, owner.within?.id]);
}

export function checkName(what: string, name: string): string {
  return check(what, name, NAME_BYTES_MAX);
}

function check(what: string, name: string | undefined, bytesMax: number): string {
  if (typeof name !== "string" || name === "") {
    throw new LockRequestRejectedError(`${what} must not be empty`, "invalid");
  }
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) {
    throw new LockRequestRejectedError(`${what} has a control character`, "invalid");
  }
  if (/\p{Surrogate}/u.test(name)) {
    throw new LockRequestRejectedError(`${what} has an unpaired surrogate`, "invalid");
  }
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > bytesMax) {
    throw new LockRequestRejectedError(`${what} has ${bytes} bytes in UTF-8; at most ${bytesMax} are allowed`, "too-long");
  }
  return name;
}

// A function has a name of its own, which only this replaces.
function withProperties(target: object, properties: Record<string, unknown>): unknown {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(target, name, { value, enumerable: true });
  }
  return target;
}
