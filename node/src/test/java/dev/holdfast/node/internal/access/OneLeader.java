package dev.holdfast.node.internal.access;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A leader that is alone, with an admin and whoever else a test lets talk to it. Access to it is required. */
final class OneLeader {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final Principal ADMIN = new Principal("root", Set.of());

    final ManualTimers timers = new ManualTimers();
    final Replica replica = new Replica();
    final List<Batch> appended = new ArrayList<>();
    final Refusals refusals = new Refusals("a");
    final LocalLeader local = new LocalLeader();
    boolean isDeposed;

    private final AccessOptions options = AccessOptions.closed().withAdmins(ADMIN.name());
    private final CheckedTransport admin = as(ADMIN);
    private final SessionId adminSession;
    private long adminSequence;

    private final class Log implements ReplicatedLog {
        @Override
        public CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
            appended.add(batch);
            return CompletableFuture.completedFuture(replica.apply(appended.size(), stampMs, batch));
        }

        @Override
        public CompletableFuture<Void> confirmLeadership(long term) {
            return isDeposed
                    ? CompletableFuture.failedFuture(
                            new TransportException(TransportException.Kind.NO_LEADER, "deposed"))
                    : CompletableFuture.completedFuture(null);
        }
    }

    OneLeader() {
        LeaderTerm term = new LeaderTerm(1, replica, new Log(), timers);
        replica.onApplied(term::applied);
        local.begin(term);
        adminSession = open(admin, 1);
    }

    CheckedTransport as(Principal caller) {
        return new CheckedTransport(
                local, caller, "10.0.0.7", CurrentRights.of(caller, options, replica::rules), () -> NOW, refusals);
    }

    static SessionId open(CheckedTransport caller, long nonce) {
        Outcome outcome = only(caller, new SessionId(nonce, 0), 0, openSession());
        return ((Outcome.SessionOpened) outcome).session();
    }

    static Command.OpenSession openSession() {
        return new Command.OpenSession(60_000, "host", "test");
    }

    static Outcome only(CheckedTransport caller, SessionId session, long sequence, ClientCommand command) {
        return all(caller, session, sequence, command).get(0);
    }

    /** The outcomes of these commands, in one batch. */
    static List<Outcome> all(CheckedTransport caller, SessionId session, long sequence, ClientCommand... commands) {
        List<SequencedCommand> sequenced = new ArrayList<>();
        for (int i = 0; i < commands.length; i++) {
            sequenced.add(new SequencedCommand(sequence + i, commands[i]));
        }
        List<SequencedOutcome> outcomes =
                caller.submit(new SessionBatch(session, 0, 0, sequenced)).join().outcomes();
        return outcomes.stream().map(SequencedOutcome::outcome).toList();
    }

    Outcome asAdmin(ClientCommand command) {
        return only(admin, adminSession, ++adminSequence, command);
    }

    void rules(String... lines) {
        Arrays.stream(lines).forEach(line -> asAdmin(new Command.PutRule(Rule.parse(line))));
    }

    String stateHash() {
        return replica.read(LockMachine::stateHash);
    }
}
