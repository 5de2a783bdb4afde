package dev.holdfast.client.tls;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is made of the files of a {@link Tls}, for peers and for gRPC; applications give the {@link Tls} itself.
 *
 * <p>The files are looked at when a connection is about to be made, once a second at most, and read when they have changed. Then a
 * whole new context takes the place of the old: no session of the old one is resumed, so that a root which was taken away counts
 * for nobody any more.
 *
 * <p>Thread-safe. What it makes may read files on the thread that opens a connection.
 *
 * <p>See {@code docs/adr/014-tls.md}.
 */
public final class TlsMaterial {
    private static final Logger LOG = LoggerFactory.getLogger(TlsMaterial.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * A session that is resumed is not checked anew: its certificates may have expired meanwhile. Connections are few and last long, so
     * each has a handshake of its own. Java takes 0 for no limit.
     */
    private static final long SESSION_TIMEOUT_S = 1;

    /** Makes a context of what the files of its sources have now. */
    private interface Recipe<T> {
        T make(List<Loaded> now) throws SSLException, GeneralSecurityException;
    }

    private final Tls tls;
    private final LongSupplier nanoTime;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile Loaded loaded;
    private volatile long lookedNanos;

    /** The following are guarded by the lock. */
    private FileStamps stamps;

    private @Nullable String problem;

    /**
     * Reads the files.
     *
     * @throws IOException if one cannot be read or is something else, they do not fit together, or the own certificate has expired;
     *     the message names the file
     */
    public static TlsMaterial load(Tls tls) throws IOException {
        return new TlsMaterial(tls, System::nanoTime);
    }

    TlsMaterial(Tls tls, LongSupplier nanoTime) throws IOException {
        this.tls = tls;
        this.nanoTime = nanoTime;
        this.lookedNanos = nanoTime.getAsLong();
        // First, so that what is changed while it is read is read again.
        this.stamps = FileStamps.of(tls.files().all());
        this.loaded = TlsReader.read(tls);
    }

    /** Whether there is an own certificate: whoever serves needs one. */
    public boolean hasCertificate() {
        return loaded.identity() != null;
    }

    /** The own certificate; {@code null} if there is none. */
    public @Nullable X509Certificate certificate() {
        Loaded.Identity own = current().identity();
        return own == null ? null : own.certificate();
    }

    /** Until when the certificates are valid that are in force now. The own one is first, if there is one. */
    public List<CertificateExpiry> expiries() {
        Loaded now = current();
        List<CertificateExpiry> all = new ArrayList<>();
        Loaded.Identity own = now.identity();
        if (own != null) {
            own.chain().forEach(each -> all.add(expiry(own.file().toString(), true, each)));
        }
        now.roots().forEach(each -> all.add(expiry(now.rootsFile().toString(), false, each)));
        return List.copyOf(all);
    }

    private static CertificateExpiry expiry(String file, boolean own, X509Certificate certificate) {
        return new CertificateExpiry(
                file,
                certificate.getSubjectX500Principal().toString(),
                own,
                certificate.getNotAfter().toInstant());
    }

    /** For clients of peers. The host's name is verified; the own certificate is shown to peers that ask for one. */
    public ChannelCredentials channelCredentials() {
        return channelCredentials(this);
    }

    /**
     * The same, but with the certificate of another.
     *
     * @param identity whose certificate is shown
     */
    public ChannelCredentials channelCredentials(TlsMaterial identity) {
        return NettySslContextChannelCredentials.create(new FollowingSslContext(
                true,
                true,
                following(
                        List.of(identity, this),
                        now -> forClient(now.get(0), now.get(1)).build())));
    }

    private SslContextBuilder forClient(Loaded identity, Loaded trusted) {
        SslContextBuilder builder = SslContextBuilder.forClient();
        Loaded.Identity own = identity.identity();
        if (own != null) {
            builder.keyManager(new OneKeyManager(own));
        }
        return common(GrpcSslContexts.configure(builder, SslProvider.JDK), new Verifier(trusted, null, refused -> {}));
    }

    /**
     * For the port that clients connect to. They are asked for a certificate, and may have none; one that they show must be good.
     *
     * @param members who signs for members; {@code null} if nobody else does. Then a certificate with a member's name counts only if
     *     they have signed it
     * @param onRefused told why a client's certificate was refused, on a thread of the network
     * @throws IOException if there is no own certificate
     */
    public ServerCredentials serverCredentials(@Nullable TlsMaterial members, Consumer<String> onRefused)
            throws IOException {
        requireCertificate();
        List<TlsMaterial> sources = members == null ? List.of(this) : List.of(this, members);
        return NettySslContextServerCredentials.create(new FollowingSslContext(false, false, following(sources, now -> {
            Verifier verifier = new Verifier(now.get(0), now.size() > 1 ? now.get(1) : null, onRefused);
            return common(GrpcSslContexts.configure(forServer(now.get(0)), SslProvider.JDK), verifier)
                    .clientAuth(ClientAuth.OPTIONAL)
                    .build();
        })));
    }

    /**
     * The same for servers that use the JDK's TLS: one engine for each connection.
     *
     * @throws IOException if there is no own certificate
     */
    public Supplier<SSLEngine> serverEngines(@Nullable TlsMaterial members, Consumer<String> onRefused)
            throws IOException {
        requireCertificate();
        List<TlsMaterial> sources = members == null ? List.of(this) : List.of(this, members);
        Supplier<SSLContext> current = following(sources, now -> {
            Verifier verifier = new Verifier(now.get(0), now.size() > 1 ? now.get(1) : null, onRefused);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new OneKeyManager(own(now.get(0)))}, new TrustManager[] {verifier}, null);
            context.getServerSessionContext().setSessionTimeout((int) SESSION_TIMEOUT_S);
            return context;
        });
        return () -> {
            SSLEngine engine = current.get().createSSLEngine();
            engine.setUseClientMode(false);
            engine.setWantClientAuth(true);
            engine.setEnabledProtocols(tls.protocols().toArray(String[]::new));
            return engine;
        };
    }

    /**
     * For connections to other members: both sides show a certificate, and no host's name is verified, since members have names of
     * their own.
     *
     * @param protocol what is spoken above TLS; the other must speak the same
     * @throws IOException if there is no own certificate
     */
    public SslContext dialling(String protocol) throws IOException {
        requireCertificate();
        return new FollowingSslContext(true, false, following(List.of(this), now -> {
            SslContextBuilder builder = SslContextBuilder.forClient().keyManager(new OneKeyManager(own(now.get(0))));
            return common(mutual(builder, protocol), new Verifier(now.get(0), null, refused -> {}))
                    .build();
        }));
    }

    /** For connections from other members; the counterpart of {@link #dialling}. */
    public SslContext accepting(String protocol) throws IOException {
        requireCertificate();
        return new FollowingSslContext(false, false, following(List.of(this), now -> {
            return common(mutual(forServer(now.get(0)), protocol), new Verifier(now.get(0), null, refused -> {}))
                    .clientAuth(ClientAuth.REQUIRE)
                    .build();
        }));
    }

    private static SslContextBuilder mutual(SslContextBuilder builder, String protocol) {
        return builder.sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.FATAL_ALERT,
                        SelectedListenerFailureBehavior.FATAL_ALERT,
                        protocol));
    }

    private SslContextBuilder common(SslContextBuilder builder, Verifier verifier) {
        return builder.trustManager(verifier).protocols(tls.protocols()).sessionTimeout(SESSION_TIMEOUT_S);
    }

    private static SslContextBuilder forServer(Loaded now) {
        return SslContextBuilder.forServer(new OneKeyManager(own(now)));
    }

    private static Loaded.Identity own(Loaded now) {
        Loaded.Identity own = now.identity();
        if (own == null) {
            throw new IllegalStateException("there is no own certificate");
        }
        return own;
    }

    private void requireCertificate() throws IOException {
        if (!hasCertificate()) {
            throw new IOException("whoever serves with TLS needs a certificate and a key of its own, beside " + tls);
        }
    }

    /** The context of what the sources have, made anew when one of them has changed. */
    private static <T> Supplier<T> following(List<TlsMaterial> sources, Recipe<T> recipe) {
        return new Supplier<>() {
            private List<Loaded> madeOf = List.of();
            private @Nullable T made;

            @Override
            public synchronized T get() {
                List<Loaded> now = sources.stream().map(TlsMaterial::current).toList();
                T known = made;
                if (known != null && now.equals(madeOf)) {
                    return known;
                }
                try {
                    T fresh = recipe.make(now);
                    made = fresh;
                    madeOf = now;
                    return fresh;
                } catch (SSLException | GeneralSecurityException | RuntimeException e) {
                    if (known == null) {
                        throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
                    }
                    LOG.warn("TLS cannot be set up with the new files; the old ones stay in force", e);
                    madeOf = now;
                    return known;
                }
            }
        };
    }

    /** What is in force, after a look at the files if the last was long ago. */
    private Loaded current() {
        if (nanoTime.getAsLong() - lookedNanos >= LOOK_NANOS && looking.tryLock()) {
            try {
                look();
            } finally {
                lookedNanos = nanoTime.getAsLong();
                looking.unlock();
            }
        }
        return loaded;
    }

    /** Files that are broken are tried again at each look: another of them may be about to be replaced, or the time about to come. */
    private void look() {
        FileStamps found = FileStamps.of(tls.files().all());
        if (found.equals(stamps)) {
            problem = null;
            return;
        }
        try {
            Loaded fresh = TlsReader.read(tls);
            loaded = fresh;
            stamps = found;
            problem = null;
            LOG.info("New connections use what was put into {}", tls);
        } catch (IOException e) {
            String what = String.valueOf(e.getMessage());
            if (!what.equals(problem)) {
                problem = what;
                LOG.warn("The new files of {} cannot be used: {}. Those from before stay in force", tls, what);
            }
        }
    }
}
