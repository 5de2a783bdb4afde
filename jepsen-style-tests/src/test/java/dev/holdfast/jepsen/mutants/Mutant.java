package dev.holdfast.jepsen.mutants;

import java.util.List;
import java.util.stream.Stream;

/**
 * A defect to be built into the product, as edits of its sources.
 *
 * @param name what is wrong then
 * @param seenIn where such a defect was found; empty if nowhere that we know of
 * @param check what has to notice it
 */
record Mutant(String name, String seenIn, List<Edit> edits, Check check) {

    /**
     * What has to notice a defect.
     *
     * @param type a test, which needs nothing around it; empty for a simulation
     * @param method its method
     */
    record Check(String type, String method) {
        /** The simulation of clients and of the machine. */
        static final Check CLIENTS = new Check("", "clients");

        /** The simulation of members that come and go. */
        static final Check MEMBERS = new Check("", "members");
    }

    /**
     * Replaces a text that occurs exactly once.
     *
     * @param file relative to the root of the repository
     */
    record Edit(String file, String find, String replace) {}

    Mutant and(String module, String type, String find, String replace) {
        return new Mutant(
                name,
                seenIn,
                Stream.concat(edits.stream(), of("", "", module, type, find, replace).edits.stream())
                        .toList(),
                check);
    }

    private Mutant noticedBy(Check another) {
        return new Mutant(name, seenIn, edits, another);
    }

    /** Together with that, nobody takes them out of the queues: else they would never come to the head. */
    private Mutant leavingWaitersOfEndedSessions() {
        String endings = "dev.holdfast.statemachine.Endings";
        return and(
                        "statemachine",
                        endings,
                        "while (!session.waiters.isEmpty() && !effects",
                        "while (session.id == null && !effects")
                .and(
                        "statemachine",
                        endings,
                        "session.firstLink() == null && session.waiters.isEmpty()",
                        "session.firstLink() == null");
    }

    static Mutant of(String name, String seenIn, String module, String type, String find, String replace) {
        String file = module + "/src/main/java/" + type.replace('.', '/') + ".java";
        return new Mutant(name, seenIn, List.of(new Edit(file, find, replace)), Check.CLIENTS);
    }

    static List<Mutant> all() {
        return Stream.of(ofLocks(), ofMembers()).flatMap(List::stream).toList();
    }

    /** Those of the configuration in the log are killed by TLC: {@code Membership.tla} has them. That part is Ratis's. */
    private static List<Mutant> ofMembers() {
        String members = "dev.holdfast.node.internal.membership.";
        return List.of(
                ofMembers(
                        "a voter with an emptied disk votes",
                        "our own build before incarnations",
                        members + "PeerId",
                        "return incarnation.isEmpty() ? name : name + \"@\" + incarnation;",
                        "return name;"),
                ofMembers(
                                "a change is made though the members are others than it was decided for",
                                "",
                                members + "MemberChanger",
                                "first.change(before, wanted)",
                                "first.change(first.configuration(), wanted)")
                        .noticedBy(new Check(
                                members + "MemberChangerTest",
                                "a_change_is_not_made_as_decided_if_another_was_made_meanwhile")),
                ofMembers(
                        "a new leader forgets a change in progress",
                        "",
                        members + "GroupFollower",
                        "return group.leads()\n",
                        "return !group.leads() && group.leads()\n"),
                ofMembers(
                        "a group follows what its leader knows of the first, however old that is",
                        "",
                        members + "GroupFollower",
                        "target = control.membersAtLeader();",
                        "target = Optional.of(first.configuration()).filter(MemberSet::settled);"),
                ofMembers(
                        "a leader that came later is not looked for",
                        "our own build",
                        members + "MembersSearch",
                        "                left.addFirst(said.leader());\n",
                        ""),
                ofMembers(
                        "one that is of the first group only tells others that they were removed",
                        "our own build",
                        members + "NamedMember",
                        "return isAllKnown ? new NamedMember(\"\", configurationIndex) : UNKNOWN;",
                        "return new NamedMember(\"\", configurationIndex);"),
                ofMembers(
                        "a listener is to vote before it has caught up",
                        "",
                        members + "ChangePlan",
                        "if (lag > LAG_MAX) {",
                        "if (lag < 0) {"),
                of(
                                "the token counter restarts after a restore",
                                "",
                                "statemachine",
                                "dev.holdfast.statemachine.Succession",
                                "state.lastToken = tokenBefore + tokensAhead;",
                                "state.lastToken = 0;")
                        .noticedBy(new Check(
                                "dev.holdfast.statemachine.SuccessionTest",
                                "tokens_go_on_far_above_all_that_the_cluster_before_can_have_granted")));
    }

