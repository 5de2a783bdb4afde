package dev.holdfast.client.support;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A small model of the state machine's locks: enough for what a client can observe, and no more. */
final class FakeLocks {
    final Map<LockableKey, Entry> entries = new LinkedHashMap<>();
    long lastToken = 100;
    private long expiredAtMs = Long.MIN_VALUE;

    static final class Entry {
        final Map<Owner, Hold> holds = new LinkedHashMap<>();
        final List<Waiter> waiters = new ArrayList<>();

        int held() {
            return holds.values().stream().mapToInt(hold -> hold.count).sum();
        }
    }

    static final class Hold {
        long token;
        int count;
        int acquires;
        LeaseKind lease;
        long deadlineMs = LogTime.NEVER;

        /** The sessions that are told of its end. */
        final Set<FakeSession> followers = new LinkedHashSet<>();

        /** What the acquires of each session weigh that it has not given back. */
        final Map<FakeSession, Integer> joins = new LinkedHashMap<>();

        /** The sessions whose life keeps it. */
        final Set<FakeSession> keepers = new LinkedHashSet<>();

        long deadlineFor(FakeSession asking) {
            return keepers.contains(asking) ? LogTime.NEVER : deadlineMs;
        }

        void givenBack(long sessionNumber, int permits) {
            joins.replaceAll((session, own) -> session.id.low() == sessionNumber ? own - permits : own);
            followers.removeIf(session -> joins.getOrDefault(session, 1) <= 0);
            joins.values().removeIf(own -> own <= 0);
            keepers.retainAll(joins.keySet());
        }
    }

    /** Acquires of several that wait, in the order of their arrival. */
    private final List<JointWaiter> joint = new ArrayList<>();

    private record JointWaiter(FakeSession session, long sequence, Command.AcquireAll acquire, long deadlineMs) {}

    record Waiter(FakeSession session, long sequence, Command.Acquire acquire, long deadlineMs) {}

    Outcome acquire(FakeSession session, long sequence, Command.Acquire acquire, long nowMs) {
        Entry entry = entry(acquire.lockable());
        if (acquire.permits() > acquire.limit()) {
            return new Outcome.CapacityExceeded(acquire.permits(), acquire.limit() - entry.held(), acquire.limit());
        }
        if (fits(entry, acquire) && (waiters(acquire.lockable()) == 0 || isMutexOf(entry, acquire))) {
            return grant(entry, session, sequence, acquire, nowMs);
        }
        if (acquire.waitMs() == 0) {
            Map.Entry<Owner, Hold> oldest =
                    entry.holds.entrySet().stream().findFirst().orElse(null);
            return new Outcome.Refused(
                    oldest == null ? null : oldest.getKey(),
                    oldest == null ? 0 : oldest.getValue().token,
                    acquire.limit() - entry.held(),
                    fits(entry, acquire) ? entry.waiters.size() : 0);
        }
        entry.waiters.add(new Waiter(session, sequence, acquire, LogTime.plus(nowMs, acquire.waitMs())));
        return new Outcome.Queued(entry.waiters.size() - 1);
    }

    Outcome drain(FakeSession session, long sequence, Command.Drain drain, long nowMs) {
        int permits = Math.max(1, drain.limit() - entry(drain.lockable()).held());
        Command.Acquire acquire =
                new Command.Acquire(drain.lockable(), drain.owner(), permits, drain.limit(), false, drain.lease(), 0);
        Outcome outcome = acquire(session, sequence, acquire, nowMs);
        return outcome instanceof Outcome.Granted granted ? new Outcome.Drained(granted, permits) : outcome;
    }

