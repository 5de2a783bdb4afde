package dev.holdfast.node.gateway;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.NotLeading;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command.AcquireAll;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.LockableCommand;
import dev.holdfast.protocol.Command.PutRule;
import dev.holdfast.protocol.Command.RemoveRule;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Serves one group, at this peer only: requests fail with {@code NO_LEADER} while it does not lead. A request for a lockable
 * of another group is refused. Whoever sends it counts the groups differently, or maps keys to them differently, and a hold
 * granted here would not exclude those who ask the right group.
 *
 * <p>See {@code docs/adr/009-groups-by-key.md}.
 */
public final class LocalLeader implements Transport {
    private final int group;
    private final int groups;
    private final AtomicReference<@Nullable LeaderTerm> current = new AtomicReference<>();

    /** Of the only group. */
    public LocalLeader() {
        this(0, 1);
    }

    /** Of one group, 0 to {@code groups - 1}. */
    public LocalLeader(int group, int groups) {
        this.group = group;
        this.groups = groups;
    }

    /** Serves from that term from now on; ends the one before it. */
    public void begin(LeaderTerm term) {
        end(current.getAndSet(term));
    }

    /** This peer no longer leads. */
    public void end() {
        end(current.getAndSet(null));
    }

    private static void end(@Nullable LeaderTerm term) {
        if (term != null) {
            term.close();
        }
    }

    /** The term that is served from; {@code null} if this peer does not lead. */
    public @Nullable LeaderTerm term() {
        return current.get();
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        TransportException misdirected = misdirected(batch);
        if (misdirected != null) {
            return CompletableFuture.failedFuture(misdirected);
        }
        LeaderTerm term = current.get();
        return term == null ? NotLeading.failed() : term.submit(batch);
    }

    /** Why no leader of this group would take that batch; {@code null} if one would. */
    public @Nullable TransportException misdirected(SessionBatch batch) {
        for (SequencedCommand command : batch.commands()) {
            if (group != 0 && (command.command() instanceof PutRule || command.command() instanceof RemoveRule)) {
                return new TransportException(
                        TransportException.Kind.REFUSED, "rules belong to group 0, and this is group " + group);
            }
            LockableKey stranger = firstOfAnotherGroup(command.command());
            if (stranger != null) {
                String key = stranger.key();
                return new TransportException(
                        TransportException.Kind.REFUSED,
                        "'" + key + "' belongs to group " + KeyGroups.of(key, groups) + " of " + groups
                                + ", and this is group " + group);
            }
        }
        return null;
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        LeaderTerm term = current.get();
        return term == null ? NotLeading.failed() : term.query(query);
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        LeaderTerm term = current.get();
        return term == null ? NotLeading.failed() : term.keepAlive(session);
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        LeaderTerm term = current.get();
        if (term == null) {
            sink.onBroken(NotLeading.anyMore());
            return () -> {};
        }
        return term.subscribe(session, afterNumber, sink);
    }

    @Override
    public void close() {
        end();
    }

    private @Nullable LockableKey firstOfAnotherGroup(ClientCommand command) {
        if (command instanceof LockableCommand named) {
            return isOfThisGroup(named.lockable()) ? null : named.lockable();
        }
        if (command instanceof AcquireAll several) {
            for (LockableKey lockable : several.lockables()) {
                if (!isOfThisGroup(lockable)) {
                    return lockable;
                }
            }
        }
        return null;
    }

    private boolean isOfThisGroup(LockableKey lockable) {
        return KeyGroups.of(lockable.key(), groups) == group;
    }
}
