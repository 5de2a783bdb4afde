package dev.holdfast.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuReadingTest {
    /** Fields 3 to 13, before the times. */
    private static final String BEFORE_TIMES = " S 1 2 3 4 -1 5 6 7 8 9 ";

    @TempDir
    private Path proc;

    @Test
    void shares_are_parts_of_the_time_of_all_processors() throws IOException {
        machine(1000, 500);
        process(11, "java", 100, 0);
        thread(11, 12, "C2 CompilerThre", 60);
        thread(11, 13, "main", 40);
        CpuReading before = read(11, 14);
        machine(1080, 620);
        process(11, "java", 150, 0);
        thread(11, 12, "C2 CompilerThre", 80);
        thread(11, 13, "main", 70);
        CpuShares shares = before.until(read(11, 14));
        assertThat(shares.jit()).isEqualTo(10);
        assertThat(shares.others()).isEqualTo(15);
    }

    @Test
    void compilers_that_came_meanwhile_count_and_those_that_went_do_not_count_against_others() throws IOException {
        machine(0, 0);
        process(11, "java", 0, 0);
        thread(11, 12, "C1 CompilerThre", 50);
        CpuReading before = read(11);
        machine(100, 100);
        process(11, "java", 100, 0);
        Files.delete(proc.resolve("11/task/12/stat"));
        thread(11, 15, "C2 CompilerThre", 20);
        assertThat(before.until(read(11)).jit()).isEqualTo(10);
    }

    @Test
    void children_that_have_ended_are_still_ours() throws IOException {
        machine(0, 0);
        process(11, "java", 10, 0);
        process(14, "java", 20, 0);
        CpuReading before = read(11, 14);
        machine(50, 50);
        process(11, "java", 10, 70);
        assertThat(before.until(read(11)).others()).isZero();
    }

    @Test
    void where_the_system_does_not_tell_nothing_is_known() throws IOException {
        assertThat(read(11)).isNull();
        assertThat(CpuReading.since(null)).isNull();
        Files.writeString(proc.resolve("stat"), "intr 1 2 3\n");
        assertThat(read(11)).isNull();
    }

    @Test
    void without_time_between_two_readings_there_are_no_shares() {
        CpuReading reading = new CpuReading(100, 50, 10, Map.of());
        assertThat(reading.until(reading)).isNull();
        assertThat(reading.until(null)).isNull();
    }

    private CpuReading read(long... ours) {
        List<Long> pids = LongStream.of(ours).boxed().toList();
        return new ProcFolder(proc).read(pids);
    }

    private void machine(long busy, long idle) throws IOException {
        Files.writeString(proc.resolve("stat"), "cpu  " + busy + " 0 0 " + idle + " 0 0 0 0 0 0\ncpu0 1 1 1\n");
    }

    private void process(long pid, String name, long ticks, long ticksOfEnded) throws IOException {
        stat(proc.resolve("" + pid), pid, name, ticks, ticksOfEnded);
        Files.createDirectories(proc.resolve(pid + "/task"));
    }

    private void thread(long pid, long tid, String name, long ticks) throws IOException {
        stat(proc.resolve(pid + "/task/" + tid), tid, name, ticks, 0);
    }

    private static void stat(Path folder, long id, String name, long ticks, long ticksOfEnded) throws IOException {
        Files.createDirectories(folder);
        String times = ticks + " 0 " + ticksOfEnded + " 0 20 0 1 0\n";
        Files.writeString(folder.resolve("stat"), id + " (" + name + ")" + BEFORE_TIMES + times);
    }
}