    Outcome acquireAll(FakeSession session, long sequence, Command.AcquireAll all, long nowMs) {
        for (LockableKey key : all.lockables()) {
            Entry entry = entry(key);
            boolean free = entry.holds.isEmpty() && waiters(key) == 0;
            if (!free && !entry.holds.containsKey(all.owner())) {
                if (all.waitMs() > 0) {
                    joint.add(new JointWaiter(session, sequence, all, LogTime.plus(nowMs, all.waitMs())));
                    return new Outcome.Queued(0);
                }
                Map.Entry<Owner, Hold> holder =
                        entry.holds.entrySet().stream().findFirst().orElse(null);
                return new Outcome.RefusedAll(
                        key,
                        holder == null ? null : holder.getKey(),
                        holder == null ? 0 : holder.getValue().token,
                        holder == null ? waiters(key) : 0);
            }
        }
        return new Outcome.GrantedAll(grantAll(session, sequence, all, nowMs));
    }

    private List<Outcome.Granted> grantAll(FakeSession session, long sequence, Command.AcquireAll all, long nowMs) {
        List<Outcome.Granted> grants = new ArrayList<>();
        for (LockableKey key : all.lockables()) {
            Command.Acquire one = new Command.Acquire(key, all.owner(), 1, 1, all.reentrant(), all.lease(), 0);
            grants.add(grant(entry(key), session, sequence, one, nowMs));
        }
        return grants;
    }

    int waiters(LockableKey key) {
        long together = joint.stream()
                .filter(waiter -> waiter.acquire.lockables().contains(key))
                .count();
        return entry(key).waiters.size() + (int) together;
    }

    /** Enough for tests in which single waiters and joint ones do not queue behind each other. */
    private void settleJoint(long nowMs) {
        for (JointWaiter waiter : List.copyOf(joint)) {
            if (waiter.deadlineMs <= nowMs) {
                joint.remove(waiter);
                waiter.session.tell(new Event.WaitEnded(waiter.sequence, Event.WaitEnd.TIMED_OUT));
            } else if (waiter.acquire.lockables().stream().allMatch(key -> isFreeFor(waiter, key))) {
                joint.remove(waiter);
                waiter.session.tell(new Event.WaitGrantedAll(
                        waiter.sequence, grantAll(waiter.session, waiter.sequence, waiter.acquire, nowMs)));
            }
        }
    }

    private boolean isFreeFor(JointWaiter waiter, LockableKey key) {
        Entry entry = entry(key);
        return entry.holds.containsKey(waiter.acquire.owner())
                || (entry.holds.isEmpty()
                        && joint.stream()
                                .filter(other -> other.acquire.lockables().contains(key))
                                .findFirst()
                                .orElseThrow()
                                .equals(waiter));
    }

    private static boolean isMutexOf(Entry entry, Command.Acquire acquire) {
        return acquire.lockable().kind() == LockableKind.MUTEX && entry.holds.containsKey(acquire.owner());
    }

    private static boolean fits(Entry entry, Command.Acquire acquire) {
        return isMutexOf(entry, acquire) || acquire.permits() <= acquire.limit() - entry.held();
    }

    private Outcome.Granted grant(
            Entry entry, FakeSession session, long sequence, Command.Acquire acquire, long nowMs) {
        Hold hold = entry.holds.get(acquire.owner());
        boolean reacquired = hold != null;
        int added = acquire.permits();
        if (hold == null) {
            hold = new Hold();
            hold.token = ++lastToken;
            hold.count = acquire.permits();
            hold.lease = acquire.lease().kind();
            entry.holds.put(acquire.owner(), hold);
        } else if (acquire.lockable().kind() == LockableKind.SEMAPHORE || acquire.reentrant()) {
            hold.count += acquire.permits();
        } else {
            added = 0;
        }
        if (acquire.lease().kind() == LeaseKind.TTL) {
            hold.deadlineMs = nowMs + acquire.lease().ttlMs();
        } else if (acquire.lease().kind() == LeaseKind.SESSION) {
            hold.keepers.add(session);
        }
        hold.acquires++;
        hold.joins.merge(session, acquire.permits(), Integer::sum);
        hold.followers.add(session);
        session.grants
                .computeIfAbsent(sequence, each -> new ArrayList<>())
                .add(new FakeSession.Grant(acquire.lockable(), acquire.owner(), hold.token, added));
        return new Outcome.Granted(hold.token, hold.deadlineFor(session), hold.count, reacquired);
    }

