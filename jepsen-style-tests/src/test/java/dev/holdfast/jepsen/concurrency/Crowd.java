package dev.holdfast.jepsen.concurrency;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Very many callers that want into a few rooms, one at a time in each, through a {@link Door}. */
final class Crowd {
    static final int ROOMS = 20;

    /** In a room there is one caller at a time, with a token higher than those before. */
    private final class Room {
        private final AtomicInteger inside = new AtomicInteger();
        // These two are guarded by the door, if it keeps anybody out.
        private long lastToken;
        private int visits;

        void visit(long token) throws InterruptedException {
            if (inside.incrementAndGet() != 1) {
                wrong.add("two in one room");
            }
            if (token <= lastToken) {
                wrong.add("token " + token + " after " + lastToken);
            }
            int before = visits;
            // A virtual thread leaves its carrier here, and others run.
            if (token % 4 == 0) {
                TimeUnit.MICROSECONDS.sleep(50);
            } else {
                Thread.yield();
            }
            visits = before + 1;
            lastToken = token;
            inside.decrementAndGet();
        }
    }

    private final List<Room> rooms =
            IntStream.range(0, ROOMS).mapToObj(i -> new Room()).toList();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Door door;
    private final int callers;
    private final int visitsEach;
    private final CountDownLatch left;

    Crowd(Door door, int callers, int visitsEach) {
        this.door = door;
        this.callers = callers;
        this.visitsEach = visitsEach;
        this.left = new CountDownLatch(callers);
    }

    /** Returns what went wrong, or an empty list. Each caller is a task of its own; all may have to wait at the same time. */
    List<String> run(Executor threads, Duration bound) throws InterruptedException {
        for (int i = 0; i < callers; i++) {
            int caller = i;
            threads.execute(() -> callAll(caller));
        }
        if (!left.await(bound.toMillis(), TimeUnit.MILLISECONDS)) {
            wrong.add(left.getCount() + " of " + callers + " callers are stuck");
        } else {
            int visits = rooms.stream().mapToInt(room -> room.visits).sum();
            if (visits != callers * visitsEach) {
                wrong.add(visits + " visits of " + callers * visitsEach + " counted");
            }
        }
        return wrong.stream().distinct().limit(20).toList();
    }

    private void callAll(int caller) {
        try {
            for (int i = 0; i < visitsEach; i++) {
                int number = (caller + i) % ROOMS;
                door.pass(caller, number, token -> rooms.get(number).visit(token));
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            wrong.add(e.toString());
        } finally {
            left.countDown();
        }
    }
}
