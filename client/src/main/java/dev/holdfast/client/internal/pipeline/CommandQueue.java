package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.errors.LockException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Commands that have never been sent, or certainly never been applied, in the order in which their callers brought them.
 * They belong to no session yet. Touched by tasks of the serial executor only.
 */
public final class CommandQueue {
    private final ArrayDeque<PendingCommand> commands = new ArrayDeque<>();

    public void add(PendingCommand command) {
        commands.add(command);
    }

    /** Puts commands back, before all others and in their order. */
    void putBack(List<PendingCommand> earlier) {
        for (int i = earlier.size() - 1; i >= 0; i--) {
            commands.addFirst(earlier.get(i));
        }
    }

    /** The next command that somebody still waits for, left in the queue; {@code null} if there is none. */
    @Nullable
    PendingCommand peek() {
        PendingCommand head = commands.peek();
        while (head != null && head.isDone()) {
            commands.remove();
            head = commands.peek();
        }
        return head;
    }

    @Nullable
    PendingCommand poll() {
        PendingCommand head = peek();
        if (head != null) {
            commands.remove();
        }
        return head;
    }

    /** How many there are at most; some may be done by now. */
    int size() {
        return commands.size();
    }

    public boolean isEmpty() {
        return peek() == null;
    }

    /** Fails every command, for each with an exception of its own. */
    public void failAll(Function<PendingCommand, LockException> failure) {
        List<PendingCommand> all = new ArrayList<>(commands);
        commands.clear();
        all.forEach(command -> command.fail(failure.apply(command)));
    }
}