    Outcome release(Command.Release release, FakeSession by, long nowMs) {
        Entry entry = entry(release.lockable());
        Hold hold = entry.holds.get(release.owner());
        if (hold == null || hold.token != release.token() || release.permits() > hold.count) {
            boolean tooFew = hold != null && hold.token == release.token();
            return new Outcome.NotHeld(entry.holds.keySet().stream().findFirst().orElse(null), tooFew ? hold.count : 0);
        }
        hold.count -= release.permits() == Command.Release.ALL ? hold.count : release.permits();
        hold.givenBack(release.acquiredIn(), release.permits());
        if (hold.count == 0) {
            free(release.lockable(), release.owner(), Event.LossReason.RELEASED_ELSEWHERE, by, nowMs);
        }
        settle(entry, nowMs);
        return new Outcome.Released(hold.count);
    }

    Outcome extend(Command.Extend extend, long nowMs) {
        Entry entry = entry(extend.lockable());
        Hold hold = entry.holds.get(extend.owner());
        if (hold == null || hold.token != extend.token()) {
            return new Outcome.NotHeld(entry.holds.keySet().stream().findFirst().orElse(null));
        }
        long deadlineMs = nowMs + extend.ttlMs();
        hold.deadlineMs = hold.deadlineMs == LogTime.NEVER ? deadlineMs : Math.max(hold.deadlineMs, deadlineMs);
        return new Outcome.Extended(hold.deadlineMs);
    }

    Outcome attach(Command.Attach attach, FakeSession session) {
        Entry entry = entry(attach.lockable());
        Hold hold = entry.holds.get(attach.owner());
        if (hold == null || hold.token != attach.token()) {
            return new Outcome.NotHeld(entry.holds.keySet().stream().findFirst().orElse(null));
        }
        hold.followers.add(session);
        return new Outcome.Attached();
    }

    Outcome leave(Command.Leave leave, FakeSession session, long nowMs) {
        Entry entry = entry(leave.lockable());
        Hold hold = entry.holds.get(leave.owner());
        if (hold == null || hold.token != leave.token() || !hold.joins.containsKey(session)) {
            return new Outcome.NotHeld(entry.holds.keySet().stream().findFirst().orElse(null));
        }
        hold.givenBack(session.id.low(), 1);
        if (hold.joins.isEmpty()) {
            free(leave.lockable(), leave.owner(), Event.LossReason.RELEASED_ELSEWHERE, session, nowMs);
            settle(entry, nowMs);
            return new Outcome.Released(0);
        }
        return new Outcome.Released(hold.count);
    }

    Outcome expireIn(Command.ExpireIn expireIn, long nowMs) {
        Entry entry = entry(expireIn.lockable());
        Hold hold = entry.holds.get(expireIn.owner());
        if (hold == null || hold.token != expireIn.token()) {
            return new Outcome.NotHeld(entry.holds.keySet().stream().findFirst().orElse(null));
        }
        if (hold.acquires > 1) {
            return new Outcome.Shared(hold.acquires);
        }
        hold.keepers.clear();
        hold.lease = LeaseKind.TTL;
        hold.deadlineMs = nowMs + expireIn.ttlMs();
        return new Outcome.Expiring(hold.deadlineMs);
    }

    Outcome requestRelease(LockableKey key) {
        int asked = 0;
        for (Map.Entry<Owner, Hold> named : entry(key).holds.entrySet()) {
            Hold hold = named.getValue();
            Event request = new Event.ReleaseRequested(key, named.getKey(), hold.token);
            hold.followers.forEach(follower -> follower.tell(request));
            asked += hold.followers.isEmpty() ? 0 : 1;
        }
        return new Outcome.ReleaseRequested(asked);
    }

    Outcome forceRelease(LockableKey key, long nowMs) {
        Entry entry = entry(key);
        List<Owner> owners = new ArrayList<>(entry.holds.keySet());
        owners.forEach(owner -> free(key, owner, Event.LossReason.FORCE_RELEASED, null, nowMs));
        settle(entry, nowMs);
        return new Outcome.ForceReleased(owners.size());
    }

