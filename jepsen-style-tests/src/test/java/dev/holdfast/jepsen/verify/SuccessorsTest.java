package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.invariant.Invariant;
import dev.holdfast.jepsen.invariant.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How histories are judged when another cluster began in between. */
class SuccessorsTest {
    private static final long FAR_ABOVE = 1L << 40;

    private long nanos;

    private Operation operation(String key, Call call, Result result) {
        nanos += 2;
        return new Operation(1, key, call, result, nanos, nanos + 1);
    }

    private Operation granted(long token) {
        Call.Acquire acquire = new Call.Acquire("o" + token, 1, 1, false, Call.Lease.UNTIL_RELEASED, 0);
        return operation("p1", acquire, new Result.Granted(token, 1));
    }

    private Operation read(long token, long value) {
        return operation("db:p1", new Call.Read(token), new Result.Value(value));
    }

    private Operation written(long token, long value) {
        return operation("db:p1", new Call.Write(token, value), new Result.Done());
    }

    private static List<Verdict> verdicts(List<List<Operation>> histories) {
        return Successors.parts(histories).stream()
                .flatMap(part -> Judge.judge(part).stream())
                .map(KeyReport::verdict)
                .toList();
    }

    private static List<Violation> violations(List<List<Operation>> histories) {
        return Successors.parts(histories).stream()
                .flatMap(part -> Invariant.checkAll(part).stream())
                .toList();
    }

    @Test
    void locks_begin_anew_and_what_their_tokens_guard_goes_on() {
        List<List<Operation>> histories = List.of(
                List.of(granted(7), read(7, 0), written(7, 1)),
                List.of(granted(FAR_ABOVE + 7), read(FAR_ABOVE + 7, 1), written(FAR_ABOVE + 7, 2)));

        assertThat(verdicts(histories)).hasSize(3).containsOnly(Verdict.OK);
        assertThat(violations(histories)).isEmpty();
        assertThat(Successors.complaint(histories.get(0), histories.get(1))).isNull();
    }

    @Test
    void what_the_cluster_before_wrote_must_not_be_lost() {
        List<List<Operation>> histories = List.of(
                List.of(granted(7), read(7, 0), written(7, 1)),
                List.of(granted(FAR_ABOVE + 7), read(FAR_ABOVE + 7, 0), written(FAR_ABOVE + 7, 1)));

        assertThat(verdicts(histories)).contains(Verdict.ILLEGAL);
        assertThat(violations(histories)).extracting(Violation::invariant).contains("no lost update");
    }

    @Test
    void a_write_with_a_token_of_the_cluster_before_is_wrong_once_there_was_a_newer_one() {
        List<List<Operation>> histories = List.of(
                List.of(granted(7), read(7, 0)),
                List.of(granted(FAR_ABOVE + 7), read(FAR_ABOVE + 7, 0), written(7, 1)));

        assertThat(verdicts(histories)).contains(Verdict.ILLEGAL);
    }

    @Test
    void tokens_that_come_again_are_a_complaint() {
        assertThat(Successors.complaint(List.of(granted(7)), List.of(granted(7))))
                .contains("granted token 7");
    }
}
