package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.CloseSession;
import dev.holdfast.protocol.Command.EndSession;
import dev.holdfast.protocol.Command.OpenSession;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Has one command done under a session of its own, however often it has to be sent. */
final class ShortSession {
    /** If nobody closes it, it is gone soon. */
    private static final long LEASE_MS = 15_000;

    private final Asking asking;
    private final Transport leader;

    ShortSession(Asking asking, Transport leader) {
        this.asking = asking;
        this.leader = leader;
    }

    /**
     * Does it.
     *
     * @param host where this is, for people to read in the list of sessions
     * @param name what this is, likewise
     */
    CompletionStage<Outcome> perform(ClientCommand command, String host, String name) {
        SessionBatch open = OneCommand.batch(SessionId.unopened(), 0, new OpenSession(LEASE_MS, host, name));
        return asking.attempt(() -> leader.submit(open)).thenCompose(opened -> {
            if (!(OneCommand.accepted(opened) instanceof Outcome.SessionOpened session)) {
                return CompletableFuture.completedFuture(OneCommand.accepted(opened));
            }
            SessionBatch batch = OneCommand.batch(session.session(), 1, command);
            return asking.attempt(() -> leader.submit(batch))
                    .whenComplete((done, failure) ->
                            leader.submit(OneCommand.batch(session.session(), 2, new CloseSession())))
                    .thenApply(OneCommand::accepted);
        });
    }

    /** Ends another session, which takes none of its own. */
    CompletionStage<Outcome> end(SessionId session) {
        SessionBatch batch = OneCommand.batch(SessionId.unopened(), 0, new EndSession(session));
        return asking.attempt(() -> leader.submit(batch)).thenApply(OneCommand::accepted);
    }
}
