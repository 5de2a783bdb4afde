package dev.holdfast.statemachine;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Makes up a log. A few clients contend for a few lockables on behalf of a few owners. Their batches are repeated, lost
 * or late, and now and then a client falls silent, closes its session or sends nonsense.
 */
final class RandomLog {
    /** Two keys with the same hash, so that they share a segment of the table, and one more mutex. */
    static final List<LockableKey> LOCKABLES = List.of(
            LockableKey.mutex("Aa"),
            LockableKey.mutex("BB"),
            LockableKey.mutex("C"),
            LockableKey.semaphore("Aa"),
            LockableKey.semaphore("BB"));

    private static final List<Owner> OWNERS = List.of(
            Owner.of("user", "ann"),
            Owner.of("user", "bob"),
            new Owner("user", "ann", new Owner.Scope("organisation", "acme")));
    private static final int CLIENTS = 4;

    private final Random random;
    private final List<Client> clients = new ArrayList<>();
    private final List<SessionBatch> sent = new ArrayList<>();
    private final List<SessionId> everOpened = new ArrayList<>();
    private final List<ReferenceModel.Grip> grips = new ArrayList<>();
    private long nowMs = 1000;

    /** Whether several are acquired together in this log. */
    private final boolean joint;

    private static final class Client {
        private long nonce;
        private SessionId id;
        private long lastSequence;
        private long lastEvent;
        private long outcomesAcknowledged;
        private long eventsAcknowledged;
    }

    RandomLog(Random random) {
        this.random = random;
        this.joint = chance(70);
        for (int i = 0; i < CLIENTS; i++) {
            Client client = new Client();
            client.nonce = (i + 1L) << 32;
            clients.add(client);
        }
    }

    /** Every session that was ever open. */
    List<SessionId> everOpened() {
        return everOpened;
    }

