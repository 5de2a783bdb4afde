package dev.holdfast.node;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ChangeMembersReply;
import dev.holdfast.client.v1.ChangeMembersRequest;
import dev.holdfast.client.v1.MembersReply;
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

    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

    private final MemberControl control;
    private final AuditedChanger changer;
    private final Supplier<MembersReply.Builder> introduce;
    private final Predicate<Principal> isAdmin;
    private final Refusals refusals;
    private final Semaphore changes = new Semaphore(CHANGES_MAX);
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
        if (!control.groups().get(0).leads()) {
            // By its rules, which may be old, nobody is judged.
            return CompletableFuture.completedFuture(
                    hint(new NotLeadingException(control.groups().get(0).leader())));
        }
        if (!isAdmin.test(caller)) {
            String why = caller + " may not change the members: that takes the role 'admin'";
            refusals.refused(caller + " at " + address, Denial.FORBIDDEN, why);
            return CompletableFuture.failedFuture(new TransportException(Kind.FORBIDDEN, why));
        }
        if (!changes.tryAcquire()) {
            return CompletableFuture.failedFuture(
                    new TransportException(Kind.BUSY, "other changes of the members wait for their turn"));
        }
        CompletableFuture<ChangeMembersReply> reply = aside(() -> changed(caller, address, request));
        return reply.whenComplete((done, failure) -> changes.release());
    }

    private ChangeMembersReply changed(Principal caller, String address, ChangeMembersRequest request)
            throws InterruptedException {
        try {
            MemberChangeResult result =
                    changer.perform(caller.name(), address, MembersCodec.decode(request), timeout(request));
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
