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
import dev.holdfast.statemachine.JoinToken;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Changes the members where this peer leads, and has the audit keep who asked for what, and what became of it. */
final class AuditedChanger {
    /** As whom the cluster does what nobody asked for. */
    private static final String BY_ITSELF = "holdfast";

    private static final String TOKEN = "token";
    private static final String WITHDRAW = "withdraw";

    /** Of how many automatic changes it is remembered that they have begun. */
    private static final int BEGUN_MAX = 100;

    private final MemberChanger changer;
    private final JoinDesk desk;
    private final MemberControl.Group first;
    private final MemberAudit audit;

    /** Automatic changes that have begun and are not done: they are tried again and again, and recorded once. */
    private final Map<String, MemberAudit.Deed> begun = new ConcurrentHashMap<>();

    /** @param first this peer's part in the first group */
    AuditedChanger(MemberChanger changer, JoinDesk desk, MemberControl.Group first, MemberAudit audit) {
        this.changer = changer;
        this.desk = desk;
        this.first = first;
        this.audit = audit;
    }

    /**
     * As {@link MemberChanger#perform}.
     *
     * @param principal who asks, and may
     * @param address where from; empty for this process
     */
    MemberChangeResult perform(String principal, String address, MemberChange change, Duration timeout)
            throws NotLeadingException, InterruptedException {
        String action = change.action().name().toLowerCase(Locale.ROOT) + (change.force() ? "-by-force" : "");
        MemberAudit.Deed deed = audit.deed(principal, address, action, change.name());
        try {
            MemberChangeResult result = changer.perform(change, timeout, deed);
            if (result.changed()) {
                deed.ended(result.text());
            } else {
                deed.endedInVain(result.text());
            }
            return result;
        } catch (MemberChangeException e) {
            deed.refused(e);
            throw e;
        }
    }

    /** The same for what nobody asked for. What is refused is not recorded: it is tried again and again. */
    MemberChangeResult perform(AutomaticChange change, Duration timeout)
            throws NotLeadingException, InterruptedException {
        if (begun.size() >= BEGUN_MAX) {
            begun.clear();
        }
        String why = change.why().isEmpty() ? "" : ", " + change.why();
        MemberAudit.Deed deed = begun.computeIfAbsent(
                change.toString(), what -> audit.deed(BY_ITSELF, "", change.action(), change.name()));
        MemberChangeResult result = changer.perform(change, timeout, what -> deed.begins(what + why));
        // If nothing is left to be done, it was done after the attempt before had given up.
        begun.remove(change.toString());
        if (result.changed() || deed.hasBegun()) {
            deed.ended(result.text() + why);
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
        try {
            return desk.issue(first, name, validFor, audit.caller(principal, address));
        } catch (MemberChangeException e) {
            audit.deed(principal, address, TOKEN, name.isEmpty() ? "any" : name).refused(e);
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
            return desk.issued().withdraw(first, id, audit.caller(principal, address));
        } catch (MemberChangeException e) {
            // What is no id may be a token, which is to be in no log.
            audit.deed(principal, address, WITHDRAW, JoinToken.isId(id) ? "token " + id : "no id")
                    .refused(e);
            throw e;
        }
    }

    /** As {@link IssuedTokens#list}. */
    List<JoinTokenInfo> joinTokens() throws NotLeadingException, InterruptedException {
        return desk.issued().list(first);
    }
}
