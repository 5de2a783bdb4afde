package dev.holdfast.node.internal.access;

import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.PrincipalNames;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who a client is, by its certificate or its token. If it has both, the token counts: a certificate says which process
 * may connect, the token on whose behalf it speaks. A token that is wrong is refused, whatever the certificate is.
 *
 * <p>JWTs are checked on a thread of their own, as keys may have to be fetched for them. How many may wait is bounded.
 *
 * <p>See {@code docs/adr/015-principals-and-rules.md}.
 */
public final class Authenticator implements AutoCloseable {
    private static final String BEARER = "bearer";
    private static final int WAITING_MAX = 1024;
    private static final long IDLE_S = 10;

    private final boolean required;
    private final CertificatePrincipals certificates;
    private final @Nullable StaticTokens tokens;
    private final @Nullable BearerTokens jwts;
    private final @Nullable MemberTickets tickets;
    private final ThreadPoolExecutor aside;

    /**
     * One that is ready.
     *
     * @param isMember whether there is a member of that id
     * @param tickets by which members prove what they are; {@code null} if they have certificates instead
     * @throws IOException if a file that the options name cannot be used, or the library for JWTs is missing
     */
    public Authenticator(
            AccessOptions options, Predicate<String> isMember, @Nullable MemberTickets tickets, InstantSource clock)
            throws IOException {
        this.required = options.required();
        this.certificates = new CertificatePrincipals(isMember);
        this.tokens = options.tokensFile() == null ? null : new StaticTokens(options.tokensFile(), clock);
        this.jwts = jwts(options, clock);
        this.tickets = tickets;
        this.aside =
                new ThreadPoolExecutor(1, 1, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_MAX), task -> {
                    Thread thread = new Thread(task, "holdfast-jwt");
                    thread.setDaemon(true);
                    return thread;
                });
        aside.allowCoreThreadTimeOut(true);
    }

    /** One by which nobody has to say who they are. */
    public static Authenticator open() {
        try {
            return new Authenticator(AccessOptions.open(), id -> false, null, InstantSource.system());
        } catch (IOException e) {
            throw new IllegalStateException("it reads no files", e);
        }
    }

    private static @Nullable BearerTokens jwts(AccessOptions options, InstantSource clock) throws IOException {
        if (options.jwt() == null) {
            return null;
        }
        try {
            return new JwtTokens(options.jwt(), clock);
        } catch (NoClassDefFoundError e) {
            throw new IOException(
                    "JWTs take the library com.nimbusds:nimbus-jose-jwt, which is not on the class path: add it", e);
        }
    }

    /**
     * Who that is. Done at once unless it takes a JWT. Fails with {@link DeniedException}.
     *
     * @return {@link Principal#ANONYMOUS} if there are no credentials, and none are required
     */
    public CompletableFuture<Principal> authenticate(Credentials credentials) {
        try {
            String header = credentials.authorization();
            Principal certified = certified(credentials);
            return header == null
                    ? CompletableFuture.completedFuture(withoutToken(certified))
                    : byHeader(header, certified);
        } catch (DeniedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** TLS has verified the certificate. A name in it that is of no use does no harm where there are no rules to follow. */
    private @Nullable Principal certified(Credentials credentials) throws DeniedException {
        try {
            return certificates.of(credentials.session());
        } catch (DeniedException e) {
            if (!required) {
                return null;
            }
            throw e;
        }
    }

    private Principal withoutToken(@Nullable Principal certified) throws DeniedException {
        if (certified != null) {
            return certified;
        }
        if (required) {
            throw new DeniedException(
                    Denial.NO_CREDENTIALS,
                    "this cluster has to know who its clients are: give a token or a certificate");
        }
        return Principal.ANONYMOUS;
    }

    private CompletableFuture<Principal> byHeader(String header, @Nullable Principal certified) throws DeniedException {
        int space = header.indexOf(' ');
        String scheme = space < 0 ? header : header.substring(0, space);
        String rest = header.substring(space + 1).strip();
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case BEARER -> byToken(rest);
            case MemberTickets.SCHEME -> CompletableFuture.completedFuture(byTicket(rest));
            case Mandate.SCHEME -> CompletableFuture.completedFuture(byMandate(rest, certified));
            default ->
                throw new DeniedException(Denial.NOT_A_TOKEN, "the header 'authorization' should be 'Bearer TOKEN'");
        };
    }

    /** A member speaks for somebody, and proves that it is one by a ticket, or else by its certificate. */
    private Principal byMandate(String text, @Nullable Principal certified) throws DeniedException {
        String[] words = text.split(" ", 2);
        Mandate mandate = Mandate.parse(words[0]);
        String name = mandate == null ? "" : mandate.principal().name();
        if (mandate == null || (!name.isEmpty() && PrincipalNames.problem(name) != null)) {
            throw new DeniedException(
                    Denial.NOT_A_TOKEN, "a member should say here for whom it speaks, and cannot be understood");
        }
        if (words.length == 2) {
            if (tickets == null) {
                throw new DeniedException(Denial.NOT_A_MEMBER, "members prove by certificates here what they are");
            }
            tickets.check(words[1], words[0]);
        } else if (certified == null || !certified.isMember()) {
            throw new DeniedException(
                    Denial.NOT_A_MEMBER, "only members may speak for others, and this does not prove to be one");
        }
        // The member may have been told less of who has to be known than this one.
        return name.isEmpty() ? withoutToken(null) : mandate.principal();
    }

    private Principal byTicket(String ticket) throws DeniedException {
        if (tickets == null) {
            throw new DeniedException(Denial.NOT_A_MEMBER, "members prove by certificates here what they are");
        }
        return tickets.check(ticket);
    }

    private CompletableFuture<Principal> byToken(String token) throws DeniedException {
        BearerTokens signed = jwts;
        boolean isJwt = token.chars().filter(c -> c == '.').count() >= 2;
        if (signed != null && isJwt) {
            return aside(signed, token);
        }
        if (tokens == null && signed == null && !required) {
            // Nobody here could tell whether it is right, and it gives no right that others do not have.
            return CompletableFuture.completedFuture(Principal.ANONYMOUS);
        }
        if (tokens == null) {
            throw new DeniedException(
                    Denial.UNKNOWN_TOKEN,
                    signed != null
                            ? "the token is no JWT, and no others are accepted here"
                            : "a token was given, and this peer was told of none");
        }
        return CompletableFuture.completedFuture(tokens.check(token));
    }

    private CompletableFuture<Principal> aside(BearerTokens signed, String token) throws DeniedException {
        CompletableFuture<Principal> result = new CompletableFuture<>();
        try {
            aside.execute(() -> {
                try {
                    result.complete(signed.check(token));
                } catch (DeniedException | RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            throw new DeniedException(Denial.BUSY, "too many clients wait to be known; try again later");
        }
        return result;
    }

    @Override
    public void close() {
        aside.shutdownNow();
    }
}
