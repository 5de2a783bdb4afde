package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.simulation.Simulations;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Runs simulated clusters, or shows one. */
final class SimulateRun implements Callable<Integer> {
    private static final long PROGRESS_EVERY = 2000;

    private final PrintWriter out;
    private final long count;
    private final long firstSeed;
    private final List<Integer> steps;

    SimulateRun(CommandLine commandLine, long count, long firstSeed, List<Integer> steps) {
        if (count < 1) {
            throw new ParameterException(commandLine, "--simulate must be at least 1, not " + count);
        }
        if (!steps.isEmpty() && count != 1) {
            throw new ParameterException(commandLine, "--steps goes with --simulate 1");
        }
        int known = Simulations.steps(firstSeed);
        for (int step : steps) {
            if (step < 0 || step >= known) {
                throw new ParameterException(
                        commandLine,
                        "--steps of seed " + firstSeed + " must be from 0 to " + (known - 1) + ", not " + step);
            }
        }
        this.out = commandLine.getOut();
        this.count = count;
        this.firstSeed = firstSeed;
        this.steps = steps;
    }

    @Override
    public Integer call() {
        return steps.isEmpty() ? runAll() : show();
    }

    private int show() {
        String failure = Simulations.replay(firstSeed, steps, out::println);
        return conclude(failure);
    }

    private int runAll() {
        Simulations simulations = new Simulations();
        String failure = null;
        long began = System.nanoTime();
        for (long done = 0; done < count && failure == null; done += PROGRESS_EVERY) {
            long batch = Math.min(PROGRESS_EVERY, count - done);
            failure = simulations.firstFailure(firstSeed + done, batch);
            long left = count - done - batch;
            double seconds = (System.nanoTime() - began) / 1e9 * left / (done + batch);
            out.println(simulations.summary()
                    + (left == 0 || failure != null ? "" : "; " + Progress.about(seconds) + " left"));
            out.flush();
        }
        return conclude(failure);
    }

    private int conclude(@Nullable String failure) {
        out.println(failure == null ? "everything was right" : failure);
        out.flush();
        return failure == null ? 0 : 1;
    }
}
