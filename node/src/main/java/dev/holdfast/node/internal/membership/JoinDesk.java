package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.statemachine.JoinToken;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Issues join tokens and says what they are good for, at the leader of the first group.
 *
 * <p>A token is bound in the log to the one incarnation that used it, before that one is let in, and is at its end in the log before that one
 * can be removed. So it lets one peer in once, whoever leads meanwhile.
 *
 * <p>See {@code docs/adr/017-join-tokens.md}.
 */
public final class JoinDesk {
    static final Duration COMMIT = Duration.ofSeconds(5);

    private static final String NOT_OPEN =
            "join tokens need a release that knows them at all members: upgrade all of them first. A minute after that the"
                    + " cluster has switched to it";

    private final JoinBook book;

    public JoinDesk(JoinBook book) {
        this.book = book;
    }

    /**
     * Makes a token. Blocks until a majority has its hash on disk, or for some seconds.
     *
     * @param name of the only member that it is good for; empty for any
     * @param validFor at most {@link Limits#JOIN_TOKEN_MS_MAX}, in log time
     * @param maker who asks for it
     * @throws NotLeadingException if this peer does not lead: nothing was done
     * @throws MemberChangeException if it is refused, or is not known to be done: then nobody has that token
     */
    public JoinSecret issue(MemberControl.Group first, String name, Duration validFor, Caller maker)
            throws NotLeadingException, InterruptedException {
        JoinBook.Page page = openPage(book, first);
        if (validFor.toMillis() < 1 || validFor.toMillis() > Limits.JOIN_TOKEN_MS_MAX) {
            throw new MemberChangeException(
                    Reason.NOT_UNDERSTOOD,
                    "a join token for " + validFor.toSeconds() + " s; at most "
                            + Duration.ofMillis(Limits.JOIN_TOKEN_MS_MAX).toDays() + " days are allowed");
        }
        if (!name.isEmpty() && !PeerId.isName(name)) {
            throw new MemberChangeException(Reason.NOT_UNDERSTOOD, "\"" + name + "\" is no name of a member");
        }
        JoinSecret secret = JoinSecret.random();
        if (!isDone(page, new Command.OfferJoin(secret.hash(), name, page.nowMs() + validFor.toMillis(), maker))) {
            throw new MemberChangeException(
                    Reason.NOT_CONFIRMED,
                    "the token could not be committed: is a majority of the voters up? Ask again");
        }
        if (page.find(secret.hash()) == null) {
            throw new MemberChangeException(
                    Reason.LIMIT_REACHED,
                    "there are " + Limits.JOIN_TOKENS_MAX
                            + " join tokens already, used ones among them, and each counts until it expires");
        }
        return secret;
    }

    /** Those that were issued. */
    public IssuedTokens issued() {
        return new IssuedTokens(book);
    }

    /**
     * Binds the token to that newcomer, if it may have it. Blocks until that is committed, or for some seconds.
     *
     * @return why not, for people to read; empty if the newcomer is to be let in
     */
    String use(PeerId newcomer, String hash) throws InterruptedException {
        JoinBook.Page page = book.current();
        if (page == null) {
            return "no leader knows of it yet";
        }
        if (!page.isOpen()) {
            return NOT_OPEN;
        }
        JoinToken token = page.find(hash);
        if (token != null && !token.isUsed() && complaint(page, token, newcomer).isEmpty()) {
            var unused = isDone(page, new Command.UseJoin(hash, newcomer.name(), newcomer.incarnation()));
            token = page.find(hash);
        }
        String complaint = complaint(page, token, newcomer);
        return !complaint.isEmpty() || (token != null && token.isUsed())
                ? complaint
                : "its use could not be committed yet";
    }

    /** By which token and whose, for people to read. */
    String describe(String hash) {
        JoinBook.Page page = book.current();
        JoinToken token = page == null ? null : page.find(hash);
        if (token == null) {
            return "";
        }
        String maker = token.maker().principal();
        return "by join token " + token.id() + (maker.isEmpty() ? "" : " of '" + maker + "'");
    }

    /** Whether that newcomer may be let in by that token, which it has used. */
    BooleanSupplier mayCome(PeerId newcomer, String hash) {
        return () -> {
            JoinBook.Page page = book.current();
            JoinToken token = page == null ? null : page.find(hash);
            return page != null
                    && token != null
                    && token.isUsed()
                    && complaint(page, token, newcomer).isEmpty();
        };
    }

    /** Why that newcomer is not let in by that token; empty if nothing is wrong. */
    private static String complaint(JoinBook.Page page, @Nullable JoinToken token, PeerId newcomer) {
        if (token == null) {
            return "nobody knows its join token, or not any more: it may have expired, or be of another cluster."
                    + " 'holdfast members token' makes another";
        }
        if (token.expiresAtMs() <= page.nowMs()) {
            return "its join token has expired: 'holdfast members token' makes another";
        }
        if (token.withdrawn()) {
            return "its join token was withdrawn: 'holdfast members token' makes another";
        }
        if (!token.name().isEmpty() && !token.name().equals(newcomer.name())) {
            return "its join token is good for a member '" + token.name() + "' only";
        }
        if (token.isUsed() && !token.isUsedBy(newcomer.name(), newcomer.incarnation())) {
            return "its join token was used by another, " + new PeerId(token.userName(), token.userIncarnation())
                    + ", and is good for one only: 'holdfast members token' makes another";
        }
        if (token.ended()) {
            return "its join token let it in once, and does not again: 'holdfast members token' makes another";
        }
        return "";
    }

    /**
     * The tokens of those that are members by now are at their end. Blocks until that is committed; returns at once if there are none.
     *
     * @return whether it is known to be so; {@code false} if this peer does not lead, or not long enough to know the tokens
     * @throws MemberChangeException if it could not be committed in time
     */
    boolean settle(MemberSet members) throws InterruptedException {
        if (book.equals(JoinBook.NONE)) {
            return true;
        }
        JoinBook.Page page = book.current();
        if (page == null || !members.settled()) {
            return false;
        }
        List<JoinToken> used = page.tokens().stream()
                .filter(token -> token.isUsed()
                        && !token.ended()
                        && members.has(new PeerId(token.userName(), token.userIncarnation())))
                .toList();
        for (JoinToken token : used) {
            if (!isDone(page, new Command.EndJoin(token.hash()))) {
                throw new MemberChangeException(
                        Reason.UNDER_WAY,
                        "that '" + token.userName()
                                + "' has joined could not be committed: is a majority of the voters up? Ask again");
            }
        }
        return true;
    }

    /** The page of the leader, once all members know tokens. */
    static JoinBook.Page openPage(JoinBook book, MemberControl.Group first) throws NotLeadingException {
        JoinBook.Page page = book.page(first);
        if (!page.isOpen()) {
            throw new MemberChangeException(Reason.UPGRADE_FIRST, NOT_OPEN);
        }
        return page;
    }

    /** Whether it is known to be committed and applied here; blocks for some seconds at most. */
    static boolean isDone(JoinBook.Page page, Command.SystemCommand command) throws InterruptedException {
        try {
            page.propose(command).get(COMMIT.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
