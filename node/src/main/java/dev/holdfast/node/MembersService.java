package dev.holdfast.node;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ChangeMembersReply;
import dev.holdfast.client.v1.ChangeMembersRequest;
import dev.holdfast.client.v1.IssueJoinTokenReply;
import dev.holdfast.client.v1.IssueJoinTokenRequest;
import dev.holdfast.client.v1.JoinTokenListProto;
import dev.holdfast.client.v1.JoinTokensReply;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.client.v1.WithdrawJoinTokenRequest;
import dev.holdfast.client.wire.MembersCodec;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.node.internal.membership.MemberList;
import dev.holdfast.node.internal.port.MembersDoor;
import dev.holdfast.node.internal.transport.Refusals;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Answers those who look after the cluster, at the port for clients. What blocks has threads of its own, a few of them, which end when
 * there is nothing to do.
 */
final class MembersService implements MembersDoor, AutoCloseable {
    private static final int THREADS_MAX = 8;
    private static final long IDLE_S = 10;

    /** How many changes may wait here for their turn. The others do not keep lists from being made. */
    private static final int CHANGES_MAX = 3;

    /** The same for what is about join tokens, which waits for no change: a token that leaked is withdrawn at once. */
    private static final int ABOUT_TOKENS_MAX = 2;

    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

    private final MemberControl control;
    private final AuditedChanger changer;
    private final Supplier<MembersReply.Builder> introduce;
    private final Predicate<Principal> isAdmin;
    private final Refusals refusals;
    private final Semaphore changes = new Semaphore(CHANGES_MAX);
    private final Semaphore aboutTokens = new Semaphore(ABOUT_TOKENS_MAX);
    private final ThreadPoolExecutor threads;

