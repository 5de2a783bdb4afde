package dev.holdfast.statemachine;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Rule;

/**
 * About how many bytes of a peer's heap the state takes. It depends on the content alone, since the bound on it is part of what
 * the machine does: objects that happen to be shared are counted each time, and characters as two bytes.
 */
final class Footprint {
    static final int LOCKABLE = 160;
    static final int HOLD = 120;
    static final int LINK = 64;
    static final int WAITER = 180;
    static final int SESSION = 700;
    static final int OUTCOME = 120;
    private static final int ACCOUNT = 120;
    private static final int RULE = 160;
    private static final int AUDIT_RECORD = 200;
    private static final int JOIN_TOKEN = 360;
    private static final int OWNER = 80;
    private static final int SCOPE = 64;
    private static final int EVENT = 96;
    private static final int GRANT = 120;
    private static final int GRANT_IN_EVENT = 48;

    private long bytes;

    long bytes() {
        return bytes;
    }

    void add(long more) {
        bytes += more;
    }

    static long of(LockableKey lockable) {
        return LOCKABLE + of(lockable.key());
    }

    static long of(Hold hold) {
        return HOLD + of(hold.owner);
    }

    static long of(Waiter waiter) {
        return WAITER + of(waiter.owner);
    }

    /** Without what it has not acknowledged, holds and waits for. */
    static long of(Session session) {
        return SESSION
                + of(session.host)
                + of(session.name)
                + of(session.principal)
                + of(session.address)
                + (session.account == null ? 0 : ACCOUNT);
    }

    static long of(Rule rule) {
        return RULE + of(rule.subject()) + of(rule.keyPrefix());
    }

    static long of(AuditRecord each) {
        return AUDIT_RECORD
                + of(each.principal())
                + of(each.address())
                + of(each.action())
                + of(each.target())
                + of(each.detail());
    }

    static long of(JoinToken token) {
        return JOIN_TOKEN
                + of(token.name())
                + of(token.maker().principal())
                + of(token.maker().address())
                + of(token.userName())
                + of(token.userIncarnation());
    }

    /** Of that grant alone, not of those before it. */
    static long of(GrantRecord grant) {
        return GRANT + of(grant.lockable().key()) + of(grant.owner());
    }

    static long of(Event event) {
        if (event instanceof Event.HoldLost lost) {
            return EVENT + of(lost.lockable().key()) + of(lost.owner());
        } else if (event instanceof Event.ReleaseRequested requested) {
            return EVENT + of(requested.lockable().key()) + of(requested.owner());
        } else if (event instanceof Event.WaitGrantedAll granted) {
            return EVENT + (long) GRANT_IN_EVENT * granted.grants().size();
        } else {
            return EVENT;
        }
    }

    private static long of(Owner owner) {
        Owner.Scope within = owner.within();
        return OWNER
                + of(owner.type())
                + of(owner.id())
                + (within == null ? 0 : SCOPE + of(within.type()) + of(within.id()));
    }

    private static long of(String text) {
        return 2L * text.length();
    }
}
