package dev.holdfast.client.internal.pipeline;

import static dev.holdfast.client.support.Interleavings.require;

import com.codahale.metrics.NoopMetricRegistry;
import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.internal.serial.Callbacks;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.SerialExecutor;
import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Two threads bring commands and deliver the cluster's replies. Batches, sequences and acknowledgements are right because
 * the pipeline is confined to the serial executor; without that confinement they are not.
 */
class PipelineInterleavingTest {
    private static final SessionId SESSION = new SessionId(1, 1);
    private static final ClientOptions OPTIONS = ClientOptions.defaults();
    private static final ClientMetrics METRICS = new ClientMetrics(new NoopMetricRegistry());

    @LincheckTest
    void commands_of_two_threads_are_numbered_sent_answered_and_acknowledged_once() {
        Interleavings.explore(() -> bringAndDeliver(Race.FREE, context -> context.serial()));
    }

    @LincheckTest
    void a_pipeline_without_its_executor_is_rejected() {
        Interleavings.assertRaceIsFound(() -> bringAndDeliver(Race.FREE, context -> task -> task.run()));
    }

    @Test
    void in_every_order_of_the_steps_commands_are_numbered_sent_answered_and_acknowledged_once() {
        EveryOrder.holds(race -> bringAndDeliver(race, context -> context.serial()));
        EveryOrder.breaks(race -> bringAndDeliver(race, context -> task -> task.run()));
    }

    private static void bringAndDeliver(Race race, Function<ClientContext, Executor> confinement) {
        Cluster cluster = new Cluster(race);
        ClientContext context = new ClientContext(
                cluster,
                OPTIONS,
                METRICS,
                new NoTimers(),
                new ClientClock(new NoTimers()),
                new SerialExecutor(work -> false),
                new Callbacks(
                        task -> task.run(),
                        task -> task.run(),
                        task -> task.run(),
                        task -> task.run(),
                        task -> task.run(),
                        task -> task.run()));
        CommandQueue queue = new CommandQueue();
        Pipeline pipeline = new Pipeline(context, new Host(), queue);
        Executor confined = confinement.apply(context);
        Answers first = new Answers(race);
        Answers second = new Answers(race);
        race.together(
                () -> {
                    bring(confined, queue, pipeline, first);
                    race.pause();
                    cluster.deliverOne();
                },
                () -> {
                    bring(confined, queue, pipeline, second);
                    race.pause();
                    cluster.deliverOne();
                });
        while (cluster.deliverOne()) {
            // Until nothing is under way.
        }
        require(first.count == 1 && second.count == 1, first.count + " and " + second.count + " answers");
        require(cluster.lastSequence == 2, "the last sequence is " + cluster.lastSequence);
        require(pipeline.outcomesAcknowledged() == 2, pipeline.outcomesAcknowledged() + " of 2 acknowledged");
    }

    private static void bring(Executor confined, CommandQueue queue, Pipeline pipeline, Answers answers) {
        confined.execute(() -> {
            queue.add(new PendingCommand(new Command.Acknowledge(), ClientClock.NEVER, answers));
            pipeline.pump();
        });
    }

    private static final class Answers implements OutcomeHandler {
        private final Race race;
        private int count;

        Answers(Race race) {
            this.race = race;
        }

        @Override
        public void onNumbered(Pipeline pipeline, long sequence) {
            race.pause();
        }

        @Override
        public void onOutcome(Outcome outcome) {
            count++;
        }

        @Override
        public void onFailure(LockException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Accepts one batch at a time, of sequences that go on where the last ended, and acknowledgements of what it answered. */
    private static final class Cluster implements Transport {
        private final ConcurrentLinkedQueue<Runnable> replies = new ConcurrentLinkedQueue<>();
        private volatile boolean underWay;
        private volatile long lastSequence;
        private final Race race;

        Cluster(Race race) {
            this.race = race;
        }

        @Override
        public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
            require(!underWay, "two batches under way");
            require(batch.outcomesAcknowledged() == lastSequence, "acknowledged: " + batch.outcomesAcknowledged());
            underWay = true;
            race.pause();
            List<SequencedOutcome> outcomes = new ArrayList<>();
            for (SequencedCommand command : batch.commands()) {
                require(command.sequence() == lastSequence + 1, command.sequence() + " after " + lastSequence);
                lastSequence = command.sequence();
                outcomes.add(new SequencedOutcome(command.sequence(), new Outcome.Acknowledged()));
            }
            CompletableFuture<SubmitReply> reply = new CompletableFuture<>();
            replies.add(() -> {
                underWay = false;
                race.pause();
                reply.complete(new SubmitReply(SESSION, 1, outcomes));
            });
            return reply;
        }

        boolean deliverOne() {
            Runnable reply = replies.poll();
            if (reply != null) {
                reply.run();
            }
            return reply != null;
        }

        @Override
        public CompletableFuture<Answer> query(Query query) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private static final class Host implements PipelineHost {
        @Override
        public SessionId id() {
            return SESSION;
        }

        @Override
        public long eventsDoneWith() {
            return 0;
        }

        @Override
        public boolean checkAlive() {
            return true;
        }

        @Override
        public void onReply(long sentNanos, long logTimeMs) {}

        @Override
        public void onCancelled(long acquireSequence) {}

        @Override
        public void onSessionUnknown() {
            throw new AssertionError("the session is known");
        }
    }

    /** Nothing fails here, so nothing is repeated. */
    private static final class NoTimers implements Timers {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Scheduled schedule(Runnable task, long delayNanos) {
            throw new UnsupportedOperationException();
        }
    }
}
