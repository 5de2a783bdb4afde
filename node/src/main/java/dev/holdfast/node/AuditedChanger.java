package dev.holdfast.node;

import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.node.internal.membership.MemberChanger;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;

/** Changes the members where this peer leads, and writes who asked for what, and what became of it, to the audit's logger. */
final class AuditedChanger {
    private final MemberChanger changer;
    private final InstantSource clock;

    AuditedChanger(MemberChanger changer, InstantSource clock) {
        this.changer = changer;
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

    private void write(String principal, String address, MemberChange change, String detail) {
        AuditLog.note(
                0,
                clock.millis(),
                principal,
                address,
                "members-" + change.action().name().toLowerCase(Locale.ROOT) + (change.force() ? "-by-force" : ""),
                change.name(),
                detail);
    }
}
