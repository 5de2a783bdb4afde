package dev.holdfast.node.internal.access;

import dev.holdfast.node.internal.transport.MemberSecret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * By which a member, for callers that are embedded in it, proves to the client port of another that it is a member, where there
 * are no certificates: {@code holdfast-member ID TIME NONCE MAC}. The MAC, by the secret of the members, is over all of it, the
 * cluster, and the member that it is for. So it is of no use elsewhere; and there it is good once, for five minutes.
 *
 * <p>What was used is remembered for that long, but not by a peer that starts anew: one that was overheard can be used again
 * within five minutes at a peer that was restarted since. Who can overhear it needs no ticket: there is no TLS then.
 *
 * <p>See {@code docs/adr/015-principals-and-rules.md}.
 */
public final class MemberTickets {
    /** What the header begins with. */
    static final String SCHEME = "holdfast-member";

    /** How far the clocks of two members may be apart, in either direction, and how long one is good for. */
    static final Duration WINDOW = Duration.ofMinutes(5);

    private static final int NONCE_BYTES = 16;

    /** What else there is, control characters above all, has no place in it. */
    private static final Pattern FORM =
            Pattern.compile("[!-~]+ [0-9]{1,18} [0-9a-f]{" + 2 * NONCE_BYTES + "} [A-Za-z0-9_-]+");

    private final Supplier<String> clusterId;
    private final String selfId;
    private final MemberSecret secret;
    private final Predicate<String> isMember;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /** By nonce, when it is forgotten. Only what a member has made gets in, so there are not many. */
    private final Map<String, Instant> used = new ConcurrentHashMap<>();

    /** @param clusterId the cluster's */
    public MemberTickets(
            Supplier<String> clusterId,
            String selfId,
            MemberSecret secret,
            Predicate<String> isMember,
            InstantSource clock) {
        this.clusterId = clusterId;
        this.selfId = selfId;
        this.secret = secret;
        this.isMember = isMember;
        this.clock = clock;
    }

    /** A new one, for that member: the value of the header {@code authorization}. */
    public String to(String targetId) {
        return SCHEME + " " + ticket(targetId, "");
    }

    /** The same for what it says there for somebody else. */
    public String to(String targetId, Mandate mandate) {
        return mandate.header() + " " + ticket(targetId, mandate.whom());
    }

    private String ticket(String targetId, String whom) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        String text = selfId + " " + clock.instant().toEpochMilli() + " "
                + HexFormat.of().formatHex(nonce);
        return text + " " + mac(text, targetId, whom);
    }

    private String mac(String text, String targetId, String whom) {
        // What is signed for one purpose must not be of use for the other: no ticket has more than one line.
        String purpose = whom.isEmpty() ? "" : Mandate.SCHEME + "\n" + whom + "\n";
        String said = clusterId.get() + "\n" + targetId + "\n" + purpose + text;
        byte[] signed = said.getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret.ticket(signed));
    }

    /**
     * Which member made it, for this one.
     *
     * @param ticket the value of the header, without the scheme
     */
    Principal check(String ticket) throws DeniedException {
        return check(ticket, "");
    }

    /**
     * The same for one that goes with what the member says for somebody else.
     *
     * @param whom as {@link Mandate#whom} has it
     */
    Principal check(String ticket, String whom) throws DeniedException {
        String[] words = ticket.split(" ", -1);
        Instant time = FORM.matcher(ticket).matches() ? time(words[1]) : null;
        if (time == null) {
            throw new DeniedException(
                    Denial.NOT_A_TOKEN, "this should prove to be a member's, and cannot be understood");
        }
        String id = words[0];
        String proof = mac(id + " " + words[1] + " " + words[2], selfId, whom);
        if (!MessageDigest.isEqual(proof.getBytes(StandardCharsets.UTF_8), words[3].getBytes(StandardCharsets.UTF_8))) {
            throw new DeniedException(
                    Denial.NOT_A_MEMBER,
                    "this claims to be a member's and does not prove it: it has another secret, was meant for another"
                            + " member, or is of another cluster");
        }
        if (!isMember.test(id)) {
            throw new DeniedException(Denial.NOT_A_MEMBER, "there is no member '" + id + "'");
        }
        Instant now = clock.instant();
        Duration apart = Duration.between(time, now);
        if (apart.abs().compareTo(WINDOW) > 0) {
            throw new DeniedException(
                    Denial.EXPIRED,
                    "member '" + id + "' made this " + apart.abs().toSeconds() + " s "
                            + (apart.isNegative() ? "after now" : "ago")
                            + " by this clock; either it is used again, or the clocks of the two are wrong");
        }
        remember(words[2], id, now);
        return Principal.member(id);
    }

    private void remember(String nonce, String id, Instant now) throws DeniedException {
        used.values().removeIf(now::isAfter);
        // From the latest moment at which it could be made, as good as from now.
        if (used.putIfAbsent(nonce, now.plus(WINDOW).plus(WINDOW)) != null) {
            throw new DeniedException(Denial.REPLAYED, "what proves that this is member '" + id + "' was used before");
        }
    }

    private static @Nullable Instant time(String text) {
        try {
            return Instant.ofEpochMilli(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Says nothing of the secret. */
    @Override
    public String toString() {
        return "tickets of member " + selfId;
    }
}