    LogEntry next(long nextDeadlineMs) {
        List<SystemCommand> system = new ArrayList<>();
        if (chance(10)) {
            system.add(randomSystemCommand());
        }
        List<SessionBatch> batches = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            if (chance(15) && !sent.isEmpty()) {
                batches.add(pick(sent));
            } else {
                SessionBatch batch = nextBatch(pick(clients));
                sent.add(batch);
                if (!chance(10)) {
                    batches.add(batch);
                }
                if (chance(5)) {
                    batches.add(batch);
                }
            }
        }
        return new LogEntry(nextStamp(nextDeadlineMs), new Batch(system, batches));
    }

    /** Tells the clients what an entry did. */
    void learn(Applied applied, ReferenceModel model) {
        for (Applied.OpenSession opened : applied.opened()) {
            everOpened.add(opened.session());
            for (Client client : clients) {
                if (client.nonce == opened.session().high()) {
                    begin(client, opened.session());
                }
            }
        }
        for (SessionEvents events : applied.events()) {
            for (Client client : clients) {
                if (events.session().equals(client.id)) {
                    client.lastEvent =
                            events.events().get(events.events().size() - 1).number();
                }
            }
        }
        for (SessionId ended : applied.ended()) {
            for (Client client : clients) {
                if (ended.equals(client.id)) {
                    begin(client, null);
                    client.nonce += chance(80) ? (long) CLIENTS << 32 : 0;
                }
            }
        }
        for (ReferenceModel.Grip grip : model.grips()) {
            if (!grips.contains(grip)) {
                grips.add(grip);
            }
        }
    }

    private static void begin(Client client, SessionId id) {
        client.id = id;
        client.lastSequence = 0;
        client.lastEvent = 0;
        client.outcomesAcknowledged = 0;
        client.eventsAcknowledged = 0;
    }

    private long nextStamp(long nextDeadlineMs) {
        if (chance(5)) {
            return nowMs - random.nextInt(50);
        }
        if (chance(30) && nextDeadlineMs != LogTime.NEVER) {
            nowMs = Math.max(nowMs, nextDeadlineMs - random.nextInt(2));
        } else if (chance(60)) {
            nowMs += random.nextInt(20);
        }
        return nowMs;
    }

    private SystemCommand randomSystemCommand() {
        if (chance(30) && !everOpened.isEmpty()) {
            Client client = pick(clients);
            return new Command.ExpireSession(client.id != null && chance(80) ? client.id : pick(everOpened));
        }
        if (chance(20)) {
            ReferenceModel.Grip grip = randomGrip();
            return new Command.ExpireHold(grip.lockable, grip.token);
        }
        if (chance(5)) {
            return new Command.BoundState(chance(50) ? 0 : 1L << 40);
        }
        if (chance(40)) {
            return randomJoin();
        }
        return chance(15) ? new Command.Activate(1 + random.nextInt(ProtocolVersion.SEMANTICS)) : new Command.Tick();
    }

    /** A few tokens and peers, so that they meet, and now and then something that is none. */
    private SystemCommand randomJoin() {
        String hash = pick(List.of("a", "b", "c")).repeat(chance(98) ? 64 : 63);
        String name = pick(List.of("d", "e"));
        return switch (random.nextInt(5)) {
            case 0 ->
                new Command.OfferJoin(
                        hash, chance(50) ? "" : name, oddly(nowMs + random.nextInt(200), -1), randomCaller());
            case 3 -> new Command.WithdrawJoin(hash, randomCaller());
            case 4 -> new Command.RecordAudit(randomCaller(), "members-add", chance(95) ? name : "", "begins");
            case 1 ->
                new Command.UseJoin(
                        hash, name, String.valueOf(random.nextInt(3)).repeat(chance(98) ? 16 : 15));
            default -> new Command.EndJoin(hash);
        };
    }

    private SessionBatch nextBatch(Client client) {
        if (client.id == null) {
            ClientCommand open = new Command.OpenSession(1000, "host", "client");
            SessionId unopened = new SessionId(client.nonce, 0);
            return new SessionBatch(unopened, 0, 0, List.of(new SequencedCommand(0, open)), callerOf(client));
        }
        if (chance(40)) {
            client.outcomesAcknowledged =
                    Math.max(client.outcomesAcknowledged, client.lastSequence - random.nextInt(6));
        }
        if (chance(40)) {
            client.eventsAcknowledged = Math.max(client.eventsAcknowledged, client.lastEvent - random.nextInt(3));
        }
        List<SequencedCommand> commands = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            commands.add(new SequencedCommand(++client.lastSequence, randomCommand(client)));
        }
        SessionBatch batch =
                new SessionBatch(client.id, client.outcomesAcknowledged, client.eventsAcknowledged, commands);
        return batch.recordsCaller() && chance(80) ? batch.withCaller(callerOf(client)) : batch;
    }

    private Caller randomCaller() {
        return chance(80) ? new Caller(pick(List.of("ann", "bob", "")), "10.0.0.7", nowMs) : Caller.NOBODY;
    }

    /** Some have a principal, two share an address, and of one nothing is known. */
    private Caller callerOf(Client client) {
        return switch (clients.indexOf(client)) {
            case 0 -> new Caller("ann", "10.0.0.7", nowMs);
            case 1, 2 -> new Caller("", "10.0.0.7", nowMs);
            default -> Caller.NOBODY;
        };
    }

    private ClientCommand randomCommand(Client client) {
        int kind = random.nextInt(100);
        if (kind < 15 && joint) {
            return randomAcquireAll();
        } else if (kind < 45) {
            return randomAcquire();
        } else if (kind < 70) {
            ReferenceModel.Grip grip = randomGrip();
            return new Command.Release(
                    grip.lockable,
                    grip.owner,
                    oddly(grip.token, 0),
                    random.nextInt(3),
                    whereAcquired(client),
                    chance(50));
        } else if (kind < 72) {
            ReferenceModel.Grip grip = randomGrip();
            return new Command.Attach(grip.lockable, grip.owner, oddly(grip.token, 0));
        } else if (kind < 74) {
            ReferenceModel.Grip grip = randomGrip();
            return new Command.Leave(grip.lockable, grip.owner, oddly(grip.token, 0));
        } else if (kind < 79) {
            ReferenceModel.Grip grip = randomGrip();
            return new Command.Extend(grip.lockable, grip.owner, oddly(grip.token, 0), oddly(randomMs(), 0));
        } else if (kind < 82) {
            ReferenceModel.Grip grip = randomGrip();
            return new Command.ExpireIn(
                    grip.lockable, grip.owner, oddly(grip.token, 0), oddly(randomMs(), 0), whereAcquired(client));
        } else if (kind < 84) {
            return new Command.Drain(pick(LOCKABLES), pick(OWNERS), 1 + random.nextInt(5), randomLease());
        } else if (kind < 86) {
            return new Command.RequestRelease(pick(LOCKABLES));
        } else if (kind < 92) {
            return new Command.CancelAcquire(client.lastSequence - random.nextInt(6));
        } else if (kind < 96) {
            boolean any = chance(30);
            ReferenceModel.Grip grip = randomGrip();
            return new Command.ForceRelease(grip.lockable, any ? Command.ForceRelease.ANY_TOKEN : grip.token);
        } else if (kind < 97) {
            return new Command.EndSession(pick(everOpened));
        } else if (kind < 98) {
            return chance(30) ? new Command.Acknowledge() : randomChangeOfRules();
        }
        return new Command.CloseSession();
    }

    private ClientCommand randomChangeOfRules() {
        Rule rule = new Rule(chance(50) ? "ann" : "*", pick(List.of(Role.values())), "", OwnerBinding.ANY);
        return chance(70) ? new Command.PutRule(rule) : new Command.RemoveRule(rule);
    }

    private long whereAcquired(Client client) {
        return chance(30)
                ? Command.Release.ANYWHERE
                : chance(70) ? client.id.low() : 1 + random.nextInt((int) client.id.low() + 2);
    }

    private Command.Acquire randomAcquire() {
        LockableKey lockable = pick(LOCKABLES);
        boolean mutex = lockable.kind() == LockableKind.MUTEX;
        int permits = mutex ? 1 : 1 + random.nextInt(3);
        int limit = mutex ? 1 : chance(80) ? 3 : 1 + random.nextInt(5);
        return new Command.Acquire(
                lockable,
                pick(OWNERS),
                (int) oddly(permits, 0),
                limit,
                mutex ? chance(40) : chance(1),
                randomLease(),
                chance(60) ? randomWaitMs() : 0);
    }

    /** Any of the sets that cross one another, in any order; now and then one that is not valid. */
    private Command.AcquireAll randomAcquireAll() {
        List<LockableKey> lockables = new ArrayList<>(LOCKABLES);
        Collections.shuffle(lockables, random);
        boolean odd = chance(2);
        lockables.removeIf(lockable -> lockable.kind() != LockableKind.MUTEX && !odd);
        return new Command.AcquireAll(
                lockables.subList(0, chance(2) ? 0 : 1 + random.nextInt(lockables.size())),
                pick(OWNERS),
                chance(40),
                randomLease(),
                chance(75) ? randomWaitMs() : 0);
    }

    private Lease randomLease() {
        int kind = random.nextInt(10);
        if (kind < 5) {
            return Lease.SESSION;
        }
        return kind < 9 ? Lease.ttl(oddly(randomMs(), 0)) : Lease.UNTIL_RELEASED;
    }

    private long randomWaitMs() {
        return chance(30) ? Command.Acquire.WAIT_FOREVER : oddly(randomMs(), -1);
    }

    private long randomMs() {
        return 1L + random.nextInt(60);
    }

    /** Usually a recent hold, else any that ever was. */
    private ReferenceModel.Grip randomGrip() {
        if (grips.isEmpty()) {
            return new ReferenceModel.Grip(pick(LOCKABLES), pick(OWNERS), 1);
        }
        int recent = Math.min(grips.size(), 6);
        return chance(80) ? grips.get(grips.size() - 1 - random.nextInt(recent)) : pick(grips);
    }

    private long oddly(long usual, long odd) {
        return chance(1) ? odd : usual;
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