    boolean cancel(FakeSession session, long sequence, long nowMs) {
        for (Entry entry : entries.values()) {
            if (entry.waiters.removeIf(waiter -> waiter.session == session && waiter.sequence == sequence)) {
                settle(entry, nowMs);
                return true;
            }
        }
        if (joint.removeIf(waiter -> waiter.session == session && waiter.sequence == sequence)) {
            settleJoint(nowMs);
            return true;
        }
        List<FakeSession.Grant> grants = session.grants.remove(sequence);
        boolean undone = false;
        for (FakeSession.Grant grant : grants == null ? List.<FakeSession.Grant>of() : grants) {
            undone |= undo(session, grant, nowMs);
        }
        return undone;
    }

    private boolean undo(FakeSession session, FakeSession.Grant grant, long nowMs) {
        Entry entry = entry(grant.key());
        Hold hold = entry.holds.get(grant.owner());
        if (hold == null || hold.token != grant.token()) {
            return false;
        }
        hold.count -= grant.added();
        if (hold.count == 0) {
            free(grant.key(), grant.owner(), Event.LossReason.RELEASED_ELSEWHERE, session, nowMs);
        }
        settle(entry, nowMs);
        return true;
    }

    void endSession(FakeSession session, long nowMs) {
        joint.removeIf(waiter -> waiter.session == session);
        for (Map.Entry<LockableKey, Entry> named : List.copyOf(entries.entrySet())) {
            Entry entry = named.getValue();
            entry.waiters.removeIf(waiter -> waiter.session == session);
            List<Owner> gone = new ArrayList<>();
            entry.holds.forEach((owner, hold) -> {
                hold.joins.remove(session);
                hold.followers.remove(session);
                if (hold.keepers.remove(session) && hold.keepers.isEmpty() && hold.deadlineMs == LogTime.NEVER) {
                    gone.add(owner);
                }
            });
            gone.forEach(entry.holds::remove);
            settle(entry, nowMs);
        }
    }

    /** Nothing new is due while time stands still. */
    void expire(long nowMs) {
        if (nowMs == expiredAtMs) {
            return;
        }
        expiredAtMs = nowMs;
        for (Map.Entry<LockableKey, Entry> named : entries.entrySet()) {
            Entry entry = named.getValue();
            for (Owner owner : List.copyOf(entry.holds.keySet())) {
                Hold hold = entry.holds.get(owner);
                if (hold.keepers.isEmpty() && hold.deadlineMs <= nowMs) {
                    free(named.getKey(), owner, Event.LossReason.EXPIRED, null, nowMs);
                }
            }
            settle(entry, nowMs);
        }
    }

    void free(LockableKey key, Owner owner, Event.LossReason reason, FakeSession except, long nowMs) {
        Hold hold = entry(key).holds.remove(owner);
        for (FakeSession follower : hold.followers) {
            if (follower != except) {
                follower.tell(new Event.HoldLost(key, owner, hold.token, reason, nowMs));
            }
        }
    }

    private void settle(Entry entry, long nowMs) {
        entry.waiters.removeIf(waiter -> {
            if (waiter.deadlineMs <= nowMs) {
                waiter.session.tell(new Event.WaitEnded(waiter.sequence, Event.WaitEnd.TIMED_OUT));
                return true;
            }
            return false;
        });
        while (!entry.waiters.isEmpty() && fits(entry, entry.waiters.get(0).acquire)) {
            Waiter head = entry.waiters.remove(0);
            Outcome.Granted granted = grant(entry, head.session, head.sequence, head.acquire, nowMs);
            head.session.tell(new Event.WaitGranted(
                    head.sequence, granted.token(), granted.deadlineMs(), granted.count(), granted.reacquired()));
        }
        settleJoint(nowMs);
    }

    Entry entry(LockableKey key) {
        return entries.computeIfAbsent(key, absent -> new Entry());
    }
}
