package dev.holdfast.statemachine;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Outcome.Rejected;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SessionBatch;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges the form of commands. Each method returns {@code null} if there is nothing to object to. What it returns is
 * kept in the session's outcomes, text and all: to change a text is to change the
 * {@linkplain ProtocolVersion#SEMANTICS semantics}.
 */
final class Validator {

    /** Checks what can be checked of a session's command without the state; {@code sequence} is the command's own. */
    static @Nullable Rejected check(long sequence, ClientCommand command) {
        if (command instanceof Command.Acquire acquire) {
            return check(acquire);
        } else if (command instanceof Command.Release release) {
            return check(release);
        } else if (command instanceof Command.Extend extend) {
            return check(extend);
        } else if (command instanceof Command.Attach attach) {
            return check(attach.lockable(), attach.owner(), attach.token());
        } else if (command instanceof Command.Leave leave) {
            return check(leave);
        } else if (command instanceof Command.ExpireIn expireIn) {
            return check(expireIn);
        } else if (command instanceof Command.Drain drain) {
            return check(drain);
        } else if (command instanceof Command.RequestRelease request) {
            return check(request.lockable());
        } else if (command instanceof Command.CancelAcquire cancel) {
            return check(sequence, cancel);
        } else if (command instanceof Command.ForceRelease force) {
            return check(force);
        } else if (command instanceof Command.AcquireAll acquire) {
            return check(acquire);
        } else if (command instanceof Command.PutRule put) {
            return check(put.rule());
        } else if (command instanceof Command.RemoveRule remove) {
            return check(remove.rule());
        } else {
            return null;
        }
    }

    /** Checks what a peer says about a caller. */
    static @Nullable Rejected check(Caller caller) {
        Rejected form = caller.principal().isEmpty()
                ? null
                : text("the principal's name", caller.principal(), Limits.NAME_BYTES_MAX);
        return form != null || caller.address().isEmpty()
                ? form
                : text("the caller's address", caller.address(), Limits.NAME_BYTES_MAX);
    }

    static @Nullable Rejected check(Command.RecordAudit record) {
        Rejected form = check(record.caller());
        if (form == null) {
            form = text("action", record.action(), Limits.NAME_BYTES_MAX);
        }
        if (form == null) {
            form = text("target", record.target(), Limits.NAME_BYTES_MAX);
        }
        return form == null ? text("detail", record.detail(), Limits.AUDIT_DETAIL_BYTES_MAX) : form;
    }

    /** Checks an open and the batch that it came in. */
    static @Nullable Rejected check(Command.OpenSession open, SessionBatch batch) {
        Rejected form = check(open);
        if (form != null) {
            return form;
        }
        return batch.session().low() != 0 || batch.commands().size() != 1
                ? invalid("an open must stand alone, under a nonce and the number 0")
                : null;
    }

    private static @Nullable Rejected check(Command.OpenSession open) {
        if (open.leaseMs() < Limits.SESSION_LEASE_MS_MIN || open.leaseMs() > Limits.SESSION_LEASE_MS_MAX) {
            return invalid("session lease of " + open.leaseMs() + " ms; allowed are " + Limits.SESSION_LEASE_MS_MIN
                    + " to " + Limits.SESSION_LEASE_MS_MAX);
        }
        Rejected host = text("session host", open.host(), Limits.NAME_BYTES_MAX);
        return host != null ? host : text("session name", open.name(), Limits.NAME_BYTES_MAX);
    }

    private static @Nullable Rejected check(Command.Acquire acquire) {
        Rejected form = check(acquire.lockable(), acquire.owner());
        if (form != null) {
            return form;
        }
        if (acquire.permits() < 1 || acquire.permits() > Limits.PERMITS_MAX) {
            return invalid(acquire.permits() + " permits; allowed are 1 to " + Limits.PERMITS_MAX);
        }
        if (acquire.limit() < 1 || acquire.limit() > Limits.PERMITS_MAX) {
            return invalid("a limit of " + acquire.limit() + " permits; allowed are 1 to " + Limits.PERMITS_MAX);
        }
        boolean mutex = acquire.lockable().kind() == LockableKind.MUTEX;
        if (mutex && (acquire.permits() != 1 || acquire.limit() != 1)) {
            return invalid("a mutex has exactly one permit");
        }
        if (!mutex && acquire.reentrant()) {
            return invalid("only a mutex can be reentrant");
        }
        Rejected wait = waiting(acquire.waitMs());
        return wait != null ? wait : check(acquire.lease());
    }

    private static @Nullable Rejected check(Command.AcquireAll acquire) {
        List<LockableKey> lockables = acquire.lockables();
        if (lockables.isEmpty() || lockables.size() > Limits.LOCKABLES_PER_ACQUIRE_MAX) {
            return invalid("an acquire of " + lockables.size() + " lockables together; allowed are 1 to "
                    + Limits.LOCKABLES_PER_ACQUIRE_MAX);
        }
        Set<LockableKey> different = new HashSet<>();
        for (LockableKey lockable : lockables) {
            if (lockable.kind() != LockableKind.MUTEX) {
                return invalid("only mutexes can be acquired together");
            }
            Rejected form = check(lockable, acquire.owner());
            if (form != null) {
                return form;
            }
            if (!different.add(lockable)) {
                return invalid("'" + lockable.key() + "' is among the lockables twice");
            }
        }
        Rejected wait = waiting(acquire.waitMs());
        return wait != null ? wait : check(acquire.lease());
    }

    private static @Nullable Rejected check(Rule rule) {
        Rejected form = text("the rule's subject", rule.subject(), Limits.NAME_BYTES_MAX);
        if (form == null && !rule.keyPrefix().isEmpty()) {
            form = text("the rule's prefix", rule.keyPrefix(), Limits.KEY_BYTES_MAX);
        }
        if (form != null) {
            return form;
        }
        String problem = rule.problem();
        return problem == null ? null : invalid("not a rule: '" + rule + "': " + problem);
    }

    private static @Nullable Rejected waiting(long waitMs) {
        return waitMs < 0 || (waitMs > Limits.WAIT_MS_MAX && waitMs != Command.Acquire.WAIT_FOREVER)
                ? invalid("a wait of " + waitMs + " ms; allowed are 0 to " + Limits.WAIT_MS_MAX + ", or for ever")
                : null;
    }

    private static @Nullable Rejected check(Command.Drain drain) {
        Rejected form = check(drain.lockable(), drain.owner());
        if (form != null) {
            return form;
        }
        if (drain.lockable().kind() == LockableKind.MUTEX) {
            return invalid("only a semaphore can be drained");
        }
        if (drain.limit() < 1 || drain.limit() > Limits.PERMITS_MAX) {
            return invalid("a limit of " + drain.limit() + " permits; allowed are 1 to " + Limits.PERMITS_MAX);
        }
        return check(drain.lease());
    }

    private static @Nullable Rejected check(Command.Release release) {
        Rejected form = check(release.lockable(), release.owner());
        if (form != null) {
            return form;
        }
        if (release.permits() < 0 || release.permits() > Limits.PERMITS_MAX) {
            return invalid(release.permits() + " permits; allowed are 0 (all) to " + Limits.PERMITS_MAX);
        }
        return token(release.token());
    }

    private static @Nullable Rejected check(Command.Extend extend) {
        Rejected hold = check(extend.lockable(), extend.owner(), extend.token());
        return hold != null ? hold : ttl(extend.ttlMs());
    }

    private static @Nullable Rejected check(Command.ExpireIn expireIn) {
        Rejected hold = check(expireIn.lockable(), expireIn.owner(), expireIn.token());
        return hold != null ? hold : ttl(expireIn.ttlMs());
    }

    private static @Nullable Rejected check(Command.Leave leave) {
        return leave.lockable().kind() == LockableKind.MUTEX
                ? check(leave.lockable(), leave.owner(), leave.token())
                : invalid("every acquire of a semaphore adds something");
    }

    private static @Nullable Rejected check(LockableKey lockable, Owner owner, long token) {
        Rejected form = check(lockable, owner);
        return form != null ? form : token(token);
    }

    private static @Nullable Rejected check(long sequence, Command.CancelAcquire cancel) {
        return cancel.acquireSequence() < 1 || cancel.acquireSequence() >= sequence
                ? invalid("cancel of sequence " + cancel.acquireSequence() + " under sequence " + sequence)
                : null;
    }

    private static @Nullable Rejected check(Command.ForceRelease force) {
        return force.token() < 0 ? token(force.token()) : check(force.lockable());
    }

    static @Nullable Rejected check(LockableKey lockable) {
        return text("key", lockable.key(), Limits.KEY_BYTES_MAX);
    }

    private static @Nullable Rejected check(LockableKey lockable, Owner owner) {
        Rejected key = check(lockable);
        if (key != null) {
            return key;
        }
        Rejected form = text("owner type", owner.type(), Limits.NAME_BYTES_MAX);
        if (form == null) {
            form = text("owner id", owner.id(), Limits.NAME_BYTES_MAX);
        }
        Owner.Scope within = owner.within();
        if (form == null && within != null) {
            form = text("type of what the owner is within", within.type(), Limits.NAME_BYTES_MAX);
            if (form == null) {
                form = text("id of what the owner is within", within.id(), Limits.NAME_BYTES_MAX);
            }
        }
        return form;
    }

    private static @Nullable Rejected check(Lease lease) {
        if (lease.kind() == LeaseKind.TTL) {
            return ttl(lease.ttlMs());
        }
        return lease.ttlMs() == 0 ? null : invalid("a lease of kind " + lease.kind() + " has no TTL");
    }

    private static @Nullable Rejected ttl(long ttlMs) {
        return ttlMs >= Limits.TTL_MS_MIN && ttlMs <= Limits.TTL_MS_MAX
                ? null
                : invalid("a TTL of " + ttlMs + " ms; allowed are " + Limits.TTL_MS_MIN + " to " + Limits.TTL_MS_MAX);
    }

    private static @Nullable Rejected token(long token) {
        return token > 0 ? null : invalid("fencing token " + token + "; tokens are positive");
    }

    private static @Nullable Rejected text(String what, String text, int bytesMax) {
        if (text.isEmpty()) {
            return invalid(what + " is empty");
        }
        if (text.length() > bytesMax) {
            return tooLong(what, bytesMax);
        }
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
                if (c < 0x20 || c == 0x7f) {
                    return invalid(what + " has a control character at " + i);
                }
            } else if (c < 0x800) {
                bytes += 2;
                if (c < 0xa0) {
                    return invalid(what + " has a control character at " + i);
                }
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return invalid(what + " has half a surrogate pair at " + i);
                }
                bytes += 4;
                i++;
            }
        }
        return bytes > bytesMax ? tooLong(what, bytesMax) : null;
    }

    private static Rejected invalid(String detail) {
        return new Rejected(RejectionCode.INVALID, detail);
    }

    private static Rejected tooLong(String what, int bytesMax) {
        return new Rejected(RejectionCode.TOO_LONG, what + " is longer than " + bytesMax + " bytes of UTF-8");
    }

    private Validator() {}
}
