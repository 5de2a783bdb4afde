package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.statemachine.JoinToken;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the log of the first group has of members beside the configuration, at the peer that leads it: the join tokens, and the audit. Any thread may
 * call any method; none blocks.
 */
public interface JoinBook {
    /** That of a peer that never leads. */
    JoinBook NONE = () -> null;

    /** One term of this peer's leadership. */
    interface Page {
        /** Whether all members know tokens, and the audit of members, by now. */
        boolean isOpen();

        /** Log time. */
        long nowMs();

        /**
         * Completes when it is known that this peer led after the call, with the log time then; fails if it may not have. It has applied
         * by then what was committed before the call.
         */
        CompletableFuture<Long> confirm();

        /** All tokens, as this peer has applied the log; some may have expired. */
        List<JoinToken> tokens();

        /** The audit, oldest first, as this peer has applied the log. */
        List<AuditRecord> audit();

        /** The token with that hash; {@code null} if it is not known, or not any more. */
        @Nullable
        JoinToken find(String hash);

        /**
         * Puts it into the log. Completes when it has been applied here; fails if the term is over, or it is not known what became of it.
         */
        CompletableFuture<Void> propose(SystemCommand command);
    }

    /** {@code null} if this peer does not lead, or has not applied yet what was there before. */
    @Nullable
    Page current();

    /** The same, if this peer leads. */
    default Page page(MemberControl.Group first) throws NotLeadingException {
        Page page = current();
        if (page == null) {
            throw new NotLeadingException(first.leader());
        }
        return page;
    }
}