    /**
     * Serves nobody yet.
     *
     * @param introduce a reply that says which cluster and which peer this is
     * @param isAdmin whether that caller may change members
     * @param refusals counts whom it refuses
     */
    MembersService(
            MemberControl control,
            AuditedChanger changer,
            Supplier<MembersReply.Builder> introduce,
            Predicate<Principal> isAdmin,
            Refusals refusals) {
        this.control = control;
        this.changer = changer;
        this.introduce = introduce;
        this.isAdmin = isAdmin;
        this.refusals = refusals;
        this.threads =
                new ThreadPoolExecutor(0, THREADS_MAX, IDLE_S, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "holdfast-members");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    @Override
    public CompletableFuture<MembersReply> members() {
        return aside(() -> {
            MembersReply.Builder reply = introduce.get();
            MemberList list = MemberList.of(control);
            reply.setSettled(list.isSettled());
            for (MemberStatus member : list.all()) {
                reply.addMembers(MembersCodec.encode(member));
            }
            return reply.build();
        });
    }

    @Override
    public CompletableFuture<ChangeMembersReply> change(
            Principal caller, String address, ChangeMembersRequest request) {
        return byAdmin(
                caller,
                address,
                changes,
                "change the members",
                MembersService::hint,
                () -> changed(
                        () -> changer.perform(caller.name(), address, MembersCodec.decode(request), timeout(request))));
    }

    @Override
    public CompletableFuture<IssueJoinTokenReply> issueJoinToken(
            Principal caller, String address, IssueJoinTokenRequest request) {
        return byAdmin(
                caller,
                address,
                aboutTokens,
                "let new members in",
                MembersService::tokenHint,
                () -> issued(caller, address, request));
    }

    @Override
    public CompletableFuture<JoinTokensReply> joinTokens(Principal caller, String address) {
        return byAdmin(caller, address, aboutTokens, "see join tokens", MembersService::tokensHint, this::listed);
    }

    @Override
    public CompletableFuture<ChangeMembersReply> withdrawJoinToken(
            Principal caller, String address, WithdrawJoinTokenRequest request) {
        return byAdmin(
                caller,
                address,
                aboutTokens,
                "withdraw join tokens",
                MembersService::hint,
                () -> changed(() -> changer.withdraw(caller.name(), address, request.getId())));
    }

    /**
     * Has it done if this peer leads and the caller may.
     *
     * @param permits of which it takes one
     * @param what the caller would like to do, in words
     * @param hint the reply of a peer that does not lead
     */
    private <R> CompletableFuture<R> byAdmin(
            Principal caller,
            String address,
            Semaphore permits,
            String what,
            Function<NotLeadingException, R> hint,
            Callable<R> work) {
        if (!control.groups().get(0).leads()) {
            // By its rules, which may be old, nobody is judged.
            return CompletableFuture.completedFuture(
                    hint.apply(new NotLeadingException(control.groups().get(0).leader())));
        }
        if (!isAdmin.test(caller)) {
            String why = caller + " may not " + what + ": that takes the role 'admin'";
            refusals.refused(caller + " at " + address, Denial.FORBIDDEN, why);
            return CompletableFuture.failedFuture(new TransportException(Kind.FORBIDDEN, why));
        }
        if (!permits.tryAcquire()) {
            return CompletableFuture.failedFuture(new TransportException(
                    Kind.BUSY, "others who would like to " + what + " wait for their turn: try again later"));
        }
        return aside(work).whenComplete((done, failure) -> permits.release());
    }

    private interface Change {
        MemberChangeResult perform() throws NotLeadingException, InterruptedException;
    }

    private static ChangeMembersReply changed(Change change) throws InterruptedException {
        try {
            MemberChangeResult result = change.perform();
            return ChangeMembersReply.newBuilder()
                    .setChanged(MembersCodec.encode(result))
                    .build();
        } catch (MemberChangeException e) {
            return ChangeMembersReply.newBuilder()
                    .setRefused(MembersCodec.encode(e))
                    .build();
        } catch (NotLeadingException e) {
            return hint(e);
        }
    }

    private IssueJoinTokenReply issued(Principal caller, String address, IssueJoinTokenRequest request)
            throws InterruptedException {
        try {
            return IssueJoinTokenReply.newBuilder()
                    .setToken(changer.issue(
                                    caller.name(), address, request.getName(), Duration.ofMillis(request.getValidMs()))
                            .text())
                    .build();
        } catch (MemberChangeException e) {
            return IssueJoinTokenReply.newBuilder()
                    .setRefused(MembersCodec.encode(e))
                    .build();
        } catch (NotLeadingException e) {
            return tokenHint(e);
        }
    }

    private JoinTokensReply listed() throws InterruptedException {
        try {
            JoinTokenListProto.Builder list = JoinTokenListProto.newBuilder();
            changer.joinTokens().forEach(token -> list.addTokens(MembersCodec.encode(token)));
            return JoinTokensReply.newBuilder().setList(list).build();
        } catch (MemberChangeException e) {
            return JoinTokensReply.newBuilder()
                    .setRefused(MembersCodec.encode(e))
                    .build();
        } catch (NotLeadingException e) {
            return tokensHint(e);
        }
    }

    private static JoinTokensReply tokensHint(NotLeadingException e) {
        return JoinTokensReply.newBuilder()
                .setLeader(MembersCodec.encode(e.leader()))
                .build();
    }

    private static IssueJoinTokenReply tokenHint(NotLeadingException e) {
        return IssueJoinTokenReply.newBuilder()
                .setLeader(MembersCodec.encode(e.leader()))
                .build();
    }

    private static Duration timeout(ChangeMembersRequest request) {
        return Duration.ofMillis(Math.max(1, Math.min(TIMEOUT_MAX.toMillis(), request.getTimeoutMs())));
    }

    private static ChangeMembersReply hint(NotLeadingException e) {
        return ChangeMembersReply.newBuilder()
                .setLeader(MembersCodec.encode(e.leader()))
                .build();
    }

    private <R> CompletableFuture<R> aside(Callable<R> work) {
        CompletableFuture<R> result = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    result.complete(work.call());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    result.completeExceptionally(new TransportException(Kind.UNREACHABLE, "the peer is closing", e));
                } catch (Exception | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(
                    new TransportException(Kind.BUSY, "too many ask for the members: try again later"));
        }
        return result;
    }

    /** Interrupts what is under way. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
