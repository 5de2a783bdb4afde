package dev.holdfast.node.internal.transport;

import dev.holdfast.client.tls.CertificateNames;
import dev.holdfast.client.tls.TlsFailures;
import dev.holdfast.client.tls.TlsMaterial;
import dev.holdfast.node.internal.membership.PeerId;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * TLS between members. Both sides show a certificate, and each looks for the other's id in it: whoever has another member's
 * certificate, or a client's, cannot speak for this one.
 *
 * <p>Its handshake is done on the network's thread, and has no time of its own: it is part of the time in which the other has to prove
 * itself.
 *
 * <p>See {@code docs/adr/014-tls.md}.
 */
public final class MemberTls {
    /** Offered by both sides, so that neither takes a port for clients for one of members, nor the other way round. */
    private static final String PROTOCOL = "holdfast-members/1";

    private final SslContext dialling;
    private final SslContext accepting;

    private MemberTls(SslContext dialling, SslContext accepting) {
        this.dialling = dialling;
        this.accepting = accepting;
    }

    /** @throws IOException if there is no own certificate */
    public static MemberTls of(TlsMaterial material) throws IOException {
        return new MemberTls(material.dialling(PROTOCOL), material.accepting(PROTOCOL));
    }

    SslHandler dialling(Channel channel) {
        return timeless(dialling.newHandler(channel.alloc()));
    }

    SslHandler accepting(Channel channel) {
        return timeless(accepting.newHandler(channel.alloc()));
    }

    private static SslHandler timeless(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(0);
        return handler;
    }

    /**
     * Looks whether the certificate at the other end is that member's, if the connection is by TLS. A certificate is of a member, and not
     * of an incarnation.
     *
     * @throws RefusedException if it is another's
     */
    static void check(ChannelHandlerContext context, String id) throws RefusedException {
        SslHandler handler = context.pipeline().get(SslHandler.class);
        if (handler == null) {
            return;
        }
        X509Certificate certificate = certificate(handler);
        List<String> members = CertificateNames.members(certificate);
        if (!members.contains(PeerId.nameIn(id))) {
            String whose = members.isEmpty() ? "nobody who is a member" : "member " + String.join(", ", members);
            throw new RefusedException(
                    Reason.OTHER_NAME,
                    "it should be member " + id + ", and its certificate, of " + certificate.getSubjectX500Principal()
                            + ", is that of " + whose);
        }
    }

    private static X509Certificate certificate(SslHandler handler) throws RefusedException {
        try {
            return (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            throw new RefusedException(Reason.CERTIFICATE, "it has shown no certificate");
        }
    }

    /**
     * What a failure of TLS means here.
     *
     * @return {@code null} if it is none, or the connection just ended
     */
    static @Nullable RefusedException refusal(Throwable failure) {
        TlsFailures.Kind kind = TlsFailures.kind(failure);
        if (kind == null || kind == TlsFailures.Kind.ENDED) {
            return null;
        }
        if (isPlain(failure)) {
            return new RefusedException(Reason.NO_TLS, "it does not speak TLS");
        }
        return new RefusedException(
                kind == TlsFailures.Kind.CERTIFICATE ? Reason.CERTIFICATE : Reason.NO_TLS,
                TlsFailures.describe(failure));
    }

    private static boolean isPlain(Throwable failure) {
        return failure instanceof NotSslRecordException || failure.getCause() instanceof NotSslRecordException;
    }
}
