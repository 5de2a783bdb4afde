package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What these tests submit and expect. */
final class Batches {
    static final Owner OWNER = Owner.of("user", "alice");

    static SessionBatch open(long nonce, long leaseMs) {
        return new SessionBatch(
                new SessionId(nonce, 0),
                0,
                0,
                List.of(new SequencedCommand(0, new Command.OpenSession(leaseMs, "host", "name"))));
    }

    static SessionId opened(SubmitReply reply) {
        return ((Outcome.SessionOpened) reply.outcomes().get(0).outcome()).session();
    }

    static SessionBatch of(SessionId session, long sequence, ClientCommand command) {
        return new SessionBatch(session, 0, 0, List.of(new SequencedCommand(sequence, command)));
    }

    static SessionBatch of(SessionId session, SequencedCommand... commands) {
        return new SessionBatch(session, 0, 0, List.of(commands));
    }

    static Command.Acquire acquire(String key, Lease lease) {
        return new Command.Acquire(LockableKey.mutex(key), OWNER, 1, 1, false, lease, 0);
    }

    static void assertFailed(CompletableFuture<?> future, TransportException.Kind kind) {
        assertThat(future).isCompletedExceptionally();
        Throwable failure = catchThrowable(future::join);
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        assertThat(cause)
                .isInstanceOfSatisfying(
                        TransportException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private Batches() {}
}
