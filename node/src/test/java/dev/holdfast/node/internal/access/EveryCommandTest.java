package dev.holdfast.node.internal.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Outcome.Rejected;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every role against every command and every query. One that is new fails here until it is judged. */
final class EveryCommandTest {
    private static final Principal ALICE = new Principal("alice", Set.of("ops"));
    private static final LockableKey KEY = LockableKey.mutex("t/1");
    private static final LockableKey PERMITS = LockableKey.semaphore("t/1");
    private static final Owner OWNER = Owner.of("user", "ann");

    /** What a principal may at most; each includes those before it. */
    private enum Level {
        /** Has one right, on other keys. */
        ELSEWHERE("alice lock elsewhere/"),
        READ("alice read t/"),
        LOCK("@ops lock t/"),
        FORCE("* force t/"),
        ADMIN("alice admin *");

        private final String rule;

        Level(String rule) {
            this.rule = rule;
        }
    }

    /** A command that takes this, made for the session that sends it and one that is somebody else's. */
    private record Sample(Level needs, Function<SessionId, ClientCommand> command) {
        Sample(Level needs, ClientCommand command) {
            this(needs, others -> command);
        }
    }

    private static Map<Class<?>, Sample> commands() {
        Map<Class<?>, Sample> table = new LinkedHashMap<>();
        table.put(Command.OpenSession.class, new Sample(Level.ELSEWHERE, OneLeader.openSession()));
        table.put(Command.CloseSession.class, new Sample(Level.ELSEWHERE, new Command.CloseSession()));
        table.put(Command.CancelAcquire.class, new Sample(Level.ELSEWHERE, new Command.CancelAcquire(1)));
        table.put(Command.Acknowledge.class, new Sample(Level.ELSEWHERE, new Command.Acknowledge()));
        table.put(
                Command.Acquire.class,
                new Sample(Level.LOCK, new Command.Acquire(KEY, OWNER, 1, 1, false, Lease.SESSION, 0)));
        table.put(
                Command.AcquireAll.class,
                new Sample(Level.LOCK, new Command.AcquireAll(List.of(KEY), OWNER, false, Lease.SESSION, 0)));
        table.put(Command.Drain.class, new Sample(Level.LOCK, new Command.Drain(PERMITS, OWNER, 3, Lease.SESSION)));
        table.put(Command.Release.class, new Sample(Level.LOCK, new Command.Release(KEY, OWNER, 1, 1)));
        table.put(Command.Extend.class, new Sample(Level.LOCK, new Command.Extend(KEY, OWNER, 1, 1_000)));
        table.put(Command.Attach.class, new Sample(Level.LOCK, new Command.Attach(KEY, OWNER, 1)));
        table.put(Command.Leave.class, new Sample(Level.LOCK, new Command.Leave(KEY, OWNER, 1)));
        table.put(Command.ExpireIn.class, new Sample(Level.LOCK, new Command.ExpireIn(KEY, OWNER, 1, 1_000, 1)));
        table.put(Command.RequestRelease.class, new Sample(Level.LOCK, new Command.RequestRelease(KEY)));
        table.put(Command.ForceRelease.class, new Sample(Level.FORCE, new Command.ForceRelease(KEY, 0)));
        table.put(Command.EndSession.class, new Sample(Level.ADMIN, Command.EndSession::new));
        table.put(Command.PutRule.class, new Sample(Level.ADMIN, new Command.PutRule(Rule.parse("bob read x/"))));
        table.put(Command.RemoveRule.class, new Sample(Level.ADMIN, new Command.RemoveRule(Rule.parse("* force t/"))));
        return table;
    }

    private static Map<Class<?>, Map.Entry<Level, Query>> queries() {
        return Map.of(
                Query.Inspect.class, Map.entry(Level.READ, new Query.Inspect(KEY, 1)),
                Query.History.class, Map.entry(Level.READ, new Query.History(KEY, Query.History.NEWEST, 1)),
                Query.ListLockables.class, Map.entry(Level.ELSEWHERE, new Query.ListLockables("", null, 10)),
                Query.ListSessions.class, Map.entry(Level.ELSEWHERE, new Query.ListSessions(SessionId.NONE, 10)),
                Query.Rules.class, Map.entry(Level.ELSEWHERE, new Query.Rules()),
                Query.Summary.class, Map.entry(Level.ELSEWHERE, new Query.Summary()),
                Query.Audit.class, Map.entry(Level.ADMIN, new Query.Audit(0, 10)));
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(EveryCommandTest::leaves)
                : Stream.of(type);
    }

