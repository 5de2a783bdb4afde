package dev.holdfast.shedlock;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Which jobs the calling thread runs, the innermost last. ShedLock acquires on the thread that then runs the job.
 *
 * <p>Whoever unlocks on another thread, or never, leaves an entry behind. Nobody sees it, and it goes with the next job of that
 * thread: for that, the job's lock alone keeps it alive.
 */
final class RunningJobs {
    private static final ThreadLocal<List<WeakReference<RunningJob>>> MINE = ThreadLocal.withInitial(ArrayList::new);

    static void begin(RunningJob job) {
        dropEnded();
        MINE.get().add(new WeakReference<>(job));
    }

    static void end(RunningJob job) {
        job.end();
        dropEnded();
    }

    /** The jobs of the calling thread, the innermost first. */
    static Stream<RunningJob> mine() {
        dropEnded();
        List<RunningJob> jobs = new ArrayList<>();
        for (WeakReference<RunningJob> each : MINE.get()) {
            jobs.add(0, each.get());
        }
        return jobs.stream().filter(Objects::nonNull);
    }

    private static void dropEnded() {
        List<WeakReference<RunningJob>> mine = MINE.get();
        mine.removeIf(each -> {
            RunningJob job = each.get();
            return job == null || job.hasEnded();
        });
        if (mine.isEmpty()) {
            MINE.remove();
        }
    }

    private RunningJobs() {}
}
