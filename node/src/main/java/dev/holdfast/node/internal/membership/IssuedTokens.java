package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.statemachine.JoinToken;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lists and withdraws the join tokens that were issued, at the leader of the first group. A token is named by the beginning of its hash, so
 * nobody who sees one in a list can use it.
 */
public final class IssuedTokens {
    private static final String TOKENS_ARE_LISTED = "'holdfast members tokens' lists those that there are";

    private final JoinBook book;

    IssuedTokens(JoinBook book) {
        this.book = book;
    }

    /**
     * Those that have not expired. Blocks until this peer is known to lead still, or for some seconds.
     *
     * @throws NotLeadingException if this peer does not lead
     * @throws MemberChangeException if it is not known in time
     */
    public List<JoinTokenInfo> list(MemberControl.Group first) throws NotLeadingException, InterruptedException {
        JoinBook.Page page = JoinDesk.openPage(book, first);
        long nowMs = confirm(page, first);
        return page.tokens().stream()
                .filter(token -> token.expiresAtMs() > nowMs)
                .map(token -> info(token, nowMs))
                .toList();
    }

    /** Returns the log time once what this peer knows is known to be all that there is. */
    private static long confirm(JoinBook.Page page, MemberControl.Group first)
            throws NotLeadingException, InterruptedException {
        try {
            return page.confirm().get(JoinDesk.COMMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            checkLeads(first);
            throw new MemberChangeException(
                    Reason.NOT_CONFIRMED,
                    "it is not known whether this peer leads still: is a majority of the voters up? Ask again",
                    e);
        }
    }

    private static JoinTokenInfo info(JoinToken token, long nowMs) {
        Caller maker = token.maker();
        return new JoinTokenInfo(
                token.id(),
                token.name(),
                state(token),
                maker.principal(),
                maker.address(),
                maker.atEpochMs() == 0 ? null : Instant.ofEpochMilli(maker.atEpochMs()),
                Duration.ofMillis(token.expiresAtMs() - nowMs),
                token.userName(),
                token.userIncarnation());
    }

    private static JoinTokenInfo.State state(JoinToken token) {
        if (token.ended()) {
            return JoinTokenInfo.State.SPENT;
        } else if (token.withdrawn()) {
            return JoinTokenInfo.State.WITHDRAWN;
        }
        return token.isUsed() ? JoinTokenInfo.State.IN_USE : JoinTokenInfo.State.UNUSED;
    }

    /**
     * Has a token let nobody in any more. Blocks until that is committed, or for some seconds. It waits for no change of the members, so a
     * newcomer that is being let in by it may become a member all the same.
     *
     * @param id of the token
     * @param caller who asks for that
     * @throws NotLeadingException if this peer does not lead: nothing was done
     * @throws MemberChangeException if it is refused, or is not known to be done
     */
    public MemberChangeResult withdraw(MemberControl.Group first, String id, Caller caller)
            throws NotLeadingException, InterruptedException {
        JoinBook.Page page = JoinDesk.openPage(book, first);
        if (!JoinToken.isId(id)) {
            throw new MemberChangeException(
                    Reason.NOT_UNDERSTOOD, "that is no id of a join token: " + TOKENS_ARE_LISTED);
        }
        long nowMs = confirm(page, first);
        JoinToken before = page.tokens().stream()
                .filter(token -> token.id().equals(id) && token.expiresAtMs() > nowMs)
                .findFirst()
                .orElseThrow(() -> new MemberChangeException(
                        Reason.NO_SUCH_TOKEN,
                        "there is no join token " + id + ", or not any more: it may have expired. "
                                + TOKENS_ARE_LISTED));
        if (before.ended() || before.withdrawn()) {
            return new MemberChangeResult(false, becameOf(before, false), List.of());
        }
        boolean isDone = JoinDesk.isDone(page, new Command.WithdrawJoin(before.hash(), caller));
        JoinToken after = page.find(before.hash());
        if (!isDone || (after != null && !after.ended() && !after.withdrawn())) {
            checkLeads(first);
            throw new MemberChangeException(
                    Reason.NOT_CONFIRMED,
                    "that join token " + id
                            + " is withdrawn could not be committed: is a majority of the voters up? Ask again");
        }
        // It may have let its newcomer in meanwhile, or have expired.
        JoinToken last = Objects.requireNonNullElse(after, before);
        return new MemberChangeResult(last.withdrawn(), becameOf(last, last.withdrawn()), List.of());
    }

    /** Whoever asks a peer that was deposed meanwhile is to ask the next one. */
    private static void checkLeads(MemberControl.Group first) throws NotLeadingException {
        if (!first.leads()) {
            throw new NotLeadingException(first.leader());
        }
    }

    /** @param isNew whether it was withdrawn just now */
    private static String becameOf(JoinToken token, boolean isNew) {
        String name = "join token " + token.id();
        if (token.ended()) {
            return name + " has let '" + token.userName() + "' in, and lets nobody in any more. To undo that, remove '"
                    + token.userName() + "'";
        } else if (!token.withdrawn()) {
            return name + " has expired: it lets nobody in any more";
        }
        String withdrawn = name + (isNew ? " is withdrawn" : " was withdrawn already");
        return token.isUsed()
                ? withdrawn + ". '" + token.userName()
                        + "' has used it, and becomes a member only if that was under way already: 'members' shows it"
                : withdrawn + ": it lets nobody in any more";
    }
}
