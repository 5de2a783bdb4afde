package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.jepsen.verify.Pace.Step;
import dev.holdfast.jepsen.workload.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
    private static final Offset<Double> EXACTLY = within(1e-6);
    private static final List<Step> MUTEX = trial(Kind.MUTEX);
    private static final List<Step> QUEUE = trial(Kind.QUEUE);

    private final List<String> said = new ArrayList<>();
    private long nanos = 5;

    @TempDir
    Path folder;

    /** Of two faults, one of which lasts 3 s. */
    private static List<Step> trial(Kind kind) {
        return List.of(
                new Step(kind, TrialWatch.START, 0),
                new Step(kind, "kill-leader", 3),
                new Step(kind, "kill-all", 0),
                new Step(kind, TrialWatch.FINISH, 0),
                new Step(kind, TrialWatch.JUDGE, 0));
    }

    private static Map<String, Double> remembered(String kind, double each) {
        return Map.of(
                kind + ".start",
                each,
                kind + ".kill-leader",
                each,
                kind + ".kill-all",
                each,
                kind + ".finish",
                each,
                kind + ".judge",
                each);
    }

    private Progress progress(Pace pace, Duration soak, boolean everyStep, List<List<Step>> round) {
        return new Progress(round, soak, pace, everyStep, () -> nanos, said::add);
    }

    private void step(Progress progress, String name, int seconds) {
        progress.began(name);
        progress.says(name + " ...");
        nanos += TimeUnit.SECONDS.toNanos(seconds);
        progress.ended(name);
    }

    @Test
    void nothing_but_a_guess_is_said_where_nothing_was_measured() {
        Progress progress = progress(new Pace(Map.of()), Duration.ZERO, true, List.of(MUTEX, QUEUE));
        assertThat(progress.estimate())
                .startsWith("it will take ")
                .contains("2 trials with 4 faults")
                .endsWith("this is a guess until the steps of the first trials have been measured here");
    }

    @Test
    void what_was_measured_before_is_expected_again() {
        Progress progress = progress(new Pace(remembered("mutex", 60)), Duration.ZERO, true, List.of(MUTEX));
        assertThat(progress.estimate()).isEqualTo("it will take about 5 min: 1 trial with 2 faults");
    }

    @Test
    void a_soak_is_told_in_whole_rounds() {
        Pace pace = new Pace(remembered("mutex", 60));
        assertThat(progress(pace, Duration.ofSeconds(60), true, List.of(MUTEX)).estimate())
                .isEqualTo("it will take about 5 min: 1 trial with 2 faults; "
                        + "a round that has begun is finished, and takes about 5 min");
        assertThat(progress(pace, Duration.ofMinutes(8), true, List.of(MUTEX)).estimate())
                .startsWith("it will take about 10 min: about 2 rounds of 1 trial");
    }

    @Test
    void what_is_left_follows_what_is_measured() {
        Progress progress = progress(new Pace(remembered("mutex", 60)), Duration.ZERO, true, List.of(MUTEX));
        progress.trialBegins();
        assertThat(progress.leftSeconds()).isCloseTo(300, EXACTLY);
        // Twice as slow as it was: so will the others be.
        step(progress, TrialWatch.START, 120);
        assertThat(progress.leftSeconds()).isCloseTo(480, EXACTLY);
        progress.began("kill-leader");
        nanos += TimeUnit.SECONDS.toNanos(60);
        assertThat(progress.leftSeconds()).isCloseTo(420, EXACTLY);
        // A step that takes longer than expected does not count below zero.
        nanos += TimeUnit.SECONDS.toNanos(600);
        assertThat(progress.leftSeconds()).isCloseTo(360, EXACTLY);
    }

    @Test
    void a_step_that_was_never_measured_takes_its_own_time_and_what_others_took_beyond_theirs() {
        Pace pace = new Pace(Map.of());
        pace.took(MUTEX.get(0), 10);
        assertThat(pace.of(MUTEX.get(1))).isCloseTo(13, EXACTLY);
        pace.took(MUTEX.get(1), 5);
        assertThat(pace.of(MUTEX.get(1))).isCloseTo(5, EXACTLY);
        assertThat(pace.of(QUEUE.get(1))).isCloseTo(9, EXACTLY);
    }

    @Test
    void in_the_end_nothing_is_left_and_in_between_the_rest_is() {
        Progress progress = progress(new Pace(Map.of()), Duration.ZERO, false, List.of(MUTEX, MUTEX));
        for (int i = 0; i < 2; i++) {
            progress.trialBegins();
            MUTEX.forEach(step -> step(progress, step.name(), 60));
            progress.trialEnded("mutex 3: passed");
        }
        assertThat(said).containsExactly("mutex 3: passed; about 5 min left", "mutex 3: passed; done");
    }

    @Test
    void another_round_is_expected_while_there_is_time_for_it() {
        Progress progress = progress(new Pace(Map.of()), Duration.ofSeconds(301), false, List.of(MUTEX));
        for (int i = 0; i < 2; i++) {
            progress.trialBegins();
            MUTEX.forEach(step -> step(progress, step.name(), 60));
            progress.trialEnded("passed");
        }
        assertThat(said).containsExactly("passed; about 5 min left", "passed; done");
    }

    @Test
    void somebody_who_watches_is_told_of_every_step() {
        Progress progress = progress(new Pace(remembered("mutex", 60)), Duration.ZERO, true, List.of(MUTEX));
        progress.trialBegins();
        MUTEX.forEach(step -> step(progress, step.name(), 60));
        progress.trialEnded("mutex 3: passed");
        assertThat(said)
                .containsExactly(
                        "[ 0 %, about 5 min left] start ...",
                        "[20 %, about 4 min left] kill-leader ...",
                        "[40 %, about 3 min left] kill-all ...",
                        "[60 %, about 2 min left] finish ...",
                        "[80 %, about 1 min left] judge ...");
    }

    @Test
    void a_trial_that_is_skipped_is_not_left() {
        Progress progress = progress(new Pace(remembered("mutex", 60)), Duration.ZERO, true, List.of(QUEUE, MUTEX));
        progress.trialBegins();
        progress.trialEnded(null);
        assertThat(progress.leftSeconds()).isCloseTo(300, EXACTLY);
    }

    @Test
    void what_was_measured_is_found_again_and_a_damaged_file_is_nothing() throws Exception {
        Path file = folder.resolve("cache").resolve("steps.properties");
        PaceFile paceFile = new PaceFile(file);
        assertThat(paceFile.read()).isEmpty();
        Pace pace = new Pace(Map.of("queue.start", 4.0));
        pace.took(MUTEX.get(1), 12.5);
        paceFile.write(pace.toRemember());
        assertThat(paceFile.read()).containsOnly(Map.entry("queue.start", 4.0), Map.entry("mutex.kill-leader", 12.5));
        Files.writeString(file, "mutex.kill-leader=soon\n");
        assertThat(paceFile.read()).isEmpty();
        Files.writeString(file, "mutex.kill-leader=-3\nqueue.start=NaN\n");
        assertThat(paceFile.read()).isEmpty();
    }

    @Test
    void times_are_told_as_people_tell_them() {
        assertThat(List.of(0.3, 21.0, 61.0, 420.0, 3600.0, 4800.0).stream().map(Progress::about))
                .containsExactly(
                        "about 5 s", "about 25 s", "about 1 min", "about 7 min", "about 1 h", "about 1 h 20 min");
    }
}
