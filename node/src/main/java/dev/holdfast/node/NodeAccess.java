package dev.holdfast.node;

import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.wire.Authorization;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.internal.access.Authenticator;
import dev.holdfast.node.internal.access.CheckedTransport;
import dev.holdfast.node.internal.access.Credentials;
import dev.holdfast.node.internal.access.CurrentRights;
import dev.holdfast.node.internal.access.DeniedException;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.access.MemberTickets;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.port.Door;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.protocol.Rule;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who may do what at this peer, and what this peer says of itself to others. */
final class NodeAccess implements AutoCloseable {
    private final AccessOptions options;
    private static final Logger LOG = LoggerFactory.getLogger(NodeAccess.class);

    private final Principal self;
    private final @Nullable MemberTickets tickets;
    private final Supplier<List<Rule>> rules;
    private final Authenticator authenticator;
    private final Refusals refusals;
    private final InstantSource clock = InstantSource.system();

    /**
     * Reads what the options name.
     *
     * @param clusterId the cluster's; empty while there is none
     * @param isMember whether there is a member of that name
     * @param secret by which this peer proves to others' client ports that it is a member; {@code null} if it has a certificate
     * @param refusals counts what is refused at the port for clients
     * @param rules the rules of the cluster, as far as this peer has applied them
     * @throws IOException if a file cannot be used
     */
    NodeAccess(
            AccessOptions options,
            Supplier<String> clusterId,
            Member self,
            Predicate<String> isMember,
            @Nullable MemberSecret secret,
            Refusals refusals,
            Supplier<List<Rule>> rules)
            throws IOException {
        this.options = options;
        this.self = Principal.member(self.id());
        this.rules = rules;
        this.tickets = secret == null ? null : new MemberTickets(clusterId, self.id(), secret, isMember, clock);
        this.authenticator = new Authenticator(options, isMember, tickets, clock);
        this.refusals = refusals;
    }

    /** How clients on the network are known. */
    Authenticator authenticator() {
        return authenticator;
    }

    /** What was refused at the port for clients. */
    Refusals refusals() {
        return refusals;
    }

    /** What each client on the network reaches of that group. */
    Door door(LocalLeader leader) {
        return (caller, address) -> new CheckedTransport(
                leader, caller, address, CurrentRights.of(caller, options, rules), clock, refusals);
    }

    /** Whether that caller may look after the cluster, by the rules that this peer has applied. */
    boolean isAdmin(Principal caller) {
        return CurrentRights.of(caller, options, rules).isAdmin();
    }

    /** What it takes to see everything, for somebody who shows this. */
    CompletableFuture<Admission> toReadAll(Credentials credentials) {
        return authenticator
                .authenticate(credentials)
                .thenApply(principal -> {
                    String missing = CurrentRights.of(principal, options, rules).missingToReadAll();
                    return missing == null ? Admission.GRANTED : new Admission(Admission.Answer.FORBIDDEN, missing);
                })
                .exceptionally(failure -> refused(credentials, failure));
    }

    /** Somebody who shows this comes by another door than the port for clients. */
    CompletableFuture<Visit> enter(Credentials credentials, Visitors visitors) {
        return authenticator
                .authenticate(credentials)
                .thenApply(principal -> enter(new Mandate(principal, credentials.address()), visitors))
                .exceptionally(failure -> Visit.refused(refused(credentials, failure)));
    }

    private Visit enter(Mandate whom, Visitors visitors) {
        Principal principal = whom.principal();
        if (principal.isMember() || !whom.canBeSaid()) {
            return Visit.refused(new Admission(
                    Admission.Answer.FORBIDDEN,
                    principal.isMember()
                            ? principal + " is a member, and members have ways of their own"
                            : principal + " is in more groups than one member can tell another"));
        }
        Visitors.Visitor visitor = visitors.enter(whom);
        return visitor == null
                ? Visit.refused(new Admission(
                        Admission.Answer.LATER,
                        "this peer serves as many others as it can at this moment, or is closing; try again later"))
                : Visit.granted(principal.name(), isAdmin(principal), visitor);
    }

    private Admission refused(Credentials credentials, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof DeniedException denied) {
            String why = String.valueOf(denied.getMessage());
            refusals.refused(credentials.address(), denied.denial(), why);
            return new Admission(denied.denial().isFinal() ? Admission.Answer.UNKNOWN : Admission.Answer.LATER, why);
        }
        LOG.warn("It could not be found out who a client is", cause);
        return new Admission(
                Admission.Answer.LATER, "it could not be found out who this client is: the peer's log says why");
    }

    /** What somebody who came by another door reaches of that group at this peer. */
    Transport visiting(LocalLeader leader, Mandate whom) {
        return new CheckedTransport(
                leader,
                whom.principal(),
                whom.address(),
                CurrentRights.of(whom.principal(), options, rules),
                clock,
                refusals);
    }

    /** How this peer talks to that member's port for clients for somebody who came by another door. */
    RemoteOptions onBehalf(RemoteOptions remote, String memberId, Mandate whom) {
        return remote.withCallCredentials(
                new Ticket(() -> tickets == null ? whom.header() : tickets.to(memberId, whom)));
    }

    /** What callers in this process reach of that group: everything, as this member. */
    Transport embedded(LocalLeader leader) {
        return new CheckedTransport(leader, self, "", CurrentRights.all(), clock, refusals);
    }

    /** How this peer talks to that member's port for clients, for callers in this process. */
    RemoteOptions identified(RemoteOptions remote, String memberId) {
        MemberTickets own = tickets;
        return own == null ? remote : remote.withCallCredentials(new Ticket(() -> own.to(memberId)));
    }

    @Override
    public void close() {
        authenticator.close();
    }

    private static final class Ticket extends CallCredentials {
        /** Gives another one for each call. */
        private final Supplier<String> header;

        Ticket(Supplier<String> header) {
            this.header = header;
        }

        @Override
        public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
            Metadata headers = new Metadata();
            headers.put(Authorization.HEADER, header.get());
            applier.apply(headers);
        }
    }
}
