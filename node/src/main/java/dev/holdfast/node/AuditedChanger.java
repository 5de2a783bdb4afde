package dev.holdfast.node;

import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.node.internal.membership.AutomaticChange;
import dev.holdfast.node.internal.membership.IssuedTokens;
import dev.holdfast.node.internal.membership.JoinDesk;
import dev.holdfast.node.internal.membership.JoinSecret;
import dev.holdfast.node.internal.membership.MemberChanger;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.protocol.Caller;
import dev.holdfast.statemachine.JoinToken;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;

/** Changes the members where this peer leads, and writes who asked for what, and what became of it, to the audit's logger. */
final class AuditedChanger {
    /** As whom the cluster does what nobody asked for. */
    private static final String BY_ITSELF = "holdfast";

    private static final String TOKEN = "token";
    private static final String WITHDRAW = "withdraw";

    private final MemberChanger changer;
    private final JoinDesk desk;
    private final MemberControl.Group first;
    private final InstantSource clock;

    /** @param first this peer's part in the first group */
    AuditedChanger(MemberChanger changer, JoinDesk desk, MemberControl.Group first, InstantSource clock) {
        this.changer = changer;
        this.desk = desk;
        this.first = first;
        this.clock = clock;
    }

    /**
     * As {@link MemberChanger#perform}.
     *
     * @param principal who asks, and may
     * @param address where from; empty for this process
     */
    MemberChangeResult perform(String principal, String address, MemberChange change, Duration timeout)
            throws NotLeadingException, InterruptedException {
        try {
            MemberChangeResult result = changer.perform(change, timeout);
            write(principal, address, change, result.text());
            return result;
        } catch (MemberChangeException e) {
            write(principal, address, change, "refused (" + e.reason() + "): " + e.getMessage());
            throw e;
        }
    }

    /** The same for what nobody asked for. Only what was done is written: it is tried again and again. */
    MemberChangeResult perform(AutomaticChange change, Duration timeout)
            throws NotLeadingException, InterruptedException {
        MemberChangeResult result = changer.perform(change, timeout);
        if (result.changed()) {
            note(BY_ITSELF, "", change.action(), change.name(), result.text());
        }
        return result;
    }

    /**
     * Makes a join token. As {@link JoinDesk#issue}.
     *
     * @param principal who asks, and may
     * @param address where from; empty for this process
     */
    JoinSecret issue(String principal, String address, String name, Duration validFor)
            throws NotLeadingException, InterruptedException {
        String whom = name.isEmpty() ? "any" : name;
        try {
            return desk.issue(first, name, validFor, caller(principal, address));
        } catch (MemberChangeException e) {
            note(principal, address, TOKEN, whom, "refused (" + e.reason() + "): " + e.getMessage());
            throw e;
        }
    }

    /**
     * Withdraws a join token. As {@link IssuedTokens#withdraw}.
     *
     * @param principal who asks, and may
     * @param address where from; empty for this process
     */
    MemberChangeResult withdraw(String principal, String address, String id)
            throws NotLeadingException, InterruptedException {
        try {
            return desk.issued().withdraw(first, id, caller(principal, address));
        } catch (MemberChangeException e) {
            // What is no id may be a token, which is to be in no log.
            String what = JoinToken.isId(id) ? id : "no id";
            note(principal, address, WITHDRAW, what, "refused (" + e.reason() + "): " + e.getMessage());
            throw e;
        }
    }

    /** As {@link IssuedTokens#list}. */
    List<JoinTokenInfo> joinTokens() throws NotLeadingException, InterruptedException {
        return desk.issued().list(first);
    }

    private Caller caller(String principal, String address) {
        return new Caller(principal, address, clock.millis());
    }

    private void note(String principal, String address, String action, String target, String detail) {
        AuditLog.note(0, clock.millis(), principal, address, "members-" + action, target, detail);
    }

    private void write(String principal, String address, MemberChange change, String detail) {
        String action = change.action().name().toLowerCase(Locale.ROOT) + (change.force() ? "-by-force" : "");
        note(principal, address, action, change.name(), detail);
    }
}
