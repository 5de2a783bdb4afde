package dev.holdfast.statemachine;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Rule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Changes the rules, and records who did what concerns others. Each command is recorded once, with what became of it, if it is
 * known who sent it: logs of releases that did not know give the state that they gave.
 */
final class Administration {
    private final MachineState state;

    Administration(MachineState state) {
        this.state = state;
    }

    Outcome put(Command.PutRule put, Session session, Caller caller) {
        Rule rule = put.rule();
        Rule before = state.rules.find(rule);
        if (before == null && state.rules.size() >= Limits.RULES_MAX) {
            Outcome.Rejected full = LockTable.limit("there are " + Limits.RULES_MAX + " rules");
            audit(caller, session, AuditRecord.PUT_RULE, rule.toString(), full.detail());
            return full;
        }
        state.rules.put(rule);
        boolean changed = !rule.equals(before);
        audit(
                caller,
                session,
                AuditRecord.PUT_RULE,
                rule.toString(),
                before == null ? "added" : changed ? "in place of '" + before + "'" : "was there already");
        return new Outcome.RulesChanged(changed);
    }

    Outcome remove(Command.RemoveRule remove, Session session, Caller caller) {
        boolean known = remove.rule().equals(state.rules.find(remove.rule()));
        state.rules.remove(remove.rule());
        audit(
                caller,
                session,
                AuditRecord.REMOVE_RULE,
                remove.rule().toString(),
                known ? "removed" : "there was no such rule");
        return new Outcome.RulesChanged(known);
    }

    /** Records it, and passes on what became of it. */
    Outcome forced(Command.ForceRelease force, Outcome outcome, Session session, Caller caller) {
        audit(caller, session, AuditRecord.FORCE_RELEASE, describe(force.lockable()), describe(force, outcome));
        return outcome;
    }

    /** Records the end of a session that was open. A repeated command finds none, and is not recorded again. */
    void ended(Session ended, @Nullable Session session, Caller caller) {
        audit(
                caller,
                session,
                AuditRecord.END_SESSION,
                ended.id.shortForm(),
                "'" + ended.name + "' on " + ended.host
                        + (ended.principal.isEmpty() ? "" : " of '" + ended.principal + "'"));
    }

    /** Records that there is a token more. A repeated offer adds none, and is not recorded again. */
    void offered(Command.OfferJoin offer) {
        JoinToken token = Objects.requireNonNull(state.joins.find(offer.tokenHash()));
        audit(
                offer.maker(),
                null,
                AuditRecord.MEMBERS_TOKEN,
                whom(token),
                "token " + token.id() + ", good for " + (token.expiresAtMs() - state.logTimeMs) / 1000 + " s");
    }

    /** Records that one lets nobody in any more. */
    void withdrawn(JoinToken token, Caller caller) {
        audit(
                caller,
                null,
                AuditRecord.MEMBERS_WITHDRAW,
                whom(token),
                "token " + token.id() + ", "
                        + (token.isUsed()
                                ? "used by " + token.userName() + "@" + token.userIncarnation()
                                : "used by nobody"));
    }

    /** What is malformed is not recorded. */
    void record(Command.RecordAudit record) {
        if (Validator.check(record) == null) {
            audit(record.caller(), null, record.action(), record.target(), record.detail());
        }
    }

    private static String whom(JoinToken token) {
        return token.name().isEmpty() ? "any" : token.name();
    }

    private void audit(Caller caller, @Nullable Session session, String action, String target, String detail) {
        Caller who = caller.equals(Caller.NOBODY) && session != null
                ? new Caller(session.principal, session.address, 0)
                : caller;
        if (!who.equals(Caller.NOBODY)) {
            state.audit.add(who, action, target, detail);
        }
    }

    private static String describe(LockableKey lockable) {
        return (lockable.kind() == LockableKind.MUTEX ? "mutex " : "semaphore ") + lockable.key();
    }

    private static String describe(Command.ForceRelease force, Outcome outcome) {
        String which = force.token() == Command.ForceRelease.ANY_TOKEN ? "" : " with token " + force.token();
        if (outcome instanceof Outcome.ForceReleased forced) {
            return forced.holds() == 0
                    ? "nobody had a hold" + which
                    : forced.holds() + (forced.holds() == 1 ? " hold" : " holds") + which + " taken";
        }
        return outcome instanceof Outcome.Rejected rejected ? rejected.detail() : outcome.toString();
    }
}
