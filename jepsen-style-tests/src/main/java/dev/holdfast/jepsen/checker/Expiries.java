package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The ends of holds that nobody asked for, one for each grant: optional, and no earlier than the lease allows, counted
 * from the invocation of what last renewed it for certain. So an end that comes too early makes a history illegal.
 *
 * <p>A grant that its caller never heard of may be undone at any time, since its client cancels it: the whole hold if
 * that was the hold's first grant, otherwise what the grant added to it.
 */
public final class Expiries {
    private record HoldId(String key, String owner, long token) {}

    private static final int NOBODY = -1;

    /** Adds them to the operations of any number of keys. */
    public static List<Operation> addTo(List<Operation> operations) {
        Map<HoldId, Long> earliest = new HashMap<>();
        List<Operation> all = new ArrayList<>(operations);
        for (Operation operation : operations) {
            if (operation.call() instanceof Call.Acquire acquire) {
                if (operation.result() instanceof Result.Granted granted) {
                    renew(earliest, operation, acquire.owner(), granted.token(), end(operation, acquire));
                } else if (operation.isUnknown()) {
                    all.add(unseen(
                            operation.key(),
                            new Call.Expire(acquire.owner(), LockState.TOKEN_UNKNOWN),
                            operation.invokedNanos()));
                    int added = LockModel.addedToHold(acquire);
                    if (added > 0) {
                        all.add(unseen(
                                operation.key(), new Call.Cancel(acquire.owner(), added), operation.invokedNanos()));
                    }
                }
            } else if (operation.call() instanceof Call.Extend extend && operation.result() instanceof Result.Done) {
                long end = after(operation.invokedNanos(), extend.ttlMs());
                renew(earliest, operation, extend.owner(), extend.token(), end);
            }
        }
        earliest.forEach((hold, nanos) -> {
            if (nanos != Operation.NEVER) {
                all.add(unseen(hold.key(), new Call.Expire(hold.owner(), hold.token()), nanos));
            }
        });
        return all;
    }

    /** Whether that operation was never recorded. */
    public static boolean isAdded(Operation operation) {
        return operation.process() == NOBODY;
    }

    private static void renew(Map<HoldId, Long> earliest, Operation by, String owner, long token, long nanos) {
        earliest.merge(new HoldId(by.key(), owner, token), nanos, Math::max);
    }

    private static long end(Operation operation, Call.Acquire acquire) {
        return acquire.lease() == Call.Lease.UNTIL_RELEASED
                ? Operation.NEVER
                : after(operation.invokedNanos(), acquire.leaseMs());
    }

    private static long after(long nanos, long ms) {
        return nanos + TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private static Operation unseen(String key, Call call, long nanos) {
        return new Operation(NOBODY, key, call, new Result.Unknown("may have happened unseen"), nanos, Operation.NEVER);
    }

    private Expiries() {}
}