    /** The checks of all of them. */
    static List<Check> checks() {
        return all().stream().map(Mutant::check).distinct().toList();
    }

    private static Mutant ofMembers(String name, String seenIn, String type, String find, String replace) {
        return of(name, seenIn, "node", type, find, replace).noticedBy(Check.MEMBERS);
    }

    private static List<Mutant> ofLocks() {
        String machine = "statemachine";
        String table = "dev.holdfast.statemachine.LockTable";
        String endings = "dev.holdfast.statemachine.Endings";
        String holds = "dev.holdfast.statemachine.Holds";
        String waiters = "dev.holdfast.statemachine.Waiters";
        String restore = "dev.holdfast.statemachine.SnapshotRestore";
        String leader = "dev.holdfast.node.leader.LeaderTerm";
        String session = "dev.holdfast.client.internal.session.ClientSession";
        String registry = "dev.holdfast.client.internal.hold.HoldRegistry";
        String facade = "dev.holdfast.client.internal.facade.";
        return List.of(
                of(
                                "a waiter is granted though its session has ended",
                                "etcd#11456",
                                machine,
                                waiters,
                                "} else if (head.session.ended()) {",
                                "} else if (head.session == null) {")
                        .leavingWaitersOfEndedSessions(),
                of(
                                "holds outlive their session",
                                "Atomix PR 64",
                                machine,
                                endings,
                                "link = session.firstLink(); link != null && !effects",
                                "link = session.firstLink(); session.id == null && !effects")
                        .and(
                                machine,
                                endings,
                                "session.firstLink() == null && session.waiters.isEmpty()",
                                "session.waiters.isEmpty()"),
                of(
                        "a client forgets a hold before its release is committed",
                        "CURATOR-678",
                        "client",
                        "dev.holdfast.client.internal.hold.ReleaseOperation",
                        "        registry.releaseBegins(hold, doubt);\n",
                        "        registry.releaseBegins(hold, doubt);\n        released(0);\n"),
                of(
                        "a hold whose release is under way says that it is held",
                        "",
                        "client",
                        "dev.holdfast.client.internal.hold.HoldHandle",
                        "believed != HoldState.LOST && inDoubt",
                        "believed == HoldState.LOST && inDoubt"),
                of(
                        "a grant to a session that is dead is taken for a hold",
                        "CURATOR-604",
                        "client",
                        registry,
                        "hold.keepWhileLives(session, now);",
                        "hold.keepUntilReleased();"),
                of(
                        "a repeated request is done again",
                        "",
                        machine,
                        "dev.holdfast.statemachine.LockMachine",
                        "if (known != null) {",
                        "if (known != null && known instanceof Outcome.SessionClosed) {"),
                of(
                        "a snapshot forgets the token counter",
                        "",
                        machine,
                        restore,
                        "state.lastToken = header.getLastToken();",
                        ""),
                of(
                        "a snapshot forgets the outcomes of requests",
                        "",
                        machine,
                        restore,
                        "session.putOutcome(decoded.sequence(), decoded.outcome());",
                        ""),
                of("a query is answered without confirming leadership", "jgroups-raft#208", "node", leader, """
                                return queries.answer(() -> confirmed(rounds::join), () -> whileLeading(() -> answer(query, visibility)));
                        """, """
                                return CompletableFuture.completedFuture(answer(query, visibility));
                        """),
                of(
                        "each peer expires leases by its own clock",
                        "",
                        machine,
                        "dev.holdfast.statemachine.LockMachine",
                        "state.logTimeMs = Math.max(state.logTimeMs, stampMs);",
                        "state.logTimeMs = Math.max(state.logTimeMs, stampMs + System.nanoTime() / 1000 % 700);"),
                of(
                        "a release frees a later hold of its owner",
                        "etcd#22082",
                        machine,
                        table,
                        "return hold == null || hold.token != token ? null : hold;",
                        "return hold;"),
                of(
                        "a waiter that gave up is granted later",
                        "etcd#9921",
                        machine,
                        table,
                        "Waiter waiter = session.waiters.get(acquireSequence);\n        if (waiter != null) {",
                        "Waiter waiter = session.waiters.get(acquireSequence);\n        if (waiter != null && waiter.session.ended()) {"),
                of(
                                "the queue stands still behind a dead waiter",
                                "redisson#1353",
                                machine,
                                waiters,
                                "} else if (head.session.ended()) {\n                remove(head, ChangeKind.WAIT_ENDED_WITH_SESSION, effects);",
                                "} else if (head.session.ended()) {\n                break;")
                        .leavingWaitersOfEndedSessions(),
                of(
                        "the permits of a crashed client stay taken",
                        "redisson#4462",
                        machine,
                        holds,
                        "        entry.remove(hold);",
                        "        entry.remove(hold);\n        entry.countChanged(reason == LossReason.EXPIRED ? hold.count() : 0);"),
                of(
                        "the leader's clock runs fast",
                        "",
                        "node",
                        "dev.holdfast.node.leader.LogTimeSource",
                        "return startMs + TimeUnit.NANOSECONDS.toMillis(timers.nanoTime() - startNanos);",
                        "return startMs + TimeUnit.NANOSECONDS.toMillis(timers.nanoTime() - startNanos) * 11 / 10;"),
                of(
                        "a stamp of a former term moves log time",
                        "",
                        "node",
                        "dev.holdfast.node.leader.LogEntry",
                        "new LogEntry(appendedTerm, 0, ",
                        "new LogEntry(appendedTerm, stampMs, "),
                of(
                        "an owner's commands on one lock travel side by side",
                        "",
                        "client",
                        "dev.holdfast.client.internal.pipeline.OwnedLockables",
                        " && !all.contains(owned);",
                        ";"),
                of(
                        "a deposed leader renews sessions",
                        "",
                        "node",
                        leader,
                        "confirmed(() -> rounds.joinWithin(leases.patienceNanos(session, arrivalNanos)))",
                        "confirmed(() -> CompletableFuture.completedFuture(null))"),
                of(
                        "a new leader does not wait for the sessions that it inherits",
                        "",
                        "node",
                        leader,
                        "machine.forEachSession(open -> opened(open, now));",
                        "machine.forEachSession(open -> leases.open(open.session(), 100, now));"),
                of(
                        "a session's renewal counts from its answer",
                        "",
                        "client",
                        "dev.holdfast.client.internal.session.KeepAlive",
                        "listener.onAlive(sentNanos, alive.logTimeMs());",
                        "listener.onAlive(context.nowNanos(), alive.logTimeMs());"),
                of(
                        "log time is anchored to the answer, not to the request",
                        "",
                        "client",
                        session,
                        "    public void onReply(long sentNanos, long logTimeMs) {\n        host.logClock().observe(sentNanos,",
                        "    public void onReply(long sentNanos, long logTimeMs) {\n        host.logClock().observe(context.nowNanos(),"),
                of(
                        "events that waited for a subscriber are not delivered",
                        "",
                        "node",
                        "dev.holdfast.node.leader.EventHub",
                        "            return deliver(page);",
                        "            return deliver(List.of());"),
                of(
                        "an acquire that was given up in the queue is not cancelled",
                        "",
                        "client",
                        "dev.holdfast.client.internal.hold.AcquireOperation",
                        "            current.pipeline().cancel(sequence);",
                        ""),
                of(
                        "what was acquired again under a lost token outlives its release",
                        "",
                        "client",
                        registry,
                        "        TrackedHold hold = byToken.get(token);\n        if (hold != null) {\n            lose(hold, reason);",
                        "        TrackedHold hold = byToken.get(token);\n        if (hold == null) {\n            lose(hold, reason);"),
                of(
                        "nobody asks what became of a hold that outlives its session",
                        "",
                        "client",
                        registry,
                        "if (hold.ended || hold.attaching ",
                        "if (!hold.ended || hold.attaching "),
                of(
                        "a hold that outlives its session says that it is held although nobody would tell of its end",
                        "",
                        "client",
                        "dev.holdfast.client.internal.hold.TrackedHold",
                        "        unfollowed = true;\n",
                        ""),
                of(
                        "a wait is added to the request timeout",
                        "",
                        "client",
                        "dev.holdfast.client.internal.hold.AcquireTerms",
                        "requestTimeoutNanos() / AcquireOptions.GRACE_PART",
                        "requestTimeoutNanos()"),
                of(
                        "who waits for several locks is granted what another holds",
                        "",
                        machine,
                        "dev.holdfast.statemachine.JointWait",
                        " && entry.hasRoomFor(place.permits, place.limit)",
                        ""),
                of(
                        "an acquire of several locks of unknown outcome is not undone",
                        "",
                        "client",
                        "dev.holdfast.client.internal.pipeline.PendingCommand",
                        "command instanceof Acquire || command instanceof AcquireAll",
                        "command instanceof Acquire || command instanceof AcquireAll && sequence < 0"),
                of(
                        "closing leaves callers that wait for a session where they are",
                        "",
                        "client",
                        "dev.holdfast.client.internal.session.SessionManager",
                        "        queue.failAll(command -> new LockClientClosedException(command.describe()));\n",
                        ""),
                of(
                        "a task that the users' executor refuses is lost",
                        "",
                        "client",
                        "dev.holdfast.client.internal.serial.UsersExecutor",
                        "                complain(refused);\n                threads.execute(task);\n",
                        "                complain(refused);\n"),
                of(
                        "an error of the users' executor is not expected",
                        "",
                        "client",
                        "dev.holdfast.client.internal.serial.UsersExecutor",
                        "} catch (Throwable refused) {",
                        "} catch (RuntimeException refused) {"),
                of(
                        "an error that a listener throws is not expected",
                        "",
                        "client",
                        "dev.holdfast.client.internal.threads.Safely",
                        "        } catch (Throwable thrown) {",
                        "        } catch (RuntimeException thrown) {"),
                of(
                                "a thread that does not know whether it has unlocked counts as inside",
                                "a phantom lock",
                                "client",
                                facade + "JavaLock",
                                "            case HELD, SUSPECT -> {\n",
                                "            case HELD, SUSPECT, IN_DOUBT -> {\n")
                        .and(
                                "client",
                                facade + "JavaLock",
                                "            case IN_DOUBT -> {\n                settle(mine);\n                return false;\n            }\n",
                                ""),
                of(
                        "a wait that cannot be interrupted swallows an interrupt",
                        "",
                        "client",
                        facade + "Waiting",
                        "            if (interrupted) {\n",
                        "            if (interrupted && Thread.interrupted()) {\n"),
                of(
                        "an interrupted acquire is not given up",
                        "",
                        "client",
                        facade + "HookedAcquire",
                        "                    // It may have been granted, or yet be.\n                    operation.abandon();\n",
                        ""),
                of(
                        "an unlock that failed leaves the thread outside",
                        "",
                        "client",
                        facade + "JavaLock",
                        "        } catch (LockExpiredException | LockNotHeldException | LockClientClosedException gone) {\n            holds.leave(key);\n",
                        "        } catch (dev.holdfast.client.errors.LockException gone) {\n            holds.leave(key);\n"));
    }
}
