package dev.holdfast.statemachine;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Plays a transcript. Each line that is not a comment is a command; its results are written below it, indented by
 * {@code "  "}. Log time starts at 0. Sessions are called by the names they were opened under.
 *
 * <pre>
 * open S [as=PRINCIPAL] [from=ADDRESS]                S close                       S expire
 * S acquire LOCKABLE OWNER [permits=N] [limit=N] [wait=MS|ever] [lease=session|kept|MS] [reentrant] [#SEQUENCE]
 * S acquire-all LOCKABLE,LOCKABLE... OWNER [wait=MS|ever] [lease=session|kept|MS] [reentrant] [#SEQUENCE]
 * S release LOCKABLE OWNER TOKEN [permits=N]          S extend LOCKABLE OWNER TOKEN ttl=MS
 * S drain LOCKABLE OWNER limit=N                      S ask LOCKABLE
 * S expirein LOCKABLE OWNER TOKEN ttl=MS
 * S cancel #SEQUENCE          S force LOCKABLE TOKEN          S ack outcomes=N events=N
 * S put RULE                  S remove RULE                   S end S
 * time MS                     snapshot                        state                        rules
 * audit
 * </pre>
 */
final class Transcript {
    private final Scenario scenario = new Scenario(0);
    private final Map<String, Client> clients = new LinkedHashMap<>();
    private final List<String> output = new ArrayList<>();

    private static final class Client {
        private final SessionId id;
        private final Caller caller;
        private long lastSequence;

        private Client(SessionId id, Caller caller) {
            this.id = id;
            this.caller = caller;
        }
    }

    /** Returns the transcript with the comments and commands as given and the results as they are now. */
    static List<String> play(List<String> lines) throws CorruptSnapshotException {
        Transcript transcript = new Transcript();
        for (String line : lines) {
            if (line.startsWith("  ")) {
                continue;
            }
            transcript.output.add(line);
            if (!line.isEmpty() && !line.startsWith("#")) {
                transcript.execute(new Words(line));
            }
        }
        return transcript.output;
    }

    /** The words of a command line: positional arguments first, then options in any order. */
    private static final class Words {
        private final List<String> words;
        private int next;

        private Words(String line) {
            words = Arrays.asList(line.split(" +", -1));
        }

        private String next() {
            return words.get(next++);
        }

        private boolean has(String word) {
            return words.contains(word);
        }

        private String option(String name, String otherwise) {
            return words.stream()
                    .filter(word -> word.startsWith(name))
                    .map(word -> word.substring(name.length()))
                    .findFirst()
                    .orElse(otherwise);
        }

        private int number(String name, int otherwise) {
            return Integer.parseInt(option(name, Integer.toString(otherwise)));
        }

        private LockableKey lockable() {
            return lockable(next());
        }

        private List<LockableKey> lockables() {
            return Arrays.stream(next().split(",", -1)).map(Words::lockable).toList();
        }

        private static LockableKey lockable(String word) {
            String[] parts = word.split(":", 2);
            return new LockableKey(LockableKind.valueOf(parts[0].toUpperCase(Locale.ROOT)), parts[1]);
        }

        private Owner owner() {
            return Owner.of("user", next());
        }

        private Rule rule() {
            return Rule.parse(String.join(" ", words.subList(next, words.size())));
        }

        private long token() {
            return Long.parseLong(next());
        }
    }

    private void execute(Words words) throws CorruptSnapshotException {
        String first = words.next();
        switch (first) {
            case "open" -> open(words.next(), words);
            case "rules" -> scenario.machine().rules().forEach(rule -> result(rule.toString()));
            case "audit" -> scenario.state().audit.list().forEach(each -> result(describe(each)));
            case "time" -> {
                scenario.pass(Long.parseLong(words.next()) - scenario.nowMs());
                report(scenario.system(new Command.Tick()));
            }
            case "snapshot" -> scenario.restart();
            case "state" -> describeState();
            default -> execute(clients.get(first), words.next(), words);
        }
    }

    private void open(String name, Words words) {
        String address = words.option("from=", "");
        Caller caller = new Caller(words.option("as=", ""), address, address.isEmpty() ? 0 : scenario.nowMs());
        SessionId id = TestSession.opened(
                scenario.apply(TestSession.openBatch(name.hashCode()).withCaller(caller)));
        clients.put(name, new Client(id, caller));
        result("session " + id.low());
    }

    private void execute(Client client, String verb, Words words) {
        switch (verb) {
            case "expire" -> report(scenario.system(new Command.ExpireSession(client.id)));
            case "ack" ->
                report(scenario.apply(new SessionBatch(
                        client.id, words.number("outcomes=", 0), words.number("events=", 0), List.of())));
            case "acquire" -> {
                ClientCommand acquire = acquire(words);
                send(client, words.number("#", (int) client.lastSequence + 1), acquire);
            }
            case "acquire-all" -> {
                ClientCommand acquire = acquireAll(words);
                send(client, words.number("#", (int) client.lastSequence + 1), acquire);
            }
            case "release" ->
                sendNext(
                        client,
                        new Command.Release(
                                words.lockable(), words.owner(), words.token(), words.number("permits=", 0)));
            case "extend" ->
                sendNext(
                        client,
                        new Command.Extend(words.lockable(), words.owner(), words.token(), words.number("ttl=", 0)));
            case "ask" -> sendNext(client, new Command.RequestRelease(words.lockable()));
            case "drain" ->
                sendNext(
                        client,
                        new Command.Drain(words.lockable(), words.owner(), words.number("limit=", 1), Lease.SESSION));
            case "expirein" ->
                sendNext(
                        client,
                        new Command.ExpireIn(
                                words.lockable(),
                                words.owner(),
                                words.token(),
                                words.number("ttl=", 0),
                                client.id.low()));
            case "cancel" -> sendNext(client, new Command.CancelAcquire(words.number("#", 0)));
            case "force" -> sendNext(client, new Command.ForceRelease(words.lockable(), words.token()));
            case "close" -> sendNext(client, new Command.CloseSession());
            case "put" -> sendNext(client, new Command.PutRule(words.rule()));
            case "remove" -> sendNext(client, new Command.RemoveRule(words.rule()));
            case "end" -> sendNext(client, new Command.EndSession(clients.get(words.next()).id));
            default -> throw new IllegalArgumentException("unknown verb: " + verb);
        }
    }

    private static ClientCommand acquire(Words words) {
        return new Command.Acquire(
                words.lockable(),
                words.owner(),
                words.number("permits=", 1),
                words.number("limit=", 1),
                words.has("reentrant"),
                lease(words),
                waitMs(words));
    }

    private static ClientCommand acquireAll(Words words) {
        return new Command.AcquireAll(
                words.lockables(), words.owner(), words.has("reentrant"), lease(words), waitMs(words));
    }

    private static Lease lease(Words words) {
        String lease = words.option("lease=", "session");
        return switch (lease) {
            case "session" -> Lease.SESSION;
            case "kept" -> Lease.UNTIL_RELEASED;
            default -> Lease.ttl(Long.parseLong(lease));
        };
    }

    private static long waitMs(Words words) {
        String wait = words.option("wait=", "0");
        return wait.equals("ever") ? Command.Acquire.WAIT_FOREVER : Long.parseLong(wait);
    }

    private void sendNext(Client client, ClientCommand command) {
        send(client, client.lastSequence + 1, command);
    }

    private void send(Client client, long sequence, ClientCommand command) {
        client.lastSequence = Math.max(client.lastSequence, sequence);
        Caller caller = command.recordsCaller() ? client.caller : Caller.NOBODY;
        Applied applied = scenario.apply(
                Batch.of(new SessionBatch(client.id, 0, 0, List.of(new SequencedCommand(sequence, command)), caller)));
        result("#" + sequence + " " + describe(TestSession.outcomeOf(applied)));
        report(applied);
    }

    private void report(Applied applied) {
        for (SessionEvents events : applied.events()) {
            for (NumberedEvent event : events.events()) {
                result("-> " + nameOf(events.session()) + " event " + event.number() + ": " + describe(event.event()));
            }
        }
        for (SessionId ended : applied.ended()) {
            result("-> " + nameOf(ended) + " ended");
        }
    }

    private void describeState() {
        MachineState state = scenario.state();
        result("time " + state.logTimeMs + ", last token " + state.lastToken + ", sessions " + state.sessions.size());
        for (LockableEntry entry : state.lockables.inOrder()) {
            for (Hold hold : entry.streamOfHolds().toList()) {
                result(describe(entry.lockable) + " held by " + hold.owner.id() + ": token " + hold.token + ", count "
                        + hold.count() + describeDeadline(hold.deadlineMs()));
            }
            for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
                result(describe(entry.lockable) + " awaited by " + waiter.owner.id() + ": permits " + waiter.permits
                        + " of " + waiter.limit + describeDeadline(waiter.deadlineMs()));
            }
        }
    }

    private static String describe(AuditRecord each) {
        return each.number() + " at " + each.atEpochMs() + " by '" + each.principal() + "' from " + each.address()
                + ": " + each.action() + " " + each.target() + ": " + each.detail();
    }

    private String nameOf(SessionId id) {
        return clients.entrySet().stream()
                .filter(client -> client.getValue().id.equals(id))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private static String describe(LockableKey lockable) {
        return lockable.kind().toString().toLowerCase(Locale.ROOT) + ":" + lockable.key();
    }

    private static String describe(Outcome outcome) {
        if (outcome instanceof Outcome.Granted granted) {
            return granted(granted.token(), granted.count(), granted.deadlineMs(), granted.reacquired());
        } else if (outcome instanceof Outcome.Refused refused) {
            return "refused: held by " + idOf(refused.holder()) + " under token " + refused.token() + ", available "
                    + refused.available()
                    + (refused.waitersAhead() == 0 ? "" : ", waiters ahead " + refused.waitersAhead());
        } else if (outcome instanceof Outcome.Queued queued) {
            return "queued behind " + queued.position();
        } else if (outcome instanceof Outcome.GrantedAll all) {
            return granted(all.grants());
        } else if (outcome instanceof Outcome.RefusedAll refused) {
            return "refused: " + describe(refused.lockable()) + " held by " + idOf(refused.holder()) + " under token "
                    + refused.token();
        } else if (outcome instanceof Outcome.Released released) {
            return "released, remaining " + released.remaining();
        } else if (outcome instanceof Outcome.Extended extended) {
            return "extended" + describeDeadline(extended.deadlineMs());
        } else if (outcome instanceof Outcome.ReleaseRequested requested) {
            return "asked the sessions of " + requested.holds() + " holds";
        } else if (outcome instanceof Outcome.Drained drained) {
            return "drained " + drained.permits() + ", " + describe(drained.granted());
        } else if (outcome instanceof Outcome.Expiring expiring) {
            return "expires" + describeDeadline(expiring.deadlineMs());
        } else if (outcome instanceof Outcome.Shared shared) {
            return "not done: shared by " + shared.acquires() + " acquires";
        } else if (outcome instanceof Outcome.ForceReleased forced) {
            return "force-released " + forced.holds();
        } else if (outcome instanceof Outcome.Cancelled cancelled) {
            return cancelled.undone() ? "cancelled" : "cancelled, nothing to undo";
        } else if (outcome instanceof Outcome.NotHeld notHeld) {
            return "not held; holder " + idOf(notHeld.holder())
                    + (notHeld.held() == 0 ? "" : ", held " + notHeld.held());
        } else if (outcome instanceof Outcome.CapacityExceeded exceeded) {
            return "capacity exceeded: " + exceeded.requested() + " of " + exceeded.max() + ", available "
                    + exceeded.available();
        } else if (outcome instanceof Outcome.Rejected rejected) {
            return "rejected: " + rejected.code();
        } else if (outcome instanceof Outcome.SessionClosed) {
            return "closed";
        } else if (outcome instanceof Outcome.RulesChanged rules) {
            return rules.changed() ? "the rules have changed" : "the rules are as before";
        }
        return outcome.toString();
    }

    private static String describe(Event event) {
        if (event instanceof Event.WaitGranted granted) {
            return "#" + granted.acquireSequence() + " "
                    + granted(granted.token(), granted.count(), granted.deadlineMs(), granted.reacquired());
        } else if (event instanceof Event.WaitGrantedAll all) {
            return "#" + all.acquireSequence() + " " + granted(all.grants());
        } else if (event instanceof Event.WaitEnded ended) {
            return "#" + ended.acquireSequence() + " " + ended.reason();
        } else if (event instanceof Event.ReleaseRequested requested) {
            return "asked for " + describe(requested.lockable()) + " of " + idOf(requested.owner()) + ", token "
                    + requested.token();
        }
        Event.HoldLost lost = (Event.HoldLost) event;
        return "lost " + describe(lost.lockable()) + " of " + idOf(lost.owner()) + ", token " + lost.token() + ": "
                + lost.reason();
    }

    private static String granted(List<Outcome.Granted> grants) {
        return grants.stream()
                .map(each -> granted(each.token(), each.count(), each.deadlineMs(), each.reacquired()))
                .collect(Collectors.joining("; "));
    }

    private static String granted(long token, int count, long deadlineMs, boolean reacquired) {
        return (reacquired ? "reacquired" : "granted") + ": token " + token + ", count " + count
                + describeDeadline(deadlineMs);
    }

    private static String describeDeadline(long deadlineMs) {
        return deadlineMs == LogTime.NEVER ? "" : ", until " + deadlineMs;
    }

    private static String idOf(Owner owner) {
        return owner == null ? "nobody" : owner.id();
    }

    private void result(String line) {
        output.add("  " + line);
    }
}
