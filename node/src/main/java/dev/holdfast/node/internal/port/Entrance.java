package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.node.internal.access.Authenticator;
import dev.holdfast.node.internal.access.Credentials;
import dev.holdfast.node.internal.access.DeniedException;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.transport.Refusals;
import io.grpc.Status;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out who clients are, turns away those that are not known, and counts them. */
final class Entrance {
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

    private final Authenticator authenticator;
    private final Refusals refusals;

    Entrance(Authenticator authenticator, Refusals refusals) {
        this.authenticator = authenticator;
        this.refusals = refusals;
    }

    /**
     * What a client is told that is not let in.
     *
     * @param kind in a frame
     * @param status in place of a reply
     */
    record Refusal(Kind kind, Status status, String why) {}

    /**
     * Finds out who shows these, at once or in a while.
     *
     * @param known takes who it is
     * @param refused takes what to tell somebody who is not let in
     */
    void identify(Credentials credentials, Consumer<Principal> known, Consumer<Refusal> refused) {
        var unused = authenticator.authenticate(credentials).whenComplete((principal, failure) -> {
            if (failure == null) {
                known.accept(principal);
            } else {
                refused.accept(refuse(credentials, failure));
            }
        });
    }

    /**
     * Ends the connection if what its client has shown does not prove any more that it is who it was: a token may have expired, or have
     * been taken out of its file. The client comes back with another, if it has one. Members prove what they are once, and look themselves after those for
     * whom they speak.
     */
    void identifyAgain(ClientConnection connection) {
        Principal before = connection.principal();
        if (before == null || before.isMember() || !connection.isWelcomed()) {
            return;
        }
        Credentials credentials = connection.credentials();
        if (Mandate.isIn(credentials)) {
            return;
        }
        var unused = authenticator.authenticate(credentials).whenComplete((principal, failure) -> {
            if (failure == null && !principal.equals(before)) {
                connection.end(Kind.FORBIDDEN, "what was " + before + " is now " + principal, Status.UNAUTHENTICATED);
            } else if (failure instanceof DeniedException denial
                    && denial.denial().isFinal()) {
                end(connection, refuse(credentials, denial));
            }
        });
    }

    static void end(ClientConnection connection, Refusal refusal) {
        connection.end(refusal.kind, refusal.why, refusal.status);
    }

    /** Counts it. Whoever may be let in later is told to come again. */
    private Refusal refuse(Credentials credentials, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof DeniedException denial) {
            String why = String.valueOf(denial.getMessage());
            refusals.refused(credentials.address(), denial.denial(), why);
            return denial.denial().isFinal()
                    ? new Refusal(Kind.FORBIDDEN, Status.UNAUTHENTICATED, why)
                    : new Refusal(Kind.BUSY, Status.UNAVAILABLE, why);
        }
        LOG.warn("It could not be found out who a client is", cause);
        return new Refusal(
                Kind.BUSY, Status.UNAVAILABLE, "it could not be found out who this client is: the peer's log says why");
    }
}
