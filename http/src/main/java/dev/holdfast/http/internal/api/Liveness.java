package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.util.concurrent.CompletableFuture;

/** Whether a session is open, by its leader. */
final class Liveness {
    /** One attempt. It fails with what the transport says. */
    static CompletableFuture<Boolean> ask(Transport leader, SessionId session) {
        SessionId before = new SessionId(session.high(), session.low() - 1);
        return leader.query(new Query.ListSessions(before, 1)).thenApply(answer -> {
            if (answer instanceof Answer.QueryRejected rejected) {
                throw Problem.of(rejected.code(), rejected.detail());
            }
            return ((Answer.SessionPage) answer)
                    .sessions().stream().anyMatch(each -> each.id().equals(session));
        });
    }

    private Liveness() {}
}
