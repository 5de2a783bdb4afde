package dev.holdfast.node;

import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.tls.CertificateExpiry;
import dev.holdfast.client.tls.CertificateNames;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.tls.TlsMaterial;
import dev.holdfast.node.internal.port.ClientPort;
import dev.holdfast.node.internal.transport.MemberTls;
import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.Refusals;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** What a peer's TLS is made of: towards the other members, and at its port for clients. Either may be without. */
final class NodeTls {
    /**
     * Until when a certificate is valid.
     *
     * @param of the certificate
     * @param forMembers whether it is for talking to members
     * @param forClients whether it is for talking to clients
     */
    record Expiry(CertificateExpiry of, boolean forMembers, boolean forClients) {}

    private final @Nullable TlsMaterial members;
    private final @Nullable TlsMaterial clients;
    private final boolean requiresCertificate;
    private final Refusals refusals;

    private NodeTls(
            @Nullable TlsMaterial members,
            @Nullable TlsMaterial clients,
            boolean requiresCertificate,
            Refusals refusals) {
        this.members = members;
        this.clients = clients;
        this.requiresCertificate = requiresCertificate;
        this.refusals = refusals;
    }

    /**
     * Reads the files.
     *
     * @throws IOException if they cannot be used, or the certificate for members is not this member's
     */
    static NodeTls load(String selfId, @Nullable Tls members, @Nullable Tls clients, boolean requiresCertificate)
            throws IOException {
        TlsMaterial ofMembers = members == null ? null : TlsMaterial.load(members);
        if (ofMembers != null) {
            checkOwn(selfId, ofMembers);
        }
        TlsMaterial ofClients =
                clients == null ? null : clients.equals(members) ? ofMembers : TlsMaterial.load(clients);
        return new NodeTls(ofMembers, ofClients, requiresCertificate, new Refusals(selfId));
    }

    private static void checkOwn(String selfId, TlsMaterial members) throws IOException {
        X509Certificate own = members.certificate();
        if (own == null) {
            throw new IOException("members show each other certificates, and there is none for member " + selfId);
        }
        if (!CertificateNames.members(own).contains(selfId)) {
            throw new IOException("the certificate of " + own.getSubjectX500Principal() + " in "
                    + members.expiries().get(0).file() + " is not that of member " + selfId
                    + ": among its alternative names there is no URI holdfast:member:" + selfId);
        }
    }

    /**
     * Whether all that this peer says is encrypted. Then it shows its certificate as a member to the others' ports for clients, too, and
     * needs no secret.
     */
    boolean isEverywhere() {
        return members != null && clients != null;
    }

    /** Whether any of what this peer says is encrypted. */
    boolean isUsed() {
        return members != null || clients != null;
    }

    /** What the members talk over, ready for use; {@code null} if it is not TLS. */
    @Nullable
    MemberTls ofMembers() throws IOException {
        return members == null ? null : MemberTls.of(members);
    }

    /** What the members talk over; {@code null} if it is not TLS. */
    @Nullable
    TlsMaterial members() {
        return members;
    }

    /** What clients talk over; {@code null} if it is not TLS. */
    @Nullable
    TlsMaterial clients() {
        return clients;
    }

    /** Until when the certificates are valid that are in force now. Looks at the files. */
    List<Expiry> expiries() {
        List<Expiry> all = new ArrayList<>();
        if (members != null) {
            members.expiries().forEach(each -> all.add(new Expiry(each, true, members == clients)));
        }
        if (clients != null && clients != members) {
            clients.expiries().forEach(each -> all.add(new Expiry(each, false, true)));
        }
        return List.copyOf(all);
    }

    /** How this peer, as a client of the others, reaches their ports: with its certificate as a member, if it has one. */
    RemoteOptions secure(RemoteOptions options) {
        TlsMaterial trusted = clients;
        if (trusted == null) {
            return options;
        }
        return options.withCredentials(trusted.channelCredentials(members == null ? trusted : members));
    }

    /** Secures the port for clients. */
    void secure(ClientPort.Builder port) throws IOException {
        TlsMaterial own = clients;
        if (own == null) {
            return;
        }
        TlsMaterial signers = members == own ? null : members;
        port.credentials(own.serverCredentials(signers, why -> refusals.refused("a client", Reason.CERTIFICATE, why)));
        if (requiresCertificate) {
            port.requireCertificate(from -> refusals.refused(
                    "a client at " + from, Reason.CERTIFICATE, "it has shown no certificate, and one is required"));
        }
    }

    /** Makes an engine for each connection of a client to another port; {@code null} if clients do not talk over TLS. */
    @Nullable
    Supplier<SSLEngine> clientEngines() throws IOException {
        TlsMaterial own = clients;
        return own == null
                ? null
                : own.serverEngines(
                        members == own ? null : members, why -> refusals.refused("a client", Reason.CERTIFICATE, why));
    }

    /** Whether clients must show a certificate. */
    boolean requiresCertificate() {
        return requiresCertificate;
    }

    /** How many clients were refused for their certificates. */
    long refusedClients() {
        return refusals.count(Reason.CERTIFICATE);
    }

    /** What was refused at the port for clients. */
    Refusals refusals() {
        return refusals;
    }
}
