package dev.holdfast.spring;

import java.util.List;

/** There are {@link Locked} methods that would run without their lock, or whose attributes make no sense. The application does not start. */
public final class InvalidLockedMethodException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final List<String> problems;

    InvalidLockedMethodException(List<String> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    /** Everything that is wrong, each in a sentence or two. */
    public List<String> problems() {
        return problems;
    }

    private static String message(List<String> problems) {
        return problems.size() == 1
                ? problems.get(0)
                : problems.size() + " problems with @Locked:\n  - " + String.join("\n  - ", problems);
    }
}
