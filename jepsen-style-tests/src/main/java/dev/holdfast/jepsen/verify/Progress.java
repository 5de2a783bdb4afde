package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.verify.Pace.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says how long a verification will take, how far it is, and what is left. It runs rounds of the same trials, the next one as
 * long as the time for it is not over when a round ends. Not thread-safe.
 */
final class Progress implements TrialWatch {
    private static final double SHORTEST = 5;
    private static final double MINUTE = 60;
    private static final double HOUR = 3600;

    private final List<List<Step>> round;
    private final Pace pace;
    private final boolean everyStep;
    private final LongSupplier nanoTime;
    private final Consumer<String> out;
    private final long began;
    private final long deadline;
    private final List<Step> left = new ArrayList<>();
    private int trial;
    private boolean running;
    private boolean roundOver;
    private @Nullable Step current;
    private long stepBegan;

    /**
     * @param round the steps of each trial
     * @param soak for how long to begin another round
     * @param everyStep whether there is to be a line for each step, or for each trial only
     * @param nanoTime as {@link System#nanoTime}
     */
    Progress(
            List<List<Step>> round,
            Duration soak,
            Pace pace,
            boolean everyStep,
            LongSupplier nanoTime,
            Consumer<String> out) {
        this.round = round.stream().map(List::copyOf).toList();
        this.pace = pace;
        this.everyStep = everyStep;
        this.nanoTime = nanoTime;
        this.out = out;
        began = nanoTime.getAsLong();
        deadline = began + soak.toNanos();
    }

    /** What is to be said before anything is done. */
    String estimate() {
        List<Step> steps = round.stream().flatMap(List::stream).toList();
        double seconds = pace.of(steps);
        double soak = (deadline - began) / 1e9;
        long rounds = rounds(soak, seconds);
        long faults =
                round.stream().mapToLong(trialSteps -> trialSteps.size() - 3).sum();
        String line = "it will take " + about(rounds * seconds) + ": "
                + (rounds == 1 ? "" : "about " + rounds + " rounds of ")
                + counted(round.size(), "trial") + " with " + counted(faults, "fault");
        if (soak > 0) {
            line += "; a round that has begun is finished, and takes " + about(seconds);
        }
        return line
                + (pace.knows(steps)
                        ? ""
                        : "; this is a guess until the steps of the first trials have been measured here");
    }

    private static long rounds(double soak, double seconds) {
        return Math.max(1, (long) Math.ceil(soak / Math.max(seconds, 1)));
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    /** The next trial is about to begin. */
    void trialBegins() {
        left.clear();
        left.addAll(round.get(trial));
        current = null;
        running = true;
        roundOver = false;
    }

    /**
     * The trial is over, or was skipped.
     *
     * @param line what became of it; {@code null} if there is nothing to say
     */
    void trialEnded(@Nullable String line) {
        trial = (trial + 1) % round.size();
        left.clear();
        current = null;
        running = false;
        roundOver = trial == 0;
        if (line != null && !everyStep) {
            out.accept(line + "; " + remaining());
        }
    }

    @Override
    public void began(String step) {
        current = left.stream()
                .filter(each -> each.name().equals(step))
                .findFirst()
                .orElse(null);
        stepBegan = nanoTime.getAsLong();
    }

    @Override
    public void ended(String step) {
        if (current != null) {
            pace.took(current, (nanoTime.getAsLong() - stepBegan) / 1e9);
            left.remove(current);
            current = null;
        }
    }

    @Override
    public void says(String line) {
        if (everyStep) {
            out.accept(Plot.format("[%2.0f %%, %s] %s", percent(), remaining(), line));
        }
    }

    private double percent() {
        double elapsed = (nanoTime.getAsLong() - began) / 1e9;
        return 100 * elapsed / (elapsed + leftSeconds() + 1e-9);
    }

    private String remaining() {
        double seconds = leftSeconds();
        return seconds == 0 ? "done" : about(seconds) + " left";
    }

    /** By the best estimate there is now. */
    double leftSeconds() {
        double inStep = current == null ? 0 : (nanoTime.getAsLong() - stepBegan) / 1e9;
        double ofTrial = pace.of(left);
        double ofStep = current == null ? 0 : pace.of(current);
        double seconds = ofTrial - Math.min(ofStep, inStep);
        for (int i = running ? trial + 1 : trial; i < round.size() && !roundOver; i++) {
            seconds += pace.of(round.get(i));
        }
        double ofRound = round.stream().mapToDouble(pace::of).sum();
        double untilDeadline = TimeUnit.NANOSECONDS.toMillis(deadline - nanoTime.getAsLong()) / 1e3;
        double more = untilDeadline - seconds;
        return more > 0 ? seconds + rounds(more, ofRound) * ofRound : seconds;
    }

    /** Such as "about 7 min". */
    static String about(double seconds) {
        if (seconds < MINUTE) {
            return "about " + (long) Math.max(SHORTEST, Math.ceil(seconds / SHORTEST) * SHORTEST) + " s";
        }
        long minutes = Math.round(seconds / MINUTE);
        if (seconds < HOUR) {
            return "about " + minutes + " min";
        }
        return "about " + minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }
}
