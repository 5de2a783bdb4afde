package dev.holdfast.jepsen.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Small random histories of a lock, right and wrong ones, judged by trying every order too. */
class BruteForceTest {
    private static final int HISTORIES = 20_000;
    private static final int OPERATIONS_MAX = 8;

    @Test
    void trying_every_order_comes_to_the_same_verdict() {
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        for (int seed = 0; seed < HISTORIES; seed++) {
            List<Operation> history = random(new Random(seed));
            LockModel model = new LockModel(new Refusals(history));
            Verdict expected =
                    anyOrder(model, model.initial(), new ArrayList<>(history)) ? Verdict.OK : Verdict.ILLEGAL;
            assertThat(new Search<>(model, history).run(1_000_000))
                    .as("seed %d: %s", seed, history)
                    .isEqualTo(expected);
            verdicts.merge(expected, 1, Integer::sum);
        }
        // Otherwise it would compare next to nothing.
        assertThat(verdicts.get(Verdict.OK)).isGreaterThan(HISTORIES / 50);
        assertThat(verdicts.get(Verdict.ILLEGAL)).isGreaterThan(HISTORIES / 50);
    }

    private static boolean anyOrder(LockModel model, LockState state, List<Operation> left) {
        if (left.stream().allMatch(Operation::isUnknown)) {
            return true;
        }
        for (Operation next : List.copyOf(left)) {
            boolean early = left.stream().allMatch(other -> next.invokedNanos() <= other.completedNanos());
            LockState after = early ? model.step(state, next) : null;
            if (after != null) {
                List<Operation> rest = new ArrayList<>(left);
                rest.remove(next);
                if (anyOrder(model, after, rest)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<Operation> random(Random random) {
        List<Operation> history = new ArrayList<>();
        int count = 1 + random.nextInt(OPERATIONS_MAX);
        int limit = random.nextBoolean() ? 1 : 3;
        for (int i = 0; i < count; i++) {
            long invoked = random.nextInt(30);
            boolean expiry = random.nextInt(8) == 0;
            boolean unknown = expiry || random.nextInt(6) == 0;
            Operation operation = expiry ? expiry(random) : operation(random, limit, unknown);
            history.add(new Operation(
                    i,
                    "k",
                    operation.call(),
                    unknown ? new Result.Unknown("?") : operation.result(),
                    invoked,
                    unknown ? Operation.NEVER : invoked + random.nextInt(12)));
        }
        return history;
    }

    private static Operation expiry(Random random) {
        Call call = new Call.Expire(random.nextBoolean() ? "a" : "b", random.nextInt(5));
        return new Operation(0, "k", call, new Result.Unknown("?"), 0, Operation.NEVER);
    }

    private static Operation operation(Random random, int limit, boolean unknown) {
        String owner = random.nextBoolean() ? "a" : "b";
        long token = 1 + random.nextInt(4);
        int permits = limit == 1 ? 1 : 1 + random.nextInt(2);
        Call call;
        Result result;
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                call = new Call.Acquire(owner, permits, limit, false, Call.Lease.UNTIL_RELEASED, 0);
                result = random.nextInt(4) == 0 ? new Result.Refused() : new Result.Granted(token, permits);
            }
            case 3, 4 -> {
                call = new Call.Release(owner, token, random.nextInt(2));
                result = random.nextInt(4) == 0 ? new Result.NotHeld() : new Result.Done();
            }
            case 5 -> {
                call = new Call.Believe(owner, token);
                result = new Result.Done();
            }
            case 6 -> {
                call = new Call.Inspect();
                result = new Result.Seen(
                        random.nextBoolean() ? List.of() : List.of(new Result.HoldSeen(owner, token, permits)));
            }
            default -> {
                call = new Call.ForceRelease();
                result = new Result.Done();
            }
        }
        return new Operation(
                0, "k", call, unknown ? new Result.Unknown("?") : result, 0, unknown ? Operation.NEVER : 0);
    }
}
