package dev.holdfast.client.internal.election;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient.Registration;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.election.LeaderListener;
import dev.holdfast.client.election.Term;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An {@link Election}: hands on to its candidate and its watch, and does what blocks. */
public final class DefaultElection implements Election {
    private static final String NAMELESS = "candidate";

    private final Ballot ballot;
    private final Clockwork clockwork;
    private final ListenerCalls calls;
    private final LeaderWatch watch;
    private final Candidate candidate;
    private final long patienceNanos;
    private final boolean threadless;
    private volatile boolean closed;

    public DefaultElection(Ballot ballot, Clockwork clockwork, ElectionOptions options, ElectionListener listener) {
        ClientOptions clientOptions = clockwork.options();
        this.ballot = ballot;
        this.clockwork = clockwork;
        Duration requestTimeout = clientOptions.requestTimeout();
        patienceNanos =
                options.handoverTimeout().plus(requestTimeout.multipliedBy(2)).toNanos();
        threadless = clockwork.timers().threads() != null;
        calls = new ListenerCalls(clockwork.callbacks().elections());
        watch = new LeaderWatch(clockwork, ballot, options.observeEvery().toNanos(), requestTimeout.toNanos());
        candidate = new Candidate(
                clockwork,
                ballot,
                options,
                listener,
                options.name().orElse(fitting(clientOptions.name())),
                clientOptions.sessionLease(),
                requestTimeout,
                calls,
                watch);
    }

    private static String fitting(String clientName) {
        return clientName.getBytes(StandardCharsets.UTF_8).length <= ElectionOptions.NAME_BYTES_MAX
                ? clientName
                : NAMELESS;
    }

    @Override
    public Lockable lockable() {
        return ballot.lockable();
    }

    @Override
    public void stand() {
        if (closed) {
            throw new IllegalStateException("the election for '" + lockable().key() + "' is closed");
        }
        clockwork.serial().execute(() -> {
            if (!closed) {
                candidate.stand();
            }
        });
    }

    @Override
    public boolean isCandidate() {
        return candidate.isWanted();
    }

    @Override
    public Optional<Term> term() {
        DefaultTerm last = candidate.term();
        return last != null && last.isCurrent() ? Optional.of(last) : Optional.empty();
    }

    @Override
    public void resign() {
        await(resigned());
    }

    @Override
    public CompletionStage<Void> resignAsync() {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        clockwork.whenDone(
                resigned(), (done, failure) -> clockwork.callbacks().usual().execute(() -> stage.complete(null)));
        return stage;
    }

    private CompletableFuture<Void> resigned() {
        candidate.beginToResign();
        CompletableFuture<Void> resigned = new CompletableFuture<>();
        clockwork.serial().execute(() -> candidate.resign(resigned));
        return resigned;
    }

    @Override
    public Optional<Leader> leader() {
        return ballot.lookNow().map(Candidates::leader);
    }

    @Override
    public Registration observe(LeaderListener listener) {
        return watch.add(listener);
    }

    @Override
    public void close() {
        closed = true;
        calls.close();
        watch.close();
        CompletableFuture<Void> resigned = resigned();
        CompletableFuture<Void> called = new CompletableFuture<>();
        clockwork.whenDone(resigned, (done, failure) -> calls.execute(() -> called.complete(null)));
        await(called);
    }

    // Bounded by real time too: nobody may be advancing manual timers now. Whoever may be the only thread that there is
    // does not wait, nor does the listener, for itself.
    private void await(CompletableFuture<Void> done) {
        if (threadless || calls.isInside()) {
            return;
        }
        long deadline = System.nanoTime() + patienceNanos;
        boolean interrupted = false;
        while (true) {
            try {
                done.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                break;
            } catch (TimeoutException goesOnInTheBackground) {
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("resigning never fails", e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "election for '" + lockable().key() + "' ("
                + term().map(Term::toString).orElse(isCandidate() ? "standing" : "not standing") + ")";
    }
}