    private final OneLeader leader = new OneLeader();

    @Test
    void each_command_and_each_query_is_judged() {
        assertThat(commands().keySet())
                .containsExactlyInAnyOrderElementsOf(leaves(ClientCommand.class).toList());
        assertThat(queries().keySet())
                .containsExactlyInAnyOrderElementsOf(leaves(Query.class).toList());
    }

    @ParameterizedTest
    @EnumSource
    void a_command_takes_effect_if_the_role_includes_it_and_leaves_no_trace_if_not(Level level) {
        leader.rules(level.rule);
        CheckedTransport alice = leader.as(ALICE);
        long nonce = 100;
        for (Sample sample : commands().values()) {
            ClientCommand command = sample.command.apply(OneLeader.open(leader.as(OneLeader.ADMIN), ++nonce));
            boolean opens = command instanceof Command.OpenSession;
            SessionId session = opens ? new SessionId(++nonce, 0) : OneLeader.open(alice, ++nonce);
            String hash = leader.stateHash();
            int entries = leader.appended.size();
            long refused = leader.refusals.count(Denial.FORBIDDEN);

            Outcome outcome = OneLeader.only(alice, session, opens ? 0 : 1, command);

            if (level.compareTo(sample.needs) >= 0) {
                assertThat(leader.appended).as("%s: %s", level, command).hasSize(entries + 1);
                assertThat(isForbidden(outcome)).as("%s: %s", level, command).isFalse();
            } else {
                assertThat(isForbidden(outcome)).as("%s: %s", level, command).isTrue();
                assertThat(((Rejected) outcome).detail())
                        .startsWith("principal 'alice' lacks '")
                        .containsPattern("an admin can grant it with 'holdfast rules add \"?alice ");
                assertThat(leader.appended).hasSize(entries);
                assertThat(leader.stateHash()).isEqualTo(hash);
                assertThat(leader.refusals.count(Denial.FORBIDDEN)).isEqualTo(refused + 1);
            }
        }
    }

    @Test
    void without_any_right_no_session_can_be_opened() {
        Outcome outcome = OneLeader.only(leader.as(ALICE), new SessionId(7, 0), 0, OneLeader.openSession());

        assertThat(outcome)
                .isEqualTo(new Rejected(
                        RejectionCode.FORBIDDEN,
                        "principal 'alice' has no rights here: an admin can grant some, as with"
                                + " 'holdfast rules add \"alice lock *\"'"));
    }

    @Test
    void under_somebody_else_s_session_no_command_does_anything_not_even_an_admin_s() {
        leader.rules("* admin *");
        for (Principal thief : List.of(ALICE, OneLeader.ADMIN, Principal.member("a"))) {
            CheckedTransport caller = leader.as(thief);
            for (Sample sample : commands().values()) {
                SessionId session = OneLeader.open(leader.as(new Principal("bob", Set.of())), 55);
                String hash = leader.stateHash();
                int entries = leader.appended.size();

                Outcome outcome = OneLeader.only(caller, session, 1, sample.command.apply(session));

                assertThat(outcome)
                        .isEqualTo(new Rejected(
                                RejectionCode.SESSION_UNKNOWN, "session " + session + " is not open, or not any more"));
                assertThat(leader.appended).hasSize(entries);
                assertThat(leader.stateHash()).isEqualTo(hash);
            }
        }
        assertThat(leader.refusals.count(Denial.OTHERS_SESSION))
                .isEqualTo(3L * commands().size());
    }

    @ParameterizedTest
    @EnumSource
    void a_query_is_answered_if_the_role_includes_it(Level level) {
        leader.rules(level.rule);
        List<String> wrong = new ArrayList<>();
        queries().forEach((type, needs) -> {
            Answer answer = leader.as(ALICE).query(needs.getValue()).join();
            boolean forbidden = answer instanceof Answer.QueryRejected rejected
                    && rejected.code() == RejectionCode.FORBIDDEN
                    && rejected.detail().startsWith("principal 'alice' lacks '");
            if (forbidden != (level.compareTo(needs.getKey()) < 0)) {
                wrong.add(level + ": " + type.getSimpleName() + ": " + answer);
            }
        });
        assertThat(wrong).isEmpty();
    }

    private static boolean isForbidden(Outcome outcome) {
        return outcome instanceof Rejected rejected && rejected.code() == RejectionCode.FORBIDDEN;
    }
}
