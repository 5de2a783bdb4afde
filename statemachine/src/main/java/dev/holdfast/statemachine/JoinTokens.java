package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens by which peers become members, by their hashes. A used or withdrawn one is kept until it expires, lest it be offered again
 * by a copy of its offer. Those that have expired go with the next command that is about a token, so nothing has to wake up for them.
 *
 * <p>See {@code docs/adr/017-join-tokens.md}.
 */
final class JoinTokens {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern INCARNATION = Pattern.compile("[0-9a-f]{16}");

    private final NavigableMap<String, JoinToken> tokens = new TreeMap<>();
    private final Footprint total;

    JoinTokens(Footprint total) {
        this.total = total;
    }

    /** All, in the order of their hashes. A copy. */
    List<JoinToken> list() {
        return List.copyOf(tokens.values());
    }

    int size() {
        return tokens.size();
    }

    @Nullable
    JoinToken find(String hash) {
        return tokens.get(hash);
    }

    /** Returns whether there is a token more. */
    boolean offer(Command.OfferJoin offer, long nowMs) {
        forgetExpired(nowMs);
        boolean isValid = HASH.matcher(offer.tokenHash()).matches()
                && (offer.name().isEmpty() || NAME.matcher(offer.name()).matches())
                && offer.expiresAtMs() > nowMs
                && offer.expiresAtMs() - nowMs <= Limits.JOIN_TOKEN_MS_MAX
                && Validator.check(offer.maker()) == null;
        if (!isValid || tokens.size() >= Limits.JOIN_TOKENS_MAX || tokens.containsKey(offer.tokenHash())) {
            return false;
        }
        put(JoinToken.of(offer.tokenHash(), offer.name(), offer.expiresAtMs(), offer.maker()));
        return true;
    }

    void use(Command.UseJoin use, long nowMs) {
        forgetExpired(nowMs);
        JoinToken token = tokens.get(use.tokenHash());
        if (token != null
                && !token.isUsed()
                && !token.withdrawn()
                && (token.name().isEmpty() || token.name().equals(use.name()))
                && NAME.matcher(use.name()).matches()
                && INCARNATION.matcher(use.incarnation()).matches()) {
            put(token.usedBy(use.name(), use.incarnation()));
        }
    }

    void end(Command.EndJoin end, long nowMs) {
        forgetExpired(nowMs);
        JoinToken token = tokens.get(end.tokenHash());
        if (token != null && token.isUsed()) {
            put(token.atItsEnd());
        }
    }

    /** Returns the token that lets nobody in any more by this; {@code null} if there is none that did. */
    @Nullable
    JoinToken withdraw(Command.WithdrawJoin withdraw, long nowMs) {
        forgetExpired(nowMs);
        JoinToken token = tokens.get(withdraw.tokenHash());
        if (token == null || token.ended() || token.withdrawn() || Validator.check(withdraw.caller()) != null) {
            return null;
        }
        JoinToken withdrawn = token.withdraw();
        put(withdrawn);
        return withdrawn;
    }

    /** In the place of the one with its hash, if there is one. */
    void put(JoinToken token) {
        JoinToken before = tokens.put(token.hash(), token);
        total.add(Footprint.of(token) - (before == null ? 0 : Footprint.of(before)));
    }

    /** None is good for anything any more. */
    void clear() {
        forgetExpired(Long.MAX_VALUE);
    }

    private void forgetExpired(long nowMs) {
        tokens.values().removeIf(token -> {
            boolean expired = token.expiresAtMs() <= nowMs;
            if (expired) {
                total.add(-Footprint.of(token));
            }
            return expired;
        });
    }
}
