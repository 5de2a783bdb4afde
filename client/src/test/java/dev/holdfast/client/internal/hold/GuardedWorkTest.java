package dev.holdfast.client.internal.hold;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is said of a hold at the end of the work, when its state changes meanwhile. */
class GuardedWorkTest {

    /** Its state is asked twice, and may be another one each time. */
    private static LockHandle handle(RuntimeException notHeld, HoldState... states) {
        Queue<HoldState> next = new ArrayDeque<>(List.of(states));
        return (LockHandle) Proxy.newProxyInstance(
                LockHandle.class.getClassLoader(), new Class<?>[] {LockHandle.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("state")) {
                        return next.remove();
                    }
                    throw notHeld;
                });
    }

    private final RuntimeException unknown = new LockOutcomeUnknownException("release of 'job'", null);
    private final RuntimeException notHeld =
            new LockNotHeldException("job", LockOwner.unique("test"), (@Nullable LockOwner) null);

    @Test
    void a_release_in_the_background_that_is_done_just_then_is_no_loss() {
        for (RuntimeException each : List.of(unknown, notHeld)) {
            LockHandle handle = handle(each, HoldState.IN_DOUBT, HoldState.RELEASED);
            assertThatCode(() -> GuardedWork.requireNotLost(handle)).doesNotThrowAnyException();
        }
    }

    @Test
    void one_of_which_nobody_knows_whether_it_was_done_is_told() {
        LockHandle handle = handle(unknown, HoldState.IN_DOUBT, HoldState.IN_DOUBT);
        assertThatThrownBy(() -> GuardedWork.requireNotLost(handle)).isSameAs(unknown);
    }
}
