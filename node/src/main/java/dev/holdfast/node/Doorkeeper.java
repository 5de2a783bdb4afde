package dev.holdfast.node;

import dev.holdfast.node.internal.access.Credentials;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What another door into a peer, such as HTTP, takes from it: the TLS of its port for clients, and who may do what. All methods may be
 * called from any thread.
 */
public final class Doorkeeper {
    private final NodeAccess access;
    private final NodeTls tls;
    private final boolean insecure;
    private final Visitors visitors;

    Doorkeeper(NodeAccess access, NodeTls tls, boolean insecure, Visitors visitors) {
        this.visitors = visitors;
        this.access = access;
        this.tls = tls;
        this.insecure = insecure;
    }

    /** Whether the peer was told that it may listen at any address without TLS. */
    public boolean isInsecure() {
        return insecure;
    }

    /**
     * Makes an engine for each connection, with the certificates and the roots of the port for clients; they are followed when their files
     * change.
     *
     * @return {@code null} if clients do not talk to this peer over TLS
     * @throws IOException if there is no certificate to show
     */
    public @Nullable Supplier<SSLEngine> tls() throws IOException {
        return tls.clientEngines();
    }

    /** Whether clients must show a certificate, as well as whatever else proves who they are. */
    public boolean requiresCertificate() {
        return tls.requiresCertificate();
    }

    /**
     * Finds out who somebody is, and lets that one reach the locks. Does not block; it may take as long as it takes to fetch the keys for a
     * JWT.
     *
     * @param session of the connection, if that is by TLS
     * @param authorization the value of the header; {@code null} if there is none
     * @param address where it comes from; sessions and the audit record it
     * @return to be closed, whether somebody was let in or not
     */
    public CompletionStage<Visit> enter(@Nullable SSLSession session, @Nullable String authorization, String address) {
        return access.enter(new Credentials(session, authorization, address), visitors);
    }

    /**
     * Whether somebody may see what there is about every lock. Does not block; it may take as long as it takes to fetch the keys for a
     * JWT.
     *
     * @param session of the connection, if that is by TLS
     * @param authorization the value of the header; {@code null} if there is none
     * @param address where it comes from, for people to read; empty if that is not known
     */
    public CompletionStage<Admission> toReadAll(
            @Nullable SSLSession session, @Nullable String authorization, String address) {
        return access.toReadAll(new Credentials(session, authorization, address));
    }
}
